"""What a file of contacts or events brings, entry by entry, made fit to be kept: UTF-8, vCard 3.0 or later, a UID.

Octets that need none of that stay as they were sent. Whatever was done to an entry is said in `Incoming.remarks`; what
cannot be kept is a Trouble, and the next entry follows. An entry that has the UID of another one in the same file and
says something else gets a UID of its own: some programs give all their contacts the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from blake3 import blake3

from appliance.objects import charsets
from appliance.objects.calendar_streams import calendar_objects
from appliance.objects.content_lines import Component, Malformed, octet_lines, parse
from appliance.objects.icalendar_facts import kept_components
from appliance.objects.identities import made_uid, meaning_digest, with_uid
from appliance.objects.property_tree import ObjectKind, numbers_of
from appliance.objects.streams import File, Raw, Trouble, cards
from appliance.objects.vcard21 import as_version_3

CONVERTED = "written in vCard 3.0 instead of 2.1"
UID_MADE = "without a UID, so one was made of the rest"
UID_OF_ANOTHER = "with the UID of another entry in the file, and got another one"
TWICE = "in the file more than once"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One card or calendar object. `line` is where it begins; `uid` None: it stands in the file a second time."""

    line: int
    uid: str | None
    octets: bytes
    remarks: tuple[str, ...] = ()


def read(
    kind: ObjectKind, file: File, limit_bytes: int, *, encoding: str | None = None
) -> Iterator[Incoming | Trouble]:
    """Yield what a file brings. `encoding` is that of entries that are no UTF-8, None: it is found out.

    About two hundred octets of memory are kept for each entry, so that a UID that comes again is known.
    """
    taken = _Taken()
    for raw in cards(file, limit_bytes) if kind == "card" else calendar_objects(file, limit_bytes):
        if isinstance(raw, Trouble):
            yield raw
            continue
        try:
            for made in _made(kind, raw, encoding):
                yield taken.judged(made)
        except Malformed as malformed:
            yield Trouble(raw.line, f"It cannot be read. {malformed}")


class _Taken:
    """The UIDs of a file so far, and what their entries said."""

    def __init__(self) -> None:
        self._said: dict[int, int] = {}

    def judged(self, made: Incoming) -> Incoming:
        assert made.uid is not None
        said = _short(meaning_digest(made.octets))
        if self._is_new(made.uid, said):
            return made
        if self._said[_short(made.uid.encode())] == said:
            return Incoming(made.line, None, made.octets, (TWICE,))
        uid = made_uid(made.octets + made.uid.encode())
        if not self._is_new(uid, said):
            return Incoming(made.line, None, made.octets, (TWICE,))
        return Incoming(made.line, uid, with_uid(made.octets, uid), (*made.remarks, UID_OF_ANOTHER))

    def _is_new(self, uid: str, said: int) -> bool:
        key = _short(uid.encode())
        if key in self._said:
            return False
        self._said[key] = said
        return True


def _short(octets: bytes) -> int:
    return int.from_bytes(blake3(octets).digest(length=8), "big")


def _made(kind: ObjectKind, raw: Raw, encoding: str | None) -> Iterator[Incoming]:
    octets, charset = charsets.decoded(raw.octets, encoding)
    remarks = () if charset is None else (f"read as {charset}, not being UTF-8",)
    if kind == "card":
        yield _card(raw.line, octets, remarks)
        return
    for one in _apart(octets):
        yield _identified(raw.line, one, _uid_in(kept_components(parse(one))), remarks)


def _card(line: int, octets: bytes, remarks: tuple[str, ...]) -> Incoming:
    root = parse(octets)
    version = root.first("VERSION")
    if version is not None and version.value.strip().startswith("2"):
        converted = as_version_3(octets)
        if converted is not None:
            octets, remarks = converted, (*remarks, CONVERTED)
    return _identified(line, octets, _uid_in([root]), remarks)


def _identified(line: int, octets: bytes, uid: str, remarks: tuple[str, ...]) -> Incoming:
    if uid:
        return Incoming(line, uid, octets, remarks)
    uid = made_uid(octets)
    return Incoming(line, uid, with_uid(octets, uid), (*remarks, UID_MADE))


def _uid_in(components: list[Component]) -> str:
    uids = (line.value.strip() for component in components for line in component.all("UID"))
    return next(filter(None, uids), "")


def _apart(octets: bytes) -> Iterator[bytes]:
    """Yield a calendar object without what describes the same date again, then each of those that says else."""
    root = parse(octets)
    first: dict[tuple[str, ...], Component] = {}
    again: list[tuple[Component, Component]] = []
    for component in kept_components(root):
        date = component.first("RECURRENCE-ID")
        key = (component.name, "") if date is None else (component.name, date.value.strip(), date.param("TZID") or "")
        before = first.setdefault(key, component)
        if before is not component:
            again.append((before, component))
    if not again:
        yield octets
        return
    pieces = octet_lines(octets)
    kept = [component for component in kept_components(root) if all(component is not other for _, other in again)]
    yield _only(pieces, root, kept)
    for before, other in again:
        if meaning_digest(_lines(pieces, before)) != meaning_digest(_lines(pieces, other)):
            yield _only(pieces, root, [other])


def _lines(pieces: list[bytes], component: Component) -> bytes:
    numbers = numbers_of(component)
    return b"".join(pieces[numbers[0] : numbers[-1] + 1])


def _only(pieces: list[bytes], root: Component, chosen: list[Component]) -> bytes:
    """Return a calendar with these components, its zones, and nothing else that happens."""
    dropped: set[int] = set()
    for component in kept_components(root):
        if all(component is not one for one in chosen):
            numbers = numbers_of(component)
            dropped.update(range(numbers[0], numbers[-1] + 1))
    return b"".join(piece for number, piece in enumerate(pieces) if number not in dropped)
