"""The address of what a device sees now, as it will be in the past: for tests that change it afterwards."""

from __future__ import annotations

import base64
import re
import urllib.request

from tests.serving import PATIENCE_SECONDS, Device

TOKEN = b'<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>'


def as_it_is_now(device: Device, url: str, *, collection_url: str) -> str:
    """Return where `url` will be found as it is now; `collection_url` is what the last change was made in."""
    login = base64.b64encode(f"{device.user}:{device.password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Depth": "0", "Content-Type": "application/xml"}
    request = urllib.request.Request(collection_url, TOKEN, headers, method="PROPFIND")
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        found = re.search(rb"urn:gotgan:sync:\d+:[a-z2-7]+-(\d+)", answer.read())
    assert found is not None, "there is no sync-token here"
    return url.replace("/dav/", f"/dav/at/seq-{found[1].decode()}/", 1)
