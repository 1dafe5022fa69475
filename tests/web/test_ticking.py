"""What the house sees of a phone, said: each fault has a sentence and a remedy of its own, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from appliance.household.ticks import Facts, Part, Wrong, ticks
from web import ticking
from web.language import Catalogues

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GIVEN = Facts(
    made_at=NOW - 5 * MINUTE, expires_at=NOW + 10 * MINUTE, opened_at=NOW - 4 * MINUTE, given_at=NOW - 3 * MINUTE
)
SEEN = Facts(
    made_at=NOW - 5 * MINUTE, opened_at=NOW - 4 * MINUTE, given_at=NOW - 3 * MINUTE, first_seen_at=NOW - 2 * MINUTE,
    last_seen_at=NOW - MINUTE, contacts=Part(NOW - MINUTE, 208, NOW - MINUTE, 312),
    events=Part(NOW - MINUTE, 5, NOW, 5),
)  # fmt: skip


def told(facts: Facts, language: str = "en", *, waits: bool = False, secure: bool = False) -> list[ticking.Step]:
    """Return the lines for one reader."""
    app = Flask("web")
    Babel(app, locale_selector=lambda: language)
    with app.test_request_context():
        Catalogues().as_default()
        return ticking.steps(ticks(facts, NOW), user="mina", now=NOW if waits else None, secure=secure)


FAULTS = [
    pytest.param(replace(GIVEN, given_at=None, opened_at=None, expires_at=NOW), id="too-late"),
    pytest.param(replace(GIVEN, given_at=None, opened_at=None, closed_at=NOW), id="ended"),
    pytest.param(replace(GIVEN, wrong=Wrong(NOW, 3, "password")), id="wrong-password"),
    pytest.param(replace(GIVEN, wrong=Wrong(NOW, 1, "user")), id="another's-name"),
    pytest.param(replace(GIVEN, shut_out_at=NOW), id="shut-out"),
    pytest.param(replace(SEEN, ahead_seconds=-540), id="slow-clock"),
    pytest.param(replace(SEEN, ahead_seconds=86_400 * 400), id="fast-clock"),
    pytest.param(replace(SEEN, last_seen_at=NOW - timedelta(days=6)), id="quiet"),
    pytest.param(replace(SEEN, refused=2, refused_at=NOW), id="kept-aside"),
]


@pytest.mark.parametrize("facts", FAULTS)
def test_each_fault_has_a_sentence_and_a_remedy(facts: Facts) -> None:
    (english,) = [step for step in told(facts) if step.state == "fault"]
    (korean,) = [step for step in told(facts, "ko") if step.state == "fault"]
    assert english.says and english.remedy and english.at is not None
    assert korean.says != english.says and korean.remedy != english.remedy


def test_no_two_faults_say_the_same() -> None:
    said = [step.says for facts in FAULTS for step in told(facts.values[0]) if step.state == "fault"]  # type: ignore[arg-type]
    assert len(set(said)) == len(FAULTS)


def test_the_order_never_changes() -> None:
    keys = ["reached", "given", "key", "listed", "contacts", "events"]
    for facts in (Facts(made_at=NOW), GIVEN, SEEN):
        assert [step.key for step in told(facts)] == keys


def test_counts_are_told_as_they_grow() -> None:
    contacts, events = told(SEEN)[4:]
    assert (contacts.state, contacts.count, contacts.total) == ("doing", 208, 312)
    assert (events.says, told(SEEN, "ko")[5].says) == ("5 appointments have arrived", "일정 5개가 들어왔어요")
    nothing = replace(SEEN, contacts=Part(NOW, 0, None, 0))
    assert told(nothing)[4].says == "No contacts yet, and it knows"


def test_a_slow_step_says_what_may_help_only_to_somebody_who_waits() -> None:
    assert told(GIVEN)[2].remedy == ""
    assert "install the profile" in told(GIVEN, waits=True)[2].remedy
    assert "certificate" in told(GIVEN, waits=True, secure=True)[2].remedy
    assert told(replace(GIVEN, given_at=NOW), waits=True)[2].remedy == ""
