"""Parts of objects as reports want them (RFC 4791 9.6, RFC 6352 10.4): octets in, octets out.

Lines that are kept are byte for byte those that were sent. BEGIN and END of a wanted component are always
there; a VTIMEZONE that was not asked for stays as long as a kept line names it. Of a card, VERSION, UID and FN
stay whatever is asked, so that the answer is still a card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from appliance.objects.content_lines import Component, ContentLine, parse
from appliance.objects.expansion import expanded
from appliance.objects.extents import period_end, touches
from appliance.objects.octets import Octets, folded
from appliance.objects.recurrence import Series
from appliance.objects.selection import CalendarWanted, CompWanted, PropWanted
from appliance.objects.time_range import RECURRING, bounds, floating_zone, recurrence_sets
from appliance.objects.timezones import Zones, zone_named
from appliance.objects.values import moments_of

CARD_NAMES = frozenset({"VERSION", "UID", "FN"})


def shape_calendar(body: bytes, wanted: CalendarWanted, zone: str) -> bytes:
    """Return the calendar object as wanted, floating times read in `zone`; Malformed, TooManyMatches.

    First the instances are chosen, then the parts, as if the chosen ones were the object.
    """
    if wanted.expand is not None:
        body = expanded(body, wanted.expand, floating_zone(zone))
    elif wanted.limit_recurrence is not None:
        body = _limited_recurrence(body, wanted, zone)
    if wanted.limit_freebusy is not None:
        body = _limited_freebusy(body, wanted, zone)
    if wanted.comp is not None or not wanted.timezones:
        body = _selected(body, wanted)
    return body


def shape_card(body: bytes, wanted: Sequence[PropWanted]) -> bytes:
    """Return the card with the wanted properties only, all for none; Malformed."""
    if not wanted:
        return body
    card = parse(body)
    octets = Octets(body, card)
    kept, replaced = [card.begin, card.end], dict[int, bytes]()
    _keep_lines(card.lines, wanted, octets, kept, replaced)
    kept += [line.number for line in card.lines if line.name in CARD_NAMES and line.number not in kept]
    return octets.joined(kept, replaced)


# --- components and properties ----------------------------------------------------------------------


def _selected(body: bytes, wanted: CalendarWanted) -> bytes:
    root = parse(body)
    octets = Octets(body, root)
    kept: list[int] = []
    replaced: dict[int, bytes] = {}
    if wanted.comp is None:
        kept += octets.whole(root)
    elif wanted.comp.name == root.name:
        _keep(root, wanted.comp, octets, kept, replaced)
    if wanted.timezones:
        _keep_zones(root, octets, kept)
    else:
        _drop_zones(root, octets, kept)
    return octets.joined(kept, replaced)


def _keep(
    component: Component, wanted: CompWanted, octets: Octets, kept: list[int], replaced: dict[int, bytes]
) -> None:
    kept += [component.begin, component.end]
    if wanted.props is None:
        kept += [line.number for line in component.lines]
    else:
        _keep_lines(component.lines, wanted.props, octets, kept, replaced)
    for inner in component.components:
        if wanted.comps is None:
            kept += octets.whole(inner)
            continue
        asked = next((comp for comp in wanted.comps if comp.name == inner.name), None)
        if asked is not None:
            _keep(inner, asked, octets, kept, replaced)


def _keep_lines(
    lines: Iterable[ContentLine],
    wanted: Sequence[PropWanted],
    octets: Octets,
    kept: list[int],
    replaced: dict[int, bytes],
) -> None:
    for line in lines:
        asked = next((prop for prop in wanted if _names(prop, line)), None)
        if asked is None:
            continue
        kept.append(line.number)
        if asked.novalue:
            replaced[line.number] = octets.without_value(line)


def _names(prop: PropWanted, line: ContentLine) -> bool:
    """A name without a group means any group, one with a group exactly that (RFC 6352 10.4.2)."""
    return prop.name in (line.name, f"{line.group.upper()}.{line.name}")


def _keep_zones(root: Component, octets: Octets, kept: list[int]) -> None:
    numbers = set(kept)
    named = {line.param("TZID") for line in _all_lines(root) if line.number in numbers}
    for component in root.components:
        tzid = component.first("TZID") if component.name == "VTIMEZONE" else None
        if tzid is not None and component.begin not in numbers and tzid.value.strip() in named:
            kept += octets.whole(component)


def _drop_zones(root: Component, octets: Octets, kept: list[int]) -> None:
    """Leave out the zones that a client can look up by name (RFC 7809 3.1.3)."""
    dropped: set[int] = set()
    for component in root.components:
        tzid = component.first("TZID") if component.name == "VTIMEZONE" else None
        if tzid is not None and zone_named(tzid.value.strip()) is not None:
            dropped.update(octets.whole(component))
    kept[:] = [number for number in kept if number not in dropped or number < 0]


def _all_lines(component: Component) -> Iterable[ContentLine]:
    yield from component.lines
    for inner in component.components:
        yield from _all_lines(inner)


# --- instances --------------------------------------------------------------------------------------


def _limited_recurrence(body: bytes, wanted: CalendarWanted, zone: str) -> bytes:
    """Leave out the overrides that do not touch the range, neither where they are nor where they were (9.6.6)."""
    assert wanted.limit_recurrence is not None, "asked only when it is there"
    root = parse(body)
    octets, zones = Octets(body, root), Zones(root)
    from_at, to_at = bounds(*wanted.limit_recurrence)
    dropped: set[int] = set()
    for found in recurrence_sets(root.components):
        if found[0].name not in RECURRING:
            continue
        impacting = Series(found, zones, floating_zone(zone)).impacting(from_at, to_at)
        for component in found:
            if component.first("RECURRENCE-ID") is not None and component not in impacting:
                dropped.update(octets.whole(component))
    return octets.joined((number for number in octets.whole(root) if number not in dropped), {})


def _limited_freebusy(body: bytes, wanted: CalendarWanted, zone: str) -> bytes:
    """Leave out the periods of VFREEBUSY that do not touch the range (9.6.7)."""
    assert wanted.limit_freebusy is not None, "asked only when it is there"
    root = parse(body)
    octets, zones, floating = Octets(body, root), Zones(root), floating_zone(zone)
    from_at, to_at = bounds(*wanted.limit_freebusy)
    replaced: dict[int, bytes] = {}
    for component in root.components:
        for line in component.all("FREEBUSY") if component.name == "VFREEBUSY" else ():
            kept = []
            written = line.value.split(",")
            for value in written:
                found = moments_of(line._replace(value=value), zones)
                end_at = period_end(*found[0], floating) if found else None
                if end_at is None or touches((found[0][0].at(floating), end_at), from_at, to_at):
                    kept.append(value)
            if len(kept) < len(written):
                line_octets = octets.head(line) + ",".join(kept).encode()
                replaced[line.number] = folded(line_octets) if kept else b""
    return octets.joined(octets.whole(root), replaced)
