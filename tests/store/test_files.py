"""PUT, MKCOL, DELETE of files: ETags, old octets, names that cannot escape."""

from __future__ import annotations

import io
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import disk
from appliance.store.arriving import Arrival
from appliance.store.files import SLICE
from appliance.store.ledger import member_at
from tests.store.shelves import ANNA, Shelves, allow

PROVISIONAL = '"d-'
NFC = "가족.txt"
NFD = unicodedata.normalize("NFD", NFC)
LARGE = b"a photo " * 9000


def test_a_put_creates_and_replaces_with_an_etag_of_its_row(shelves: Shelves) -> None:
    first = shelves.put("a.txt", b"one")
    second = shelves.put("a.txt", b"two")
    assert (first.created, second.created) == (True, False)
    assert first.etag != second.etag == shelves.etag("a.txt")
    assert not second.etag.startswith(PROVISIONAL)
    assert shelves.there("a.txt").is_known


def test_the_same_octets_keep_the_etag_and_write_no_row(shelves: Shelves) -> None:
    first = shelves.put("a.txt", b"one")
    resource_id = shelves.there("a.txt").resource_id or 0
    assert shelves.put("a.txt", b"one").etag == first.etag
    assert [op for op, _, _ in shelves.versions(resource_id)] == ["put"]


def test_a_date_that_was_sent_is_kept(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one", modified_ns=1_700_000_000_000_000_000)
    assert shelves.there("a.txt").modified_ns == 1_700_000_000_000_000_000
    assert shelves.put("a.txt", b"one", modified_ns=1_600_000_000_000_000_000).etag == shelves.etag("a.txt")
    assert shelves.there("a.txt").modified_ns == 1_600_000_000_000_000_000


def overwritten_by_put(shelves: Shelves) -> None:
    shelves.put("old", b"new")


def overwritten_by_copy(shelves: Shelves) -> None:
    shelves.put("new", b"new")
    shelves.copy(("new",), ("old",))


def overwritten_by_move(shelves: Shelves) -> None:
    shelves.put("new", b"new")
    shelves.move(("new",), ("old",))


def overwritten_by_a_folder(shelves: Shelves) -> None:
    shelves.make("new")
    shelves.move(("new",), ("old",))


def deleted(shelves: Shelves) -> None:
    shelves.delete("old")


def deleted_with_its_folder(shelves: Shelves) -> None:
    shelves.make("folder")
    shelves.move(("old",), ("folder", "old"))
    shelves.delete("folder")
    shelves.sweeper.sweep()


def replaced_behind_our_back_then_by_put(shelves: Shelves) -> None:
    shelves.path("theirs").write_bytes(LARGE)
    shelves.path("old").unlink()
    shelves.path("theirs").rename(shelves.path("old"))
    shelves.put("old", b"new")


OVERWRITES = [
    overwritten_by_put,
    overwritten_by_copy,
    overwritten_by_move,
    overwritten_by_a_folder,
    deleted,
    deleted_with_its_folder,
    replaced_behind_our_back_then_by_put,
]


@pytest.mark.parametrize("overwrite", OVERWRITES, ids=lambda act: act.__name__)
def test_old_octets_are_in_the_store_after_every_kind_of_overwrite(
    shelves: Shelves, overwrite: Callable[[Shelves], None]
) -> None:
    shelves.put("old", LARGE)
    overwrite(shelves)
    assert shelves.is_kept(LARGE)


def test_a_hard_link_cannot_change_what_the_store_keeps(shelves: Shelves) -> None:
    shelves.put("old", LARGE)
    os.link(shelves.path("old"), shelves.path("second name"))
    shelves.put("old", b"new")
    shelves.path("second name").write_bytes(b"changed in place")
    assert shelves.is_kept(LARGE)


def test_a_hard_link_cannot_change_what_a_swept_folder_left(shelves: Shelves) -> None:
    """The sweeper took the very inode into the store although a file outside still had it."""
    shelves.put("old", LARGE, folder=shelves.make("folder"))
    os.link(shelves.path("folder", "old"), shelves.path("second name"))
    shelves.delete("folder")
    shelves.sweeper.sweep()
    shelves.path("second name").write_bytes(b"changed in place")
    assert shelves.is_kept(LARGE)


def test_a_file_removed_behind_our_back_and_put_again_has_one_living_row(shelves: Shelves) -> None:
    """Its row in the ledger stayed open beside the new one: two living resources under one name."""
    shelves.put("a.txt", b"one")
    before = shelves.there("a.txt").resource_id
    shelves.path("a.txt").unlink()
    assert shelves.put("a.txt", b"two").created
    assert shelves.there("a.txt").resource_id == before
    rows = shelves.reading.execute("SELECT count(*) FROM version WHERE until_seq IS NULL AND name = 'a.txt'")
    assert rows.fetchone()[0] == 1


def test_a_file_put_where_a_folder_vanished_ends_the_folder(shelves: Shelves) -> None:
    folder = shelves.make("x")
    shelves.path("x").rmdir()
    shelves.put("x", b"a file now")
    row = shelves.reading.execute("SELECT alive FROM resource WHERE id = ?", (folder.collection_id,)).fetchone()
    assert row["alive"] == 0
    assert shelves.there("x").is_known


def test_a_file_put_again_after_its_deletion_has_its_history_back(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    before = shelves.there("a.txt").resource_id
    shelves.delete("a.txt")
    shelves.put("a.txt", b"two")
    assert shelves.there("a.txt").resource_id == before


# --- provisional ETags (protocol B1) ----------------------------------------------------------------


def chmod(path: Path) -> None:
    path.chmod(0o600)


def touch(path: Path) -> None:
    os.utime(path)


def link(path: Path) -> None:
    os.link(path, path.with_name("second name"))


@pytest.mark.parametrize("act", [chmod, touch, link], ids=lambda act: act.__name__)
def test_touching_a_file_keeps_its_etag_once_it_was_looked_at(shelves: Shelves, act: Callable[[Path], None]) -> None:
    etag = shelves.put("a.txt", b"one").etag
    act(shelves.path("a.txt"))
    meanwhile = shelves.there("a.txt")
    assert (meanwhile.etag or "").startswith(PROVISIONAL)
    shelves.scan()
    looked_at = shelves.there("a.txt")
    assert looked_at.etag == etag
    assert looked_at.etags >= {etag, meanwhile.etag}, "who saw the provisional one may still name it"


def test_a_rewrite_of_equal_size_right_after_our_put_is_seen(shelves: Shelves) -> None:
    """File systems stamp with a coarse tick: both writes may lie within one."""
    for number in range(50):
        etag = shelves.put("a.txt", b"%03d ours" % number).etag
        with shelves.path("a.txt").open("r+b") as file:
            file.write(b"%03d them" % number)
        assert shelves.etag("a.txt") != etag


def test_what_is_observed_keeps_the_etag_that_it_was_shown_with(shelves: Shelves) -> None:
    shelves.path("a.txt").write_bytes(b"behind our back")
    shown = shelves.etag("a.txt")
    assert shown is not None and shown.startswith(PROVISIONAL)
    shelves.scan()
    assert shelves.there("a.txt").is_known
    assert shelves.etag("a.txt") == shown


def test_an_overwrite_behind_our_back_is_a_version_before_ours(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    resource_id = shelves.there("a.txt").resource_id or 0
    shelves.path("a.txt").write_bytes(b"theirs")
    shelves.put("a.txt", b"ours")
    assert [op for op, _, _ in shelves.versions(resource_id)] == ["put", "observe", "put"]
    assert shelves.is_kept(b"theirs")


def test_a_listing_of_ten_thousand_reads_no_file(shelves: Shelves) -> None:
    """Each is a hole of a terabyte: reading one would not end within this test."""
    for number in range(10_000):
        descriptor = os.open(shelves.path(f"{number:05}"), os.O_CREAT | os.O_WRONLY)
        os.truncate(descriptor, 1 << 40)
        os.close(descriptor)
    entries = list(shelves.files.entries(shelves.home))
    assert len(entries) == 10_000
    assert all((entry.etag or "").startswith(PROVISIONAL) and entry.size == 1 << 40 for entry in entries)
    assert len(shelves.noticed) == 10_000


def test_a_listing_in_slices_tells_of_each_name_what_a_look_at_it_tells(shelves: Shelves) -> None:
    names = [f"{number:04}" for number in range(2 * SLICE + 2)]
    for name in names:
        shelves.path(name).write_bytes(b"x")
    shelves.scan()
    edges = (names[0], names[SLICE - 1], names[SLICE], names[2 * SLICE], names[-1])
    for name in edges:
        shelves.path(name).unlink()
        shelves.path(name + "~new").write_bytes(b"y")
    shelves.path(names[7]).write_bytes(b"changed")
    shelves.noticed.clear()
    entries = list(shelves.files.entries(shelves.home))
    assert [entry.name for entry in entries] == sorted({*names, *(name + "~new" for name in edges)} - set(edges))
    home = shelves.home.path
    assert sorted(shelves.noticed) == sorted([home, (*home, names[7]), *((*home, name + "~new") for name in edges)])
    assert entries == [shelves.there(entry.name) for entry in entries]


def test_a_listing_that_is_left_early_leaves_no_folder_open(shelves: Shelves) -> None:
    for number in range(SLICE + 1):
        shelves.path(f"{number:04}").write_bytes(b"x")
    open_before = len(os.listdir("/proc/self/fd"))
    listing = shelves.files.entries(shelves.home)
    assert next(listing).name == "0000"
    assert len(os.listdir("/proc/self/fd")) == open_before + 1
    del listing
    assert len(os.listdir("/proc/self/fd")) == open_before


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "ä" * 128, ".gotgan-marker", "\udcff"])
def test_a_name_that_no_file_may_have_is_refused(shelves: Shelves, name: str) -> None:
    with pytest.raises(errors.WrongPlace):
        shelves.put(name, b"x")
    with pytest.raises(errors.WrongPlace):
        shelves.make(name)
    shelves.put("source", b"x")
    with pytest.raises(errors.WrongPlace):
        shelves.move(("source",), (name,))
    assert shelves.tree() == {("source",): b"x"}


def test_symbolic_links_lead_nowhere(shelves: Shelves, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    shelves.path("link").symlink_to(tmp_path)
    shelves.path("file").symlink_to(tmp_path / "secret")
    assert list(shelves.files.entries(shelves.home)) == []
    assert shelves.entry("link") is None
    for name in ("..", ".", "", "link/secret", "../anna"):
        assert shelves.entry(name) is None
    for path in (("anna", "link"), ("anna", ".."), ("..",), ("anna/../..",), ("anna", "file")):
        with pytest.raises(errors.NotFound), shelves.files.disk.folder(path):
            pass
    assert shelves.scan() == 0


def test_a_put_over_a_symbolic_link_replaces_the_link(shelves: Shelves, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    shelves.path("file").symlink_to(tmp_path / "secret")
    shelves.put("file", b"ours")
    assert (tmp_path / "secret").read_bytes() == b"outside"
    assert shelves.tree() == {("file",): b"ours"}


def test_a_name_is_found_in_its_other_form(shelves: Shelves) -> None:
    shelves.put(NFC, b"one")
    assert shelves.there(NFD).name == NFC
    stored = shelves.put(NFD, b"two")
    assert (stored.created, stored.name) == (False, NFC)
    assert shelves.tree() == {(NFC,): b"two"}
    shelves.delete(NFD)
    assert shelves.tree() == {}


def test_both_forms_of_a_name_side_by_side_stay_two_files(shelves: Shelves) -> None:
    """The scan recorded the one's octets as a version of the other, and back again, at every look."""
    shelves.put(NFC, b"composed")
    shelves.path(NFD).write_bytes(b"decomposed")
    assert shelves.scan() == 1
    assert shelves.scan() == 0
    home = shelves.home.collection_id or 0
    ids = {getattr(member_at(shelves.reading, home, form), "resource_id", None) for form in (NFC, NFD)}
    assert None not in ids and len(ids) == 2
    assert shelves.etag(NFC) != shelves.etag(NFD)


def test_names_that_are_no_text_stop_nothing(shelves: Shelves) -> None:
    os.close(os.open(os.fsencode(shelves.path()) + b"/\xff\xfe", os.O_CREAT | os.O_WRONLY))
    shelves.path("good.txt").write_bytes(b"x")
    assert [entry.name for entry in shelves.files.entries(shelves.home)] == ["good.txt"]
    assert shelves.scan() == 1


# --- what a write refuses, and what it leaves -------------------------------------------------------


def test_a_broken_off_upload_leaves_nothing(shelves: Shelves) -> None:
    arrival = Arrival(io.BytesIO(b"half"), 8, None, None, None)
    with pytest.raises(errors.BrokenOff):
        shelves.writer.put(
            ANNA, shelves.home, "a.txt", arrival, check=allow, announced_bytes=8, refused=lambda *_: None
        )
    assert shelves.tree() == {}
    assert shelves.leftovers() == []


def test_an_upload_that_is_refused_at_the_end_is_handed_on_whole(shelves: Shelves) -> None:
    looks = iter([None, errors.PreconditionFailed("It was changed in the meantime.")])

    def check(*_: object) -> None:
        refusal = next(looks)
        if refusal is not None:
            raise refusal

    with pytest.raises(errors.PreconditionFailed):
        shelves.put("a.txt", b"refused", check=check)
    assert shelves.kept == [7]
    assert shelves.tree() == {}
    assert shelves.leftovers() == []


def test_a_folder_is_no_file(shelves: Shelves) -> None:
    shelves.make("folder")
    with pytest.raises(errors.MethodRefused):
        shelves.put("folder", b"x")
    with pytest.raises(errors.AlreadyThere):
        shelves.make("folder")
    with pytest.raises(errors.NotFound):
        shelves.delete("nothing")


def test_a_patch_of_a_file_that_is_being_changed_hides_no_change(shelves: Shelves) -> None:
    """Setting a date recorded the signature of a state that the ledger had not seen: the change stayed unseen."""
    shelves.put("a.txt", b"one")

    def changed_by_somebody_else(*_: object) -> None:
        with shelves.path("a.txt").open("ab") as file:
            file.write(b"!")

    with pytest.raises(errors.Busy):
        shelves.writer.patch(ANNA, shelves.home, "a.txt", (), 10**18, check=changed_by_somebody_else)


def test_opening_a_file_that_changed_since_its_etag_was_told_is_refused(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    opened = shelves.files.open(shelves.home, shelves.there("a.txt"))
    assert b"".join(opened.chunks(1, 3)) == b"ne"
    shelves.path("a.txt").write_bytes(b"two")
    with pytest.raises(errors.ContentMissing):
        list(opened.chunks(0, 3))


def test_our_own_names_are_neither_shown_nor_found(shelves: Shelves) -> None:
    name = disk.temporary_name()
    shelves.path(name).write_bytes(b"being written")
    assert list(shelves.files.entries(shelves.home)) == []
    assert shelves.entry(name) is None
