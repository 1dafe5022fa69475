"""What CalDAV adds to a resource: the live properties of RFC 4791, and what is kept of RFC 6638 without scheduling.

Kept and given back as sent, with no code here: calendar-color, calendar-order, default alarms (protocol.md E6)
and whatever else a client sets. calendar-data is in `dav/calendar_data.py`, time zones are in `dav/zones.py`.

Knowingly not defined, all of them optional: min-date-time, max-date-time, max-instances and
max-attendees-per-instance (5.2.6 to 5.2.9). Whoever names such a limit must refuse what exceeds it; we keep
every object that has an envelope and a UID, and bound the work of a report instead.
"""

from __future__ import annotations

from appliance.dav.contracts import Kind, Resource
from appliance.dav.href import spell
from appliance.dav.kinds import calendar, object_collection, principal
from appliance.dav.live import Context, live
from appliance.dav.names import caldav
from appliance.dav.writer import escape_attribute, href_element
from appliance.match.collations import supported

CALENDARS = frozenset({Kind.CALENDAR})

_COMPONENT_ORDER = ("VEVENT", "VTODO", "VJOURNAL")


@live(caldav("calendar-home-set"), "RFC 4791 6.2.1", kinds={Kind.PRINCIPAL})
def calendar_home_set(resource: Resource, context: Context) -> str | None:
    """Return the href of the home that holds this principal's calendars."""
    home = principal(resource).calendar_home
    return None if home is None else href_element(spell(home, collection=True))


@live(caldav("calendar-user-address-set"), "RFC 6638 2.4.1", kinds={Kind.PRINCIPAL})
def calendar_user_address_set(resource: Resource, context: Context) -> str | None:
    """Return the addresses of this person in events, the preferred mail address first (protocol.md E5).

    Clients take the first `mailto:` as the organizer of new events; without one DAVx5 and Apple have none.
    """
    who = principal(resource)
    mails = [f"mailto:{address}" for address in who.mail_addresses]
    return "".join(href_element(address) for address in (*mails, f"urn:uuid:{who.uuid}", who.href))


@live(caldav("calendar-description"), "RFC 4791 5.2.1", kinds=CALENDARS, protected=False)
def calendar_description(resource: Resource, context: Context) -> str | None:
    """Return nothing: there is a description when somebody has set one."""
    return None


@live(caldav("supported-calendar-component-set"), "RFC 4791 5.2.3", kinds=CALENDARS)
def supported_calendar_component_set(resource: Resource, context: Context) -> str | None:
    """Return the components that may be put here, VEVENT first; set when the calendar is made, never later."""
    kept = calendar(resource).components
    known = [name for name in _COMPONENT_ORDER if name in kept]
    names = [*known, *sorted(kept.difference(known))]
    return "".join(f'<C:comp name="{escape_attribute(name)}"/>' for name in names)


@live(caldav("supported-calendar-data"), "RFC 4791 5.2.4", kinds=CALENDARS)
def supported_calendar_data(resource: Resource, context: Context) -> str | None:
    """Return iCalendar 2.0, the one type we keep."""
    return '<C:calendar-data content-type="text/calendar" version="2.0"/>'


@live(caldav("max-resource-size"), "RFC 4791 5.2.5", kinds=CALENDARS)
def max_resource_size(resource: Resource, context: Context) -> str | None:
    """Return the largest calendar object, in octets, that this calendar takes."""
    return str(object_collection(resource).max_resource_bytes)


@live(caldav("supported-collation-set"), "RFC 4791 7.5.1", kinds={Kind.CALENDAR, Kind.EVENT, Kind.HOME})
def supported_collation_set(resource: Resource, context: Context) -> str | None:
    """Return the collations that a text-match of calendar-query may name."""
    return "".join(f"<C:supported-collation>{name}</C:supported-collation>" for name in supported())


@live(caldav("schedule-calendar-transp"), "RFC 6638 9.1", kinds=CALENDARS, protected=False)
def schedule_calendar_transp(resource: Resource, context: Context) -> str | None:
    """Return opaque unless something else was set: events here make their owner busy."""
    return "<C:opaque/>"
