"""Stored properties with intervals: colour, order, displayname, dead ones. They are restored like bodies.

A value is the whole XML element as it was sent. What a property means, and which are protected, is not known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from appliance.store.database import Reading, Writing

_TAG = re.compile(r"<[^>]*>")


def text_of(value: str | None) -> str:
    """Return the text inside a stored value, empty for None."""
    return "" if value is None else html.unescape(_TAG.sub("", value)).strip()


def of(reading: Reading | Writing, resource_id: int) -> dict[str, str]:
    """Return the open properties of a resource, `{namespace}local` to XML."""
    rows = reading.execute(
        "SELECT name, value FROM property WHERE resource_id = ? AND until_seq IS NULL", (resource_id,)
    ).fetchall()
    return {row["name"]: row["value"] for row in rows}


def of_members(reading: Reading | Writing, collection_id: int) -> dict[int, dict[str, str]]:
    """Return the open properties of all members of a collection by resource id: one query for a listing."""
    found: dict[int, dict[str, str]] = {}
    for row in reading.execute(
        "SELECT p.resource_id, p.name, p.value FROM member m JOIN property p ON p.resource_id = m.resource_id"
        " WHERE m.collection_id = ? AND p.until_seq IS NULL",
        (collection_id,),
    ):
        found.setdefault(row["resource_id"], {})[row["name"]] = row["value"]
    return found


def change(writing: Writing, resource_id: int, seq: int, changes: Iterable[tuple[str, str | None]]) -> None:
    """Set (XML) or remove (None) properties as of `seq`, in order; the later of two changes of one name counts."""
    for name, value in changes:
        writing.execute("DELETE FROM property WHERE resource_id = ? AND name = ? AND seq = ?", (resource_id, name, seq))
        writing.execute(
            "UPDATE property SET until_seq = ? WHERE resource_id = ? AND name = ? AND until_seq IS NULL",
            (seq, resource_id, name),
        )
        if value is not None:
            writing.execute(
                "INSERT INTO property (resource_id, name, seq, until_seq, value) VALUES (?, ?, ?, NULL, ?)",
                (resource_id, name, seq, value),
            )


def end(writing: Writing, resource_id: int, seq: int) -> None:
    """End all properties of a deleted member; a collection's stay open, it is only unreachable (ledger 7)."""
    writing.execute("UPDATE property SET until_seq = ? WHERE resource_id = ? AND until_seq IS NULL", (seq, resource_id))


def copy(writing: Writing, from_id: int, to_id: int, seq: int) -> None:
    """Give `to_id` the open properties of `from_id` (RFC 4918 9.8.2), and end what it had."""
    kept: Mapping[str, str] = of(writing, from_id)
    end(writing, to_id, seq)
    change(writing, to_id, seq, kept.items())
