"""The data folder: where it is by default, whether it can be used, and where its server listens.

Nothing here opens the database, so that `serve` can look first and import little.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

import appliance
from appliance import errors

INSTALLED = Path("/var/lib/gotgan")
SERVING = "serving"  # held by the server while it runs; says where it listens

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """Give a command its `--data`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        envvar="GOTGAN_DATA",
        default=default_data,
        help="The data folder; ./data in a checkout, /var/lib/gotgan where Gotgan is installed.",
    )(command)


def default_data() -> Path:
    """Return `data` of the checkout that this code lies in, else the place of an installed Gotgan."""
    root = Path(appliance.__file__).resolve().parents[1]
    return root / "data" if (root / "pyproject.toml").is_file() else INSTALLED


def checked(data: Path) -> Path:
    """Return the data folder, absolute and made where it was missing; raises NotPossible when it cannot be used."""
    data = data.absolute()
    try:
        data.mkdir(mode=0o750, parents=True, exist_ok=True)  # a family's letters: not for every user here
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise errors.NotPossible(f"The data folder {data} cannot be made: {reason}.") from error
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise errors.NotPossible(f"The data folder {data} cannot be written to by this user.")
    return data


def listening(data: Path) -> str:
    """Return where the server listens, or did when it last stopped without a word; empty: not known."""
    try:
        return (data / SERVING).read_text(encoding="ascii").strip()[:300]
    except (OSError, UnicodeDecodeError):
        return ""
