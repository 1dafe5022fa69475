"""A body moves from one place to another: into the store, back to the live file alone, or away for good.

Each function is one step inside an open transaction. The octets are durable where they go before it is called; where
they were, a file of the store leaves after its grace. It refuses to touch a file.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance.store import content
from appliance.store.database import Writing


def mark_blob(writing: Writing, content_id: int, blob_name: str, *, place: str = "blob") -> None:
    """Say that the bytes of a live file are now a file of the store, linked (`blob`) or cloned (`clone`)."""
    row = content.row_of(writing, content_id)
    if row is not None:
        content.claim(writing, blob_name)
        content.put_place(writing, row, place, blob_name=blob_name)


def mark_row(writing: Writing, content_id: int, body: bytes) -> None:
    """Keep the bytes of a small live file in the row."""
    row = content.row_of(writing, content_id)
    if row is not None:
        content.put_place(writing, row, "row", body=body)


def mark_chunks(writing: Writing, content_id: int, pieces: Sequence[tuple[int, int]]) -> bool:
    """Say that a body is made of chunks, (start, chunk id) each, in order.

    False, and nothing changes, when they do not make up the whole of it: one was let go meanwhile, say.
    """
    row = content.row_of(writing, content_id)
    end = 0
    for start, chunk_id in pieces:
        size = writing.execute("SELECT size FROM chunk WHERE id = ?", (chunk_id,)).fetchone()
        if size is None or start != end:
            return False
        end += size[0]
    if row is None or end != row.size:
        return False
    content.put_place(writing, row, "chunks")
    writing.executemany(
        "INSERT INTO piece (content_id, start, chunk_id) VALUES (?, ?, ?)",
        [(content_id, start, chunk_id) for start, chunk_id in pieces],
    )
    return True


def mark_live(writing: Writing, content_id: int, *, at: int) -> None:
    """Say that the bytes are sound only as a live file: what the store had of them is damaged, and leaves."""
    row = content.row_of(writing, content_id)
    if row is None:
        return
    if row.blob_name is not None:
        content.leave(writing, row.blob_name, at=at)
    _drop_pieces(writing, content_id, at=at)
    content.put_place(writing, row, "live")
    writing.execute(
        "UPDATE disk SET covered = 0 WHERE resource_id IN (SELECT resource_id FROM member WHERE content_id = ?)",
        (content_id,),
    )


def remove(writing: Writing, content_id: int, *, at: int) -> bool:
    """Let a body go: its row says so at once, its files leave after their grace; `at` is microseconds since 1970.

    False, and nothing changes, where a member has it now or where it is gone already.
    """
    row = content.row_of(writing, content_id)
    if row is None or row.place == "none":
        return False
    if writing.execute("SELECT 1 FROM member WHERE content_id = ? LIMIT 1", (content_id,)).fetchone() is not None:
        return False
    if row.blob_name is not None:
        content.leave(writing, row.blob_name, at=at)
    _drop_pieces(writing, content_id, at=at)
    content.put_place(writing, row, "none")
    writing.execute("UPDATE content SET removed_at = ? WHERE id = ?", (at, content_id))
    return True


def lose(writing: Writing, content_id: int, *, at: int) -> None:
    """Say that the bytes of a live file are gone for good: a row claims nothing that nobody has."""
    writing.execute(
        "UPDATE content SET place = 'none', removed_at = ? WHERE id = ? AND place = 'live'", (at, content_id)
    )


def _drop_pieces(writing: Writing, content_id: int, *, at: int) -> None:
    """Take a body's pieces apart; a chunk that no other body needs leaves."""
    rows = writing.execute("SELECT DISTINCT chunk_id FROM piece WHERE content_id = ?", (content_id,)).fetchall()
    writing.execute("DELETE FROM piece WHERE content_id = ?", (content_id,))
    for (chunk_id,) in rows:
        drop_chunk(writing, chunk_id, at=at)


def drop_chunk(writing: Writing, chunk_id: int, *, at: int) -> bool:
    """Let a chunk go unless a body needs it; return whether it went."""
    row = writing.execute(
        "DELETE FROM chunk WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM piece WHERE chunk_id = ?1) RETURNING blob_name",
        (chunk_id,),
    ).fetchone()
    if row is not None:
        content.leave(writing, row["blob_name"], at=at)
    return row is not None
