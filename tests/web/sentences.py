"""Every sentence that the pages say, found in templates and views as gettext finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract

WEB = Path(__file__).parents[2] / "web"
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


class Sentence(NamedTuple):
    """One English sentence, or the two of a plural, and where it is said."""

    english: str | tuple[str, ...]
    place: str


def sentences() -> Iterator[Sentence]:
    """Yield everything that must be translated."""
    for path in sorted(WEB.rglob("*")):
        method = {".py": "python", ".html": "jinja2.ext:babel_extract", ".svg": None}.get(path.suffix)
        if method is None:
            continue
        with path.open("rb") as source:
            options = {"trimmed": "true"}
            for line, message, _comments, _context in extract(method, source, KEYWORDS, options=options):
                yield Sentence(message, f"{path.relative_to(WEB)}:{line}")
