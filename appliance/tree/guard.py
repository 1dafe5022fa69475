"""Conditions and locks, judged inside the transaction that writes.

`Guard` is made from the raw headers before a body is read; its judgements read the state through this thread's own
connection, which inside a write sees exactly what the transaction found, because nobody else can write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from appliance import errors
from appliance.dav.contracts import Address, Conditions
from appliance.dav.href import spell
from appliance.store import locks, preconditions
from appliance.store.preconditions import ABSENT, State
from appliance.tree.visit import Visit

StateOf = Callable[[Address], State]


class Guard:
    """The conditional headers of one request."""

    def __init__(self, visit: Visit, conditions: Conditions, state_of: StateOf) -> None:
        self._visit = visit
        self._state_of = state_of
        self._locate = conditions.locate
        self.conditions = preconditions.parse(
            if_match=conditions.if_match,
            if_none_match=conditions.if_none_match,
            if_modified_since=conditions.if_modified_since,
            if_unmodified_since=conditions.if_unmodified_since,
            if_header=conditions.if_header,
        )

    @property
    def names_a_state(self) -> bool:
        """Whether the writer said which state it had seen."""
        return self.conditions.if_match not in (None, ("*",)) or any(
            condition.etag is not None and not condition.negated
            for group in self.conditions.lists
            for condition in group.conditions
        )

    def names(self, etag: str) -> bool:
        """Whether the writer named this very state as the one it had seen."""
        return etag in (self.conditions.if_match or ()) or any(
            condition.etag == etag and not condition.negated
            for group in self.conditions.lists
            for condition in group.conditions
        )

    def require(self, subject: State) -> None:
        """Raise PreconditionFailed unless all conditions of a write hold for `subject`."""
        preconditions.require(self.conditions, subject, self._tagged)

    def require_for_reading(self, subject: State, etag: str) -> None:
        """The same for GET and HEAD: NotModified where the reader has it."""
        preconditions.require_for_reading(self.conditions, subject, self._tagged, etag)

    def _tagged(self, href: str) -> State:
        address = None if self._locate is None else self._locate(href)
        if address is None:
            return ABSENT
        try:
            return self._state_of(address)
        except (errors.NotFound, errors.NoParent):
            return ABSENT

    def require_unlocked(self, required: Sequence[locks.Lock], root_of: Callable[[int], Address | None]) -> None:
        """Raise Locked unless the tokens of all `required` locks were submitted by the person who holds them."""
        missing = locks.unmet(required, self.conditions.submitted_tokens, self._visit.person.id)
        if missing:
            roots = [root_of(lock.resource_id) for lock in missing]
            raise errors.Locked(
                "It is locked by another program or person.",
                lock_roots=[spell(root) for root in roots if root is not None],
            )


def state(*, etag: str | None, modified_at: datetime | None = None, tokens: frozenset[str] = frozenset()) -> State:
    """Return the state of something that exists."""
    return State(True, frozenset({etag} if etag else ()), tokens, modified_at)
