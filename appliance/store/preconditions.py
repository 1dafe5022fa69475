"""If, If-Match, If-None-Match and their dates: read once, judged inside the transaction that acts on them.

RFC 9110 13 and RFC 4918 10.4. Everything is parsed before anything is judged. Two purposes of `If` are kept apart:
the *submitted tokens* are all state tokens anywhere in the header, counted even when their list is false; the
*truth* is the OR of its lists (protocol D1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from appliance import errors

MAX_HEADER = 16384
_ETAG = re.compile(r'\s*((?:W/)?"[^"]*"|[^\s,"]+)\s*(?:,|$)')
_CONDITION = re.compile(
    r'\s*(?P<no>not\s+|not(?=[<\[]))?(?:<(?P<token>[^<>\s]+)>|\[(?P<etag>(?:W/)?"[^"]*")\s*\])', re.IGNORECASE
)
_TAG = re.compile(r"\s*<(?P<tag>[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class Condition:
    """One state token or ETag of an `If` list."""

    negated: bool
    token: str | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedList:
    """One list of `If`; `tag` is an href, None speaks of the request's own resource."""

    tag: str | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Preconditions:
    """All conditional headers, parsed. None: not sent. `("*",)` is the star."""

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None
    lists: tuple[TaggedList, ...] = ()

    @property
    def submitted_tokens(self) -> frozenset[str]:
        """Every state token named anywhere in `If` (RFC 4918 10.4.1)."""
        return frozenset(c.token for group in self.lists for c in group.conditions if c.token is not None)


@dataclass(frozen=True, slots=True)
class State:
    """What the conditions are held against: one resource as the transaction sees it."""

    exists: bool
    etags: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()  # live lock tokens that cover it, and its sync token (RFC 6578 5)
    modified_at: datetime | None = None


ABSENT = State(exists=False)


def parse(
    *,
    if_match: str | None = None,
    if_none_match: str | None = None,
    if_modified_since: str | None = None,
    if_unmodified_since: str | None = None,
    if_header: str | None = None,
) -> Preconditions:
    """Read the headers; BadRequest for a bad `If`. Unreadable dates count as absent (RFC 9110 13.1.3)."""
    return Preconditions(
        if_match=_read_etags(if_match),
        if_none_match=_read_all_etags(if_none_match),
        if_modified_since=_read_date(if_modified_since),
        if_unmodified_since=_read_date(if_unmodified_since),
        lists=_read_lists(if_header),
    )


def _read_etags(value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    _bounded(value)
    if value.strip() == "*":
        return ("*",)
    found: list[str] = []
    position = 0
    while position < len(value):
        match = _ETAG.match(value, position)
        if match is None:
            break  # what cannot be read equals nothing: 412, and nothing is overwritten
        etag = match[1]
        found.append(etag if '"' in etag else f'"{etag}"')  # some clients forget the quotes
        position = match.end()
    return tuple(found)


def _read_all_etags(value: str | None) -> tuple[str, ...] | None:
    """If-None-Match asks not to overwrite: what cannot be read must not count as "nothing matches"."""
    found = _read_etags(value)
    if found is not None and found != ("*",) and _ETAG.sub("", value or "").strip():
        raise errors.BadRequest("The If-None-Match header cannot be read (RFC 9110 13.1.2).")
    return found


def _read_date(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounded(value: str) -> None:
    if len(value) > MAX_HEADER:
        raise errors.BadRequest("A conditional header is longer than 16 KiB.")


def _read_lists(value: str | None) -> tuple[TaggedList, ...]:
    if value is None:
        return ()
    _bounded(value)
    lists: list[TaggedList] = []
    tag: str | None = None
    position, text = 0, value.rstrip()
    while position < len(text):
        if (match := _TAG.match(text, position)) is not None and (not lists or tag is not None):
            tag, position = match["tag"], match.end()
        if (opened := re.compile(r"\s*\(").match(text, position)) is None:
            raise _unreadable(value)
        conditions, position = _read_conditions(text, opened.end(), value)
        lists.append(TaggedList(tag, conditions))
    if not lists:
        raise _unreadable(value)
    return tuple(lists)


def _read_conditions(text: str, position: int, whole: str) -> tuple[tuple[Condition, ...], int]:
    conditions: list[Condition] = []
    closing = re.compile(r"\s*\)")
    while (closed := closing.match(text, position)) is None:
        match = _CONDITION.match(text, position)
        if match is None:
            raise _unreadable(whole)
        conditions.append(Condition(match["no"] is not None, match["token"], match["etag"]))
        position = match.end()
    if not conditions:
        raise _unreadable(whole)
    return tuple(conditions), closed.end()


def _unreadable(value: str) -> errors.BadRequest:
    return errors.BadRequest(f"The If header cannot be read (RFC 4918 10.4.2): {value[:120]}")


def require(preconditions: Preconditions, subject: State, state_of: Callable[[str], State]) -> None:
    """Raise PreconditionFailed unless If-Match, If-None-Match, If-Unmodified-Since and If all hold for a write.

    `state_of` tells the state of an `If` tag's href; a URL that maps to nothing is `ABSENT` (RFC 4918 10.4.4).
    """
    if preconditions.if_match is not None and not _matches(preconditions.if_match, subject, weak=False):
        raise errors.PreconditionFailed(
            "It was changed in the meantime." if subject.exists else "It does not exist any more."
        )
    if preconditions.if_none_match is not None and _matches(preconditions.if_none_match, subject, weak=True):
        raise errors.PreconditionFailed("It exists already.")
    since = preconditions.if_unmodified_since
    if since is not None and preconditions.if_match is None and _changed_after(subject, since):
        raise errors.PreconditionFailed("It was changed in the meantime.")
    if preconditions.lists and not any(_holds(group, subject, state_of) for group in preconditions.lists):
        raise errors.PreconditionFailed("What the If header asks for does not hold.")


def require_for_reading(
    preconditions: Preconditions, subject: State, state_of: Callable[[str], State], etag: str
) -> None:
    """The same for GET and HEAD, where an If-None-Match that matches is NotModified (RFC 9110 13.2.2)."""
    unconditional = Preconditions(
        if_match=preconditions.if_match,
        if_unmodified_since=preconditions.if_unmodified_since,
        lists=preconditions.lists,
    )
    require(unconditional, subject, state_of)
    if preconditions.if_none_match is not None:
        if _matches(preconditions.if_none_match, subject, weak=True):
            raise errors.NotModified(etag=etag)
    elif preconditions.if_modified_since is not None and not _changed_after(subject, preconditions.if_modified_since):
        raise errors.NotModified(etag=etag)


def _matches(wanted: tuple[str, ...], subject: State, *, weak: bool) -> bool:
    if wanted == ("*",):
        return subject.exists
    if weak:
        wanted = tuple(etag.removeprefix("W/") for etag in wanted)
    return subject.exists and not subject.etags.isdisjoint(wanted)


def _changed_after(subject: State, since: datetime) -> bool:
    return subject.modified_at is not None and subject.modified_at.replace(microsecond=0) > since


def _holds(group: TaggedList, subject: State, state_of: Callable[[str], State]) -> bool:
    state = subject if group.tag is None else state_of(group.tag)
    return all(_true(condition, state) for condition in group.conditions)


def _true(condition: Condition, state: State) -> bool:
    if condition.token is not None:
        found = condition.token in state.tokens  # DAV:no-lock is never in there (RFC 4918 10.4.8)
    else:
        found = condition.etag in state.etags
    return found is not condition.negated
