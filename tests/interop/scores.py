"""What other people's suites said of us and of our neighbours; README and COMPLIANCE.md quote it from here.

The tests compare what they measure with this table, so that a quoted figure cannot go stale.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Features of caldav-server-tester: fully supported, and reported as anything less."""

    full: int
    less: int

    @property
    def share(self) -> float:
        """How much of what was looked at is fully supported: what is looked at depends on what a server announces."""
        return self.full / (self.full + self.less)


CALDAV_SERVER_TESTER_VERSION = "1.7.0"
CALDAV_SERVER_TESTER = Score(full=93, less=5)
# The same version, the same client library (caldav 3.6.0), the same machine.
NEIGHBOURS = {"Radicale 3.9.0": Score(full=88, less=10), "Xandikos 0.4.10": Score(full=93, less=12)}

OUT_OF_SCOPE = {
    "create-calendar.auto": (
        "No standard knows calendars that appear when somebody writes below them; RFC 4918 9.7.1 wants 409 for a PUT "
        "without its parent. Each person has a calendar from the start, others come by MKCALENDAR."
    ),
    "scheduling": "RFC 6638 is a later issue; until it is there as a whole, nothing of it is announced (RFC 6638 2).",
    "search.time-range.comp-type-optional": (
        "A time range directly below VCALENDAR, which RFC 4791 9.9 does not allow; the suite itself calls a refusal "
        "fully compliant."
    ),
    "search.text.comp-type-optional": (
        "A prop-filter directly below VCALENDAR speaks of the calendar's own properties (RFC 4791 9.7.2), not of those "
        "of an event: nothing matches, rightly."
    ),
    "url.encode-at.identity": (
        "`@` and `%40` name one resource here, on purpose: clients encode differently what they were shown (RFC 3986 "
        "6.2.2.2 lets us). The suite calls it lenient rather than broken."
    ),
}
"""Features that may be missing, each with its reason."""

NOT_ASKED = {
    "well-known": "The suite does not look at it on a loopback address; tests/clients/ does, for each client.",
    "url.encode-at.literal.principal": "The suite would have to be signed in as a person with an `@` in the name.",
}
"""Features that the suite itself leaves open (`unknown`) when it runs here."""
