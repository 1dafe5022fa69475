"""One table at the end of the run: proof, size, and what was seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Note = Callable[[str, str, str], None]
ROWS = pytest.StashKey[list[tuple[str, str, str]]]()
TITLES = ("proof", "size", "what was seen")


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Note:
    """What takes down one row: proof, size, what was seen."""
    rows = pytestconfig.stash.setdefault(ROWS, [])
    return lambda proof, size, seen: rows.append((proof, size, seen))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if ROWS not in config.stash:
        return
    noted = config.stash[ROWS]
    rows = sorted(noted, key=lambda row: row[0])  # stable: sizes stay in their order
    widths = [max(len(row[column]) for row in (TITLES, *rows)) for column in range(2)]
    terminalreporter.section("soak")
    for proof, size, seen in (TITLES, tuple("-" * len(title) for title in TITLES), *rows):
        terminalreporter.write_line(f"{proof:{widths[0]}} | {size:{widths[1]}} | {seen}")
