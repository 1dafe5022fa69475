"""The rows of the household's pages: what a page costs on a full house, and what it weighs with all it brings along.

Pages are asked for as a browser does, packed, by somebody who signed in. No other server has them. Targets are those
of the project's design for a small box, divided by five: so many times it is slower than a desk.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import time
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from tests.bench.answers import Wrong, expect
from tests.bench.figures import Block
from tests.bench.places import Place, put
from tests.bench.servers import GOTGAN, PASSWORD, USER, Ours
from tests.bench.wire import Answer, Connection, Request, ask, in_parallel

STATES = 1000
"""so many former states has the contact whose history is shown"""
MISHAP = 1000
KB = 1000
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_BROUGHT = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def today(place: Place) -> Block:
    """The first page."""
    return _shown(place, "/")


def timeline(place: Place) -> Block:
    """What happened in the whole house."""
    return _shown(place, "/timeline")


def book(place: Place) -> Block:
    """An address book."""
    return _shown(place, f"/contacts/{_below_home(place)}")


def month(place: Place) -> Block:
    """This month in all calendars."""
    return _shown(place, "/calendar")


def folder(place: Place) -> Block:
    """A folder."""
    return _shown(place, f"/files/{_below_home(place)}")


def weight(place: Place) -> Block:
    """What an address book weighs with all that it brings along, as sent, in KB."""
    answer = expect(ask(place.server.address, _page(place, f"/contacts/{_below_home(place)}")), 200)
    brought = sorted(set(_BROUGHT.findall(_text(answer))) | {"/static/icons.svg"})
    others = [expect(ask(place.server.address, _page(place, path)), 200) for path in brought]
    return Block([sum(each.body_bytes for each in (answer, *others)) / KB], 0.0, 1)


def history_of_one(place: Place) -> Block:
    """A contact that has changed a thousand times."""
    name, card = next(iter(place.contacts().items()))
    if "states" not in place.notes:
        with Connection(place.server.address) as connection:
            for number in range(STATES):
                expect(connection.ask(put(place, name, _spoilt(card.body, str(number)))), 201, 204)
            expect(connection.ask(put(place, name, card.body)), 204)
        place.notes["states"] = name
    return _shown(place, f"/history/addressbooks/{_below_home(place)}/{quote(name)}")


def preview_of_some(place: Place) -> Block:
    """The preview of a rewind of a thousand changes; afterwards all is as it was."""
    since = _mishap(place, MISHAP)
    block = _shown(place, _rewind_address(place, since))
    bodies = [(name, card.body) for name, card in list(place.contacts().items())[:MISHAP]]
    _put_all(place, bodies)
    return block


def preview_of_all(place: Place) -> Block:
    """The same of everything in the address book; it is really rewound after that."""
    since = _mishap(place, len(place.members))
    block = _shown(place, _rewind_address(place, since))
    asked = [*GOTGAN, "rewind", "benchmark", "--since", since, "--data", str(place.server.folder / "data")]
    subprocess.run(asked, check=True, capture_output=True)
    place.notes["receipt"] = _newest_receipt(place)
    return block


def receipt(place: Place) -> Block:
    """The receipt of such a rewind."""
    if "receipt" not in place.notes:
        preview_of_all(place)
    return _shown(place, place.notes["receipt"])


# --- what happens before ------------------------------------------------------------------------------


def _mishap(place: Place, count: int) -> str:
    """Let the device change so many contacts, and return since when."""
    time.sleep(1.1)  # a moment is said in seconds
    then = datetime.now(UTC)
    time.sleep(1.1)
    mark = str(then.timestamp())
    _put_all(place, [(name, _spoilt(card.body, mark)) for name, card in list(place.contacts().items())[:count]])
    return then.strftime("%Y%m%dT%H%M%SZ")


def _spoilt(body: bytes, mark: str) -> bytes:
    return body.replace(b"\nEND:VCARD", f"\nX-MISHAP:{mark}\r\nEND:VCARD".encode())


def _put_all(place: Place, members: list[tuple[str, bytes]]) -> None:
    for _, answer in in_parallel(place.server.address, (put(place, name, body) for name, body in members), 8):
        expect(answer, 201, 204)


# --- asking -------------------------------------------------------------------------------------------


def _shown(place: Place, path: str) -> Block:
    """Ask for a page again and again; each must be whole."""
    page = _page(place, path)

    def check(answer: Answer) -> None:
        expect(answer, 200)
        if not _text(answer).rstrip().endswith("</html>"):
            raise Wrong(f"the page {path} is not whole")

    check(ask(place.server.address, page))  # what is made once, templates say, is no part of it
    return place.series(lambda connection: connection.ask(page), check, most=30)


def _page(place: Place, path: str) -> Request:
    if "cookie" not in place.notes:
        place.notes["cookie"] = _sign_in(place)
    return Request("GET", path, headers=f"Cookie: {place.notes['cookie']}\r\nAccept-Encoding: gzip\r\n")


def _sign_in(place: Place) -> str:
    """Return the cookie of a visit."""
    address = place.server.address
    door = expect(ask(address, Request("GET", "/sign-in")), 200)
    token = _TOKEN.search(_text(door))
    if token is None:
        raise Wrong("nobody can sign in")
    form = urlencode({"name": USER, "password": PASSWORD, "form_token": token[1]}).encode()
    headers = f"Cookie: {_cookie(door)}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return _cookie(expect(ask(address, Request("POST", "/sign-in", form, headers)), 302, 303))


def _cookie(answer: Answer) -> str:
    return answer.headers.get("set-cookie", "").partition(";")[0]


def _text(answer: Answer) -> str:
    packed = answer.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(answer.body) if packed else answer.body).decode()


def _below_home(place: Place) -> str:
    """Return person and name of a collection."""
    return place.href.removeprefix("/dav/").strip("/").partition("/")[2]


def _rewind_address(place: Place, since: str) -> str:
    assert isinstance(place.server, Ours)  # no other has such a row
    return f"/rewind/{place.server.device_id}?since={since}"


def _newest_receipt(place: Place) -> str:
    shown = _text(expect(ask(place.server.address, _page(place, "/timeline")), 200))
    found = re.search(r'href="(/receipt/\d+)', shown)
    if found is None:
        raise Wrong("the timeline has no receipt of the rewind")
    return found[1]
