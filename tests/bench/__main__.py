"""Measure ours beside its peers and print the table. Default sizes take some minutes."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.run import Options, Run, names_of_servers
from tests.bench.tables import as_json, markdown


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for; the folder is removed unless it is to be kept."""
    chosen = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="gotgan-bench-", dir=chosen.into))
    options = Options(
        folder=folder,
        sizes=tuple(int(size) for size in chosen.sizes.split(",")),
        files=chosen.files,
        large_mib=chosen.large_mib,
        rounds=chosen.rounds,
        budget_s=chosen.budget,
        seed=chosen.seed,
        only=frozenset(filter(None, chosen.only.split("|"))),
        pattern=re.compile(chosen.rows),
    )
    run = Run(options)
    try:
        run.through()
    finally:
        # Before the folder goes, which may take long: an interrupted run shows what it has.
        _show(run, chosen.sizes, chosen.json)
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _show(run: Run, sizes: str, file: Path | None) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"sizes {sizes}; {run.options.rounds} rounds; {os.cpu_count()} cores; load {load} at the end\n")
    print(markdown(run.report), flush=True)
    if file:
        file.write_text(json.dumps(as_json(run.report), indent=1, ensure_ascii=False))


def _leave(number: int, _frame: object) -> None:
    """End as if interrupted, so that the servers are ended and the folder is removed."""
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"servers, joined by |: {'|'.join(names_of_servers())}")
    parser.add_argument(
        "--rows", default="", metavar="REGEX", help="rows whose key it finds, such as 'cards-put|files'"
    )
    parser.add_argument("--sizes", default="100,1000,10000", help="members of address books and calendars")
    parser.add_argument("--files", type=int, default=10_000, help="files in the listed folder")
    parser.add_argument("--large-mib", type=int, default=1024, help="size of the large file")
    parser.add_argument("--rounds", type=int, default=1, help="more rounds, more repeatable figures")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds for one row, server and round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--into", default="/var/tmp", help="where the servers' folders are made: on the disk to measure"
    )
    parser.add_argument("--keep", action="store_true", help="leave the servers' folders there")
    return parser


if __name__ == "__main__":
    main()
