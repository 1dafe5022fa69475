"""A folder on any WebDAV server, read as a source of files (RFC 4918).

Only what lies below the address that was named is asked for: addresses are made of names, never taken from what the
server says, and a redirect leads to the same server or nowhere. Listings and names are judged as a stranger's. The
password is never part of an address, a message or a log. It refuses to write anywhere else, and to go on with a file
that came in two pieces: it is fetched as a whole, or again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from xml.etree.ElementTree import ParseError

import httpx
from webdav4.http import Client
from webdav4.multistatus import MultiStatusResponse, Response

from appliance import errors
from appliance.store import disk
from appliance.store.arriving import Source as Body
from appliance.store.sources import Found

TIMEOUT_SECONDS = 60.0
MOST_REDIRECTS = 5
MOST_LISTED_BYTES = 64 << 20
PIECE_BYTES = 1 << 20
PASSING = frozenset({429, 500, 502, 503, 504})  # statuses that may be others a minute later
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_LISTING = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>"
)


def checked_address(url: str, *, insecure: bool) -> str:
    """Return the address of a remote folder, ending in a slash.

    Raises WrongCall for what is none or has a password in it, NotPossible for plain http to another network.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise errors.WrongCall(f"{url} is no address.") from error
    if parts.username is not None or parts.password is not None:
        raise errors.WrongCall("Leave user and password out of the address; say --user NAME and you are asked.")
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise errors.WrongCall(f"{url} is no address of a folder, such as https://cloud.example/dav/files/anna/.")
    if parts.scheme.lower() == "http" and not insecure and not _is_near(parts.hostname, port or 80):
        raise errors.NotPossible(
            f"{parts.hostname} is outside of your network, and plain http would show your password and files to anybody"
            " on the way. Use https://, or say --insecure if you mean it."
        )
    return urlunsplit((parts.scheme.lower(), parts.netloc, parts.path.rstrip("/") + "/", "", ""))


def _is_near(host: str, port: int) -> bool:
    """Return whether a host is this machine or one of its own network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise errors.NotPossible(f"There is no machine called {host}.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return all(not address.is_global for address in addresses)


class RemoteTree:
    """A folder on another server."""

    finest_seconds = 1.0  # what getlastmodified can tell (RFC 9110 5.6.7)

    def __init__(self, http: Client, base: str) -> None:
        self._http = http
        self._base = base

    @classmethod
    @contextmanager
    def opened(cls, base: str, user: str | None, password: str | None) -> Iterator[RemoteTree]:
        """Give the folder at a checked address; NotPossible when it cannot be listed."""
        trusted = httpx.create_ssl_context()
        trusted.load_default_certs()  # and whom this machine trusts, a household's own server say
        auth = None if user is None else httpx.BasicAuth(user, password or "")
        headers = {"Accept-Encoding": "identity", "User-Agent": "Gotgan"}
        with Client(auth=auth, headers=headers, timeout=TIMEOUT_SECONDS, verify=trusted) as http:
            tree = cls(http, base)
            for _ in tree.members(()):
                break  # whether it can be listed at all is known before anything is begun
            yield tree

    def members(self, path: tuple[str, ...]) -> Iterator[Found]:
        """Yield what is in a folder."""
        url = self._url(path, folder=True)
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        with self._answer("PROPFIND", url, headers=headers, content=_LISTING) as response:
            if response.status_code != 207:
                raise errors.NotPossible(f"{_shown(url)} is no WebDAV folder (status {response.status_code}).")
            listed = _responses(_bounded(response), response.charset_encoding)
        yield from sorted(_found(path, url, listed), key=lambda found: found.path)

    @contextmanager
    def open(self, found: Found) -> Iterator[Body]:
        """Give a file for reading."""
        url = self._url(found.path, folder=False)
        with self._answer("GET", url) as response:
            if response.status_code != 200:
                raise errors.NotPossible(f"The other server does not give it (status {response.status_code}).")
            yield _Body(response)

    def _url(self, path: tuple[str, ...], *, folder: bool) -> str:
        url = self._base + "/".join(quote(name, safe="") for name in path)
        return url if not folder or url.endswith("/") else url + "/"

    @contextmanager
    def _answer(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> Iterator[httpx.Response]:
        """Give the answer, redirects on the same server followed; NotPossible, Busy when the server is not there."""
        for _ in range(MOST_REDIRECTS + 1):
            with (
                _trouble_in_words(url),
                self._http.stream(method, url, headers=headers, content=content, follow_redirects=False) as response,
            ):
                if response.status_code not in REDIRECTS:
                    _require_success(response, url)
                    yield response
                    return
                url = _redirected(url, response.headers.get("Location", ""))
        raise errors.NotPossible(f"{_shown(url)} sends from one address to the next without end.")


class _Body:
    """A body as it arrives; an early end is no end."""

    def __init__(self, response: httpx.Response) -> None:
        self._pieces = response.iter_raw(PIECE_BYTES)
        self._url = str(response.url)
        self._rest = b""

    def read(self, size_bytes: int) -> bytes:
        if not self._rest:
            with _trouble_in_words(self._url):
                self._rest = next(self._pieces, b"")
        given, self._rest = self._rest[:size_bytes], self._rest[size_bytes:]
        return given


@contextmanager
def _trouble_in_words(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise errors.Busy(f"{_shown(url)} does not answer: {str(error) or type(error).__name__}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise errors.NotPossible(f"{_shown(url)} cannot be read: {error}.") from error


def _shown(url: str) -> str:
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return unquote(f"{parts.hostname}{port}{parts.path}")


def _require_success(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status == 401:
        raise errors.NotPossible(f"{urlsplit(url).hostname} does not accept this user name and password.")
    if status in PASSING:
        raise errors.Busy(f"{urlsplit(url).hostname} is busy (status {status}).")
    if status >= 400:
        raise errors.NotPossible(f"{_shown(url)} cannot be read (status {status}).")


def _redirected(url: str, location: str) -> str:
    """Return where a redirect leads; NotPossible to another server or out of https."""
    here, there = httpx.URL(url), httpx.URL(url).join(location)
    same_place = (here.host, here.port) == (there.host, there.port) and here.scheme == there.scheme
    upgraded = here.scheme == "http" and there.scheme == "https" and here.host == there.host
    if not location or not (same_place or upgraded):
        raise errors.NotPossible(f"{_shown(url)} sends to another server, {there.host}; name that one if you mean it.")
    return str(there)


# --- listings ---------------------------------------------------------------------------------------


def _bounded(response: httpx.Response) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_raw(PIECE_BYTES):
        size += len(piece)
        if size > MOST_LISTED_BYTES:
            raise errors.NotPossible("The listing of the other server is too long.")
        pieces.append(piece)
    return b"".join(pieces)


def _responses(octets: bytes, charset: str | None) -> list[Response]:
    try:
        return list(MultiStatusResponse(octets.decode(charset or "utf-8")).responses.values())
    except (ParseError, ValueError, LookupError, AssertionError, TypeError, httpx.InvalidURL) as error:
        raise errors.NotPossible("The listing of the other server cannot be read.") from error


def _found(path: tuple[str, ...], url: str, listed: list[Response]) -> Iterator[Found]:
    """Yield the members of a folder; the folder itself is the response that all others lie below."""
    by_segments = {_segments(response.href): response for response in listed}
    asked = _segments(url)
    holder = asked if asked in by_segments else min(by_segments, key=len, default=asked)
    if holder in by_segments and not by_segments[holder].properties.collection:
        raise errors.NotPossible(f"{_shown(url)} is no folder.")
    for segments, response in by_segments.items():
        if len(segments) == len(holder) + 1 and segments[:-1] == holder:
            yield _member(path, segments[-1], response)


def _segments(href: str) -> tuple[str, ...]:
    """Return the raw segments of an address in one spelling; names are decoded one by one, after the cut."""
    raw = urlsplit(href).path.strip("/")
    return tuple(quote(unquote(segment, errors="surrogateescape"), safe="", errors="surrogateescape")
                 for segment in raw.split("/")) if raw else ()  # fmt: skip


def _member(path: tuple[str, ...], segment: str, response: Response) -> Found:
    name = unquote(segment, errors="surrogateescape")
    if not disk.is_segment(name) or not disk.is_served(name):
        return Found((*path, name), skipped="Its name cannot be used for a file.")
    known = response.properties
    if known.collection:
        return Found((*path, name), is_folder=True)
    return Found((*path, name), size_bytes=known.content_length, modified_at=_aware(known.modified))


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
