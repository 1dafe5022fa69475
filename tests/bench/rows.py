"""The rows of the benchmark: one table. What each does is in `object_rows.py`, `file_rows.py`, `rewinding.py` and
`page_rows.py`.

Figures to reach are those of the project's design. Rows that say `each` are measured at every size, the others at
the largest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.bench import file_rows, limits, object_rows, page_rows, rewinding
from tests.bench.figures import Block, Share, Target, Unit
from tests.bench.places import Place
from tests.bench.servers import Kind


@dataclass(frozen=True)
class Row:
    """One row: key for `--rows`, words, kind of place, unit, function, figures to reach, whether at each size.

    `share` is a figure to reach that the machine sets; `alone`: no other server can do it.
    """

    key: str
    title: str
    kind: Kind
    unit: Unit
    measure: Callable[[Place], Block]
    targets: tuple[Target, ...] = ()
    each: bool = False
    share: Share | None = None
    alone: bool = False


def wall(bound: float) -> Target:
    """Return the figure to reach of a row's wall time or rate."""
    return Target("wall", bound)


def cpu(bound_ms: float) -> Target:
    """Return the figure to reach of a row's CPU time per operation."""
    return Target("cpu_ms", bound_ms)


def page(kind: Kind, key: str, title: str, measure: Callable[[Place], Block], bound_ms: float = 60) -> Row:
    """Return the row of a page, which only ours has; its CPU time is to be at most `bound_ms`."""
    return Row(f"page-{key}", f"page: {title}", kind, "ms", measure, (cpu(bound_ms),), alone=True)


PAGES = (
    page("cards", "today", "Today", page_rows.today),
    page("cards", "book", "address book of {size}", page_rows.book),
    Row("page-weight", "page: weight of that with its look, packed", "cards", "KB", page_rows.weight,
        (wall(100),), alone=True),
    page("cards", "timeline", "timeline of the house", page_rows.timeline),
    page("cards", "history", "history of a contact of 1,000 states", page_rows.history_of_one),
    page("cards", "preview", "preview of 1,000 of {size}", page_rows.preview_of_some, 200),
    page("cards", "preview-all", "preview of {size}", page_rows.preview_of_all, 2000),
    page("cards", "receipt", "receipt of {size}", page_rows.receipt),
    page("events", "month", "month of {size} events", page_rows.month),
    page("files", "folder", "folder of {size} files", page_rows.folder),
)  # fmt: skip
SHARED = (
    Row("put", "PUT one into {size}", "cards", "ms", object_rows.put_one, (cpu(1),), each=True),
    Row("change", "sync after 1 change of {size}", "cards", "ms", object_rows.sync_change, (wall(1.5),), each=True),
    Row(
        "token",
        "ctag, token after a change, {size}",
        "cards",
        "ms",
        object_rows.token_after_change,
        (wall(1.5),),
        each=True,
    ),
    Row("empty", "sync-collection, empty token, {size}", "cards", "ms", object_rows.sync_all, (cpu(50),)),
    Row("poll-1", "no-change poll of {size}, 1 connection", "cards", "ops/s", object_rows.poll, (wall(2000),)),
    Row(
        "poll-8", "no-change poll of {size}, 8 connections", "cards", "ops/s", object_rows.poll_by_eight, (wall(2000),)
    ),
    Row("initial-30", "initial sync of {size}, by 30", "cards", "s", object_rows.initial_by_30, (wall(1.5), cpu(0.05))),
    Row("initial-50", "initial sync of {size}, by 50", "cards", "s", object_rows.initial_by_50, (wall(1.5), cpu(0.05))),
)
CARDS = (
    Row("search", "addressbook-query FN contains, {size}", "cards", "ms", object_rows.search_name, (wall(20),)),
    Row("rewind", "rewind of 1,000 changes in {size}", "cards", "ops/s", rewinding.rewind_cards, alone=True),
)
EVENTS = (
    Row("month", "calendar-query of a month, {size}", "events", "ms", object_rows.window, (wall(15),), each=True),
    Row("busy", "free-busy of a month, {size}", "events", "ms", object_rows.free_busy, (wall(15),)),
)
FILES = (
    Row("list", "PROPFIND 1 of {size} files", "files", "ms", file_rows.list_folder, (wall(100),)),
    Row("first-byte", "first byte of that", "files", "ms", file_rows.first_byte, (wall(10),)),
    Row("put-small-1", "PUT of 4-64 KB, 1 connection", "files", "ops/s", file_rows.put_small),
    Row(
        "put-small-8",
        "PUT of 4-64 KB, 8 connections",
        "files",
        "ops/s",
        file_rows.put_small_by_eight,
        share=Share(limits.NEW_FILE, 0.5),
    ),
    Row("put-large", "PUT of a large file", "files", "MB/s", file_rows.put_large, share=Share(limits.COPY, 0.8)),
    Row("get-large", "GET of a large file", "files", "MB/s", file_rows.get_large),
    Row("rewind", "rewind of 1,000 files of 4 KiB", "files", "ops/s", rewinding.rewind_files, alone=True),
    Row("move", "MOVE of a tree of 1,000 files", "files", "ms", file_rows.move_tree, (wall(30),)),
)


def rows() -> list[Row]:
    """Return all rows in the order in which they are measured, keys beginning with their kind."""
    cards = (*SHARED, *CARDS)
    events = (*(replace(row, kind="events") for row in SHARED), *EVENTS)
    return [replace(row, key=f"{row.kind}-{row.key}") for row in (*cards, *events, *FILES, *PAGES)]
