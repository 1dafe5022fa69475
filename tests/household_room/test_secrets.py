"""Device passwords, the box's key, and people's own passwords."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from appliance import errors
from appliance.household import secrets

KEY = bytes(range(32))


def test_a_device_password_carries_120_random_bits_beside_its_prefix() -> None:
    made = [secrets.new_device_password() for _ in range(500)]
    assert len({password.letters for password in made}) == 500
    assert secrets.SECRET_LENGTH * 5 == 120
    assert all(re.fullmatch(r"(?:[0-9a-z]{5}-){5}[0-9a-z]{5}", password.spelled()) for password in made)
    assert {letter for password in made for letter in password.letters} == set(secrets.ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda text: text, id="as shown"),
        pytest.param(lambda text: text.replace("-", ""), id="without separators"),
        pytest.param(lambda text: text.upper(), id="in capitals"),
        pytest.param(lambda text: f" {text.replace('-', ' ')}\n".rstrip("\n"), id="with blanks"),
        pytest.param(lambda text: text.replace("-", "–"), id="with a phone's clever dashes"),
        pytest.param(lambda text: text.replace("0", "O").replace("1", "l"), id="with letters that look like digits"),
    ],
)
def test_a_password_is_read_however_it_is_typed(typed: object) -> None:
    assert callable(typed)
    for _ in range(20):
        password = secrets.new_device_password()
        assert secrets.read_device_password(typed(password.spelled())) == password


@pytest.mark.parametrize("text", ["", "short", "u" * 30, "한" * 30, "a" * 31, "-" * 200, "a" * 10_000_000, "\0" * 30])
def test_what_cannot_be_a_password_is_none(text: str) -> None:
    assert secrets.read_device_password(text) is None


def test_only_the_prefix_shows_in_a_repr() -> None:
    password = secrets.new_device_password()
    assert password.prefix in repr(password)
    assert password.letters not in repr(password)
    assert password.letters[secrets.PREFIX_LENGTH :] not in repr(password)


def test_the_digest_depends_on_key_and_password() -> None:
    one, other = secrets.new_device_password(), secrets.new_device_password()
    assert secrets.digests_match(one.digest(KEY), one.digest(KEY))
    assert not secrets.digests_match(one.digest(KEY), other.digest(KEY))
    assert not secrets.digests_match(one.digest(KEY), one.digest(KEY[::-1]))


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    key = secrets.device_key(tmp_path, expected=False)
    path = tmp_path / "keys" / "device.key"
    assert len(key) == 32
    assert secrets.device_key(tmp_path, expected=True) == key == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["device.key"]


def test_a_lost_key_is_said_and_never_replaced_in_silence(tmp_path: Path) -> None:
    with pytest.raises(errors.NotPossible, match="backup"):
        secrets.device_key(tmp_path, expected=True)
    assert not (tmp_path / "keys" / "device.key").exists()


def test_a_damaged_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "device.key").write_bytes(b"short")
    with pytest.raises(errors.NotPossible, match="damaged"):
        secrets.device_key(tmp_path, expected=True)


def test_two_first_starts_agree_on_one_key(tmp_path: Path) -> None:
    key = secrets.device_key(tmp_path, expected=False)
    secrets._make_key(tmp_path / "keys" / "device.key")
    assert secrets.device_key(tmp_path, expected=True) == key
