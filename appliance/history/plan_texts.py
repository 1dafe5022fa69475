"""A plan as what JSON can hold, for the row of its batch: it is kept before its first step, and read again to go on."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from appliance.history.plans import Entry, Plan
from appliance.history.taking_back import Pile, Reason
from appliance.store.placing import Home, NewBody, Shown, Wanted


def to_json(plan: Plan) -> list[dict[str, Any]]:
    """Return a plan as what JSON can hold; octets as base64."""
    return [_entry_to_json(entry) for entry in plan.entries]


def from_json(entries: Sequence[Mapping[str, Any]]) -> Plan:
    """Return the plan that `to_json` wrote."""
    return Plan(tuple(_entry_from_json(entry) for entry in entries))


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    return {
        "pile": entry.pile, "kind": entry.kind, "address": entry.address, "reason": entry.reason, "by": entry.by,
        "conflicts": list(entry.conflicts), "renamed_from": entry.renamed_from, "passing": entry.passing,
        "wanted": None if entry.wanted is None else _wanted_to_json(entry.wanted),
    }  # fmt: skip


def _wanted_to_json(wanted: Wanted) -> dict[str, Any]:
    body = wanted.body
    return {
        "resource_id": wanted.resource_id, "kind": wanted.kind, "seen_seq": wanted.seen_seq,
        "is_alive": wanted.is_alive,
        "home": None if wanted.home is None else [wanted.home.collection_id, wanted.home.name],
        "body": None if body is None else {
            "content_id": body.content_id, "modified_at": body.modified_at,
            "octets": None if body.octets is None else base64.b64encode(body.octets).decode(),
        },
        "properties": [list(change) for change in wanted.properties],
        "shown": None if wanted.shown is None else [wanted.shown.target_id, wanted.shown.access],
    }  # fmt: skip


def _entry_from_json(entry: Mapping[str, Any]) -> Entry:
    reason = entry["reason"]
    return Entry(
        Pile(entry["pile"]), entry["kind"], entry["address"],
        None if entry["wanted"] is None else _wanted_from_json(entry["wanted"]),
        None if reason is None else Reason(reason), entry["by"], tuple(entry["conflicts"]), entry["renamed_from"],
        entry["passing"],
    )  # fmt: skip


def _wanted_from_json(wanted: Mapping[str, Any]) -> Wanted:
    body = wanted["body"]
    octets = None if body is None or body["octets"] is None else base64.b64decode(body["octets"])
    return Wanted(
        wanted["resource_id"], wanted["kind"], wanted["seen_seq"], wanted["is_alive"],
        None if wanted["home"] is None else Home(*wanted["home"]),
        None if body is None else NewBody(body["content_id"], octets, body["modified_at"]),
        tuple((name, value) for name, value in wanted["properties"]),
        None if wanted["shown"] is None else Shown(*wanted["shown"]),
    )  # fmt: skip
