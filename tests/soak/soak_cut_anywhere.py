"""Every act of `cut_acts.py` and `cut_commands.py`, ended before every single call to the file system or SQLite."""

from __future__ import annotations

import time

import pytest

from tests.cutting import cut_everywhere
from tests.history import cut_acts, cut_commands
from tests.soak.conftest import Note
from tests.store.shelves import quick_folder

ACTS = cut_acts.ACTS | cut_commands.ACTS


@pytest.mark.parametrize("name", ACTS)
def test_nothing_is_lost_wherever_it_is_cut(name: str, note: Note) -> None:
    cuttable, began, cuts = ACTS[name], time.monotonic(), 0
    with quick_folder() as folder:
        prepared = folder / "prepared"
        prepared.mkdir()
        cuttable.prepare(prepared)
        for calls, data in cut_everywhere(prepared, folder, cuttable.act, cuttable.ready):
            cuttable.hold(data)
            cuts = calls
    seconds = time.monotonic() - began
    note(
        f"cut before every call: {name}", f"{cuts:,} calls", f"nothing lost, healed by the next start; {seconds:.0f} s"
    )
