"""A preview says what becomes of each thing, whose work is taken back with it, and because of whom something stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.history.actors import Actor, who
from appliance.history.phrases import sentence
from appliance.history.plan_texts import from_json, to_json
from appliance.history.plans import Plan
from appliance.history.preview_words import Speaker
from appliance.history.previews import Foreseer, Line, Preview
from appliance.history.taking_back import PLACE, Pile, Reason
from tests.history.rooms import PHONE, TABLET, Rooms, card
from tests.store.shelves import quick_folder

BOOK, FILES = "addressbooks/anna/contacts", "files/anna"
ACTORS = {
    PHONE: Actor(PHONE, "Anna's Galaxy", "phone", "anna", "Anna Kim"),
    TABLET: Actor(TABLET, "iPad", "phone", "dad", "Dad"),
}
SPEAKER = Speaker(ACTORS.get, ZoneInfo("Asia/Seoul"))


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """A house in which Anna's Galaxy wrote a little before the moment in question."""
    with quick_folder() as data:
        house = Rooms(data)
        house.put(f"{BOOK}/u.vcf", card("Minsu", tel="1", note="school")).put(f"{FILES}/a.txt", b"was")
        house.make(f"{FILES}/trip").put(f"{FILES}/trip/b.txt", b"b")
        yield house
        house.close()


def preview(rooms: Rooms, plan: Plan) -> Preview:
    return Foreseer(rooms.reading, rooms.house.bodies).preview(plan)


def rewound(rooms: Rooms, since: int, device: int = PHONE) -> Preview:
    return preview(rooms, rooms.planner.rewind(device, since))


def said(line: Line, language: str = "en") -> str:
    return sentence(SPEAKER.line(line), language)


def change_fields(rooms: Rooms) -> None:
    rooms.put(f"{BOOK}/u.vcf", card("Minsu", tel="2", email="m@a.kr"))


def delete_card(rooms: Rooms) -> None:
    rooms.delete(f"{BOOK}/u.vcf")


def add_card(rooms: Rooms) -> None:
    rooms.put(f"{BOOK}/new.vcf", card("New"))


def rewrite_file(rooms: Rooms) -> None:
    rooms.put(f"{FILES}/a.txt", b"another" * 200)


def move_file(rooms: Rooms) -> None:
    rooms.move(f"{FILES}/trip/b.txt", f"{FILES}/b.txt")


def rename_file(rooms: Rooms) -> None:
    rooms.move(f"{FILES}/a.txt", f"{FILES}/c.txt")


def set_property(rooms: Rooms) -> None:
    rooms.set(f"{FILES}/a.txt", "stars", "3")


ON = "24 November 2026, 18:00"
SAID: dict[str, tuple[Callable[[Rooms], None], str, str]] = {
    "fields": (
        change_fields,
        (
            "The contact Minsu changes: the number from 2 to 1, the mail address goes (m@a.kr) and the note comes back"
            f" (school) (Anna's Galaxy changed it on {ON})"
        ),
        (
            "연락처 ‘Minsu’가 바뀝니다: 전화번호 2 → 1, 메일 주소 없어짐 (m@a.kr), 메모 돌아옴 (school)"
            " (2026년 11월 24일 18:00에 Anna's Galaxy가 변경했습니다)"
        ),
    ),
    "a-deletion": (
        delete_card,
        f"The contact Minsu comes back (Anna's Galaxy deleted it on {ON})",
        "연락처 ‘Minsu’가 돌아옵니다 (2026년 11월 24일 18:00에 Anna's Galaxy가 삭제했습니다)",
    ),
    "what-came": (
        add_card,
        f"The contact New disappears and can be brought back (Anna's Galaxy added it on {ON})",
        "연락처 ‘New’가 사라지고, 다시 되찾을 수 있습니다 (2026년 11월 24일 18:00에 Anna's Galaxy가 추가했습니다)",
    ),
    "a-file": (
        rewrite_file,
        f"The file a.txt changes: its former content (3 bytes, now 1.4 KB) (Anna's Galaxy changed it on {ON})",
        (
            "파일 ‘a.txt’가 바뀝니다: 예전 내용 (3바이트, 지금 1.4 KB)"
            " (2026년 11월 24일 18:00에 Anna's Galaxy가 변경했습니다)"
        ),
    ),
    "a-move": (
        move_file,
        f"The file b.txt changes: from files/anna back to files/anna/trip (Anna's Galaxy moved it on {ON})",
        (
            "파일 ‘b.txt’가 바뀝니다: files/anna → files/anna/trip 다시 이동"
            " (2026년 11월 24일 18:00에 Anna's Galaxy가 이동했습니다)"
        ),
    ),
    "a-new-name": (
        rename_file,
        f"The file a.txt changes: called a.txt again instead of c.txt (Anna's Galaxy renamed it on {ON})",
        (
            "파일 ‘a.txt’가 바뀝니다: 이름 ‘c.txt’ → 다시 ‘a.txt’"
            " (2026년 11월 24일 18:00에 Anna's Galaxy가 이름 변경했습니다)"
        ),
    ),
    "a-property": (
        set_property,
        f"The file a.txt changes: a property as before (Anna's Galaxy changed it on {ON})",
        "파일 ‘a.txt’가 바뀝니다: 속성 예전대로 (2026년 11월 24일 18:00에 Anna's Galaxy가 변경했습니다)",
    ),
}


@pytest.mark.parametrize(("act", "english", "korean"), SAID.values(), ids=SAID.keys())
def test_a_line_says_what_becomes_of_a_thing_and_whose_work_it_was(
    rooms: Rooms, act: Callable[[Rooms], None], english: str, korean: str
) -> None:
    since = rooms.seq
    act(rooms)
    (line,) = rewound(rooms, since).lines
    assert said(line) == english
    assert said(line, "ko") == korean


def test_what_others_changed_later_is_kept_and_told_with_them(rooms: Rooms) -> None:
    since = rooms.seq
    rooms.put(f"{BOOK}/u.vcf", card("Minsu", tel="2", note="school"))
    rooms.put(f"{FILES}/a.txt", b"mine").put(f"{FILES}/new.txt", b"x")
    rooms.clock.turn(timedelta(hours=1))
    rooms.put(f"{BOOK}/u.vcf", card("Minsu", tel="3", note="school"), TABLET)
    rooms.delete(f"{FILES}/a.txt", TABLET)
    rooms.put(f"{FILES}/new.txt", b"went on", TABLET)
    found = {line.name: line for line in rewound(rooms, since).lines}
    assert {name: (line.pile, line.reason) for name, line in found.items()} == {
        "Minsu": (Pile.CHOOSE, Reason.CHANGED_LATER),
        "a.txt": (Pile.KEEP, Reason.ENDED_LATER),
        "new.txt": (Pile.KEEP, Reason.WENT_ON),
    }
    assert {name: line.later.device_id for name, line in found.items() if line.later is not None} == dict.fromkeys(
        found, TABLET
    )
    assert said(found["Minsu"]) == (
        "The contact Minsu is kept unless you choose otherwise"
        " (both changed the number; Dad's iPad changed it later, on 24 November 2026, 19:00)"
    )
    assert said(found["a.txt"]) == ("The file a.txt is kept (Dad's iPad deleted it later, on 24 November 2026, 19:00)")
    (contested,) = found["Minsu"].contested
    assert contested.was is not None and contested.now is not None
    assert (contested.was.shown, contested.now.shown) == ("3", "1")


def test_a_place_that_both_chose_is_told_as_a_choice(rooms: Rooms) -> None:
    since = rooms.seq
    rooms.move(f"{FILES}/a.txt", f"{FILES}/trip/a.txt").move(f"{FILES}/trip/a.txt", f"{FILES}/mine.txt", TABLET)
    (line,) = rewound(rooms, since).lines
    assert line.conflicts == (PLACE,)
    assert "both changed where it is; Dad's iPad" in said(line)


def test_counts_say_why_something_is_kept_and_that_nothing_disappears(rooms: Rooms) -> None:
    since = rooms.seq
    delete_card(rooms)
    rooms.put(f"{FILES}/a.txt", b"mine").delete(f"{FILES}/a.txt", TABLET)
    counts = rewound(rooms, since).counts
    assert sentence(SPEAKER.counts(counts), "en") == (
        "1 comes back, 1 is kept as it is because Dad's iPad deleted it later and 0 disappear."
    )
    assert (
        sentence(SPEAKER.counts(counts), "ko")
        == "1개가 돌아오고, Dad의 iPad가 나중에 지운 1개는 그대로 두고, 0개가 사라집니다."
    )
    nothing = rewound(rooms, rooms.seq).counts
    assert sentence(SPEAKER.counts(nothing), "en") == "Nothing is different: nothing changes."


def test_an_address_book_comes_back_with_what_is_in_it(rooms: Rooms) -> None:
    """A plan said that one comes back, and nothing of the 41 events in the calendar."""
    rooms.put(f"{BOOK}/v.vcf", card("v"))
    since = rooms.seq
    rooms.delete(BOOK)
    (line,) = rewound(rooms, since).lines
    assert said(line).startswith("The address book Contacts comes back with 2 entries (Anna's Galaxy deleted it")
    assert said(line, "ko").startswith("주소록 ‘Contacts’가 돌아옵니다 (항목 2개 포함) (2026년")


def test_one_thing_that_changes_is_no_plural(rooms: Rooms) -> None:
    since = rooms.seq
    change_fields(rooms)
    assert sentence(SPEAKER.counts(rewound(rooms, since).counts), "en") == "1 is changed and 0 disappear."


def test_what_was_taken_back_already_is_nobodys_work_any_more(rooms: Rooms) -> None:
    since = rooms.seq
    rooms.put(f"{BOOK}/u.vcf", card("Minsu", tel="2", note="school"))
    receipt = rooms.apply(rooms.planner.rewind(PHONE, since), "rewind")
    rooms.undo(receipt.batch_id)
    (line,) = rewound(rooms, since).lines
    assert [deed.device_id for deed in line.undone] == [PHONE]


def test_a_page_of_a_preview_is_told_with_all_counts(rooms: Rooms) -> None:
    since = rooms.seq
    for number in range(7):
        rooms.put(f"{FILES}/{number}.txt", b"x")
    plan = rooms.planner.rewind(PHONE, since)
    page = Foreseer(rooms.reading, rooms.house.bodies).preview(plan, first=5, most=2)
    every = preview(rooms, plan)
    assert (page.lines, page.more, page.counts) == (every.lines[5:], 5, every.counts)


def test_a_plan_that_was_read_back_is_told_without_who_did_what(rooms: Rooms) -> None:
    since = rooms.seq
    change_fields(rooms)
    plan = rooms.planner.rewind(PHONE, since)
    (line,) = preview(rooms, from_json(to_json(plan))).lines
    (known,) = preview(rooms, plan).lines
    assert (line.undone, line.name, line.fields) == ((), known.name, known.fields)


def test_a_body_that_is_not_kept_any_more_is_said(rooms: Rooms) -> None:
    line = Line(Pile.KEEP, "file", 1, "a.txt", "files/anna/a.txt", reason=Reason.NOT_KEPT)
    assert said(line) == "The file a.txt is kept (its content is not kept any more)"


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_has_words(reason: Reason, language: str) -> None:
    line = Line(Pile.KEEP, "card", 1, "Minsu", "addressbooks/anna/contacts/u.vcf", reason=reason)
    assert "(" in said(line, language)


@pytest.mark.parametrize(
    ("label", "person", "shown"),
    [
        ("Mina's Galaxy", "Mina", "Mina's Galaxy"),
        ("iPad", "Dad", "Dad's iPad"),
        ("Joanna", "Anna", "Anna's Joanna"),
        ("민아 갤럭시", "김민아", "민아 갤럭시"),
        ("엄마폰", "김민아", "김민아's 엄마폰"),
        ("Phone of Anna", "Anna Kim", "Phone of Anna"),
    ],
)
def test_a_device_is_named_with_its_person_unless_its_label_says_whose_it_is(
    label: str, person: str, shown: str
) -> None:
    assert sentence(who(7, Actor(7, label, "phone", "someone", person)), "en") == shown
