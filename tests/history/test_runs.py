"""What one device did over and over is told once, and nothing is lost or told twice for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import to_micros
from appliance.history.folding import Line
from appliance.history.runs import FEWEST, MOST, Run, deed_of, runs
from appliance.store.happened import Event, Refusal
from appliance.store.summaries import BatchSummary

SEOUL = ZoneInfo("Asia/Seoul")
NOON = to_micros(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))  # 12:00 in Seoul
MINUTE = timedelta(minutes=1) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Did:
    """What a row says, as far as it matters here; `ago` in minutes before noon."""

    deed: str
    ago: int = 0
    device_id: int | None = 5
    kind: str = "card"
    collection_id: int = 10
    fault: str | None = None


BEFORE = {"added": None, "changed": 1, "deleted": 1, "set": 1, "moved": 1}
OPS = {"added": "put", "changed": "put", "deleted": "delete", "set": "props", "moved": "move"}


def line(seq: int, did: Did, *, batch: BatchSummary | None = None) -> Line:
    """A line about a resource of its own."""
    known = dict.fromkeys(Event._fields)
    known.update(
        seq=seq, at=NOON - did.ago * MINUTE, op=OPS[did.deed], alive=int(did.deed != "deleted"), resource_id=seq,
        kind=did.kind, collection_id=did.collection_id, name=f"{seq}.vcf", body_seq=seq, device_id=did.device_id,
        was_alive=BEFORE[did.deed], fault=did.fault,
    )  # fmt: skip
    return Line(Event(**known), batch)  # type: ignore[arg-type]


def lines(*did: Did) -> list[Line]:
    return [line(1000 - place, each) for place, each in enumerate(did)]


def told(found: list[Run]) -> list[str]:
    return [f"{run.deed} {len(run.lines)}" if run.deed else "1" for run in found]


MANY = [Did("deleted")] * 5


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(MANY, ["deleted 5"], id="the-same-again"),
        pytest.param([Did("added")] * FEWEST, [f"added {FEWEST}"], id="just-enough"),
        pytest.param([Did("added")] * (FEWEST - 1), ["1"] * (FEWEST - 1), id="too-few"),
        pytest.param([*MANY, *[Did("changed")] * 3], ["deleted 5", "changed 3"], id="another-deed"),
        pytest.param([*MANY, Did("deleted", device_id=6), *MANY], ["deleted 5", "1", "deleted 5"], id="somebody-else"),
        pytest.param([*MANY, *[Did("deleted", kind="event")] * 4], ["deleted 5", "deleted 4"], id="another-kind"),
        pytest.param([*MANY, *[Did("deleted", collection_id=11)] * 4], ["deleted 5", "deleted 4"], id="elsewhere"),
        pytest.param([*MANY, *[Did("deleted", ago=61)] * 4], ["deleted 5", "deleted 4"], id="an-hour-earlier"),
        pytest.param([*MANY, *[Did("deleted", ago=60)] * 4], ["deleted 9"], id="less-than-an-hour-earlier"),
        pytest.param(
            [*[Did("deleted", ago=715)] * 4, *[Did("deleted", ago=725)] * 4], ["deleted 4", "deleted 4"], id="midnight"
        ),
        pytest.param([Did("set")] * 5, ["1"] * 5, id="properties-say-different-things"),
        pytest.param([*MANY[:2], Did("deleted", fault="no FN"), *MANY[:2]], ["1"] * 5, id="a-malformed-one-is-told"),
        pytest.param([Did("moved", kind="file")] * 4, ["moved 4"], id="moved"),
        pytest.param([Did("deleted", kind="mount")] * 4, ["1"] * 4, id="shares"),
        pytest.param([Did("deleted", device_id=None, kind="file")] * 4, ["deleted 4"], id="the-disk"),
        pytest.param([Did("deleted")] * (MOST + 2), [f"deleted {MOST}", "1", "1"], id="more-than-a-page-reads"),
    ],
)  # fmt: skip
def test_lines_become_runs(did: list[Did], expected: list[str]) -> None:
    assert told(list(runs(lines(*did), SEOUL))) == expected


def test_batches_and_refusals_are_told_by_themselves() -> None:
    batch = BatchSummary(1, "import", NOON, 5, "done", None, 4)
    refusal = Line(Refusal(1, NOON, 999, 5, 10, "a.vcf", None, "PUT", 412, "", None, None, 1, None, None, None))
    found = [line(1000, MANY[0], batch=batch), refusal, line(998, MANY[0])]
    assert [deed_of(each) for each in found] == [None, None, "deleted"]
    assert told(list(runs(found, SEOUL))) == ["1", "1", "1"]


def test_an_empty_file_that_was_filled_is_new() -> None:
    filled = line(7, Did("changed", kind="file"))
    event = filled.event
    assert isinstance(event, Event)
    assert deed_of(filled) == "changed"
    assert deed_of(Line(event._replace(was_first=1, was_size=0))) == "added"


DIDS = st.builds(
    Did, st.sampled_from(sorted(OPS)), st.integers(0, 3), st.sampled_from([5, 6, None]),
    st.sampled_from(["card", "file"]), st.integers(10, 11), st.sampled_from([None, None, None, "no FN"]),
)  # fmt: skip


@given(st.lists(DIDS, max_size=60))
def test_nothing_is_lost_nothing_is_told_twice_and_the_order_is_kept(did: list[Did]) -> None:
    given_lines = lines(*sorted(did, key=lambda each: each.ago))
    found = list(runs(given_lines, SEOUL))
    assert [each for run in found for each in run.lines] == given_lines
    for run in found:
        if run.deed is None:
            assert len(run.lines) == 1
        else:
            assert len(run.lines) >= FEWEST
            assert {deed_of(each) for each in run.lines} == {run.deed}
            assert len({(each.event.device_id, each.event.collection_id) for each in run.lines}) == 1
