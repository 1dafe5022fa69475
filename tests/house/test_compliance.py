"""COMPLIANCE.md is what `make compliance` writes, and says what the marks and gaps say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.compliance import Claim, compose, read_claim
from tests.house.source import ROOT
from tests.serving import PATIENCE_SECONDS


def test_compliance_is_not_stale() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "tests.compliance", "--print"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert (ROOT / "COMPLIANCE.md").read_text("utf-8") == made.stdout, "stale: run make compliance"


def test_sections_are_listed_in_their_order_with_tests_and_gaps() -> None:
    tests = {
        Claim("RFC 4918", "10.2", "Depth is read"): ["tests/a.py::test_b[0]", "tests/a.py::test_b[1]"],
        Claim("RFC 4918", "9.1", "allprop | propname"): ["tests/a.py::test_c[empty]"],
    }
    text = compose(tests, {Claim("RFC 3744", "8.1", "ACL"): "Not needed."})
    rows = [line for line in text.splitlines() if line.startswith(("| ☑", "| ☐", "## "))]
    assert rows == [
        "## RFC 3744: access control",
        "| ☐ | 8.1 | ACL | Not needed. |",
        "## RFC 4918: WebDAV",
        "| ☑ | 9.1 | allprop \\| propname | `tests/a.py::test_c[empty]` |",
        "| ☑ | 10.2 | Depth is read | `tests/a.py::test_b` (2 cases) |",
    ]


@pytest.mark.parametrize(
    ("section", "standard", "number"),
    [("RFC 6578 3.6", "RFC 6578", "3.6"), ("RFC 4918 B", "RFC 4918", "B"), ("WebDAV-Push 1", "WebDAV-Push", "1")],
    ids=["number", "appendix", "no-rfc"],
)
def test_a_section_is_a_standard_and_a_number(section: str, standard: str, number: str) -> None:
    assert read_claim(section, "is claimed") == Claim(standard, number, "is claimed")


@pytest.mark.parametrize(
    ("section", "words"), [("RFC", "x"), ("RFC 4918 9.1", " "), ("", "x")], ids=["short", "mute", "none"]
)
def test_a_mark_that_says_nothing_is_refused(section: str, words: str) -> None:
    with pytest.raises(ValueError, match="not a section and a claim"):
        read_claim(section, words)
