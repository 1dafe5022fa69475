"""RFC 4331, quota: without it Finder shows no space at all and Windows that of drive C."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card

MIB = 1 << 20


@pytest.fixture
def cramped(desk: Desk) -> Desk:
    """Mina may store 1 MiB."""
    desk.join("mina", quota_bytes=MIB)
    return desk


def numbers(desk: Desk, path: str, by: str = "anna") -> tuple[int, int]:
    row = desk.find(path, "D:quota-used-bytes", "D:quota-available-bytes", by=by).only
    return int(row.text("D:quota-used-bytes")), int(row.text("D:quota-available-bytes"))


@pytest.mark.spec("RFC 4331 3", "folders tell both numbers, and together they are the quota")
def test_both_numbers_are_told(cramped: Desk) -> None:
    used, available = numbers(cramped, "/dav/files/mina/", by="mina")
    assert used + available == MIB
    cramped.put("/dav/files/mina/a.txt", "x" * 1000, by="mina")
    assert numbers(cramped, "/dav/files/mina/", by="mina") == (used + 1000, available - 1000)


@pytest.mark.spec("RFC 4331 3", "without a quota of one's own the disk is the limit")
@pytest.mark.parametrize("path", [FILES, FILES + "Family/"])
def test_without_a_quota_the_disk_is_the_limit(desk: Desk, path: str) -> None:
    desk.free_bytes = 100 * MIB
    used, available = numbers(desk, path)
    assert used >= 0
    assert 0 < available < 100 * MIB, "some of it is set aside"


@pytest.mark.spec("RFC 4331 3", "on a full disk nothing is available, never less than nothing")
def test_nothing_is_the_least(desk: Desk) -> None:
    desk.free_bytes = 5
    assert numbers(desk, FILES)[1] == 0


@pytest.mark.spec("RFC 4331 3", "the numbers are protected, and no part of allprop")
def test_the_numbers_are_protected(desk: Desk) -> None:
    row = desk.set_(FILES, "<D:quota-available-bytes>9</D:quota-available-bytes>").only
    assert row.other == {"D:quota-available-bytes": 403}
    assert "D:quota-used-bytes" not in desk.ask("PROPFIND", FILES, depth="0").only.found


@pytest.mark.spec("RFC 4331 6", "what does not fit into the quota is 507 with quota-not-exceeded, and changes nothing")
@pytest.mark.parametrize("tree", ["files/mina/a.bin", "addressbooks/mina/contacts/a.vcf"])
@pytest.mark.parametrize("headers", [{}, {"transfer_encoding": "chunked"}], ids=["length", "chunked"])
def test_over_quota_is_507(cramped: Desk, tree: str, headers: dict[str, str]) -> None:
    body = card("a", "NOTE:" + "x" * MIB)
    answer = cramped.ask("PUT", "/dav/" + tree, body, by="mina", **headers)
    assert answer.refusal == (507, "D:quota-not-exceeded")
    assert cramped.ask("GET", "/dav/" + tree, by="mina").status == 404


@pytest.mark.spec("RFC 4331 6", "what does not fit onto the disk is 507 with sufficient-disk-space")
@pytest.mark.parametrize("path", [FILES + "a.bin", BOOK + "a.vcf", CALENDAR + "a.ics"])
def test_a_full_disk_is_507(desk: Desk, path: str) -> None:
    desk.free_bytes = 5
    body = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" if "cal" in path else card("a")
    assert desk.ask("PUT", path, body).refusal == (507, "D:sufficient-disk-space")
    assert desk.ask("GET", path).status == 404


@pytest.mark.spec("RFC 4331 2", "what is shared counts for its owner, the household")
def test_what_is_shared_counts_for_its_owner(cramped: Desk) -> None:
    before = numbers(cramped, "/dav/files/mina/", by="mina")
    cramped.put("/dav/files/mina/Family/big.bin", "x" * (2 * MIB), by="mina")
    assert numbers(cramped, "/dav/files/mina/", by="mina") == before


@pytest.mark.spec("RFC 4331 3", "the settings' quota holds for everybody with whom nothing else was agreed")
def test_the_quota_of_the_settings(desk: Desk) -> None:
    with (desk.data / "gotgan.toml").open("a", encoding="utf-8") as file:
        file.write(f"quota_bytes = {MIB}\n")
    again = Desk(desk.data, desk.clock)
    again.knows(desk)
    used, available = numbers(again, FILES)
    assert used + available == MIB
    refused = again.ask("PUT", FILES + "large", b"x" * (MIB + 1))
    assert refused.refusal == (507, "D:quota-not-exceeded")
    again.close()
