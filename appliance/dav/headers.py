"""Request headers of WebDAV as values: Depth, Prefer and Brief, Timeout, Overwrite, Lock-Token, X-OC-Mtime; and dates.

A header that cannot be read is a BadRequest where guessing could harm, and as if absent where it could not.
`If`, `If-Match` and their kin are not read here: they go to the store as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from appliance.errors import BadRequest

Levels = Literal["0", "1", "infinity"]

LOCK_LIMIT_SECONDS = 3600  # Windows asks for this much (protocol.md D2)

_TIMEOUT = re.compile(r"(?i:second)-([0-9]{1,10})")
_OC_MTIME = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")
_LOCK_TOKEN = re.compile(r"<([^<>\s]{1,200})>")


@dataclass(frozen=True, slots=True)
class Depth:
    """RFC 4918 10.2. `rootless`: Microsoft's `1,noroot`."""

    levels: Levels
    rootless: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """RFC 7240 and RFC 8144: what a client would rather have."""

    minimal: bool = False
    representation: bool = False
    rootless: bool = False  # depth-noroot

    @property
    def applied(self) -> str | None:
        """Return the value of Preference-Applied for what a multistatus can honour, None for nothing."""
        words = [word for word, wanted in (("return=minimal", self.minimal), ("depth-noroot", self.rootless)) if wanted]
        return ", ".join(words) or None


def read_depth(value: str | None, *, default: Levels) -> Depth:
    """Return the Depth asked for, `default` without the header; BadRequest for anything else (RFC 4918 10.2)."""
    if value is None:
        return Depth(default)
    words = [word.strip().lower() for word in value.split(",")]
    rootless = words[1:] == ["noroot"]
    if rootless or len(words) == 1:
        match words[0]:
            case "0":
                return Depth("0")
            case "1":
                return Depth("1", rootless)
            case "infinity":
                return Depth("infinity", rootless)
    raise BadRequest("The Depth header is none of 0, 1 and infinity.")


def read_preferences(prefer: str | None, brief: str | None) -> Preferences:
    """Return what Prefer and `Brief: t` ask for; the first of a kind wins (RFC 7240 2).

    Lists, any case, and the old `return-minimal` are read.
    """
    returned: str | None = None
    rootless = False
    for preference in (prefer or "").split(","):
        word = preference.split(";")[0].replace(" ", "").replace('"', "").lower()
        if word in ("return=minimal", "return-minimal"):
            returned = returned or "minimal"
        elif word in ("return=representation", "return-representation"):
            returned = returned or "representation"
        elif word == "depth-noroot":
            rootless = True
    if returned is None and brief is not None and brief.strip().lower() == "t":
        returned = "minimal"
    return Preferences(returned == "minimal", returned == "representation", rootless)


def read_timeout(value: str | None) -> int | None:
    """Return the first lock timeout asked for that can be read, at most an hour; None for none (RFC 4918 10.7)."""
    for word in (value or "").split(","):
        if word.strip().lower() == "infinite":
            return LOCK_LIMIT_SECONDS
        found = _TIMEOUT.fullmatch(word.strip())
        if found:
            return max(1, min(int(found[1]), LOCK_LIMIT_SECONDS))
    return None


def read_overwrite(value: str | None) -> bool:
    """Return whether a destination in use may be replaced; T without the header (RFC 4918 10.6)."""
    if value is None:
        return True
    if value.strip().upper() not in ("T", "F"):
        raise BadRequest("The Overwrite header is neither T nor F.")
    return value.strip().upper() == "T"


def read_lock_token(value: str | None) -> str:
    """Return the token of a Lock-Token header, without its angle brackets (RFC 4918 10.5)."""
    found = _LOCK_TOKEN.fullmatch((value or "").strip())
    if found is None:
        raise BadRequest("The Lock-Token header is missing, or is no URL in angle brackets.")
    return found[1]


def read_oc_mtime(value: str | None) -> datetime | None:
    """Return the moment of X-OC-Mtime, seconds since 1970, with a fraction from iOS; None when absent or unreadable."""
    if value is None or not _OC_MTIME.fullmatch(value.strip()):
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (OverflowError, ValueError, OSError):
        return None


def http_date(moment: datetime) -> str:
    """Return an aware UTC moment as IMF-fixdate (RFC 9110 5.6.7). A listing of 10,000 asks this 10,000 times."""
    told = moment.ctime()  # "Tue Nov  3 11:26:42 2026" in any locale; half the price of putting it together
    return f"{told[:3]}, {told[8:10].replace(' ', '0')} {told[4:7]} {told[20:]} {told[11:19]} GMT"
