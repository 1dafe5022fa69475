"""The answers of the first visit, until the last one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appliance.household.drafts import KEPT_FOR, MOST_KEPT, Draft, Drafts

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DRAFT = Draft("2345-6789", "ko", "Asia/Seoul", admin="민아", password="가나다 raindrop 7")


def test_a_draft_belongs_to_one_visit() -> None:
    drafts = Drafts()
    drafts.keep("mina's browser", DRAFT, at=NOW)
    assert drafts.of("mina's browser", at=NOW) == DRAFT
    assert drafts.of("another", at=NOW) is None
    drafts.forget("mina's browser")
    assert drafts.of("mina's browser", at=NOW) is None
    drafts.forget("mina's browser")


def test_it_is_forgotten_after_two_hours_and_when_the_clock_was_set_back() -> None:
    drafts = Drafts()
    drafts.keep("mina", DRAFT, at=NOW)
    assert drafts.of("mina", at=NOW + KEPT_FOR - timedelta(seconds=1)) == DRAFT
    assert drafts.of("mina", at=NOW + KEPT_FOR) is None
    assert drafts.of("mina", at=NOW - timedelta(seconds=1)) is None


def test_only_so_many_are_kept_and_the_oldest_leaves() -> None:
    drafts = Drafts()
    for number in range(MOST_KEPT + 1):
        drafts.keep(f"visit {number}", DRAFT, at=NOW)
    assert drafts.of("visit 0", at=NOW) is None
    assert drafts.of("visit 1", at=NOW) == DRAFT
    assert drafts.of(f"visit {MOST_KEPT}", at=NOW) == DRAFT


def test_no_draft_tells_its_secrets() -> None:
    assert "raindrop" not in repr(DRAFT) and "2345" not in repr(DRAFT)
