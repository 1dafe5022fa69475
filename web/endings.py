"""What the ending of a file's name promises: how the page shows it, and as what its octets may be sent.

A browser is told only types that cannot run anything of ours; whatever is not in these tables is sent as octets, to be
kept and not shown. It refuses to look into a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

OCTETS = "application/octet-stream"


class Shown(StrEnum):
    """How a file is shown in the drawer; the words are those of the icons."""

    PICTURE = "picture"
    TEXT = "text"
    PDF = "pdf"
    SOUND = "sound"
    FILM = "film"
    NOT = "file"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a file is shown, and the type that its octets are sent with."""

    shown: Shown
    content_type: str = OCTETS


PLAIN = "text/plain; charset=utf-8"
PICTURES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "jfif": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "bmp": "image/bmp", "svg": "image/svg+xml", "ico": "image/x-icon",
}  # fmt: skip
SOUNDS = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav",
}  # fmt: skip
FILMS = {
    "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg", "mov": "video/quicktime",
}  # fmt: skip
TEXTS = frozenset({
    "txt", "text", "md", "markdown", "rst", "csv", "tsv", "log", "json", "jsonl", "xml", "html", "htm", "xhtml",
    "css", "js", "ts", "py", "rb", "go", "rs", "c", "h", "cpp", "java", "sh", "bash", "bat", "ps1", "ini",
    "cfg", "conf", "toml", "yaml", "yml", "tex", "bib", "srt", "vtt", "sub", "sql", "diff", "patch", "vcf",
    "ics", "gpx", "kml", "m3u", "eml", "nfo",
})  # fmt: skip
KNOWN = {  # what no browser shows, but people know what it is
    "heic": "picture", "heif": "picture", "tif": "picture", "tiff": "picture", "raw": "picture", "avi": "film",
    "mkv": "film", "wmv": "film", "wma": "sound", "amr": "sound", "hwp": "text", "hwpx": "text", "doc": "text",
    "docx": "text", "odt": "text",
}  # fmt: skip


def ending_of(name: str) -> Ending:
    """Return what the ending of a name promises."""
    last = _last(name)
    if last in PICTURES:
        return Ending(Shown.PICTURE, PICTURES[last])
    if last in SOUNDS:
        return Ending(Shown.SOUND, SOUNDS[last])
    if last in FILMS:
        return Ending(Shown.FILM, FILMS[last])
    if last == "pdf":
        return Ending(Shown.PDF, "application/pdf")
    if last in TEXTS or (not last and name.isupper()):  # README, LICENSE
        return Ending(Shown.TEXT, PLAIN)
    return Ending(Shown.NOT)


def icon_of(name: str) -> str:
    """Return the icon that stands before a file's name."""
    shown = ending_of(name).shown
    if shown is Shown.NOT:
        return KNOWN.get(_last(name), "file")
    return "text" if shown is Shown.PDF else shown.value


def _last(name: str) -> str:
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""
