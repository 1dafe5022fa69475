"""Ended before some call to the file system or SQLite: nothing acknowledged is lost, the next start heals by itself.

A sample, another one each time; `make soak` goes through every call.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.cutting import count_calls, cut_at
from tests.history import cut_acts, cut_commands
from tests.store.shelves import quick_folder

ACTS = cut_acts.ACTS | cut_commands.ACTS
SAMPLE = 2


@pytest.mark.parametrize("name", ACTS)
def test_an_act_may_be_cut_off_anywhere(name: str) -> None:
    cuttable = ACTS[name]
    with quick_folder() as folder:
        prepared: Path = folder / "prepared"
        prepared.mkdir()
        cuttable.prepare(prepared)
        calls = count_calls(prepared, folder, cuttable.act, cuttable.ready)
        sample = random.sample(range(calls), min(SAMPLE, calls))
        for _, data in cut_at(prepared, folder, cuttable.act, sample, cuttable.ready):
            cuttable.hold(data)
        shutil.rmtree(prepared)
