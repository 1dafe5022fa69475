"""COMPLIANCE.md, made of the spec marks in `tests/spec/` and of what `tests/spec/gaps.toml` admits.

`python -m tests.compliance` writes it, with `--print` only says what it would hold. Refuses a mark that it cannot read.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SECTION = re.compile(r"^(?P<standard>\S.*?) (?P<number>[0-9A-Z][0-9A-Za-z.]*)$")

TITLES = {
    "Gotgan": "promises of its own",
    "RFC 2426": "vCard 3.0",
    "RFC 2518": "WebDAV, the first edition",
    "RFC 3253": "reports and expand-property",
    "RFC 3744": "access control",
    "RFC 4331": "quota",
    "RFC 4790": "collations",
    "RFC 4791": "CalDAV",
    "RFC 4918": "WebDAV",
    "RFC 5051": "i;unicode-casemap",
    "RFC 5397": "current-user-principal",
    "RFC 5545": "iCalendar",
    "RFC 5689": "extended MKCOL",
    "RFC 5995": "POST to add members",
    "RFC 6350": "vCard 4.0",
    "RFC 6352": "CardDAV",
    "RFC 6578": "sync-collection",
    "RFC 6638": "scheduling",
    "RFC 6764": "discovery",
    "RFC 7617": "Basic authentication",
    "RFC 7809": "time zones by reference",
    "RFC 7986": "properties of calendars",
    "RFC 8144": "Prefer in WebDAV",
    "RFC 9110": "HTTP semantics",
    "RFC 9111": "HTTP caching",
    "RFC 9112": "HTTP/1.1",
}

HEAD = """# Compliance

Made by `make compliance` of the tests that are marked with a section (`@pytest.mark.spec`) and of
`tests/spec/gaps.toml`; a test fails when it is stale. ☑ has a test, which `make test` runs; ☐ is not there, with the
reason.
"""


@dataclass(frozen=True, order=True)
class Claim:
    """What one section of a standard demands. `standard` is `RFC 4918`, `number` is `9.1`."""

    standard: str
    number: str
    words: str


@dataclass
class Collected:
    """A plugin of pytest that gathers the marks of what was collected, and runs nothing."""

    tests: dict[Claim, list[str]] = field(default_factory=lambda: defaultdict(list))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("spec"):
                self.tests[read_claim(*mark.args)].append(item.nodeid)


def read_claim(section: str, words: str) -> Claim:
    """Return the claim of a mark or gap; ValueError when the section is not `STANDARD NUMBER` or nothing is claimed."""
    match = SECTION.match(section)
    if match is None or not words.strip():
        raise ValueError(f"not a section and a claim: {section!r}, {words!r}")
    return Claim(match["standard"], match["number"], words)


def collect() -> dict[Claim, list[str]]:
    """Return the tests of every claim; exits with pytest's own words when the tests cannot be collected."""
    collected = Collected()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-qq", "--rootdir", str(ROOT), str(ROOT / "tests/spec")], [collected])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.exit(said.getvalue())
    return collected.tests


def gaps() -> dict[Claim, str]:
    """Return what is knowingly not there, each with its reason."""
    rows = tomllib.loads((ROOT / "tests/spec/gaps.toml").read_text("utf-8"))["gap"]
    return {read_claim(row["section"], row["claim"]): row["reason"] for row in rows}


def compose(tests: dict[Claim, list[str]], missing: dict[Claim, str]) -> str:
    """Return the text of COMPLIANCE.md."""
    lines = [HEAD]
    by_standard: dict[str, list[Claim]] = defaultdict(list)
    for claim in {*tests, *missing}:
        by_standard[claim.standard].append(claim)
    for standard in sorted(by_standard, key=_natural):
        title = f": {TITLES[standard]}" if standard in TITLES else ""
        lines += [
            f"## {standard}{title}",
            "",
            "| | section | what it demands | test, or why not |",
            "|---|---|---|---|",
        ]
        for claim in sorted(by_standard[standard], key=lambda claim: (_natural(claim.number), claim.words)):
            if claim in tests:
                lines.append(_row("☑", claim, ", ".join(_short(tests[claim]))))
            if claim in missing:
                lines.append(_row("☐", claim, missing[claim]))
        lines.append("")
    return "\n".join(lines)


def _row(box: str, claim: Claim, last: str) -> str:
    return (
        f"| {box} | {claim.number} | {claim.words.replace('|', chr(92) + '|')} | {last.replace('|', chr(92) + '|')} |"
    )


def _short(node_ids: Iterable[str]) -> list[str]:
    """Return each test once: with its parameter when one case stands for the claim, else with their number."""
    cases: dict[str, list[str]] = defaultdict(list)
    for node_id in sorted(node_ids):
        cases[node_id.partition("[")[0]].append(node_id)
    return [f"`{ids[0]}`" if len(ids) == 1 else f"`{name}` ({len(ids)} cases)" for name, ids in sorted(cases.items())]


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", text)]


def main(arguments: list[str]) -> None:
    text = compose(collect(), gaps())
    if arguments == ["--print"]:
        sys.stdout.write(text)
        return
    (ROOT / "COMPLIANCE.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
