"""litmus, neon's WebDAV suite: every test of all five of its programs passes (RFC 4918).

`-k` goes on after a failure, so that a broken test does not hide the rest. Each program prints a line a test and a
summary; both are read and must agree. A warning is litmus' word for a broken SHOULD: it fails as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs import require_program, run
from tests.serving import Device

SUITES = {"basic": 16, "copymove": 13, "props": 30, "locks": 41, "http": 4}

# What a warning is let through for, by the name of its test.
EXCUSED = {
    "delete_fragment": (
        "A DELETE whose target carries a fragment. The HTTP parser of granian (hyper) takes the fragment off, as RFC "
        "3986 3.5 lets everybody on the way do, so nothing behind it can know."
    ),
}

SUMMARY = re.compile(
    r"<- summary for `(?P<suite>\w+)': of (?P<run>\d+) tests run: (?P<passed>\d+) passed, (?P<failed>\d+) failed\."
)
LINE = re.compile(
    r"^\s*\d+\. (?P<name>\w+)\.* (?P<verdict>pass|FAIL|SKIPPED|WARNING)(?:[: ](?P<words>.*))?$", re.MULTILINE
)
WARNED = re.compile(r"^-> (?P<count>\d+) warnings? (?:was|were) issued\.$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one program of litmus said."""

    run: int
    passed: int
    failed: int
    unhappy: tuple[str, ...]  # its own lines on everything that is not a plain pass


def read_verdict(said: str, suite: str) -> Verdict:
    """Return the summary of `suite` and each of its lines that is not a plain pass."""
    # A line is rewritten with carriage returns while its test runs: what counts is what stands there in the end.
    shown = "\n".join(line.split("\r")[-1] for line in said.split("\n"))
    found = [match for match in SUMMARY.finditer(shown) if match["suite"] == suite]
    assert len(found) == 1, f"litmus gave no summary for {suite}:\n{said}"
    lines = [match for match in LINE.finditer(shown) if match["verdict"] != "pass"]
    excused = [match for match in lines if match["verdict"] == "WARNING" and match["name"] in EXCUSED]
    warned = sum(int(match["count"]) for match in WARNED.finditer(shown))
    unhappy = tuple(match[0].strip() for match in lines if match not in excused)
    if warned > len(excused):
        unhappy += (f"{warned} warnings were issued",)
    return Verdict(int(found[0]["run"]), int(found[0]["passed"]), int(found[0]["failed"]), unhappy)


@pytest.mark.parametrize("suite", SUITES)
def test_litmus_passes_every_test_without_a_warning(suite: str, device: Device, tmp_path: Path) -> None:
    litmus = require_program("litmus")
    said = run(
        [litmus, "-k", device.files_url, device.user, device.password],
        env={"TESTS": suite},
        cwd=tmp_path,
        succeed=False,
    )
    verdict = read_verdict(said.stdout + said.stderr, suite)
    assert verdict == Verdict(run=SUITES[suite], passed=SUITES[suite], failed=0, unhappy=()), said.stdout
