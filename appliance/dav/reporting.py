"""The properties of RFC 3253 3.1 by which a resource says what it knows: methods, live properties, reports."""

from __future__ import annotations

from appliance.dav.allowed import methods_at
from appliance.dav.conditions import realm_of
from appliance.dav.contracts import Resource
from appliance.dav.href import is_read_only
from appliance.dav.live import Context, Report, live
from appliance.dav.names import DAV, calendarserver, dav, split
from appliance.dav.writer import tags

OF_WHAT_CHANGES = frozenset({dav("sync-collection"), dav("sync-token"), calendarserver("getctag"), dav("add-member")})


@live(dav("supported-method-set"), "RFC 3253 3.1.3")
def supported_method_set(resource: Resource, context: Context) -> str | None:
    """Return the methods that OPTIONS names."""
    return "".join(f'<D:supported-method name="{method}"/>' for method in methods_at(resource.address))


@live(dav("supported-live-property-set"), "RFC 3253 3.1.4")
def supported_live_property_set(resource: Resource, context: Context) -> str | None:
    """Return the names of all declared properties that this kind of resource can have."""
    return "".join(
        f"<D:supported-live-property><D:prop>{tags(name)[2]}</D:prop></D:supported-live-property>"
        for name, declared in context.tables.properties.items()
        if resource.kind in declared.kinds and not _is_idle(name, resource)
    )


@live(dav("supported-report-set"), "RFC 3253 3.1.5")
def supported_report_set(resource: Resource, context: Context) -> str | None:
    """Return the names of all declared reports that answer on this resource."""
    return "".join(
        f"<D:supported-report><D:report>{tags(name)[2]}</D:report></D:supported-report>"
        for name, report in context.tables.reports.items()
        if is_offered(report, resource)
    )


def is_offered(report: Report, resource: Resource) -> bool:
    """Return whether the resource answers the report: macOS takes a home for what its reports are for."""
    if resource.kind not in report.kinds or _is_idle(report.name, resource):
        return False
    return split(report.name)[0] in (DAV, realm_of(resource.address))


def _is_idle(name: str, resource: Resource) -> bool:
    """Return whether a property or report is about changes, at an address where there are none (protocol.md F3)."""
    return name in OF_WHAT_CHANGES and is_read_only(resource.address)
