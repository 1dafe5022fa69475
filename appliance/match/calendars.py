"""Whether a calendar object fulfils the filter of a calendar-query (RFC 4791 9.7).

When something takes place is not decided here: `Occurs` is handed in and knows recurrences and time zones.

A recurrence set, the master and its overrides of one UID, is judged together: its time range holds if any
instance overlaps, and its other conditions hold if one of its components fulfils them all. Asked for a
master's summary in the hour of an override, the object is therefore found: too much is harmless in a query,
a missing event is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from appliance.match.filters import CompFilter, PropFilter, TimeRange
from appliance.match.lines import Component
from appliance.match.properties import LineTest, line_test

_RECURRING = frozenset({"VEVENT", "VTODO", "VJOURNAL"})


class Occurs(Protocol):
    """The time-range tests of RFC 4791 9.9, for one zone in which floating times are read."""

    def component(self, recurrence_set: Sequence[Component], wanted: TimeRange) -> bool:
        """Return whether any instance of the set (master and overrides, or one component) overlaps the range."""
        ...

    def alarm(self, recurrence_set: Sequence[Component], owner: Component, alarm: Component, wanted: TimeRange) -> bool:
        """Return whether `alarm` of `owner`, which is one of the set, goes off in the range for any instance."""
        ...

    def property(self, recurrence_set: Sequence[Component], owner: Component, name: str, wanted: TimeRange) -> bool:
        """Return whether `owner`'s date property, or the DTEND or DUE that its DURATION implies, lies in the range."""
        ...


def matches(wanted: CompFilter, calendar: Component, occurs: Occurs) -> bool:
    """Return whether the calendar object fulfils the filter; for more than one, `calendar_test` prepares it once."""
    return calendar_test(wanted)(calendar, occurs)


def calendar_test(wanted: CompFilter) -> Callable[[Component, Occurs], bool]:
    """Return the filter as a test of one calendar object; UnsupportedCollation.

    Conditions of VCALENDAR itself and of the components inside it must all hold (RFC 4791 9.7.1).
    """
    prepared = _Prepared(wanted)

    def holds(calendar: Component, occurs: Occurs) -> bool:
        if wanted.absent or calendar.name != wanted.name:
            return wanted.absent and calendar.name != wanted.name
        return prepared.fulfilled_by((calendar,), calendar, occurs)

    return holds


class _Prepared:
    """A comp-filter with its texts folded and its line tests made, once per query."""

    __slots__ = ("_comps", "_props", "_wanted")

    def __init__(self, wanted: CompFilter) -> None:
        self._wanted = wanted
        self._props = [(prop, line_test(prop)) for prop in wanted.props]
        self._comps = [_Prepared(comp) for comp in wanted.comps]

    def fulfilled_by(self, recurrence_set: Sequence[Component], scope: Component, occurs: Occurs) -> bool:
        """Return whether properties and inner components of `scope` are as wanted, time range left aside."""
        return all(_property_holds(prop, test, recurrence_set, scope, occurs) for prop, test in self._props) and all(
            comp.found_in(recurrence_set, scope, occurs) for comp in self._comps
        )

    def found_in(self, outer_set: Sequence[Component], scope: Component, occurs: Occurs) -> bool:
        """Return whether `scope` has, or lacks if so wanted, a component like this one (RFC 4791 9.7.1)."""
        found = [component for component in scope.components if component.name == self._wanted.name]
        if self._wanted.absent:
            return not found
        if self._wanted.name == "VALARM":
            return any(self._alarm_holds(outer_set, scope, alarm, occurs) for alarm in found)
        return any(self._set_holds(recurrence_set, occurs) for recurrence_set in recurrence_sets(found))

    def _set_holds(self, recurrence_set: Sequence[Component], occurs: Occurs) -> bool:
        # the time range last: it may expand a rule
        time_range = self._wanted.time_range
        return any(self.fulfilled_by(recurrence_set, component, occurs) for component in recurrence_set) and (
            time_range is None or occurs.component(recurrence_set, time_range)
        )

    def _alarm_holds(self, outer_set: Sequence[Component], owner: Component, alarm: Component, occurs: Occurs) -> bool:
        time_range = self._wanted.time_range
        return self.fulfilled_by((alarm,), alarm, occurs) and (
            time_range is None or occurs.alarm(outer_set, owner, alarm, time_range)
        )


def recurrence_sets(components: Iterable[Component]) -> list[tuple[Component, ...]]:
    """Return the components of one name grouped by UID; those that cannot recur, or have no UID, stand alone."""
    sets: dict[object, list[Component]] = {}
    for component in components:
        sets.setdefault(_uid(component) or id(component), []).append(component)
    return [tuple(members) for members in sets.values()]


def _uid(component: Component) -> str | None:
    if component.name not in _RECURRING:
        return None
    return next((line.value for line in component.lines if line.name == "UID"), None)


def _property_holds(
    wanted: PropFilter, test: LineTest, recurrence_set: Sequence[Component], scope: Component, occurs: Occurs
) -> bool:
    """RFC 4791 9.7.2. A DTEND or DUE that only a DURATION implies has a time, but no parameters."""
    found = [line for line in scope.lines if line.name == wanted.name]
    if wanted.absent:
        return not found
    if wanted.time_range is None:
        return any(test(line) for line in found)
    params_hold = any(test(line) for line in found) if wanted.params else True
    return params_hold and occurs.property(recurrence_set, scope, wanted.name, wanted.time_range)
