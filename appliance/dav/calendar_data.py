"""The data property calendar-data (RFC 4791 9.6): what a report gives of a calendar object."""

from __future__ import annotations

from collections.abc import Callable

from appliance.dav.contracts import Kind, Resource
from appliance.dav.live import Context, data
from appliance.dav.names import caldav
from appliance.dav.writer import escape_octets
from appliance.dav.xml import Element
from appliance.errors import UnsupportedConversion


@data(caldav("calendar-data"), "RFC 4791 9.6", kind=Kind.EVENT)
def calendar_data(wanted: Element, context: Context) -> Callable[[Resource, bytes], str]:
    """Return what gives a calendar object as asked for; UnsupportedConversion for a type that is not iCalendar 2.0."""
    content_type = wanted.get("content-type", "text/calendar").split(";")[0].strip().lower()
    version = wanted.get("version", "2.0").strip()
    if (content_type, version) != ("text/calendar", "2.0"):
        raise UnsupportedConversion(
            f"Events are given as text/calendar 2.0, not as {content_type[:50]!r} {version[:20]!r}.",
            condition="supported-calendar-data",
        )
    if wanted.find(caldav("expand")) is not None:
        raise UnsupportedConversion("Expanded events are not given yet.", condition="supported-calendar-data")
    return _stored


def _stored(event: Resource, octets: bytes) -> str:
    return f"<C:calendar-data>{escape_octets(octets)}</C:calendar-data>"
