"""Commands that may be cut off anywhere: the same command again ends where an uncut one does, and nothing is left over.

Undo, a copy beside, imports and exports, as somebody at a shell gives them; then what has no command of its own: the
sweep of a deleted folder, scrub's repairs and the release of a hold.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.cli import gotgan
from appliance.dav.contracts import Conditions
from appliance.household import checkup
from appliance.store import alarms, batches, hold_rows, queries, witness
from appliance.store.scrub import Scrub
from tests.history.cut_acts import BOOK, FILES, LARGE, Cuttable, look, sound
from tests.history.rooms import Rooms, State, card
from tests.store.shelves import TurnedClock, quick_folder


def opened(data: Path, *, ago: timedelta = timedelta()) -> Rooms:
    """The house, at the time that commands have."""
    return Rooms(data, TurnedClock(datetime.now(UTC) - ago))


def command(data: Path, *words: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        gotgan.main(args=[*words, "--data", str(data)], standalone_mode=False)
    return said.getvalue()


def started(data: Path) -> None:
    """Let a start look at a copy, whose files are all new to it."""
    rooms = opened(data)
    look(rooms)
    rooms.close()


@dataclass(frozen=True)
class Ends:
    """How a household is in the end."""

    state: State
    unfinished: list[int]
    alarms: list[str]
    written: dict[str, bytes] = field(default_factory=dict)  # outside of it


@dataclass
class PressedAgain:
    """What must hold: a start heals, the same act again ends as an uncut one does, taking it back takes all back."""

    prepare: Callable[[Path], None]
    act: Callable[[Path], object]
    written: Callable[[Path], dict[str, bytes]] = lambda _data: {}
    undo: Callable[[Path], object] | None = None
    ready: Callable[[Path], object] = started
    is_rotten: bool = False  # until the act has mended it
    _uncut: tuple[State, Ends, State] | None = None

    def __call__(self, data: Path) -> None:
        before, uncut, undone = self._expected()
        found = self._looked_at(data, is_rotten=self.is_rotten)
        for path in before.keys() & uncut.state.keys():
            assert found.state.get(path, b"gone") in (before[path], uncut.state[path]), path
        assert found.written in ({}, uncut.written), "half of something is under its final name"
        self.act(data)
        assert self._looked_at(data) == uncut
        if self.undo is not None:
            self.undo(data)
            assert self._looked_at(data).state == undone

    def _expected(self) -> tuple[State, Ends, State]:
        """Return how it was before, how an uncut act leaves it, and how taking that back does."""
        if self._uncut is None:
            with quick_folder() as folder:
                data, prepared = folder / "uncut", folder / "prepared"
                prepared.mkdir()
                self.prepare(prepared)
                shutil.copytree(prepared, data)
                self.ready(data)
                before = self._looked_at(data, is_rotten=self.is_rotten).state
                self.act(data)
                ends = undone = self._looked_at(data)
                if self.undo is not None:
                    self.undo(data)
                    undone = self._looked_at(data)
            self._uncut = before, ends, undone.state
        return self._uncut

    def _looked_at(self, data: Path, *, is_rotten: bool = False) -> Ends:
        """Start, let the start heal what it can, and look at everything."""
        rooms = opened(data)
        look(rooms)
        if not is_rotten:
            sound(rooms)
        examined = checkup.examine(rooms.house.services.ledger.database, covered_file_limit_bytes=1 << 20)
        assert examined.damage == ()
        told = alarms.alarms(rooms.reading) if self.is_rotten else examined.alarms  # what was mended as well
        ends = Ends(
            rooms.state(), [batch.id for batch in examined.unfinished],
            [] if is_rotten else sorted(alarm.sentence for alarm in told), self.written(data),
        )  # fmt: skip
        rooms.close()
        return ends


def last_batch(data: Path, *kinds: str) -> int:
    rooms = opened(data)
    found = next(batch.id for batch in batches.recent(rooms.reading, 100) if batch.kind in kinds)
    rooms.close()
    return found


# --- a restore and the undo of it ------------------------------------------------------------------------------


def spoilt(data: Path) -> None:
    """A home of which much is gone, changed and moved."""
    rooms = opened(data, ago=timedelta(days=2))
    rooms.make(f"{FILES}/trip").put(f"{FILES}/trip/photo.jpg", LARGE).put(f"{FILES}/a.txt", b"was")
    rooms.put(f"{FILES}/moved.txt", b"moved").put(f"{BOOK}/x.vcf", card("x", tel="1", note="was"))
    (data / "then").write_text(str(rooms.seq))
    rooms.clock.turn(timedelta(days=1))
    rooms.delete(f"{FILES}/trip").put(f"{FILES}/ransom.txt", b"pay").put(f"{FILES}/a.txt", b"now")
    rooms.move(f"{FILES}/moved.txt", f"{FILES}/elsewhere.txt").put(f"{FILES}/elsewhere.txt", b"changed")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="2", note="was"))
    rooms.close()


def restore(data: Path) -> None:
    """Go on with the restore that was cut off, else restore."""
    rooms = opened(data)
    begun = batches.unfinished(rooms.reading)
    receipt = rooms.resume(begun[0].id) if begun else rooms.restore(int((data / "then").read_text()))
    assert (receipt.refused, receipt.stopped) == ((), None)
    rooms.close()


def restore_by_command(data: Path) -> None:
    """The command as it was first given, which goes on with what was cut off."""
    then = f"seq-{(data / 'then').read_text()}"
    command(data, "restore", "anna", "--at", then, "--over-others")


def restored(data: Path) -> None:
    spoilt(data)
    started(data)
    restore(data)


def undo(data: Path) -> None:
    command(data, "undo", str(last_batch(data, "restore")))


# --- restore --as -----------------------------------------------------------------------------------


def lost(data: Path) -> None:
    """A folder that was deleted."""
    rooms = opened(data, ago=timedelta(days=2))
    rooms.make(f"{FILES}/trip").make(f"{FILES}/trip/day").put(f"{FILES}/trip/day/one.txt", b"one")
    rooms.put(f"{FILES}/trip/photo.jpg", LARGE)
    (data / "then").write_text(f"seq-{rooms.seq}")
    rooms.clock.turn(timedelta(days=1))
    rooms.delete(f"{FILES}/trip").put(f"{FILES}/a.txt", b"a")
    rooms.close()


def beside(data: Path) -> None:
    rooms = opened(data)
    is_done = f"{FILES}/trip as it was" in rooms.state() and not batches.unfinished(rooms.reading)
    rooms.close()
    if not is_done:
        command(data, "restore", f"{FILES}/trip", "--at", (data / "then").read_text(), "--as", "trip as it was")


# --- imports ----------------------------------------------------------------------------------------


def before_imports(data: Path) -> None:
    rooms = opened(data, ago=timedelta(days=1))
    rooms.put(f"{BOOK}/u1.vcf", card("u1", tel="1")).put(f"{FILES}/a.txt", b"mine")
    rooms.close()
    source = data.parent / "in"
    if not source.is_dir():
        (source / "deep" / "er").mkdir(parents=True)
        (source / "a.txt").write_bytes(b"theirs")
        (source / "deep" / "b.bin").write_bytes(LARGE)
        (source / "deep" / "er" / "c.txt").write_bytes(b"c")
        photo = "A" * 70_000  # too large for a row
        cards = [card(f"u{number}", tel=str(7 + number), photo=photo if number == 2 else "") for number in range(4)]
        (data.parent / "in.vcf").write_bytes(b"".join(cards))


def import_cards(data: Path) -> None:
    command(data, "import", str(data.parent / "in.vcf"), "--into", BOOK)


def import_tree(data: Path) -> None:
    command(data, "import", str(data.parent / "in"), "--into", FILES)


def undo_import(data: Path) -> None:
    command(data, "undo", str(last_batch(data, "import")))


# --- exports ----------------------------------------------------------------------------------------


def before_exports(data: Path) -> None:
    rooms = opened(data, ago=timedelta(days=1))
    rooms.make(f"{FILES}/trip").put(f"{FILES}/trip/photo.jpg", LARGE).put(f"{FILES}/trip/a.txt", b"a")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="1")).put(f"{BOOK}/y.vcf", card("y", tel="1"))
    rooms.close()


@dataclass(frozen=True)
class Exports:
    """One export beside the data folder."""

    address: str
    ending: str
    overwrite: bool = False

    def target(self, data: Path) -> Path:
        return data.parent / f"{data.name} out{self.ending}"

    def __call__(self, data: Path) -> None:
        target = self.target(data)
        if self.overwrite:
            command(data, "export", self.address, "--to", str(target), "--overwrite")
        elif not target.exists():
            command(data, "export", self.address, "--to", str(target))
        assert list(target.parent.glob(f".{target.name}*")) == []

    def ready(self, data: Path) -> None:
        """Let there be an export already."""
        started(data)
        self(data)

    def written(self, data: Path) -> dict[str, bytes]:
        """Everything that is under the final name, but for what says when it was made."""
        target = self.target(data)
        found = dict(self._all(target)) if target.exists() else {}
        return {name: octets for name, octets in found.items() if not name.endswith(("README.txt", ".gotgan-export"))}

    @staticmethod
    def _all(target: Path) -> Iterator[tuple[str, bytes]]:
        if target.is_dir():
            for path in target.rglob("*"):
                if path.is_file():
                    yield str(path.relative_to(target)), path.read_bytes()
        elif target.suffix == ".zip":
            with zipfile.ZipFile(target) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name)
        else:
            yield target.suffix, target.read_bytes()


# --- what has no command of its own -----------------------------------------------------------------


def deleted(data: Path) -> None:
    """A folder that was deleted, and not swept yet."""
    rooms = opened(data, ago=timedelta(days=1))
    rooms.make(f"{FILES}/trip").make(f"{FILES}/trip/day").put(f"{FILES}/trip/day/one.txt", b"one")
    rooms.put(f"{FILES}/trip/photo.jpg", LARGE).put(f"{FILES}/trip/two.jpg", LARGE + b"2")
    rooms.site().find(("files", "anna", "trip")).delete(Conditions())
    rooms.close()


def sweep(data: Path) -> None:
    rooms = opened(data)
    rooms.house.background.duties.sweeper.sweep()
    rooms.close()


def undo_deletion(data: Path) -> None:
    command(data, "undo", str(last_batch(data, "delete")))


def sound_copies(data: Path) -> None:
    """Files and kept bodies, of each two that lie in different places."""
    rooms = opened(data, ago=timedelta(days=1))
    rooms.put(f"{FILES}/photo.jpg", LARGE).put(f"{FILES}/again.jpg", LARGE)
    rooms.put(f"{FILES}/old.bin", LARGE + b"old").put(f"{FILES}/kept.bin", LARGE + b"old").put(
        f"{FILES}/old.bin", b"new"
    )
    rooms.close()


def rot(data: Path) -> None:
    """Let a live file and a kept body rot, whose octets lie somewhere else as well."""
    started(data)
    rooms = opened(data)
    photo = data / "files" / "anna" / "photo.jpg"
    kept = next(
        path for path in (data / "store").rglob("*") if path.is_file() and path.stat().st_size > len(LARGE) // 2
    )
    for path in (photo, kept):
        status = path.stat()
        with path.open("r+b") as file:
            file.write(b"rot")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with rooms.house.services.ledger.database.write() as writing:  # that no date moved, which a test cannot do
        writing.execute(
            "UPDATE disk SET ctime_ns = ? WHERE resource_id = ?",
            (photo.stat().st_ctime_ns, rooms.at(f"{FILES}/photo.jpg").resource_id),
        )
    rooms.close()


def scrub(data: Path) -> None:
    rooms = opened(data)
    scrubbing = Scrub(rooms.house.services.writer)
    while scrubbing.step():
        pass
    rooms.close()


def held(data: Path) -> None:
    """A box whose witness knows a later state."""
    rooms = opened(data, ago=timedelta(days=1))
    rooms.put(f"{BOOK}/x.vcf", card("x"))
    ledger = rooms.house.services.ledger
    mark = data.parent / f"{data.name}.witness"
    household = rooms.reading.execute("SELECT id FROM epoch ORDER BY first_seq LIMIT 1").fetchone()["id"]
    witness.write(mark, witness.Mark(household, "lostlost", queries.newest_seq(rooms.reading) + 50))
    witness.compare(ledger, mark)
    assert hold_rows.box_is_held(rooms.reading)
    mark.unlink()
    rooms.close()


def release_it(data: Path) -> None:
    command(data, "doctor", "--release", "keep")


def decided(data: Path) -> dict[str, bytes]:
    """What was decided last about the hold; nothing while it waits."""
    rooms = opened(data)
    choices = [decision.choice.encode() for decision in hold_rows.decisions(rooms.reading)]
    is_held = hold_rows.box_is_held(rooms.reading)
    rooms.close()
    assert is_held == (not choices)
    return {"choice": choices[0]} if choices else {}


AGAIN = Exports(f"{FILES}/trip", "", overwrite=True)
COMMANDS = {
    "restore of all": PressedAgain(spoilt, restore, undo=undo),
    "restore by command": PressedAgain(spoilt, restore_by_command, undo=undo),
    "undo": PressedAgain(restored, undo),
    "copy beside": PressedAgain(lost, beside, undo=undo),
    "import of cards": PressedAgain(before_imports, import_cards, undo=undo_import),
    "import of a tree": PressedAgain(before_imports, import_tree, undo=undo_import),
    "export of a book": PressedAgain(before_exports, Exports(BOOK, ".vcf"), Exports(BOOK, ".vcf").written),
    "export of a folder": PressedAgain(
        before_exports, Exports(f"{FILES}/trip", ""), Exports(f"{FILES}/trip", "").written
    ),
    "export of a person": PressedAgain(before_exports, Exports("anna", ""), Exports("anna", "").written),
    "export as a zip": PressedAgain(
        before_exports, Exports(f"{FILES}/trip", ".zip"), Exports(f"{FILES}/trip", ".zip").written
    ),
    "export over an export": PressedAgain(before_exports, AGAIN, AGAIN.written, ready=AGAIN.ready),
    "sweep": PressedAgain(deleted, sweep, undo=undo_deletion),
    "scrub": PressedAgain(sound_copies, scrub, ready=rot, is_rotten=True),
    "release": PressedAgain(held, release_it, decided),
}
ACTS = {name: Cuttable(each.prepare, each.act, each, each.ready) for name, each in COMMANDS.items()}
