"""How often and how long before, in words of both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from appliance.objects.alarms import Alarm
from appliance.objects.rules import read_rule
from appliance.objects.values import read_duration
from web.language import Catalogues
from web.repeats import reminded, repeated


@pytest.fixture(params=["en", "ko"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """A request of somebody who speaks one of the languages."""
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: request.param)
    catalogues = Catalogues()
    with app.test_request_context():
        catalogues.as_default()
        yield request.param


RULES = [
    ("FREQ=DAILY", "every day", "매일"),
    ("FREQ=WEEKLY;BYDAY=WE,MO", "every week on Monday, Wednesday", "매주 월요일, 수요일"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every workday", "평일마다"),
    ("FREQ=WEEKLY;INTERVAL=2", "every 2 weeks", "2주마다"),
    ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday", "매월 둘째 화요일"),
    ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "every month on the last Friday", "매월 마지막 금요일"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "every month on day 15, the last day", "매월 15일, 마지막 날"),
    (
        "FREQ=YEARLY;BYMONTH=11;BYDAY=3TH", "every year on the third Thursday of November",
        "매년 11월 셋째 목요일",
    ),
    ("FREQ=DAILY;COUNT=10", "every day, 10 times", "매일, 10번"),
    ("FREQ=WEEKLY;UNTIL=20261231T000000Z", "every week, until 31 December 2026", "매주, 2026년 12월 31일까지"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "english", "korean"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_is_said_as_people_say_it(spoken: str, written: str, english: str, korean: str) -> None:
    rule = read_rule(written)
    assert rule is not None
    assert repeated([rule], spoken) == {"en": english, "ko": korean}[spoken]


ALARMS = [
    ("-PT15M", False, "15 minutes before", "15분 전"),
    ("-P1D", False, "1 day before", "1일 전"),
    ("-PT90M", False, "90 minutes before", "90분 전"),
    ("PT0S", False, "when it begins", "시작할 때"),
    ("PT0S", True, "when it ends", "끝날 때"),
    ("-PT5M", True, "5 minutes before it ends", "끝나기 5분 전"),
    ("PT10M", False, "10 minutes after it began", "시작하고 10분 뒤"),
]


@pytest.mark.parametrize(("written", "from_end", "english", "korean"), ALARMS, ids=[f"{a[0]}-{a[1]}" for a in ALARMS])
def test_a_reminder_is_said_by_what_it_goes_by(
    spoken: str, written: str, from_end: bool, english: str, korean: str
) -> None:
    offset = read_duration(written)
    assert offset is not None
    alarm = Alarm(None, offset, from_end, 0, 0)
    assert reminded(alarm, spoken) == {"en": english, "ko": korean}[spoken]
