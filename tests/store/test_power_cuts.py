"""No cut of power loses what was acknowledged, or what was there before; the next start leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.store import rebuild
from appliance.store.content import digest_of
from tests.store.histories import THE_OTHER_PHONE, walked
from tests.store.power import Act, cuts
from tests.store.shelves import Shelves, TurnedClock

LARGE = b"a photo " * 9000


def some_files(shelves: Shelves) -> None:
    shelves.put("old.txt", b"old")
    shelves.put("photo.jpg", LARGE)
    folder = shelves.make("folder")
    shelves.put("one.txt", b"one", folder=folder)
    inner = shelves.make("inner", folder=folder)
    shelves.put("two.txt", b"two", folder=inner)
    shelves.put("three.txt", LARGE + b"3", folder=inner)


def some_files_and_an_upload(shelves: Shelves) -> None:
    some_files(shelves)
    shelves.put("upload.tmp", b"new")


def put_new(shelves: Shelves) -> None:
    shelves.put("new.txt", b"new")


def put_over(shelves: Shelves) -> None:
    shelves.put("photo.jpg", b"another photo")


def edited_behind_then_put_over(shelves: Shelves) -> None:
    shelves.put("old.txt", b"ours")


def some_files_one_edited(shelves: Shelves) -> None:
    some_files(shelves)
    shelves.path("old.txt").write_bytes(b"theirs")


def make(shelves: Shelves) -> None:
    shelves.make("new folder")


def delete(shelves: Shelves) -> None:
    shelves.delete("photo.jpg")


def delete_folder(shelves: Shelves) -> None:
    shelves.delete("folder")


def delete_folder_and_sweep(shelves: Shelves) -> None:
    shelves.delete("folder")
    shelves.sweeper.sweep()


def rename(shelves: Shelves) -> None:
    shelves.move(("old.txt",), ("folder", "renamed.txt"))


def move_over(shelves: Shelves) -> None:
    shelves.move(("old.txt",), ("photo.jpg",), author=THE_OTHER_PHONE)


def upload_over(shelves: Shelves) -> None:
    shelves.move(("upload.tmp",), ("photo.jpg",))


def move_folder(shelves: Shelves) -> None:
    shelves.move(("folder", "inner"), ("moved",))


def move_folder_over_folder(shelves: Shelves) -> None:
    shelves.move(("folder", "inner"), ("folder2",))


def some_files_and_a_second_folder(shelves: Shelves) -> None:
    some_files(shelves)
    shelves.put("four.txt", b"four", folder=shelves.make("folder2"))


def copy(shelves: Shelves) -> None:
    shelves.copy(("old.txt",), ("copy.txt",))


def copy_over(shelves: Shelves) -> None:
    shelves.copy(("old.txt",), ("photo.jpg",))


def copy_folder_over_folder(shelves: Shelves) -> None:
    shelves.copy(("folder",), ("folder2",))


def scan(shelves: Shelves) -> None:
    shelves.scan()


def some_files_changed_behind(shelves: Shelves) -> None:
    some_files_one_edited(shelves)
    shelves.path("photo.jpg").unlink()
    shelves.path("found").mkdir()
    shelves.path("found", "behind.txt").write_bytes(b"behind")


WRITES: list[tuple[Act, Act]] = [
    (some_files, put_new),
    (some_files, put_over),
    (some_files_one_edited, edited_behind_then_put_over),
    (some_files, make),
    (some_files, delete),
    (some_files, delete_folder),
    (some_files, delete_folder_and_sweep),
    (some_files, rename),
    (some_files, move_over),
    (some_files_and_an_upload, upload_over),
    (some_files, move_folder),
    (some_files_and_a_second_folder, move_folder_over_folder),
    (some_files, copy),
    (some_files, copy_over),
    (some_files_and_a_second_folder, copy_folder_over_folder),
    (some_files_changed_behind, scan),
]


@pytest.mark.parametrize(("before", "act"), WRITES, ids=lambda act: act.__name__)
def test_a_power_cut_at_any_step_loses_nothing(quick_disk: Path, before: Act, act: Act) -> None:
    earlier, later = (outcome(quick_disk / name, before, acts) for name, acts in (("a", ()), ("b", (act,))))
    steps = quick_disk / "steps"
    steps.mkdir()
    at_once = act not in (move_folder_over_folder, copy_folder_over_folder)  # else a cut leaves both folders
    for step, acknowledged, shelves in cuts(steps, before, act):
        recover(shelves)
        tree = shelves.tree()
        if acknowledged:
            assert tree == later, step
        for path in earlier.keys() & later.keys():
            if at_once and earlier[path] is not None:
                assert tree.get(path, b"gone") in (earlier[path], later[path]), (step, path)
        aside = {(f"{name[0]} (2)", *name[1:]): body for name, body in earlier.items() if not at_once}
        assert tree.items() <= earlier.items() | later.items() | aside.items(), step
        for body in earlier.values():
            assert body is None or body in tree.values() or shelves.is_kept(body), (step, body[:20])
        require_sound(shelves)


def outcome(
    data: Path, before: Act, acts: tuple[Callable[[Shelves], object], ...]
) -> dict[tuple[str, ...], bytes | None]:
    """The tree without any cut."""
    data.mkdir()
    shelves = Shelves(data, TurnedClock())
    for act in (before, *acts):
        act(shelves)
    tree = shelves.tree()
    shelves.close()
    return tree


def recover(shelves: Shelves) -> None:
    """What a start does."""
    shelves.sweeper.sweep()
    shelves.scan()


def require_sound(shelves: Shelves) -> None:
    assert shelves.leftovers() == []
    assert list((shelves.data / "aside").iterdir()) == []
    assert rebuild.differences(shelves.reading) == []
    home = shelves.home.collection_id
    assert home is not None
    digests = {path: None if body is None else digest_of(body) for path, body in shelves.tree().items()}
    assert walked(shelves, home, None) == digests
    assert shelves.scan() == 0
