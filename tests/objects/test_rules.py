"""Rules give what python-dateutil gives, wherever the window lies, and cost milliseconds whatever they say."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrule, rrulestr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from appliance.objects.rule_starts import Budget, BudgetSpent, starts
from appliance.objects.rules import read_rule

FIRST = datetime(2014, 3, 5, 9, 30)  # a Wednesday
WIDE = (datetime(2014, 1, 1), datetime(2019, 1, 1))

RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3;COUNT=7",
    "FREQ=DAILY;BYDAY=MO,WE;COUNT=9",
    "FREQ=DAILY;BYMONTH=1,7",
    "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0,15",
    "FREQ=DAILY;BYMONTHDAY=-1,1",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=TU,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO",
    "FREQ=WEEKLY;INTERVAL=3;COUNT=20;BYDAY=MO,FR",
    "FREQ=WEEKLY;BYMONTH=2;BYDAY=SA",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;INTERVAL=18;COUNT=4;BYMONTHDAY=10,11",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=1,2",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=YEARLY;BYDAY=-1MO",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYWEEKNO=1,53,-1;BYDAY=MO,SU",
    "FREQ=YEARLY;BYWEEKNO=1;BYDAY=SA;WKST=SU",
    "FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    "FREQ=YEARLY;BYDAY=MO;BYSETPOS=2,-2",
    "FREQ=HOURLY;INTERVAL=7;COUNT=50",
    "FREQ=HOURLY;BYHOUR=3,15;BYDAY=MO",
    "FREQ=HOURLY;BYMONTH=4;BYMINUTE=10,50;INTERVAL=5",
    "FREQ=MINUTELY;INTERVAL=90;COUNT=30",
    "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10;BYDAY=WE;BYMONTH=3",
    "FREQ=SECONDLY;INTERVAL=3601;COUNT=30",
]


@pytest.mark.parametrize("written", RULES)
def test_a_rule_gives_what_dateutil_gives(written: str) -> None:
    assert ours(written, FIRST, WIDE) == truth(written, FIRST, WIDE)


@pytest.mark.parametrize("written", [rule for rule in RULES if "COUNT" not in rule])
def test_a_window_far_from_the_start_gives_the_same(written: str) -> None:
    window = (datetime(2017, 2, 11, 9, 30), datetime(2017, 11, 2))
    assert ours(written, FIRST, window) == truth(written, FIRST, window)


FREQ = st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
MORE = {
    "INTERVAL": st.integers(1, 9).map(str),
    "BYHOUR": st.sampled_from(["0", "7,23"]),
    "WKST": st.sampled_from(["MO", "SU"]),
}
# parts that never match together are left out here: dateutil looks for them until the year 9999
DAYS = st.sampled_from(["MO", "SU", "TU,TH", "SA,SU", "MO,TU,WE,TH,FR"])
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=3).map(lambda n: ",".join(map(str, n)))
FIELDS = st.one_of(
    st.fixed_dictionaries({"FREQ": FREQ}, optional={**MORE, "BYMONTH": MONTHS, "BYDAY": DAYS}),
    st.fixed_dictionaries({"FREQ": FREQ, "BYMONTHDAY": st.sampled_from(["1", "-1", "10,20"])}, optional=MORE),
    st.fixed_dictionaries({"FREQ": st.just("YEARLY"), "BYYEARDAY": st.sampled_from(["1", "-1", "60,61"])}),
)
COUNTED = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["MONTHLY", "WEEKLY", "DAILY", "HOURLY"]), "COUNT": st.integers(1, 40).map(str)},
    optional={"INTERVAL": st.integers(1, 5).map(str), "BYDAY": st.sampled_from(["MO", "SU", "TU,TH", "SA,SU"])},
)


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])  # dateutil shrinks too slowly
@given(FIELDS | COUNTED, st.datetimes(datetime(2010, 1, 1), datetime(2016, 12, 31)), st.integers(0, 900))
def test_generated_rules_give_what_dateutil_gives(fields: dict[str, str], first: datetime, offset: int) -> None:
    first = first.replace(microsecond=0, fold=0)
    written = ";".join(f"{name}={value}" for name, value in fields.items())
    begin = first + timedelta(days=offset)
    window = (begin, begin + timedelta(days=60))
    assert ours(written, first, window) == truth(written, first, window)


def ours(written: str, first: datetime, window: tuple[datetime, datetime], steps: int = 100_000) -> list[datetime]:
    rule = read_rule(written)
    assert rule is not None
    return list(starts(rule, first, None, window, Budget(steps)))


def truth(written: str, first: datetime, window: tuple[datetime, datetime]) -> list[datetime]:
    """dateutil's list; UNTIL keeps it from searching 8,000 years for what never comes."""
    rule = rrulestr(written, dtstart=first)
    assert isinstance(rule, rrule)
    found = []
    for start in rule if "COUNT" in written else rule.replace(until=window[1]):
        if start > window[1]:
            break
        if start >= window[0]:
            found.append(start)
    return found


@pytest.mark.parametrize(
    "written",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=1;BYMINUTE=1;BYSECOND=1;BYMONTHDAY=31;BYMONTH=4",
        "FREQ=MINUTELY;BYSETPOS=9",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30;COUNT=100000000",
        "FREQ=SECONDLY;COUNT=999999999;BYDAY=MO",
    ],
)
def test_a_hostile_rule_costs_milliseconds(written: str) -> None:
    rule = read_rule(written)
    assert rule is not None
    began = time.process_time()
    with suppress(BudgetSpent):
        found = list(islice(starts(rule, FIRST, None, (datetime(2026, 1, 1), datetime.max), Budget()), 100_000))
        assert found == []
    assert time.process_time() - began < 0.5


def test_a_plain_count_needs_no_counting() -> None:
    window = (datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 5))
    rule = read_rule("FREQ=SECONDLY;COUNT=999999999")
    assert rule is not None
    budget = Budget()
    assert len(list(starts(rule, FIRST, None, window, budget))) == 6
    assert budget.left > 9_900


def test_the_ends_of_time_are_no_trouble() -> None:
    late = datetime(9999, 12, 30, 12)
    for written in ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=FR,SA", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=HOURLY;BYHOUR=3"):
        found = ours(written, late, (late, datetime.max))
        assert all(start >= late for start in found)
    for freq in ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        for interval in (9_999_999, 99_999_999, 999_999_999):
            for count in ("", ";COUNT=999999999"):
                written = f"FREQ={freq};INTERVAL={interval}{count}"
                found = ours(written, FIRST, (FIRST, FIRST + timedelta(days=10)))
                assert found[0] == FIRST and found == sorted(found)
                assert FIRST not in ours(written, FIRST, (FIRST + timedelta(days=1), datetime.max))
    early = datetime(1, 1, 1)
    assert ours("FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO", early, (early, datetime(1, 1, 8)))[0] == early
    assert ours("FREQ=YEARLY;BYWEEKNO=1", early, (early, datetime(1, 1, 8)))


@pytest.mark.parametrize(
    "written",
    ["", "FREQ=FORTNIGHTLY", "INTERVAL=1", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;BYDAY=XX",
     "FREQ=DAILY;INTERVAL=99999999999999999999", "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=DAILY;BYMONTHDAY=0"],
)  # fmt: skip
def test_what_cannot_be_read_is_no_rule(written: str) -> None:
    assert read_rule(written) is None


@given(st.text(alphabet="FREQ=DAILY;COUNTBHM0123456789-,+ \uff11", max_size=60))
def test_reading_a_rule_never_raises(written: str) -> None:
    read_rule(written)
    read_rule("FREQ=DAILY;" + written)
