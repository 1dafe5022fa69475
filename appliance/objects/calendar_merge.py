"""Many calendar objects as one file that other programs read (RFC 5545 3.4): each zone once, every component as sent.

A zone whose name says it (RFC 7809) is defined once, however differently the clients wrote it. Where two objects mean
different zones by the same made-up name, and where an object says more in its VCALENDAR than a version and who made
it, a further VCALENDAR follows in the same file: nothing changes its meaning by being merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from appliance.objects.content_lines import Component, Malformed, parse
from appliance.objects.icalendar_facts import kept_components
from appliance.objects.identities import meaning_digest
from appliance.objects.octets import Octets, folded
from appliance.objects.property_tree import numbers_of
from appliance.objects.timezones import goes_by_name, iana_name

PRODID = "-//Gotgan//export//EN"

_PLAIN = frozenset({"VERSION", "PRODID", "CALSCALE"})


@dataclass(slots=True)
class _Block:
    """One VCALENDAR of the file: which objects are in it, and what its zones are."""

    meanings: dict[str, bytes] = field(default_factory=dict)
    zones: dict[str, bytes] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)


def merged(count: int, octets_of: Callable[[int], bytes | None], name: str) -> Iterator[bytes]:
    """Yield the file of `count` objects in pieces. `octets_of` is asked twice for each; None is left out.

    What is no calendar at all is left out as well; whoever asks knows which those are by `is_calendar`.
    """
    blocks, wholes = _arranged(count, octets_of)
    for number, block in enumerate(blocks):
        if number and not block.numbers:
            continue
        yield _head(name)
        yield from block.zones.values()
        for one in block.numbers:
            octets = octets_of(one)
            if octets is not None:
                yield b"".join(_components(octets))
        yield b"END:VCALENDAR\r\n"
    for one in wholes:
        yield _ended(octets_of(one) or b"")


def is_calendar(octets: bytes) -> bool:
    """Return whether octets are a calendar that can be merged."""
    try:
        return parse(octets).name == "VCALENDAR"
    except Malformed:
        return False


def _head(name: str) -> bytes:
    shown = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", " ")
    lines = (b"BEGIN:VCALENDAR", b"VERSION:2.0", f"PRODID:{PRODID}".encode(), f"X-WR-CALNAME:{shown}".encode())
    return b"".join(map(folded, lines))


def _arranged(count: int, octets_of: Callable[[int], bytes | None]) -> tuple[list[_Block], list[int]]:
    blocks, wholes = [_Block()], []
    for number in range(count):
        octets = octets_of(number)
        if octets is None or not is_calendar(octets):
            continue
        root = parse(octets)
        if not _is_plain(root):
            wholes.append(number)
            continue
        zones = _zones(octets, root)
        meanings = {name: b"" if _is_known(name) else meaning_digest(zone) for name, zone in zones.items()}
        block = next((one for one in blocks if _fits(one, meanings)), None)
        if block is None:
            block = _Block()
            blocks.append(block)
        block.meanings |= meanings
        block.zones = zones | block.zones
        block.numbers.append(number)
    return blocks, wholes


def _is_plain(root: Component) -> bool:
    version, scale = root.first("VERSION"), root.first("CALSCALE")
    return (
        all(line.name in _PLAIN for line in root.lines)
        and (version is None or version.value.strip() == "2.0")
        and (scale is None or scale.value.strip().upper() == "GREGORIAN")
    )


def _is_known(name: str) -> bool:
    return goes_by_name(name) and iana_name(name) is not None


def _fits(block: _Block, meanings: dict[str, bytes]) -> bool:
    return all(block.meanings.get(name, meaning) == meaning for name, meaning in meanings.items())


def _zones(octets: bytes, root: Component) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    pieces = Octets(octets, root)
    for component in root.components:
        tzid = component.first("TZID") if component.name == "VTIMEZONE" else None
        if tzid is not None:
            found.setdefault(tzid.value.strip(), _whole(pieces, component))
    return found


def _components(octets: bytes) -> Iterator[bytes]:
    root = parse(octets)
    pieces = Octets(octets, root)
    for component in kept_components(root):
        yield _whole(pieces, component)


def _whole(pieces: Octets, component: Component) -> bytes:
    """Return a component as sent, with the END that it forgot."""
    octets = _ended(pieces.joined(numbers_of(component), {}))
    return octets if component.end >= 0 else octets + f"END:{component.name}\r\n".encode()


def _ended(octets: bytes) -> bytes:
    return octets if octets.endswith((b"\n", b"\r")) else octets + b"\r\n"
