"""Understands vCard and iCalendar, leniently. Never changes what a client sent, never stores, never speaks HTTP.

Read in this order; each module uses only those above it:

- `content_lines`     octets to lines and components, in microseconds: `parse`, `parse_all`, `ContentLine`, `Component`
- `vcard`             what the index keeps of a card: `read_card`
- `timezones`         TZID to zone, a VTIMEZONE for a name and a name for a VTIMEZONE
- `values`            dates, times, durations and periods of RFC 5545 3.3, read leniently
- `rules`             RRULE, one period after the other, with a bound on the work
- `extents`           when one component takes place: the tables of RFC 4791 9.9 as half-open intervals
- `recurrence`        a recurrence set in a window: rules, RDATE, EXDATE, overrides, THISANDFUTURE
- `alarms`            when the alarms of a recurrence set go off
- `icalendar_facts`   what the index keeps of a calendar object: `read_event`, `list_instances`
- `time_range`        `Occurrences` and `occurs`: the time ranges of calendar-query, exactly
- `selection`         which components and properties a report wants: `CompWanted`, `CardWanted`
- `partial`           calendar-data and address-data as asked for: `shape_calendar`, `shape_card`
- `free_busy`         `busy_calendar`: the answer of a free-busy-query from busy rows

Instants are integers, microseconds since 1970 in UTC, as the index of the store keeps them; an interval is
half-open. A floating or all-day time becomes an instant only in a zone; the index reads it as if it were UTC.
A time whose TZID nobody can resolve floats, and the object is flagged.
"""
