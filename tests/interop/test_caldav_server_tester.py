"""caldav-server-tester, python-caldav's probe of a server: nothing missing but what `scores.py` names with a reason."""

from __future__ import annotations

import ast
from importlib.metadata import version
from typing import Any

import pytest
from caldav.compatibility_hints import FeatureSet

from tests.interop import scores
from tests.programs import require_program, run
from tests.serving import Device

Findings = dict[str, dict[str, Any]]


@pytest.fixture
def findings(device: Device) -> Findings:
    """Every feature that the suite probed, uncollapsed, with its support level and what it observed."""
    said = run(
        [
            require_program("caldav-server-tester"),
            *("--caldav-url", device.dav_url),
            *("--caldav-username", device.user),
            *("--caldav-password", device.password),
            *("--format", "hints"),  # the only format that does not fold a feature's parts into their parent
        ]
    )
    found: Findings = ast.literal_eval(said.stdout[said.stdout.index("{") :])
    return {name: entry for name, entry in found.items() if _is_promise(name)}


def _is_promise(feature: str) -> bool:
    """Whether a feature is something a server supports or not; the others are observations without a verdict."""
    return bool(FeatureSet.find_feature(feature).get("type", "server-feature") == "server-feature")


def test_nothing_is_missing_but_what_is_out_of_scope(findings: Findings) -> None:
    assert version("caldav-server-tester") == scores.CALDAV_SERVER_TESTER_VERSION
    full = {name for name, entry in findings.items() if entry["support"] == "full"}
    unknown = {name for name, entry in findings.items() if entry["support"] == "unknown"}
    less = findings.keys() - full - unknown
    assert {name: findings[name] for name in less - scores.OUT_OF_SCOPE.keys()} == {}
    assert unknown <= scores.NOT_ASKED.keys()
    assert less == scores.OUT_OF_SCOPE.keys(), "something out of scope works by now: take it off the list"
    assert scores.Score(full=len(full), less=len(less)) == scores.CALDAV_SERVER_TESTER


@pytest.mark.parametrize("neighbour", scores.NEIGHBOURS)
def test_we_score_better_than_our_neighbours(neighbour: str) -> None:
    assert scores.CALDAV_SERVER_TESTER.less < scores.NEIGHBOURS[neighbour].less
    assert scores.CALDAV_SERVER_TESTER.share > scores.NEIGHBOURS[neighbour].share
