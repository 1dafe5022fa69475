"""A desktop that keeps a collection as a folder of files and syncs it with vdirsyncer, as one device of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.programs import require_program, run
from tests.serving import Device

Kind = Literal["carddav", "caldav"]
ENDING = {"carddav": ".vcf", "caldav": ".ics"}
METADATA = {"carddav": ["displayname"], "caldav": ["displayname", "color"]}


@dataclass(frozen=True, slots=True)
class Desk:
    """`folder` holds the files; everything else of vdirsyncer lies beside it."""

    home: Path
    kind: Kind
    collection: str

    @property
    def folder(self) -> Path:
        return self.home / "local" / self.collection

    def octets(self) -> dict[str, bytes]:
        """Return what lies on the desk: file name to octets."""
        return {path.name: path.read_bytes() for path in self.folder.glob(f"*{ENDING[self.kind]}")}

    def texts(self) -> dict[str, str]:
        """Return the same by UID: two desks may file one object under two names."""
        return {uid_in(octets): octets.decode() for octets in self.octets().values()}

    def file_of(self, uid: str) -> Path:
        """Return the file that holds `uid`."""
        return next(path for path in self.folder.iterdir() if path.suffix and uid_in(path.read_bytes()) == uid)

    def write(self, name: str, octets: bytes) -> None:
        """Put a file onto the desk, as an address book program would: a new file renamed into place."""
        fresh = self.folder / f".{name}.new"
        fresh.write_bytes(octets)
        fresh.rename(self.folder / name)

    def sync(self) -> str:
        """Run one synchronisation and return what vdirsyncer said about it."""
        return self._call("sync")

    def sync_metadata(self) -> str:
        """Carry name and colour over, in either direction."""
        return self._call("metasync")

    def _call(self, *words: str) -> str:
        done = run([require_program("vdirsyncer"), "-c", str(self.home / "config"), *words], cwd=self.home)
        return done.stderr + done.stdout


def desk(home: Path, device: Device, kind: Kind, collection: str, *, winner: Literal["a", "b"] = "b") -> Desk:
    """Set a desk up and find, or make, its collection on the server; `winner` of a conflict: a is the desk."""
    made = Desk(home, kind, collection)
    made.folder.mkdir(parents=True)
    (home / "config").write_text(
        f"""
[general]
status_path = "{home}/status"

[pair desk]
a = "local"
b = "remote"
collections = ["{collection}"]
conflict_resolution = "{winner} wins"
metadata = {str(METADATA[kind]).replace("'", '"')}
implicit = "create"

[storage local]
type = "filesystem"
path = "{home}/local"
fileext = "{ENDING[kind]}"

[storage remote]
type = "{kind}"
url = "{device.dav_url}"
username = "{device.user}"
password = "{device.password}"
"""
    )
    made._call("discover")
    return made


def uid_in(octets: bytes) -> str:
    """Return the first UID of a card or of a calendar's event or task."""
    found = re.search(rb"^UID[^:\r\n]*:([^\r\n]+(?:\r?\n[ \t][^\r\n]*)*)", octets, re.MULTILINE)
    assert found is not None, octets[:400]
    return re.sub(rb"\r?\n[ \t]", b"", found[1]).decode()
