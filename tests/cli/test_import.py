"""`gotgan import` of contacts and events: new, changed, same, broken, twice, cut off, and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.store.database import Database
from tests.cli.calling import Said, Shell

BOOK = "addressbooks/anna/contacts"
CALENDAR = "calendars/anna/calendar"


def card(uid: str, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{uid}", *lines, "END:VCARD", ""])


def calendar(*events: str, head: str = "") -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{head}{''.join(events)}END:VCALENDAR\r\n"


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTART:20261124T090000Z", *lines, "END:VEVENT", ""])


@pytest.fixture
def anna(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A household with Anna in it."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    shell("person", "add", "anna")
    return shell


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.vcf"


def bring(shell: Shell, source: Path, *words: str, into: str = BOOK) -> Any:  # noqa: ANN401 - a report
    said = shell("import", str(source), "--into", into, "--json", *words)
    return json.loads(said.out) | {"code": said.code}


def counts(report: Any) -> dict[str, int]:  # noqa: ANN401 - a report
    return {verdict: number for verdict, number in report["counts"].items() if number}


def bodies(shell: Shell, address: str = BOOK) -> dict[str, str]:
    """The octets of every member as they are."""
    listed: Said = shell("show", address, "--at", "now", "--json")
    return {row["name"]: _shown(shell, f"{address}/{row['name']}") for row in listed.json}


def _shown(shell: Shell, address: str) -> str:
    database = Database(shell.data / "gotgan.db")
    try:
        row = database.connection().execute(
            "SELECT c.body FROM member m JOIN content c ON c.id = m.content_id WHERE m.name = ?",
            (address.rpartition("/")[2],),
        )
        return bytes(row.fetchone()["body"]).decode()
    finally:
        database.close()


def test_new_changed_and_same_are_told_apart_and_taken_back(anna: Shell, file: Path) -> None:
    file.write_text(card("a") + card("b", "TEL:1") + card("c"), newline="")
    first = bring(anna, file)
    assert (counts(first), first["code"]) == ({"new": 3}, 0)
    assert bodies(anna)["b.vcf"] == card("b", "TEL:1")
    assert anna("undo", str(first["batch"])).code == 0
    assert bodies(anna) == {}
    first = bring(anna, file)
    assert counts(first) == {"new": 3}

    shuffled = card("a", "REV:20260101T000000Z").replace("FN:a", "fn:a")
    file.write_text(shuffled + card("b", "TEL:2") + card("c") + card("d"), newline="")
    planned = bring(anna, file, "--dry-run")
    assert counts(planned) == {"new": 1, "changed": 1, "same": 2}
    assert bodies(anna)["b.vcf"] == card("b", "TEL:1")
    second = bring(anna, file)
    assert counts(second) == counts(planned)
    assert [(one["title"], one["line"]) for one in second["entries"]] == [("b", 7)]
    assert bodies(anna) == {
        "a.vcf": card("a"), "b.vcf": card("b", "TEL:2"), "c.vcf": card("c"), "d.vcf": card("d")
    }  # fmt: skip

    again = bring(anna, file)
    assert (counts(again), again["batch"]) == ({"same": 4}, None)
    assert anna("undo", str(second["batch"])).code == 0
    assert bodies(anna) == {"a.vcf": card("a"), "b.vcf": card("b", "TEL:1"), "c.vcf": card("c")}


def test_what_is_there_may_stay_or_only_gain(anna: Shell, file: Path) -> None:
    file.write_text(card("a", "TEL;TYPE=HOME:1", "NOTE:mine", "X-ODD:stays  "), newline="")
    bring(anna, file)
    before = bodies(anna)
    file.write_text(card("a", "TEL;TYPE=CELL:2", "NOTE:theirs"), newline="")
    kept = bring(anna, file, "--keep-existing")
    assert (counts(kept), bodies(anna)) == ({"kept": 1}, before)
    merged = bring(anna, file, "--merge")
    assert counts(merged) == {"merged": 1}
    assert merged["entries"][0]["staying"] == ["note"]
    assert bodies(anna)["a.vcf"] == before["a.vcf"].replace("NOTE:mine", "TEL;TYPE=CELL:2\r\nNOTE:mine")
    assert counts(bring(anna, file, "--merge")) == {"kept": 1}


def test_events_gain_dates_and_alarms(anna: Shell, file: Path) -> None:
    file.write_text(calendar(event("a", "SUMMARY:tea", "RRULE:FREQ=DAILY;COUNT=5")), newline="")
    bring(anna, file, into=CALENDAR)
    changed = event("a", "RECURRENCE-ID:20261125T090000Z", "SUMMARY:coffee")
    told = event("a", "SUMMARY:other", "RRULE:FREQ=DAILY;COUNT=5", "LOCATION:home")
    file.write_text(calendar(told, changed), newline="")
    merged = bring(anna, file, "--merge", into=CALENDAR)
    assert merged["entries"][0]["staying"] == ["event/summary"]
    (body,) = bodies(anna, CALENDAR).values()
    assert "SUMMARY:tea" in body and "LOCATION:home" in body and "SUMMARY:coffee" in body
    assert "other" not in body


def test_what_is_broken_is_told_line_by_line_and_the_rest_comes(anna: Shell, file: Path) -> None:
    cut_off = card("b").replace("END:VCARD\r\n", "")
    file.write_text(f"{card('a')}{cut_off}{card('c')}", newline="")
    report = bring(anna, file)
    assert (counts(report), report["code"]) == ({"new": 2}, 1)
    assert [(one["where"], one["line"]) for one in report["left_out"]["entries"]] == [("export.vcf", 6)]
    said = anna("import", str(file), "--into", BOOK)
    assert "left out: export.vcf, line 6: The contact that begins here has no END:VCARD" in said.out
    assert said.err == "1 could not be imported; the rest was.\n"


def test_a_task_does_not_come_into_a_calendar_of_events(anna: Shell, file: Path) -> None:
    task = event("t", "SUMMARY:wash").replace("VEVENT", "VTODO")
    file.write_text(calendar(event("a"), task), newline="")
    report = bring(anna, file, into=CALENDAR)
    assert counts(report) == {"new": 1}
    assert report["left_out"]["entries"][0]["reason"] == "This calendar does not keep VTODO."
    assert counts(bring(anna, file, into="calendars/anna/tasks")) == {"new": 1}


def test_a_folder_of_files_comes_as_one_batch(anna: Shell, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / "in" / str(number)).mkdir(parents=True)
        (tmp_path / "in" / str(number) / "a.VCF").write_text(card(f"u{number}"), newline="")
    (tmp_path / "in" / "notes.txt").write_text("none")
    report = bring(anna, tmp_path / "in")
    assert counts(report) == {"new": 3}
    assert anna("undo", str(report["batch"])).code == 0
    assert bodies(anna) == {}


@pytest.mark.parametrize(
    ("content", "into", "sentence"),
    [
        pytest.param("", BOOK, "There is no contact in", id="empty"),
        pytest.param(card("a"), "addressbooks/anna/nowhere", "There is no collection at", id="nowhere"),
        pytest.param(card("a"), "addressbooks/nobody/contacts", "There is nobody called nobody", id="nobody"),
    ],
)
def test_what_cannot_be_imported_is_said(anna: Shell, file: Path, content: str, into: str, sentence: str) -> None:
    file.write_text(content)
    said = anna("import", str(file), "--into", into)
    assert said.code == 1
    assert sentence in said.err
    assert anna("undo").out == "There is no batch yet.\n"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["a.vcf", "--into", "contacts"], id="no-address"),
        pytest.param(["a.vcf", "--into", BOOK, "--merge", "--keep-existing"], id="both"),
        pytest.param(["a.vcf", "--into", BOOK, "--encoding", "utf-16"], id="encoding"),
        pytest.param(["http://127.0.0.1/", "--into", BOOK], id="remote-contacts"),
        pytest.param(["http://anna:secret@127.0.0.1/", "--into", "files/anna"], id="password-in-address"),
        pytest.param([".", "--into", "files/anna", "--merge"], id="merged-files"),
    ],
)
def test_what_cannot_be_meant_is_a_wrong_call(anna: Shell, words: list[str]) -> None:
    said = anna("import", *words)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_a_full_quota_stops_with_what_was_imported_and_goes_on_later(anna: Shell, file: Path) -> None:
    file.write_text("".join(card(f"u{number:02}", "NOTE:" + "x" * 1000) for number in range(20)), newline="")
    _set_quota(anna, 10_500)
    stopped = bring(anna, file)
    assert (stopped["code"], stopped["stopped"]) == (1, "The quota does not hold it; something has to go first.")
    done = counts(stopped)["new"]
    assert done == len(bodies(anna)) == 9
    assert "the same gotgan import goes on" in anna("undo", str(stopped["batch"]), "--resume").err
    _set_quota(anna, None)
    rest = bring(anna, file)
    assert counts(rest) == {"same": done, "new": 20 - done}
    assert rest["batch"] == stopped["batch"]
    assert anna("undo", str(rest["batch"])).code == 0
    assert bodies(anna) == {}


def _set_quota(shell: Shell, quota_bytes: int | None) -> None:
    database = Database(shell.data / "gotgan.db")
    try:
        with database.write() as writing:
            writing.execute("UPDATE person SET quota_bytes = ? WHERE name = 'anna'", (quota_bytes,))
    finally:
        database.close()
