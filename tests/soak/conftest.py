"""One table at the end of the run: proof, size, and what was seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Note = Callable[[str, str, str], None]
ROWS = pytest.StashKey[list[tuple[str, str, str]]]()
TITLES = ("proof", "size", "what was seen")
PROPERTY = "noted"  # of a report: how a row comes from the process that ran the test


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """What takes down one row: proof, size, what was seen."""
    noted = request.node.user_properties
    return lambda proof, size, seen: noted.append((PROPERTY, [proof, size, seen]))


def _row(noted: object) -> tuple[str, str, str]:
    assert isinstance(noted, list)
    proof, size, seen = noted
    return proof, size, seen


class _Listener:
    def __init__(self, config: pytest.Config) -> None:
        self._rows = config.stash.setdefault(ROWS, [])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":  # it carries what all three steps have noted
            self._rows += [_row(noted) for name, noted in report.user_properties if name == PROPERTY]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Listener(config))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.stash.get(ROWS, []):
        return
    noted = config.stash[ROWS]
    rows = sorted(noted, key=lambda row: row[0])  # stable: sizes stay in their order
    widths = [max(len(row[column]) for row in (TITLES, *rows)) for column in range(2)]
    terminalreporter.section("soak")
    for proof, size, seen in (TITLES, tuple("-" * len(title) for title in TITLES), *rows):
        terminalreporter.write_line(f"{proof:{widths[0]}} | {size:{widths[1]}} | {seen}")
