"""The property of RFC 3253 3.1.5 that says which reports a resource answers."""

from __future__ import annotations

from appliance.dav.contracts import Resource
from appliance.dav.live import Context, live
from appliance.dav.names import dav
from appliance.dav.writer import tags


@live(dav("supported-report-set"), "RFC 3253 3.1.5")
def supported_report_set(resource: Resource, context: Context) -> str | None:
    """Return the names of all declared reports that answer on this kind of resource."""
    return "".join(
        f"<D:supported-report><D:report>{tags(name)[2]}</D:report></D:supported-report>"
        for name, report in context.tables.reports.items()
        if resource.kind in report.kinds
    )
