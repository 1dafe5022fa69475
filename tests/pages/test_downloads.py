"""What a page sends to be kept: as often as wanted, under any name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright import sync_api

from appliance.tree.archive import AT_ONCE
from tests.pages.browsing import Browser, Seen
from tests.pages.family import Family, card
from tests.serving import serving

CARD = "addressbooks/mina/contacts/현관 비밀번호.vcf"


@pytest.fixture
def mina(tmp_path: Path, chrome: sync_api.Browser) -> Iterator[Seen]:
    """Mina's browser; her phone has written a file, and an edit that came too late."""
    family = Family(tmp_path / "data")
    phone = family.phone("mina", "민아 갤럭시")
    phone.put("files/mina/essay.txt", "once").put(CARD, card("door", "현관", tel="1"))
    assert phone.ask("PUT", CARD, card("door", "현관", tel="2").encode(), {"if-match": '"another"'}) == 412
    family.close()
    with serving(tmp_path / "data") as house, Browser(chrome, house.url).open() as seen:
        yield seen.sign_in("mina")


def test_a_folder_is_fetched_more_often_than_at_once(mina: Seen) -> None:
    for method in ("HEAD", "GET") * (AT_ONCE + 1):
        answer = mina.page.request.fetch(f"{mina.url}zip/files/mina", method=method)
        assert answer.status == 200, "a zip that was fetched kept its turn"
        if method == "GET":
            assert zipfile.ZipFile(io.BytesIO(answer.body())).read("essay.txt") == b"once"


def test_what_was_kept_aside_is_saved_under_a_korean_name(mina: Seen) -> None:
    answer = mina.page.request.get(f"{mina.url}kept/1/text")
    assert (answer.status, "TEL" in answer.text()) == (200, True)
    assert answer.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote('현관.vcf')}")
    assert answer.headers["content-security-policy"].startswith("sandbox")
