"""Conversations as tables: what a client sends, step by step, and what it needs in each answer.

A step's target, headers and body may name what an earlier step kept: `{principal}`, `{etag}`. The replay runs over one
real connection to a real server, as the client would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.clients.wire import CARD, Answer, C, D, Wire

Memory = dict[str, str]
Claim = Callable[[Answer, Memory], None]
Keep = Callable[[Answer], str]


@dataclass(frozen=True)
class Step:
    """One request, what the client needs in the answer, and what it remembers of it."""

    what: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    signed: bool = True
    chunked: bool = False
    needs: Sequence[Claim] = ()
    keeps: Mapping[str, Keep] = field(default_factory=dict)


class Broke(AssertionError):
    """A conversation that broke off: which step, and what came back instead."""


def replay(wire: Wire, steps: Sequence[Step], known: Mapping[str, str]) -> Memory:
    """Run the steps in order and return what was kept; the first unmet need fails with the whole exchange."""
    memory: Memory = dict(known)
    for number, step in enumerate(steps, 1):
        target = _filled(step.target, memory)
        answer = wire.ask(
            step.method,
            target,
            headers={name: _filled(value, memory) for name, value in step.headers.items()},
            body=step.body if isinstance(step.body, bytes) else _filled(step.body, memory),
            signed=step.signed,
            chunked=step.chunked,
        )
        try:
            for claim in step.needs:
                claim(answer, memory)
            memory |= {name: keep(answer) for name, keep in step.keeps.items()}
        except (AssertionError, ValueError, SyntaxError) as unmet:
            shown = answer.body[:3000].decode(errors="replace")
            heading = f"step {number}, {step.what}: {unmet}"
            raise Broke(f"{heading}\n{step.method} {target}\n{answer.status} {dict(answer.headers)}\n{shown}") from None
    return memory


def _filled(text: str, memory: Memory) -> str:
    for name, value in memory.items():
        text = text.replace("{" + name + "}", value)
    return text


# --- claims -----------------------------------------------------------------------------------------


def status(*codes: int) -> Claim:
    """The answer has one of these codes."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert answer.status in codes, f"{answer.status} instead of {' or '.join(map(str, codes))}"

    return claim


def asks_for_a_password(answer: Answer, memory: Memory) -> None:
    """401 with a Basic challenge of a constant ASCII realm (RFC 7617 2)."""
    assert answer.status == 401
    challenge = answer.header("WWW-Authenticate") or ""
    assert challenge.startswith('Basic realm="')
    assert challenge.isascii()


def header(name: str, *words: str) -> Claim:
    """A header is there and names each of `words` as a token."""

    def claim(answer: Answer, memory: Memory) -> None:
        value = answer.header(name)
        assert value is not None, f"no {name} header"
        tokens = {token.strip() for token in value.split(",")}
        lost = [word for word in words if word not in tokens]
        assert not lost, f"{name}: {value} lacks {lost}"

    return claim


def no_header(name: str) -> Claim:
    """A header is not there."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert answer.header(name) is None, f"{name}: {answer.header(name)}"

    return claim


def has(*names: str, of: str | None = None) -> Claim:
    """The multistatus answers these properties with 200, of the one resource or of `of`."""

    def claim(answer: Answer, memory: Memory) -> None:
        member = answer.only if of is None else answer.members[_filled(of, memory)]
        lost = {name: member.missing.get(name, "not answered") for name in names if name not in member.found}
        assert not lost, f"{member.href} lacks {lost}"

    return claim


def lacks(*names: str) -> Claim:
    """The one resource answers these properties with a 404 propstat."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert {name: answer.only.missing.get(name) for name in names} == dict.fromkeys(names, 404)

    return claim


def inside(name: str, *tags: str, of: str | None = None) -> Claim:
    """A property holds these elements."""

    def claim(answer: Answer, memory: Memory) -> None:
        member = answer.only if of is None else answer.members[_filled(of, memory)]
        lost = set(tags) - member.children(name)
        assert not lost, f"{name} of {member.href} lacks {lost}"

    return claim


def somewhere_inside(name: str, *tags: str) -> Claim:
    """A property of the one resource holds these elements at any depth."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert name in answer.only.found, f"no {name}"
        held = {str(each.tag) for each in answer.only.found[name].iter()}
        assert set(tags) <= held, f"{name} lacks {set(tags) - held}"

    return claim


def lists(*hrefs: str) -> Claim:
    """The multistatus has a response for each of these, found."""

    def claim(answer: Answer, memory: Memory) -> None:
        for href in hrefs:
            member = answer.members.get(_filled(href, memory))
            assert member is not None, f"{_filled(href, memory)} is not among {sorted(answer.members)}"
            assert member.status is None, f"{member.href} is {member.status}"

    return claim


def exactly(*hrefs: str) -> Claim:
    """The multistatus has a response for each of these and for nothing else."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert sorted(answer.members) == sorted(_filled(href, memory) for href in hrefs)

    return claim


def gone(href: str) -> Claim:
    """The multistatus reports the href with status 404 and without a propstat (RFC 6578 3.5.2)."""

    def claim(answer: Answer, memory: Memory) -> None:
        member = answer.members[_filled(href, memory)]
        assert (member.status, member.found, member.missing) == (404, {}, {})

    return claim


def every_member_has_an_etag(answer: Answer, memory: Memory) -> None:
    """Each listed object carries a quoted, strong ETag; DAVx5 gives the whole sync up otherwise."""
    for member in answer.members.values():
        if member.status is None and not member.href.endswith("/"):
            etag = member.text(f"{D}getetag")
            assert etag.startswith('"'), f"{member.href} has the ETag {etag}"
            assert etag.endswith('"')


def hrefs_are_path_only(answer: Answer, memory: Memory) -> None:
    """No href names a scheme or host: proxies cannot break them."""
    hrefs = [href.text or "" for href in answer.xml.iter(f"{D}href")]
    assert all(href.startswith(("/", "mailto:", "urn:")) for href in hrefs), hrefs


def body_is(octets: str | bytes) -> Claim:
    """The body is exactly this."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert answer.body == (octets.encode() if isinstance(octets, str) else octets)

    return claim


def text_of(name: str, expected: str, *, of: str | None = None) -> Claim:
    """A property's text is this, or what was kept under this name."""

    def claim(answer: Answer, memory: Memory) -> None:
        member = answer.only if of is None else answer.members[_filled(of, memory)]
        assert member.text(name) == _filled(expected, memory)

    return claim


def data_of(href: str, expected: str) -> Claim:
    """The report carries this member's octets, and its ETag beside them."""

    def claim(answer: Answer, memory: Memory) -> None:
        member = answer.members[_filled(href, memory)]
        name = f"{C}calendar-data" if f"{C}calendar-data" in member.found else f"{CARD}address-data"
        assert member.text(name) == _filled(expected, memory)
        assert member.text(f"{D}getetag").startswith('"')

    return claim


def condition(*tags: str) -> Claim:
    """The DAV:error body names these conditions."""

    def claim(answer: Answer, memory: Memory) -> None:
        assert set(tags) <= answer.conditions, f"the body names {answer.conditions or 'no condition'}"

    return claim


# --- what clients remember ----------------------------------------------------------------------------


def href_in(name: str) -> Keep:
    """Remember the href inside a property of the one resource."""
    return lambda answer: answer.only.href_in(name)


def text(name: str) -> Keep:
    """Remember the text of a property of the one resource."""
    return lambda answer: answer.only.text(name)


def etag(answer: Answer) -> str:
    """Remember the ETag header."""
    value = answer.header("ETag")
    assert value is not None, "no ETag"
    return value


def token(answer: Answer) -> str:
    """Remember the token of a sync report."""
    return answer.token


def location(answer: Answer) -> str:
    """Remember where a redirect leads."""
    value = answer.header("Location")
    assert value is not None, "no Location"
    return value


def first_with(*types: str) -> Keep:
    """Remember the first href whose resourcetype holds all of `types` and whose privileges hold write."""

    def keep(answer: Answer) -> str:
        for href, member in answer.members.items():
            if f"{D}resourcetype" in member.found and set(types) <= member.children(f"{D}resourcetype"):
                return href
        raise AssertionError(f"no collection of the types {types}")

    return keep
