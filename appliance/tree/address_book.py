"""An address book (RFC 6352)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress

from appliance import errors
from appliance.dav.contracts import Kind, Resource
from appliance.match.cards import card_test
from appliance.match.collations import column_test
from appliance.match.filters import CardFilter, PropFilter
from appliance.objects.content_lines import Malformed, parse
from appliance.objects.vcard import read_card
from appliance.store import objects, queries, spans
from appliance.store.ledger import Member
from appliance.tree.object_collection import ObjectCollection

_FN = re.compile(rb"^(?:[\w-]+\.)?FN[;:]", re.IGNORECASE | re.MULTILINE)
SENT_AS = "text/vcard; charset=utf-8"
_ColumnTest = Callable[[Sequence[str]], list[bool]]
CARD_TYPES = frozenset({"text/vcard", "text/x-vcard", "text/directory", "text/plain", "application/octet-stream"})


class AddressBook(ObjectCollection):
    """Members are vCards, kept octet for octet."""

    kind = Kind.ADDRESSBOOK
    suffix = ".vcf"

    def content_type_of(self, member: Member) -> str:
        """All cards alike, whatever their version (protocol B4)."""
        return SENT_AS

    def read_facts(self, body: bytes, content_type: str | None) -> spans.Facts:
        """Read UID, name and faults; only what is no vCard at all is refused (promise 6)."""
        require_type(content_type, CARD_TYPES, "supported-address-data")
        card = read_card(body)
        title = card.title if len(_FN.findall(body)) == 1 else None  # else a search has to read the body
        return spans.Facts("card", card.uid, component="VCARD", title=title, fault=card.fault)

    def query(self, wanted: CardFilter) -> Iterator[Resource]:
        """Yield the cards that match; a search by name looks at the indexed names before any body is read."""
        if not wanted.props:
            yield from self.members()
            return
        yield from matching(self.looked_through(self._worth_reading(wanted)), wanted)

    def _worth_reading(self, wanted: CardFilter) -> Iterator[Resource]:
        """Yield the members that can match at all."""
        may_match = title_test(wanted)
        if may_match is None:
            yield from self.members()
            return
        reading = self.visit.reading
        known = objects.titles(reading, self.row.id)
        chosen = list(compress((id_ for id_, _ in known), may_match([title for _, title in known])))
        etag = self.visit.ledger.epochs(reading).etag
        for member in queries.members_by_id(reading, self.row.id, chosen):
            yield self.member_resource(member, etag(member.body_seq))


def matching(pairs: Iterable[tuple[Resource, bytes | None]], wanted: CardFilter) -> Iterator[Resource]:
    """Yield the cards whose octets match; what cannot be read matches nothing."""
    holds = card_test(wanted)
    for member, body in pairs:
        try:
            card = None if body is None else parse(body)
        except Malformed:
            continue
        if card is not None and holds(card):
            yield member


def title_test(wanted: CardFilter) -> Callable[[Sequence[str | None]], list[bool]] | None:
    """Return what says of each indexed name whether its card can match; None: all can. The index holds FN alone."""
    narrowing = [_title_test(prop) for prop in wanted.props if _asks_for_name(prop)]
    if not narrowing or (wanted.test == "anyof" and len(narrowing) < len(wanted.props)):
        return None

    def may_match(titles: Sequence[str | None]) -> list[bool]:
        found = _joined(wanted.test, narrowing, [title or "" for title in titles])
        return [title is None or holds for title, holds in zip(titles, found, strict=True)]

    return may_match


def _asks_for_name(prop: PropFilter) -> bool:
    return (
        prop.name == "FN"
        and not prop.absent
        and not prop.params
        and len(prop.texts) > 0
        and all(not text.negate and "\\" not in text.text for text in prop.texts)
    )


def _title_test(prop: PropFilter) -> _ColumnTest:
    tests = [column_test(text) for text in prop.texts]
    return lambda titles: _joined(prop.test, tests, titles)


def _joined(how: str, tests: Sequence[_ColumnTest], titles: Sequence[str]) -> list[bool]:
    """Return for each title whether any test, or all of them, hold."""
    columns = [test(titles) for test in tests]
    return list(map(any if how == "anyof" else all, zip(*columns, strict=True)))


def require_type(content_type: str | None, known: frozenset[str], condition: str) -> None:
    """Raise UnsupportedMediaType for a Content-Type that cannot be meant; none at all is fine."""
    if content_type is None:
        return
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in known:
        raise errors.UnsupportedMediaType(f"This collection does not keep {kind}.", condition=condition)
