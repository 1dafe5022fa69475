"""One run: start the servers, fill them alike, go through the rows in turns, end them; `report` says what was measured.

Rounds are interleaved: each row asks server after server, beginning with another one each round, so that a busy
machine hits them alike.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import answers, limits
from tests.bench.answers import Wrong
from tests.bench.figures import Block, Failure, Figure, Outcome, Share, Tally, Target, Unit, figure
from tests.bench.places import Limits, Place, opened
from tests.bench.rows import Row, rows
from tests.bench.servers import SERVERS, Kind, Ours, Server
from tests.bench.wire import BrokenAnswer

LARGE_PIECE_BYTES = 1 << 20
IDLE_S = 1.0
SLOW_AT = 4
"""a block that took so many times its budget is the server's last in that row: one round says enough"""
BROKEN = (Wrong, BrokenAnswer, OSError, RuntimeError)


@dataclass(frozen=True)
class Options:
    """What the command line asked for; `only` empty means every server."""

    folder: Path
    sizes: tuple[int, ...]
    files: int
    large_mib: int
    rounds: int
    budget_s: float
    seed: int
    only: frozenset[str]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Line:
    """One line of the report: what each server came to."""

    key: str
    title: str
    unit: Unit
    outcomes: dict[str, Outcome]
    targets: tuple[Target, ...] = ()
    share: Share | None = None


@dataclass
class Report:
    """All lines, the machine's limits, and who did not take part and why."""

    lines: list[Line] = field(default_factory=list)
    machine: list[tuple[str, Figure]] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    servers: list[str] = field(default_factory=list)


class Run:
    """The servers and places of one run."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.report = Report()
        self.chosen = [row for row in rows() if options.pattern.search(row.key)]
        self.limits = Limits(options.budget_s, options.folder / "large.bin")
        self.servers: list[Server] = []
        self.places: dict[tuple[str, Kind, int], Place] = {}
        self.broken: dict[tuple[str, Kind, int], str] = {}

    def through(self) -> None:
        """Do it all, into `report`; the servers are ended whatever happens."""
        try:
            self._start()
            self._load()
            for row in self.chosen:
                for size in self._sizes(row):
                    self.report.lines.append(self._line(row, size))
            self._afterwards()
        finally:
            for server in self.servers:
                server.stop()
        self._machine()

    # --- before -------------------------------------------------------------------------------------

    def _start(self) -> None:
        for server_type in SERVERS:
            if self.options.only and server_type.name not in self.options.only:
                continue
            if not self._kinds() & set(server_type.kinds):
                continue
            folder = self.options.folder / server_type.name
            folder.mkdir(parents=True)
            server = server_type(folder)
            if absent := server.missing():
                self.report.absent[server.name] = absent
                continue
            server.prepare()
            self.servers.append(server)
        self.report.servers = [server.name for server in self.servers]
        self._each_server("cold", "cold start to the first 207, empty", "s", _cold_start)
        self._memory("memory idle, empty")

    def _load(self) -> None:
        if any(row.key.endswith("-large") for row in self.chosen):
            _write_large(self.limits.large, self.options.large_mib)
        for server in self.servers:
            for kind in sorted(self._kinds() & set(server.kinds)):
                for size in self._loaded_sizes(kind):
                    self._open(server, kind, size)

    def _open(self, server: Server, kind: Kind, size: int) -> None:
        started = time.perf_counter()
        key = (server.name, kind, size)
        try:
            self.places[key] = opened(server, kind, size, self.options.seed, self.limits)
        except BROKEN as error:
            self.broken[key] = f"load: {error}{server.revived()}"
        state = "NOT there" if key in self.broken else "there"
        _say(f"{server.name}: {size:,} {kind} {state} after {time.perf_counter() - started:.1f} s")

    def _kinds(self) -> set[Kind]:
        return {row.kind for row in self.chosen}

    def _loaded_sizes(self, kind: Kind) -> list[int]:
        return sorted({size for row in self.chosen if row.kind == kind for size in self._sizes(row)})

    def _sizes(self, row: Row) -> tuple[int, ...]:
        if row.kind == "files":
            return (self.options.files,)
        return self.options.sizes if row.each else (max(self.options.sizes),)

    # --- the rows -----------------------------------------------------------------------------------

    def _line(self, row: Row, size: int) -> Line:
        tally = Tally()
        able = [each for each in self.servers if row.kind in each.kinds and (each.name == Ours.name or not row.alone)]
        for server in able:
            if reason := self.broken.get((server.name, row.kind, size)):
                tally.failures[server.name] = reason
        for number in range(self.options.rounds):
            for at in range(len(able)):
                server = able[(at + number) % len(able)]
                if server.name not in tally.failures and server.name not in tally.slow:
                    self._block(row, self.places[server.name, row.kind, size], tally)
        moved = self.options.large_mib * LARGE_PIECE_BYTES
        outcomes = {server.name: tally.outcome(server.name, row.unit, moved) for server in able}
        _say(f"{row.key} at {size:,}: {', '.join(f'{name} {_short(one)}' for name, one in outcomes.items())}")
        title = f"{row.kind}: {row.title.format(size=f'{size:,}')}"
        return Line(f"{row.key}-{size}", title, row.unit, outcomes, row.targets, row.share)

    def _block(self, row: Row, place: Place, tally: Tally) -> None:
        started = time.perf_counter()
        try:
            tally.blocks.setdefault(place.server.name, []).append(row.measure(place))
        except BROKEN as error:
            tally.failures[place.server.name] = f"{type(error).__name__}: {error}{place.server.revived()}"
        place.rounds += 1
        if time.perf_counter() - started > SLOW_AT * self.options.budget_s:
            tally.slow.add(place.server.name)

    # --- after --------------------------------------------------------------------------------------

    def _afterwards(self) -> None:
        self._memory("memory idle, after all that")

        def restart(server: Server) -> Figure:
            return figure([_restart(server, self._polled(server)) for _ in range(self.options.rounds)], "s")

        self._each_server("restart", "restart, loaded, to the first ctag", "s", restart, (Target("wall", 1),))

    def _polled(self, server: Server) -> str:
        """Return the address of the server's largest place."""
        mine = [place for (name, _, _), place in self.places.items() if name == server.name]
        return max(mine, key=lambda place: len(place.members)).href if mine else server.home(server.kinds[0])

    def _memory(self, title: str) -> None:
        time.sleep(IDLE_S)
        ended = {server.name: Failure(words) for server in self.servers if (words := server.revived())}
        found = {server.name: server.tree.memory() for server in self.servers if server.name not in ended}
        for word, bound in (("RSS", 120), ("PSS", 100)):
            outcomes: dict[str, Outcome] = {
                name: Figure("MiB", memory.rss_mib if word == "RSS" else memory.pss_mib, None, 1)
                for name, memory in found.items()
            }
            outcomes |= ended
            key = f"{word.lower()}-{title.rpartition(' ')[2]}"
            self.report.lines.append(Line(key, f"{title}, {word}", "MiB", outcomes, (Target("wall", bound),)))

    def _each_server(
        self,
        key: str,
        title: str,
        unit: Unit,
        measure: Callable[[Server], Figure],
        targets: tuple[Target, ...] = (),
    ) -> None:
        outcomes: dict[str, Outcome] = {}
        for server in list(self.servers):
            try:
                outcomes[server.name] = measure(server)
            except BROKEN as error:
                outcomes[server.name] = Failure(str(error))
                if key == "cold":
                    self.servers.remove(server)
        self.report.lines.append(Line(key, title, unit, outcomes, targets))

    def _machine(self) -> None:
        folder, budget_s = self.options.folder / "machine", self.options.budget_s
        folder.mkdir(parents=True)
        measured: list[tuple[str, Unit, Callable[[], Block]]] = [
            (limits.NEW_FILE, "ops/s", lambda: limits.new_files(folder, budget_s)),
            ("the same in 8 threads", "ops/s", lambda: limits.new_files_by_eight(folder, budget_s)),
            ("SQLite insert + commit of 1 KB, WAL, FULL", "ops/s", lambda: limits.commits(folder, budget_s)),
        ]
        if self.limits.large.exists():
            measured.append((limits.COPY, "MB/s", lambda: limits.copy_and_fsync(self.limits.large, folder)))
        for title, unit, measure in measured:
            blocks = [measure() for _ in range(self.options.rounds)]
            self.report.machine.append((title, figure(blocks, unit, self.options.large_mib * LARGE_PIECE_BYTES)))


def _cold_start(server: Server) -> Figure:
    wall_s = server.start()
    server.tree.look()
    return figure([Block([wall_s], _cpu_so_far_s(server), 1)], "s")


def _restart(server: Server, target: str) -> Block:
    server.stop()
    started = time.perf_counter()
    server.start()
    wall_s = server.wait_for_207(target, started, answers.ctag_and_token(target).body)
    return Block([wall_s], _cpu_so_far_s(server), 1)


def _cpu_so_far_s(server: Server) -> float:
    tree = server.tree
    tree.look()
    return tree.cpu_s()


def _write_large(path: Path, mebibytes: int) -> None:
    chance = random.Random(mebibytes)
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(chance.randbytes(LARGE_PIECE_BYTES))


def _short(outcome: Outcome) -> str:
    if isinstance(outcome, Failure):
        return f"FAILS ({outcome.why[:120]})"
    cpu = f" / {outcome.cpu_ms:.3g} ms CPU" if outcome.cpu_ms is not None else ""
    return f"{outcome.wall:.3g} {outcome.unit}{cpu} ({outcome.operations} operations)"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def names_of_servers() -> Sequence[str]:
    """Return the names that `--only` takes."""
    return [server.name for server in SERVERS]
