"""Write a made-up household below a folder: `contacts/*.vcf`, `calendar/*.ics`, `tasks/*.ics`, `files/…`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.household import CalendarObject, Contact, File, contacts, events, journals, tasks, tree


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what the command line asks for and say how much it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.household", description=__doc__)
    parser.add_argument("--into", type=Path, required=True, help="the folder, made if it is missing")
    parser.add_argument("--seed", type=int, default=1)
    for kind, default in (("contacts", 500), ("events", 500), ("tasks", 60), ("journals", 20), ("files", 200)):
        parser.add_argument(f"--{kind}", type=int, default=default)
    chosen = parser.parse_args(arguments)
    into: Path = chosen.into
    written = {
        "contacts": _write_objects(into / "contacts", contacts(chosen.contacts, chosen.seed)),
        "events": _write_objects(into / "calendar", events(chosen.events, chosen.seed)),
        "tasks": _write_objects(into / "tasks", tasks(chosen.tasks, chosen.seed)),
        "journals": _write_objects(into / "journals", journals(chosen.journals, chosen.seed)),
        "files": _write_files(into / "files", tree(chosen.files, chosen.seed)),
    }
    print(f"{into}: " + ", ".join(f"{count} {kind}" for kind, count in written.items()))


def _write_objects(folder: Path, objects: Iterable[Contact | CalendarObject]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for member in objects:
        (folder / member.name).write_bytes(member.body)
        count += 1
    return count


def _write_files(folder: Path, files: Iterable[File]) -> int:
    count = 0
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.body())
        os.utime(path, (file.modified_at.timestamp(),) * 2)
        count += 1
    return count


if __name__ == "__main__":
    main()
