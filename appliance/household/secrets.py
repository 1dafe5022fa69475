"""Secrets: what a device's password looks like, how it is checked, and how a person's password is kept.

A device password is made here and never chosen: six public letters that find the device's row, then 120 random bits,
in Crockford's base32, in groups of five. Such a secret cannot be guessed, so one HMAC-SHA256 with the box's own key
is enough, and a check costs microseconds where a slow hash would cost a phone's sync seconds (dependencies.md 8).
A person's own password is chosen by a person: argon2id. It refuses to keep, log or print any password.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path

from appliance import errors
from appliance.store.content import sync_folder

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
PREFIX_LENGTH = 6
SECRET_LENGTH = 24  # 5 bits each: 120
GROUP_LENGTH = 5
KEY_BYTES = 32
LONGEST_INPUT = 128

_PASSWORD = re.compile(f"[{ALPHABET}]{{{PREFIX_LENGTH + SECRET_LENGTH}}}")
_SEPARATORS = b" -_.\t"
_FOREIGN_SEPARATORS = dict.fromkeys(map(ord, "\u00a0\u2010\u2011\u2012\u2013\u2014\u2212"))
_LETTERS = string.ascii_uppercase + "oil"
_READ_AS = bytes.maketrans(_LETTERS.encode(), _LETTERS.lower().translate(str.maketrans("oil", "011")).encode())


@dataclass(frozen=True, slots=True)
class DevicePassword:
    """A password in its one canonical form: 30 letters without separators. Only the prefix shows in a repr."""

    prefix: str
    letters: str = field(repr=False)

    def spelled(self) -> str:
        """Return the password as a person reads and types it."""
        return "-".join(
            self.letters[start : start + GROUP_LENGTH] for start in range(0, len(self.letters), GROUP_LENGTH)
        )

    def digest(self, key: bytes) -> bytes:
        """Return what is stored instead of the password."""
        return hmac.digest(key, self.letters.encode("ascii"), hashlib.sha256)


def new_device_password() -> DevicePassword:
    """Return a password that nobody ever had."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH + SECRET_LENGTH))
    return DevicePassword(letters[:PREFIX_LENGTH], letters)


def read_device_password(text: str) -> DevicePassword | None:
    """Return the password that was typed, with or without separators and in either case (protocol D9).

    The letters i, l and o, which no password has, are read as the digits they look like. None: it cannot be one.
    """
    if len(text) > LONGEST_INPUT:
        return None
    plain = text if text.isascii() else text.translate(_FOREIGN_SEPARATORS)
    if not plain.isascii():
        return None
    letters = plain.encode("ascii").translate(_READ_AS, _SEPARATORS).decode("ascii")
    if not _PASSWORD.fullmatch(letters):
        return None
    return DevicePassword(letters[:PREFIX_LENGTH], letters)


def digests_match(stored: bytes, presented: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(stored, presented)


# --- the box's own key ------------------------------------------------------------------------------


def device_key(data: Path, *, expected: bool) -> bytes:
    """Return the key that all device passwords are checked with; made at the first start, 0600.

    `expected`: devices with passwords exist, so a missing key is a loss and not a first start. A new key in its
    place would lock out every phone without a word. Raises NotPossible then, and when the file cannot be used.
    """
    path = data / "keys" / "device.key"
    try:
        key = _read_key(path)
        if key is None and expected:
            raise errors.NotPossible(
                f"The key that checks the devices' passwords is missing: put {path} back from a backup, or revoke"
                " all devices (gotgan device list, gotgan device revoke) and add them again."
            )
        return _make_key(path) if key is None else key
    except OSError as error:
        raise errors.NotPossible(f"The key {path} cannot be used: {error.strerror}.") from error


def _read_key(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(key) != KEY_BYTES:
        raise errors.NotPossible(f"The key {path} is damaged: put it back from a backup.")
    return key


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _name_once(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        sync_folder(folder)
    return path.read_bytes()


def _name_once(temporary: Path, path: Path) -> None:
    # Two first starts at once (a server and a command) must agree on one key: a link never replaces, a rename would.
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:  # a disk without hard links
        temporary.rename(path)
