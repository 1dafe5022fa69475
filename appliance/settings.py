"""What the household may choose, read once at the start from `gotgan.toml` in the data folder.

Every field carries its sentence; that sentence is the documentation. A key that nobody knows, a value of the wrong
type or a file that is no TOML stops the start with one sentence, because a setting that is silently ignored looks
like one that works. It refuses to write the file, and to hold secrets.
"""

from __future__ import annotations

import difflib
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from appliance import errors

FILE_NAME = "gotgan.toml"
DATABASE_NAME = "gotgan.db"
LANGUAGES = ("ko", "en")
WATCHERS = ("serve", "apart")
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
MIB = 1024 * 1024

_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]*)):(?P<port>[0-9]{1,5})")
_BOX_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")

Reader = Callable[[str, object], object]


def _wrong(key: str, expected: str) -> errors.SettingsUnreadable:
    return errors.SettingsUnreadable(f"The setting `{key}` in {FILE_NAME} must be {expected}.")


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(key, "a text in quotes")
    return value.strip()


def _listen(key: str, value: object) -> str:
    host, port = split_listen(_text(key, value))
    return join_listen(host, port)


def _web_address(key: str, value: object) -> str:
    text = _text(key, value)
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    if not port_fits or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise _wrong(key, 'an address such as "https://gotgan.example/"')
    return text.rstrip("/") + "/"


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise _wrong(key, "a list of texts in quotes")
    return tuple(value)


def _time_zone(key: str, value: object) -> str:
    text = _text(key, value)
    if is_time_zone(text):
        return text
    import zoneinfo  # the list of all zones is read from disk: only to name the nearest one

    names = sorted(zoneinfo.available_timezones())
    by_lower = {name.lower(): name for name in names} | {name.rsplit("/", 1)[-1].lower(): name for name in names}
    close = difflib.get_close_matches(text.lower(), by_lower, n=1)
    hint = f'; did you mean "{by_lower[close[0]]}"?' if close else '; an example is "Asia/Seoul".'
    raise errors.SettingsUnreadable(f'The setting `{key}` in {FILE_NAME} names no time zone: "{text}"{hint}')


def _language(key: str, value: object) -> str:
    if value not in LANGUAGES:
        raise _wrong(key, 'one of "ko" and "en"')
    return str(value)


def _watcher(key: str, value: object) -> str:
    if value not in WATCHERS:
        raise _wrong(key, 'one of "serve" and "apart"')
    return str(value)


def _file(key: str, value: object) -> Path:
    path = Path(_text(key, value))
    if not path.is_absolute() or path.name == "":
        raise _wrong(key, 'the whole path of a file, such as "/boot/firmware/gotgan.witness"')
    return path


def _size(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(key, "a whole number of bytes, such as 20_971_520")
    return value


def _threads(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 256:
        raise _wrong(key, "a whole number from 1 to 256")
    return value


def _days(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 36_500:
        raise _wrong(key, "a whole number of days, 1 to 36500")
    return value


def _yes_or_no(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(key, "true or false")
    return value


def _box_name(key: str, value: object) -> str:
    text = _text(key, value).lower()
    if not _BOX_NAME.fullmatch(text) or len(text) > 253:
        raise _wrong(key, 'a host name such as "gotgan.local"')
    return text


def _meta(sentence: str, read: Reader) -> dict[str, object]:
    return {"sentence": sentence, "read": read}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one start."""

    data: Path  # where everything lies; not a key of the file that lies in it
    listen: str = field(
        default="0.0.0.0:8080",
        metadata=_meta("Host and port to listen at; 0.0.0.0 stands for every network of the box.", _listen),
    )
    public_url: str | None = field(
        default=None,
        metadata=_meta(
            "The address at which phones reach the box; without it, the one that each request names.", _web_address
        ),
    )
    box_name: str = field(
        default="gotgan.local",
        metadata=_meta("The box's name in its network; the first start writes it into calendar addresses.", _box_name),
    )
    time_zone: str = field(
        default="UTC",
        metadata=_meta("The household's time zone at the first start; kept with the data from then on.", _time_zone),
    )
    language: str = field(
        default="en",
        metadata=_meta("The household's language at the first start, ko or en; kept with the data.", _language),
    )
    card_limit_bytes: int = field(
        default=24 * MIB,
        metadata=_meta("The largest contact that is accepted; photos make contacts large.", _size),
    )
    event_limit_bytes: int = field(
        default=24 * MIB, metadata=_meta("The largest event or task that is accepted, attachments included.", _size)
    )
    quota_bytes: int | None = field(
        default=None,
        metadata=_meta(
            "What one person may store if nothing else was agreed; without it the disk is the limit.", _size
        ),
    )
    refused_reserve_bytes: int = field(
        default=64 * MIB,
        metadata=_meta("Room set aside for edits that were refused, so that even a full disk keeps them.", _size),
    )
    refused_file_limit_bytes: int = field(
        default=64 * MIB, metadata=_meta("The largest refused file whose content is kept.", _size)
    )
    hidden_files: tuple[str, ...] = field(
        default=(
            "~$*",
            ".~lock.*",
            ".DS_Store",
            "._*",
            "Thumbs.db",
            "desktop.ini",
            "*.part",
            "*.tmp",
            ".goutputstream-*",
        ),
        metadata=_meta("Names of temporary and hidden files that are served and never versioned.", _texts),
    )
    covered_file_limit_bytes: int = field(
        default=64 * MIB,
        metadata=_meta(
            "The largest file that is copied into the store, where the disk cannot clone, so that a change on the disk"
            " itself does not lose what it held; larger ones are safe from Gotgan's own doors and from a rename only.",
            _size,
        ),
    )
    retention_days_all: int = field(
        default=30, metadata=_meta("For how many days every version of a file is kept after it was replaced.", _days)
    )
    retention_days_daily: int = field(
        default=365,
        metadata=_meta("For how many days the last version of each day is kept; midnight is the household's.", _days),
    )
    retention_monthly: bool = field(
        default=True,
        metadata=_meta(
            "Whether the last version of each month is kept for good; contacts and events always are.", _yes_or_no
        ),
    )
    witness: Path | None = field(
        default=None,
        metadata=_meta(
            "A file on another disk or partition that remembers how far the household had come, so that a data disk set"
            " back to an older copy is noticed before any phone asks; without it only what phones show can tell.",
            _file,
        ),
    )
    watch: str = field(
        default="serve",
        metadata=_meta(
            "Who watches for files that change behind the server's back: serve, the server itself, or apart,"
            " a process of its own that gotgan watch starts and without which nobody does.",
            _watcher,
        ),
    )
    threads: int = field(
        default=16, metadata=_meta("How many requests are worked on at the same time; the others wait.", _threads)
    )

    @property
    def database(self) -> Path:
        """The household's database."""
        return self.data / DATABASE_NAME

    @property
    def address(self) -> str:
        """The address of the pages, ending in a slash: `public_url`, else what this box is called in its network.

        A box that listens at one address only is named by that address: its other names lead nowhere.
        """
        if self.public_url is not None:
            return self.public_url
        host, port = split_listen(self.listen)
        shown = hostname() if host in WILDCARDS else f"[{host}]" if ":" in host else host
        return f"http://{shown}/" if port == 80 else f"http://{shown}:{port}/"


def load(data: Path, environment: Mapping[str, str]) -> Settings:
    """Return the settings of the data folder; GOTGAN_LISTEN and GOTGAN_PUBLIC_URL go before the file.

    What the file leaves open is asked of the machine: its name, its time zone (TZ, /etc/localtime) and its language
    (LANG). Raises SettingsUnreadable with the key and the nearest known one.
    """
    known = {entry.name: entry for entry in fields(Settings) if entry.metadata}
    chosen: dict[str, object] = {
        "box_name": hostname(),
        "time_zone": machine_time_zone(environment),
        "language": "ko" if environment.get("LANG", "").startswith("ko") else "en",
    }
    for key, value in _read_file(data / FILE_NAME).items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(sorted(known))}."
            raise errors.SettingsUnreadable(f"{FILE_NAME} has a setting that nobody knows: `{key}`; {hint}")
        chosen[key] = known[key].metadata["read"](key, value)
    for key in ("listen", "public_url"):
        override = environment.get(f"GOTGAN_{key.upper()}")
        if override:
            chosen[key] = known[key].metadata["read"](key, override)
    witness = chosen.get("witness")
    if isinstance(witness, Path) and witness.is_relative_to(data.absolute()):
        raise _wrong("witness", "a file outside of the data folder: with the data it would be set back, too")
    return Settings(data=data, **chosen)  # type: ignore[arg-type]  # each value was read by its own field's reader


def sentences() -> dict[str, str]:
    """Return each key with the sentence that documents it."""
    return {entry.name: str(entry.metadata["sentence"]) for entry in fields(Settings) if entry.metadata}


def split_listen(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `[IPv6]:PORT` or `:PORT` (every network).

    Raises SettingsUnreadable when it is none of these.
    """
    match = _LISTEN.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise errors.SettingsUnreadable(f'"{text}" is no HOST:PORT to listen at; an example is 0.0.0.0:8080.')
    host = match["six"] or match["host"] or WILDCARDS[0]
    try:
        if match["six"]:
            ip_address(host)
    except ValueError as error:
        raise errors.SettingsUnreadable(f'"{text}" is no HOST:PORT; an example is [::]:8080.') from error
    return host, int(match["port"])


def join_listen(host: str, port: int) -> str:
    """Return the one spelling of host and port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_time_zone(name: str) -> bool:
    """Return whether the machine or the tzdata package knows the zone."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def machine_time_zone(environment: Mapping[str, str]) -> str:
    """Return the machine's own zone, UTC when it does not say."""
    named = environment.get("TZ", "").removeprefix(":")
    if named and is_time_zone(named):
        return named
    linked = str(Path("/etc/localtime").resolve())
    name = linked.partition("/zoneinfo/")[2]
    return name if name and is_time_zone(name) else "UTC"


def hostname() -> str:
    """Return the box's name in its network: the host name, with `.local` (RFC 6762) where it has no domain."""
    name = socket.gethostname().lower()
    if not _BOX_NAME.fullmatch(name) or name == "localhost":
        return "gotgan.local"
    return name if "." in name else f"{name}.local"


def _read_file(path: Path) -> dict[str, object]:
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise errors.SettingsUnreadable(f"{FILE_NAME} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise errors.SettingsUnreadable(f"{FILE_NAME} is not UTF-8 text.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise errors.SettingsUnreadable(f"{FILE_NAME} is no TOML: {error}.") from error
