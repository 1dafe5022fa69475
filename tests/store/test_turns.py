"""One process at a time has a turn, and a process that is killed gives it up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from appliance.store import turns

HOLDER = """
import pathlib, sys, time
from appliance.store import turns
held = turns.take(pathlib.Path(sys.argv[1]))
print(held is not None, flush=True)
time.sleep(600)
"""


def test_a_turn_is_one_process_s_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "reading"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert turns.take(path) is None
        other.kill()
    held = turns.take(path)
    assert held is not None
    assert turns.take(path) is None  # nor has this process another one
    held.close()
    again = turns.take(path)
    assert again is not None
    again.close()
