"""What a household does when something is lost: through the command line, beside a running server and real clients.

The flows of design.md 10: one phone number, a folder as of a moment, everything that one phone did since then.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from webdav4.client import Client

from tests.clients.wire import Wire
from tests.newcomers import another_device
from tests.serving import PATIENCE_SECONDS, ROOT, Device, House

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:kim\r\nFN:Kim Minsu\r\n{}END:VCARD\r\n"
WORK = "TEL;TYPE=WORK:+82 2 123\r\n"
CELL = "TEL;TYPE=CELL:+82 10 111\r\n"


class Desk:
    """Anna's phone over the wire, and the command line on the same data."""

    def __init__(self, server: House, device: Device) -> None:
        self.server = server
        self.device = device
        self.wire = Wire(server.url, user=device.user, password=device.password)
        self.files = Client(device.files_url, auth=(device.user, device.password))
        self.book = f"addressbooks/{device.user}/contacts"

    def put(self, path: str, body: str) -> None:
        status = self.wire.ask("PUT", f"/dav/{path}", body=body.encode()).status
        assert status in (201, 204), status

    def get(self, path: str) -> tuple[int, bytes]:
        answer = self.wire.ask("GET", f"/dav/{path}")
        return answer.status, answer.body

    def upload(self, path: str, body: bytes) -> None:
        self.files.upload_fileobj(io.BytesIO(body), path, overwrite=True)

    def read(self, path: str) -> bytes:
        found = io.BytesIO()
        self.files.download_fileobj(path, found)
        return found.getvalue()

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        call = [sys.executable, "-m", "appliance.cli", *words, "--data", str(self.server.data)]
        return subprocess.run(call, cwd=ROOT, capture_output=True, timeout=PATIENCE_SECONDS, check=False)

    def ask(self, *words: str) -> Any:  # noqa: ANN401 - whatever the command printed
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def close(self) -> None:
        self.files.http.close()
        self.wire.hang_up()


@pytest.fixture
def desk(server: House, device: Device) -> Iterator[Desk]:
    opened = Desk(server, device)
    yield opened
    opened.close()


def now() -> str:
    """A moment that the command line reads exactly."""
    return datetime.now(UTC).isoformat()


def test_the_work_number_comes_back_and_the_phone_has_it(desk: Desk) -> None:
    desk.put(f"{desk.book}/kim.vcf", CARD.format(WORK + CELL))
    then = now()
    desk.put(f"{desk.book}/kim.vcf", CARD.format(CELL.replace("111", "999")))
    told = desk.ask("restore", f"{desk.book}/kim.vcf", "--at", then, "--field", "tel:+822123", "--dry-run")
    assert told["counts"]["roll back"] == 1
    assert desk.get(f"{desk.book}/kim.vcf")[1].decode() == CARD.format(CELL.replace("111", "999"))
    desk.ask("restore", f"{desk.book}/kim.vcf", "--at", then, "--field", "tel:+822123")
    body = desk.get(f"{desk.book}/kim.vcf")[1].decode()
    assert WORK in body
    assert "999" in body
    shown = desk.run("show", f"{desk.book}/kim.vcf", "--at", then)
    assert shown.stdout.decode() == CARD.format(WORK + CELL)


def test_a_folder_is_as_it_was_and_the_undo_takes_it_back(desk: Desk) -> None:
    home = f"files/{desk.device.user}"
    desk.files.mkdir("trip")
    desk.upload("trip/a.txt", b"one")
    desk.upload("trip/big.bin", b"x" * 300_000)
    then = now()
    desk.upload("trip/a.txt", b"spoilt")
    desk.files.remove("trip/big.bin")
    desk.upload("trip/new.txt", b"new")
    done = desk.ask("restore", f"{home}/trip", "--at", then, "--keep-new")
    assert done["refused"] == []
    assert (desk.read("trip/a.txt"), desk.read("trip/big.bin")) == (b"one", b"x" * 300_000)
    assert desk.read("trip/new.txt") == b"new"
    desk.ask("undo", str(done["batch"]))
    assert desk.read("trip/a.txt") == b"spoilt"
    assert not desk.files.exists("trip/big.bin")
    listed = {row["batch"]: row for row in desk.ask("undo")}
    assert listed[done["batch"]]["state"] == "done"


def test_a_copy_of_the_past_stands_beside(desk: Desk) -> None:
    home = f"files/{desk.device.user}"
    desk.files.mkdir("trip")
    desk.upload("trip/a.txt", b"one")
    then = now()
    desk.upload("trip/a.txt", b"two")
    done = desk.run("restore", f"{home}/trip", "--at", then, "--as", "trip as it was")
    assert done.returncode == 0, done.stderr
    assert (desk.read("trip/a.txt"), desk.read("trip as it was/a.txt")) == (b"two", b"one")


def test_what_one_phone_did_is_undone_and_the_tablets_work_stays(desk: Desk) -> None:
    tablet = another_device(desk.server, desk.device.user, "tablet")
    other = Client(tablet.files_url, auth=(tablet.user, tablet.password))
    for name in ("a", "b", "c"):
        desk.upload(f"{name}.txt", b"was")
    then = now()
    desk.files.remove("a.txt")
    desk.upload("b.txt", b"scrambled")
    desk.upload("c.txt", b"scrambled")
    other.upload_fileobj(io.BytesIO(b"tablet"), "c.txt", overwrite=True)
    desk.upload("ransom.txt", b"pay")
    preview = desk.ask("rewind", str(desk.device.device_id), "--since", then, "--dry-run")
    assert {key: value for key, value in preview["counts"].items() if value} == {
        "bring back": 1, "roll back": 1, "put aside": 1, "choose": 1,
    }  # fmt: skip
    done = desk.ask("rewind", str(desk.device.device_id), "--since", then)
    assert done["refused"] == []
    assert (desk.read("a.txt"), desk.read("b.txt"), desk.read("c.txt")) == (b"was", b"was", b"tablet")
    assert not desk.files.exists("ransom.txt")
    other.http.close()
    desk.ask("undo", str(done["batch"]))
    assert (desk.read("b.txt"), desk.read("ransom.txt")) == (b"scrambled", b"pay")


def test_a_deleted_address_book_comes_back_for_phones_that_know_it(desk: Desk) -> None:
    desk.put(f"{desk.book}/kim.vcf", CARD.format(WORK))
    then = now()
    assert desk.wire.ask("DELETE", f"/dav/{desk.book}/").status == 204
    assert desk.get(f"{desk.book}/kim.vcf")[0] == 404
    desk.ask("restore", desk.book, "--at", then)
    assert desk.get(f"{desk.book}/kim.vcf") == (200, CARD.format(WORK).encode())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("restore", "files/{user}", "--at", "soon"), 2, "is no moment"),
        (("restore", "files/{user}/nothing", "--at", "now"), 1, "There is nothing at"),
        (("restore", "files/{user}", "--at", "2001-01-01"), 1, "before everything"),
        (("restore", "cellar/{user}", "--at", "now"), 1, "an address looks like"),
        (("rewind", "toaster", "--since", "today"), 1, "There is no device"),
        (("undo", "99999"), 1, "There is no batch"),
        (("show", "files/{user}/nothing", "--at", "now"), 1, "There is nothing at"),
        (("show", "files/{user}", "--at", "seq-999999999"), 1, "seq-999999999"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_meant_has_one_sentence(desk: Desk, words: tuple[str, ...], code: int, said: str) -> None:
    done = desk.run(*(word.format(user=desk.device.user) for word in words))
    assert (done.returncode, said in done.stderr.decode()) == (code, True), done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_servers_watcher_finds_nothing_new_after_a_restore(desk: Desk) -> None:
    home = f"files/{desk.device.user}"
    desk.upload("a.txt", b"one")
    then = now()
    desk.upload("a.txt", b"two")
    desk.ask("restore", f"{home}/a.txt", "--at", then)
    lines = desk.ask("history", f"{home}/a.txt")
    assert [line["door"] for line in lines] == ["shell", "phone", "phone"]
    assert Path(desk.server.data / home / "a.txt").read_bytes() == b"one"
