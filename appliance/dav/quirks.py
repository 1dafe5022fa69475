"""Oddities of clients, one row each: who, what is seen, where it was recorded, and what is answered differently.

Nowhere else does a User-Agent decide anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Quirks:
    """What differs for the client of one request; the defaults are what the RFCs say."""

    valid_sync_token_status: int = 403
    loose_principal_search: bool = False
    properties_mean_contents: bool = False


@dataclass(frozen=True, slots=True)
class Quirk:
    """One row. `marker` is looked for in the User-Agent, case-sensitively."""

    client: str
    marker: str
    symptom: str
    recording: str
    answers: Mapping[str, int | bool] = field(default_factory=lambda: MappingProxyType({}))


ROWS: tuple[Quirk, ...] = (
    Quirk(
        client="Thunderbird 153 ESR and before",
        marker="Thunderbird/",
        symptom="Its address book takes only 207 and 400 from sync-collection: a 403 fails at every sync, for ever.",
        recording="protocol.md A5 (CardDAVDirectory.sys.mjs)",
        answers=MappingProxyType({"valid_sync_token_status": 400}),
    ),
    Quirk(
        client="Thunderbird 153 ESR and before",
        marker="Thunderbird/",
        symptom="A calendar whose properties may be set, as those of any share may, is taken for one to write to.",
        recording="CalDavProvider.sys.mjs and CalDavCalendar.sys.mjs (readOnly)",
        answers=MappingProxyType({"properties_mean_contents": True}),
    ),
    Quirk(
        client="python-caldav 3.6.0",
        marker="python-caldav/",
        symptom="Its search for principals names properties beside DAV:prop, and asks for everybody without a search.",
        recording="tests/interop/test_caldav_server_tester.py (base_client.py, _build_principal_search_query)",
        answers=MappingProxyType({"loose_principal_search": True}),
    ),
)


def quirks_of(user_agent: str | None) -> Quirks:
    """Return what differs for the client that calls itself `user_agent`."""
    found = Quirks()
    for row in ROWS:
        if user_agent is not None and row.marker in user_agent:
            found = replace(found, **row.answers)  # type: ignore[arg-type]  # each row names fields of Quirks
    return found
