"""What a page weighs on its way to a phone, with what it brings along and without pictures."""

from __future__ import annotations

import gzip
import http.client
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from playwright import sync_api

from tests.pages.browsing import Browser
from tests.pages.family import Family, card
from tests.serving import serving

MOST_BYTES = 100_000


def test_a_page_of_ten_thousand_contacts_is_light(tmp_path: Path, chrome: sync_api.Browser) -> None:
    family = Family(tmp_path / "data")
    phone = family.phone("mina", "Mina’s Galaxy")
    for number in range(10_000):
        phone.put(f"addressbooks/mina/contacts/{number}.vcf", card(f"n{number}", f"가온 {number:05}", tel=f"{number}"))
    family.close()
    with serving(tmp_path / "data") as house, Browser(chrome, house.url).open() as seen:
        seen.sign_in("mina")
        (cookie,) = [each for each in seen.page.context.cookies() if each.get("name") == "gotgan"]
        sent = {
            path: _sent_bytes(house.url, path, f"gotgan={cookie.get('value')}")
            for path in ("/", "/contacts", "/contacts/mina/contacts", "/contacts?q=ㄱㅇ", "/timeline")
        }
        seen.visit("/contacts")
        parts = seen.page.evaluate(
            "[...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(e => e.href || e.src)"
        )
        sprite = seen.page.locator("use").first.get_attribute("href") or ""
        shared = sum(_sent_bytes(house.url, urldefrag(each)[0], "") for each in (*parts, sprite))
    heavy = {path: octets + shared for path, octets in sent.items() if octets + shared > MOST_BYTES}
    assert heavy == {}


def _sent_bytes(house: str, address: str, cookie: str) -> int:
    """Return how many octets the body of an answer has on its way to a browser that takes it packed."""
    at, asked = urlsplit(house), urlsplit(address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    path = asked.path + (f"?{asked.query}" if asked.query else "")
    connection.request("GET", quote(path, safe="/?="), headers={"Accept-Encoding": "gzip", "Cookie": cookie})
    answer = connection.getresponse()
    octets = answer.read()
    connection.close()
    assert answer.status == 200, address
    if answer.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(octets)
    return len(octets)
