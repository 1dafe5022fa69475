"""A disk restored from an older copy, with real processes: what phone, owner and command line live through."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.models import DavX5, Evolution, Stopped
from tests.clients.wire import Wire
from tests.newcomers import another_device, newcomer
from tests.serving import PATIENCE_SECONDS, ROOT, Device, serving

BOOK = "/dav/addressbooks/anna/contacts/"


def card(uid: str, name: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:{name};;;;", "END:VCARD", ""])


def gotgan(data: Path, *words: str) -> tuple[int, str, str]:
    """Run a command in a process of its own; return exit code and what it said."""
    call, environment = [sys.executable, "-m", "appliance.cli", *words], {**os.environ, "GOTGAN_DATA": str(data)}
    done = subprocess.run(
        call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def wired(url: str, device: Device) -> Wire:
    return Wire(url, user=device.user, password=device.password)


@dataclass
class SetBack:
    """A box whose disk was put back: a phone and a desk know a card that it does not know."""

    data: Path
    device: Device
    laptop: Device
    phone: DavX5
    desk: Evolution


def set_back(tmp_path: Path) -> SetBack:
    """Return a box that was copied, went on, and was put back to its copy."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    (tmp_path / "boot").mkdir()
    data.mkdir()
    (data / "gotgan.toml").write_text(f'witness = "{tmp_path / "boot" / "gotgan.witness"}"\n', encoding="utf-8")
    with serving(data) as house:
        device = newcomer(house, "anna")
        laptop = another_device(house, "anna", "laptop")
        with wired(house.url, device) as wire:
            phone = DavX5(wire, BOOK, "card")
            phone.write("early.vcf", card("early", "Early Kim"))
            phone.sync()
    shutil.copytree(data, copy)
    assert json.loads((tmp_path / "boot" / "gotgan.witness").read_text())["seq"] > 0
    with serving(data) as house, wired(house.url, device) as wire, wired(house.url, laptop) as other:
        phone.wire = wire
        phone.write("late.vcf", card("late", "Late Kim"))
        phone.sync()
        desk = Evolution(other, BOOK, "card")
        desk.sync()
        assert len(desk.bodies()) == 2
    assert gotgan(data, "doctor")[0] == 0
    shutil.rmtree(data)
    copy.rename(data)
    return SetBack(data, device, laptop, phone, desk)


def test_a_card_put_back_is_noticed_explained_and_released(tmp_path: Path) -> None:
    box = set_back(tmp_path)
    data, device, laptop, phone, desk = box.data, box.device, box.laptop, box.phone, box.desk
    code, said, complaint = gotgan(data, "doctor")
    assert code == 1
    assert "set back to an older state" in said
    assert "gotgan doctor --release" in complaint
    with serving(data) as house, wired(house.url, device) as wire, wired(house.url, laptop) as other:
        phone.wire, desk.wire = wire, other
        for program in (desk, phone):
            with pytest.raises(Stopped, match="503"):
                program.sync()
        phone.write("early.vcf", card("early", "Edited meanwhile"))
        with pytest.raises(Stopped, match="503"):
            phone.sync()
        assert phone.wire.ask("GET", f"{BOOK}early.vcf").body == card("early", "Edited meanwhile").encode()
        told = json.loads(gotgan(data, "doctor", "--json")[1])
        assert [hold["open"] for hold in told["holds"]] == [True]
        assert "phone (anna)" in told["holds"][0]["knows_newer"]
        code, choices, _ = gotgan(data, "doctor", "--release")
        assert (code, "--release keep" in choices, "--release accept" in choices) == (0, True, True)
        assert gotgan(data, "doctor", "--release", "keep")[0] == 0
        phone.sync()  # the running server hears of what another process decided
        with pytest.raises(Stopped, match="503"):
            desk.sync()
        assert (phone.removed, desk.removed) == ([], [])
        assert len(phone.bodies()) == len(desk.bodies()) == 2
        phone.write("late.vcf", card("late", "Late but edited"))
        phone.sync()
        assert phone.dropped == []
        code, said, _ = gotgan(data, "doctor")
        assert (code, "laptop" in said) == (0, True)
        assert gotgan(data, "doctor", "--release", "accept", "--device", "laptop")[0] == 0
        desk.sync()
        assert desk.bodies() == phone.bodies()
        assert desk.removed == []
    with serving(data) as house, wired(house.url, device) as wire:
        phone.wire = wire
        phone.sync()
        assert phone.removed == []
    assert gotgan(data, "doctor")[0] == 0


def test_an_empty_folder_is_no_new_household_while_the_witness_tells_of_one(tmp_path: Path) -> None:
    data, mark = tmp_path / "data", tmp_path / "gotgan.witness"
    data.mkdir()
    (data / "gotgan.toml").write_text(f'witness = "{mark}"\n', encoding="utf-8")
    with serving(data) as house:
        newcomer(house, "anna")
    for path in data.glob("gotgan.db*"):
        path.unlink()
    for words in (("serve", "--listen", "127.0.0.1:0"), ("person", "add", "ben")):
        code, _, complaint = gotgan(data, *words)
        assert code == 1
        assert "bring back its data, or remove that file" in " ".join(complaint.split())
    mark.unlink()
    assert gotgan(data, "person", "add", "ben")[0] == 0
