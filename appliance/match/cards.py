"""Whether a card fulfils the filter of an addressbook-query (RFC 6352 10.5). Reads no octets, knows no index."""

from __future__ import annotations

from collections.abc import Callable

from appliance.match.filters import CardFilter, PropFilter
from appliance.match.lines import Component, Line
from appliance.match.properties import line_test

CardTest = Callable[[Component], bool]


def matches(wanted: CardFilter, card: Component) -> bool:
    """Return whether the card fulfils the filter; for more than one card, `card_test` prepares it once."""
    return card_test(wanted)(card)


def card_test(wanted: CardFilter) -> CardTest:
    """Return the filter as a test of one card, with its texts folded; UnsupportedCollation.

    A filter without prop-filters matches every card, whatever its `test` says: DAVx5 and others list so.
    """
    tests = [_property_test(prop) for prop in wanted.props]
    if not tests:
        return _any_card
    joined = any if wanted.test == "anyof" else all

    def holds(card: Component) -> bool:
        return joined(test(card) for test in tests)

    return holds


def _any_card(_card: Component) -> bool:
    return True


def _property_test(wanted: PropFilter) -> CardTest:
    """RFC 6352 10.5.1. A name with a group means exactly this group, one without means any or none."""
    group, dot, name = wanted.name.rpartition(".")
    holds = line_test(wanted)

    def named(line: Line) -> bool:
        return line.name == name and (not dot or (line.group or "").upper() == group)

    if wanted.absent:
        return lambda card: not any(named(line) for line in card.lines)
    return lambda card: any(named(line) and holds(line) for line in card.lines)
