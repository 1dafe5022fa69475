"""Understands vCard and iCalendar, leniently. Never changes what a client sent, never stores, never speaks HTTP.

Read in this order; each module uses only those above it:

- `content_lines`     octets to lines and components, in microseconds: `parse`, `parse_all`, `ContentLine`, `Component`
- `vcard`             what the index keeps of a card: `read_card`
- `values`            dates, times, durations and periods of RFC 5545 3.3, read leniently
- `rules`, `rule_days`, `rule_starts`    RRULE: as a value, its days, its starts with a bound on the work
- `written_zones`, `windows_zones`, `timezones`    TZID to zone, a VTIMEZONE for a name and a name for a VTIMEZONE
- `extents`           when one component takes place: the tables of RFC 4791 9.9 as half-open intervals
- `recurrence`        a recurrence set in a range: rules, RDATE, EXDATE, overrides, THISANDFUTURE
- `alarms`            when an alarm goes off
- `time_range`        `Occurrences` and `occurs`: the time ranges of calendar-query, exactly
- `icalendar_facts`   what the index keeps of a calendar object: `read_event`, `list_instances`
- `free_busy`         `busy_calendar`: the answer of a free-busy-query from busy rows
- `event_faces`       what an event shows of itself, and when it takes place in a range
- `selection`         what a report wants of an object: `CalendarWanted`, `CompWanted`, `PropWanted`
- `octets`, `expansion`, `partial`    calendar-data and address-data as wanted: `shape_calendar`, `shape_card`

Instants are integers, microseconds since 1970 in UTC, as the index of the store keeps them; an interval is
half-open. A floating or all-day time becomes an instant only in a zone; the index reads it as if it were UTC.
A time whose TZID nobody can resolve floats, and the object is flagged. What a rule costs is bounded; where the
bound is reached, questions are answered with yes, lists say how far they go, and expansions are refused.
"""
