"""`gotgan history`: every kind of scope, since when, how many lines, and both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.household import devices, people, secrets
from appliance.store import objects, spans
from appliance.store.ledger import Author
from tests.cli.calling import Shell
from tests.cli.test_prune import put, served
from tests.store.shelves import TurnedClock

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:A\r\nFN:Kim Minsu\r\n{}END:VCARD\r\n"
WORK = "TEL;TYPE=WORK:02-123-4567\r\n"


@pytest.fixture
def lived_in(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A household in English in which Anna's phone and Mina's Galaxy did something, yesterday and today."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    shell("person", "add", "anna", "--display-name", "Anna Kim")
    shell("person", "add", "mina")
    clock = TurnedClock(datetime.now(UTC) - timedelta(days=1))
    with served(shell, clock) as house:
        database = house.services.ledger.database
        key = secrets.device_key(shell.data, expected=False)
        owners = {each.name: each for each in people.people(database.connection())}
        added = {
            label: devices.add(database, key, owners[owner], label, at=clock.now()).device.id
            for owner, label in (
                ("anna", "Anna's phone"),
                ("mina", "Mina's Galaxy"),
                ("mina", "tablet"),
                ("anna", "tablet"),
            )
        }
        book = (
            database.connection()
            .execute(
                "SELECT resource_id FROM member WHERE collection_id = ? AND name = 'contacts'",
                (owners["anna"].addressbook_home_id,),
            )
            .fetchone()[0]
        )

        def write_card(device: str, owner: str, fields: str) -> None:
            prepared = house.services.blobs.prepare(CARD.format(fields).encode())
            facts = spans.Facts("card", "A", title="Kim Minsu")
            author = Author(owners[owner].id, added[device])
            objects.put(house.services.ledger, author, book, "a.vcf", prepared, facts, check=lambda *_: None)

        write_card("Anna's phone", "anna", WORK)
        put(house, "a.txt", b"one")
        clock.turn(timedelta(hours=23))
        write_card("Mina's Galaxy", "mina", "")
        put(house, "a.txt", b"three")
    return shell


def said(shell: Shell, *arguments: str) -> list[str]:
    """The sentences without their times."""
    answer = shell("history", *arguments)
    assert answer.code == 0, answer.err
    assert all(len(line.split("  ", 1)[0]) == len("2026-11-24 09:00") for line in answer.out.splitlines())
    return [line.split("  ", 1)[1] for line in answer.out.splitlines()]


FILE = ["Household, at the command line, changed the file a.txt (5 bytes, was 3 bytes)",
        "Household, at the command line, added the file a.txt (3 bytes)"]  # fmt: skip
CARDS = [
    "Mina's Galaxy removed the work number of Kim Minsu (02-123-4567)",
    "Anna's phone added the contact Kim Minsu",
]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("addressbooks/anna/contacts/a.vcf", CARDS, id="a-contact"),
        pytest.param("/addressbooks/anna/contacts/", CARDS, id="a-book"),
        pytest.param("files/anna/a.txt", FILE, id="a-file"),
        pytest.param("device:Mina's Galaxy", CARDS[:1], id="a-device-by-label"),
        pytest.param("device:mina's galaxy", CARDS[:1], id="whatever-its-letters"),
        pytest.param("person:mina", CARDS[:1], id="what-a-person-did"),
        pytest.param("addressbooks/mina", ["Anna Kim, at the command line"], id="a-home"),
    ],
)
def test_a_scope_is_told_newest_first(lived_in: Shell, address: str, expected: list[str]) -> None:
    found = said(lived_in, address)
    if address.startswith("addressbooks/mina"):
        assert any("the address book contacts" in line for line in found)
    elif address.endswith("contacts/"):
        assert found[:2] == expected, "what was done to the book itself follows"
    else:
        assert found == expected


@pytest.mark.parametrize("address", ["anna", "", "household"])
def test_a_wider_scope_has_it_all_in_order(lived_in: Shell, address: str) -> None:
    found = said(lived_in, *filter(None, [address]))
    assert found[:4] == [FILE[0], CARDS[0], FILE[1], CARDS[1]]


def test_a_device_can_be_named_by_its_number(lived_in: Shell) -> None:
    listed = lived_in("device", "list", "--json").json
    (galaxy,) = [each["device_id"] for each in listed if each["label"] == "Mina's Galaxy"]
    assert said(lived_in, f"device:{galaxy}") == CARDS[:1]


def test_what_is_gone_still_has_its_history(lived_in: Shell) -> None:
    with served(lived_in, TurnedClock(datetime.now(UTC))) as house:
        reading = house.services.ledger.database.connection()
        book = reading.execute("SELECT collection_id FROM member WHERE name = 'a.vcf'").fetchone()[0]
        objects.delete(house.services.ledger, Author(1, 1), book, "a.vcf", check=lambda *_: None)
    assert said(lived_in, "addressbooks/anna/contacts/a.vcf")[1:] == CARDS


def test_only_what_came_since_a_moment_and_only_so_many_lines(lived_in: Shell) -> None:
    assert said(lived_in, "anna", "--since", "12 hours ago") == [FILE[0], CARDS[0]]
    assert said(lived_in, "anna", "--limit", "1") == [FILE[0]]
    assert said(lived_in, "anna", "--since", "2020-01-01", "--limit", "4")[3] == CARDS[1]
    assert lived_in("history", "anna", "--since", "5 minutes ago").out == "Nothing happened there since then.\n"


def test_a_program_can_read_it(lived_in: Shell) -> None:
    first, *_ = lived_in("history", "addressbooks/anna/contacts/a.vcf", "--json").json
    at = datetime.fromisoformat(first["at"])
    assert timedelta(minutes=55) < datetime.now(UTC) - at < timedelta(minutes=65)
    wanted = ("person", "device", "door", "kind", "name", "what", "sentence", "batch", "fault", "let_go_at")
    assert [first[key] for key in wanted] == [
        "mina", "Mina's Galaxy", "phone", "card", "a.vcf", "field.removed.value", CARDS[0], None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["files/anna/nothing.txt"], 1, "Nothing has ever been at files/anna/nothing.txt."),
        (["device:99"], 1, 'There is no device "99"; gotgan device list shows them.'),
        (["person:nobody"], 1, 'There is nobody called "nobody"; gotgan person list shows everybody.'),
        (["device:tablet"], 2, 'Several devices are called "tablet": device:'),
        (["anna", "--since", "the day before"], 2, '"the day before" is no moment;'),
        (["anna", "--since", "2099-01-01"], 1, "That moment has not come yet."),
    ],
    ids=["no-address", "no-device", "no-person", "two-devices", "no-moment", "the-future"],
)
def test_what_cannot_be_told_is_said_in_a_sentence(
    lived_in: Shell, arguments: list[str], code: int, sentence: str
) -> None:
    answer = lived_in("history", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(sentence)


def test_a_korean_household_reads_korean(shell: Shell) -> None:
    shell("person", "add", "anna")
    with served(shell, TurnedClock(datetime.now(UTC))) as house:
        put(house, "가족.txt", b"one")
    assert said(shell, "files/anna")[0] == "명령줄에서 우리 집이 파일 ‘가족.txt’를 추가했습니다 (3바이트)"
