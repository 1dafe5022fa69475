"""What a server's processes used: CPU time and memory of the whole tree, from Linux."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MIB = 1024


@dataclass(frozen=True)
class Memory:
    """Resident and proportional memory of a tree, in MiB."""

    rss_mib: float
    pss_mib: float


class ProcessTree:
    """A process and all its descendants, as they are when asked."""

    def __init__(self, root_pid: int) -> None:
        self.root_pid = root_pid
        self.pids = [root_pid]

    def look(self) -> None:
        """Find the descendants anew; call it before a series of `cpu_s`."""
        parents = {pid: parent for pid, parent in map(_pid_and_parent, _numbered()) if pid}
        found = [self.root_pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        self.pids = found

    def cpu_s(self) -> float:
        """Return user and system time of all processes so far, in seconds, those of ended children included.

        The same sum as utime + stime of /proc/PID/stat, but from the process's CPU clock, which counts nanoseconds
        where the other counts ticks of 10 ms. Only ended children (cutime + cstime) come in ticks.
        """
        return sum(_own_cpu_s(pid) + _ended_children_cpu_s(pid) for pid in self.pids)

    def memory(self) -> Memory:
        """Return what the tree holds now."""
        self.look()
        sums = {"Rss": 0, "Pss": 0}
        for pid in self.pids:
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            except OSError:
                continue
            for key in sums:
                sums[key] += parsed_rollup(text)[key]
        return Memory(rss_mib=sums["Rss"] / MIB, pss_mib=sums["Pss"] / MIB)


def parsed_rollup(text: str) -> dict[str, int]:
    """Return the sizes of a smaps_rollup in KiB by name."""
    fields = (line.split() for line in text.splitlines()[1:])
    return {name.rstrip(":"): int(size) for name, size, *_ in fields}


def parsed_stat(text: str) -> list[str]:
    """Return the fields of a /proc/PID/stat that follow the name: state first, parent second (proc(5): 3, 4 …)."""
    return text[text.rindex(")") + 2 :].split()


def _numbered() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Return the fields, or nothing when the process is gone."""
    try:
        return parsed_stat(Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace"))
    except (OSError, ValueError):
        return []


def _pid_and_parent(pid: int) -> tuple[int, int]:
    fields = _stat(pid)
    return (pid, int(fields[1])) if fields else (0, 0)


def _own_cpu_s(pid: int) -> float:
    # The clock of another process's CPU time: clock_getcpuclockid(3) computes it just so.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _ended_children_cpu_s(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / TICKS_PER_S if fields else 0.0
