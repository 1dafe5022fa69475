"""What a timeline consists of: rows of the ledger, each with what stood before it, and edits that were refused.

Values only; `timelines.py` asks for them and knows the order of their fields.
"""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One row of the ledger and what stood before it. Times are microseconds since 1970."""

    seq: int
    at: int
    op: str
    alive: int
    resource_id: int
    kind: str
    collection_id: int
    name: str
    body_seq: int
    content_id: int | None
    size: int | None
    modified_at: int | None
    device_id: int | None
    batch_id: int | None
    note: str | None
    # the row before it of the same resource
    was_seq: int | None
    was_op: str | None
    was_alive: int | None
    was_collection_id: int | None
    was_name: str | None
    # the newest body before it, and the row that wrote it
    was_body_seq: int | None
    was_content_id: int | None
    was_size: int | None
    was_modified_at: int | None
    was_at: int | None
    was_device_id: int | None
    was_first: int | None  # where that body is empty: 1 when nothing living stood before it
    # where a row `leave` leads
    to_collection_id: int | None
    to_name: str | None
    # what is known of the body, and of the one before
    place: str | None
    removed_at: int | None
    title: str | None
    fault: str | None
    was_title: str | None


class Refusal(NamedTuple):
    """An edit that was refused and kept, between the rows `after_seq` and the next one."""

    id: int
    at: int
    after_seq: int
    device_id: int | None
    collection_id: int
    name: str
    resource_id: int | None
    method: str
    status: int
    reason: str
    content_id: int | None
    size: int | None
    times: int
    settled_at: int | None
    title: str | None
    fault: str | None


Happened = Event | Refusal
