"""The report as Markdown for people and as JSON for programs."""

from __future__ import annotations

from tests.bench.figures import Failure, Figure, Outcome, best, least_cpu_ms, number, times_worse
from tests.bench.run import Line, Report

OURS = "ours"


def markdown(report: Report) -> str:
    """Return the tables: one cell is wall / CPU per operation; the last columns compare ours."""
    names = report.servers
    head = ["row", "unit", *names, *(["ours ÷ best peer: wall", "CPU", "to reach"] if OURS in names else [])]
    parts = [_table([head, *(_cells(line, names) for line in report.lines)])]
    parts.append("wall / CPU ms of the server's processes per operation; medians over all rounds\n")
    machine = [
        ["limit of this machine", "", ""],
        *([title, number(one.wall), one.unit] for title, one in report.machine),
    ]
    parts.append(_table(machine))
    failed = [
        (line, name, one.why)
        for line in report.lines
        for name, one in line.outcomes.items()
        if isinstance(one, Failure)
    ]
    parts += [f"- {name}, {line.title}: FAILS, {why}" for line, name, why in failed]
    parts += _shares(report)
    parts += [f"- {name} took no part: {why}" for name, why in report.absent.items()]
    return "\n".join(parts) + "\n"


def as_json(report: Report) -> dict[str, object]:
    """Return the report as plain values."""
    return {
        "servers": report.servers,
        "absent": report.absent,
        "rows": [
            {"key": line.key, "title": line.title, "unit": line.unit, "outcomes": _plain(line.outcomes)}
            for line in report.lines
        ],
        "machine": [{"title": title, "unit": one.unit, "wall": one.wall} for title, one in report.machine],
    }


def _plain(outcomes: dict[str, Outcome]) -> dict[str, object]:
    return {
        name: {"fails": one.why}
        if isinstance(one, Failure)
        else {"wall": one.wall, "cpu_ms": one.cpu_ms, "operations": one.operations}
        for name, one in outcomes.items()
    }


def _cells(line: Line, names: list[str]) -> list[str]:
    cells = [line.title, line.unit, *(_cell(line.outcomes.get(name)) for name in names)]
    return [*cells, *_compared(line)] if OURS in names else cells


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if isinstance(outcome, Failure):
        return "FAILS"
    cpu = "" if outcome.cpu_ms is None else f" / {number(outcome.cpu_ms)} ms"
    return f"{number(outcome.wall)}{cpu}"


def _compared(line: Line) -> list[str]:
    """Return ours against the best peer, by wall time and by CPU time, and the figures to reach."""
    ours = line.outcomes.get(OURS)
    if not isinstance(ours, Figure):
        return ["", "", "; ".join(target.said(line.unit) for target in line.targets)]
    reach = "; ".join(f"{one.said(line.unit)}: {'yes' if one.reached(ours) else 'NO'}" for one in line.targets)
    peers = [one for name, one in line.outcomes.items() if name != OURS and isinstance(one, Figure)]
    leader, cpu_ms = best(peers), least_cpu_ms(peers)
    wall = f"{number(times_worse(ours, leader))}x" if leader else ""
    cpu = f"{number(ours.cpu_ms / cpu_ms)}x" if cpu_ms and ours.cpu_ms is not None else ""
    return [wall, cpu, reach]


def _shares(report: Report) -> list[str]:
    """Return a sentence for each row of ours that is to reach a share of what the machine can do."""
    machine = dict(report.machine)
    sentences = []
    for line in report.lines:
        ours = line.outcomes.get(OURS)
        if line.share is None or not isinstance(ours, Figure) or line.share.limit not in machine:
            continue
        part = ours.wall / machine[line.share.limit].wall
        verdict = "yes" if part >= line.share.at_least else "NO"
        words = f'{number(part)} of "{line.share.limit}", to reach {line.share.at_least:g}: {verdict}'
        sentences.append(f"- {OURS}, {line.title}: {words}")
    return sentences


def _table(table: list[list[str]]) -> str:
    head, *body = table
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
