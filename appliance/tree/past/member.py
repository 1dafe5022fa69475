"""Something with a body, as it was: an object, a file, or one version by its own address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import Address, Conditions, Content, Kind
from appliance.store import past as states
from appliance.store import spans
from appliance.store.ledger import Member
from appliance.tree.address_book import SENT_AS
from appliance.tree.calendar import calendar_type
from appliance.tree.file import type_of
from appliance.tree.guard import Guard, state
from appliance.tree.lazy import lazy
from appliance.tree.past.node import Past, PastNode

SWEPT_SECONDS = 10
KINDS = {"card": Kind.CARD, "event": Kind.EVENT, "file": Kind.FILE}


class PastMember(PastNode):
    """One version of something that has a body."""

    is_collection = False

    def __init__(self, past: Past, member: Member) -> None:
        self.past = past
        self.site = past.site
        self.member = member
        self.resource_id = member.resource_id
        self.mount_id = None
        self.kind = KINDS[member.kind]
        self.etag = past.etag(member)
        self.size_bytes = member.size

    @lazy
    def modified_at(self) -> datetime:
        """The date of that version."""
        return from_micros(self.member.modified_at or 0)

    def read(self, conditions: Conditions) -> Content:
        """Return the octets of that version; ContentThinned where retention let them go."""
        guard = Guard(self.visit, conditions, self.site.state_of)
        guard.require_for_reading(state(etag=self.etag, modified_at=self.modified_at), self.etag or "")
        if self.member.content_id is None:
            raise errors.ContentMissing("The content of this version was never in the store.")
        content = KeptContent(
            self.etag or "", self.content_type or "", self.size_bytes or 0, self.modified_at, self.past, self.member
        )
        self._require_octets(content)
        return content

    def _require_octets(self, content: KeptContent) -> None:
        """Say at once what cannot be had, and what cannot be had just now."""
        try:
            content.chunks(0, 0)
        except errors.ContentMissing:
            if not states.is_being_swept(self.past.reading, self.member.resource_id):
                raise
            sentence = "The folder was deleted a moment ago and is being taken into the store; ask again."
            raise errors.Busy(sentence, retry_after_seconds=SWEPT_SECONDS) from None


@dataclass(frozen=True, slots=True)
class KeptContent:
    """A body of the past on its way out."""

    etag: str
    content_type: str
    size_bytes: int
    modified_at: datetime
    past: Past
    member: Member

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the octets start ≤ n < stop."""
        assert self.member.content_id is not None
        return self.past.bodies.read(
            self.past.reading, self.member.content_id, start=start, stop=stop, of=self.member.resource_id
        )


class Version(PastMember):
    """One version at `/dav/versions/<resource id>/<seq>` (protocol F6)."""

    @lazy
    def address(self) -> Address:
        """By resource and row: it never moves."""
        return (*self.past.address, str(self.member.resource_id), str(self.past.seq))

    @lazy
    def content_type(self) -> str:
        """By its kind."""
        if self.kind is Kind.FILE:
            return type_of(self.member.name)
        if self.kind is Kind.CARD:
            return SENT_AS
        return calendar_type(spans.component_of(self.past.reading, self.member.content_id))
