"""The settings file: what it accepts, and what it says when it does not."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from appliance import errors, settings
from appliance.settings import Settings


def load(data: Path, text: str | None = None, **environment: str) -> Settings:
    if text is not None:
        (data / settings.FILE_NAME).write_text(text, encoding="utf-8")
    return settings.load(data, environment)


def test_no_file_means_the_documented_defaults(tmp_path: Path) -> None:
    loaded = load(tmp_path, TZ="Asia/Seoul", LANG="ko_KR.UTF-8")
    assert (loaded.listen, loaded.public_url, loaded.quota_bytes) == ("0.0.0.0:8080", None, None)
    assert (loaded.time_zone, loaded.language) == ("Asia/Seoul", "ko")
    assert loaded.card_limit_bytes >= 20_000_000
    assert loaded.refused_reserve_bytes == loaded.refused_file_limit_bytes == 64 * 1024 * 1024


def test_every_setting_has_a_sentence() -> None:
    documented = settings.sentences()
    assert set(documented) == {entry.name for entry in fields(Settings)} - {"data"}
    assert all(sentence.endswith(".") and len(sentence) > 30 for sentence in documented.values())


def test_the_file_is_read(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        'listen = "[::1]:80"\npublic_url = "https://box.example"\ntime_zone = "Europe/Berlin"\nlanguage = "ko"\n'
        'quota_bytes = 1_000\nhidden_files = ["*.bak"]\nthreads = 4\nbox_name = "Gotgan.local"\n',
    )
    assert loaded.listen == "[::1]:80"
    assert loaded.public_url == loaded.address == "https://box.example/"
    assert (loaded.time_zone, loaded.language, loaded.quota_bytes, loaded.threads) == ("Europe/Berlin", "ko", 1000, 4)
    assert loaded.hidden_files == ("*.bak",)
    assert loaded.box_name == "gotgan.local"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, 'listen = ":1"', GOTGAN_LISTEN="127.0.0.1:9000", GOTGAN_PUBLIC_URL="http://a.example:1")
    assert (loaded.listen, loaded.public_url) == ("127.0.0.1:9000", "http://a.example:1/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('publik_url = "http://a/"', ("`publik_url`", "`public_url`"), id="misspelt key"),
        pytest.param("zebra = 1", ("`zebra`", "listen"), id="key like no other"),
        pytest.param('data = "/x"', ("`data`",), id="the folder cannot name itself"),
        pytest.param('card_limit_bytes = "20 MiB"', ("`card_limit_bytes`", "whole number"), id="wrong type"),
        pytest.param("card_limit_bytes = true", ("`card_limit_bytes`",), id="true is no number"),
        pytest.param("card_limit_bytes = -1", ("`card_limit_bytes`",), id="negative size"),
        pytest.param('time_zone = "Asia/Soul"', ("`time_zone`", '"Asia/Seoul"'), id="misspelt zone"),
        pytest.param('time_zone = "seoul"', ("`time_zone`", '"Asia/Seoul"'), id="city without continent"),
        pytest.param('time_zone = "../../etc/passwd"', ("`time_zone`",), id="zone that is a path"),
        pytest.param('language = "de"', ("`language`", '"ko"'), id="unknown language"),
        pytest.param('listen = "8080"', ('"8080"', "0.0.0.0:8080"), id="port alone"),
        pytest.param('listen = "[::zz]:80"', ("[::zz]:80",), id="no IPv6"),
        pytest.param('listen = ":70000"', (":70000",), id="port too large"),
        pytest.param('public_url = "ftp://a/"', ("`public_url`",), id="scheme"),
        pytest.param('public_url = "http://a:b/"', ("`public_url`",), id="port of an address"),
        pytest.param('hidden_files = "*.bak"', ("`hidden_files`",), id="text for a list"),
        pytest.param("threads = 0", ("`threads`",), id="no threads"),
        pytest.param('box_name = "곳간"', ("`box_name`",), id="name that mail cannot carry"),
        pytest.param("listen = ", ("TOML",), id="no TOML"),
    ],
)
def test_a_wrong_file_is_named_in_one_sentence(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(errors.SettingsUnreadable) as caught:
        load(tmp_path, text)
    sentence = str(caught.value)
    assert all(word in sentence for word in said)
    assert "\n" not in sentence


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(errors.SettingsUnreadable, match="UTF-8"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("0.0.0.0:8080", f"http://{settings.hostname()}:8080/"),
        ("[::]:80", f"http://{settings.hostname()}/"),
        ("127.0.0.1:9", "http://127.0.0.1:9/"),
        ("[::1]:9", "http://[::1]:9/"),
    ],
)
def test_the_address_is_where_the_box_can_be_reached(tmp_path: Path, listen: str, address: str) -> None:
    assert load(tmp_path, GOTGAN_LISTEN=listen).address == address


def test_an_unknown_machine_zone_is_utc() -> None:
    assert settings.machine_time_zone({"TZ": "Asia/Seoul"}) == "Asia/Seoul"
    assert settings.is_time_zone(settings.machine_time_zone({"TZ": "Nowhere/Land"}))
