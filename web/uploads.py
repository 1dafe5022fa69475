"""Files that a page brought, kept between the look at what they would do and the act: a day at most.

They lie in a folder of their own in the data folder, under names that nobody can guess and that are tied to the visit
they came in. It refuses to read what is in them.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

from werkzeug.datastructures import FileStorage

from appliance import errors
from appliance.store.content import disk_trouble, sync_folder

FOLDER = "uploads"
KEPT_SECONDS = 24 * 3600
MOST_OF_A_VISIT = 4
PIECE_BYTES = 1 << 18
_KEY = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[0-9]+-[0-9a-f]{32}")


def keep(data: Path, visit_id: int, upload: FileStorage) -> str:
    """Keep a file that came in a visit, and return the key that finds it again; what is old is thrown away.

    DiskFull: nothing of it stays.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    _sweep(folder, visit_id)
    key = secrets.token_hex(16)
    path = folder / f"{visit_id}-{key}"
    try:
        with open(path, "xb", opener=_private) as target:
            upload.save(target, PIECE_BYTES)
            target.flush()
            os.fsync(target.fileno())  # what is cut off in the middle of it goes on with this file
        sync_folder(folder)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise disk_trouble(error) from error
    return key


def kept(data: Path, visit_id: int, key: str) -> Path:
    """Return where a file lies that came in this visit; NotFound."""
    if _KEY.fullmatch(key) is None:
        raise errors.NotFound("This file is not here any more. Please choose it again.")
    return of(data, f"{visit_id}-{key}")


def of(data: Path, name: str) -> Path:
    """Return where a file lies by its name in the folder, which never leaves the box; NotFound."""
    path = data / FOLDER / name
    if _NAME.fullmatch(name) is None or not path.is_file():
        raise errors.NotFound("This file is not here any more. Please choose it again.")
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sweep(folder: Path, visit_id: int) -> None:
    """Throw away what is a day old, and of this visit all but the newest few."""
    found = []
    for path in folder.iterdir():
        modified_at = path.stat().st_mtime
        if modified_at < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
        elif path.name.startswith(f"{visit_id}-"):
            found.append((modified_at, path))
    for _, path in sorted(found, reverse=True)[MOST_OF_A_VISIT - 1 :]:
        path.unlink(missing_ok=True)
