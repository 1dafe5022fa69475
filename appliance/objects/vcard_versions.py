"""A line of a card of one version as a card of another version says it (RFC 2426, RFC 6350).

Only what both can say, in different words: a number as an address, the preferred one, a picture inside the card, a
group, a birthday. It refuses everything else, and whatever would not mean the same when it is read again.
"""

from __future__ import annotations

import re

from appliance.objects.content_lines import ContentLine, read_line
from appliance.objects.meanings import BINARY, is_unread, name_of, params_of, value_of
from appliance.objects.octets import folded

_ONLY_4 = frozenset({
    "ANNIVERSARY", "BIRTHPLACE", "CALADRURI", "CALURI", "CLIENTPIDMAP", "DEATHDATE", "DEATHPLACE", "EXPERTISE", "FBURL",
    "GENDER", "HOBBY", "INTEREST", "LANG", "ORG-DIRECTORY", "RELATED", "XML",
})  # fmt: skip
_ONLY_3 = frozenset({"AGENT", "CLASS", "LABEL", "MAILER", "NAME", "PROFILE", "SORT-STRING"})  # RFC 6350 A.2
_UNLIKE = frozenset({"GEO", "TZ"})  # both have it, with values of another form
_PARAMS_ONLY_4 = frozenset({
    "ALTID", "AUTHOR", "AUTHOR-NAME", "CALSCALE", "CREATED", "DERIVED", "GEO", "INDEX", "LABEL", "LEVEL", "MEDIATYPE",
    "PHONETIC", "PID", "PREF", "PROP-ID", "SCRIPT", "SERVICE-TYPE", "SORT-AS", "TZ", "USERNAME",
})  # fmt: skip
_GROUPS = {"KIND": "X-ADDRESSBOOKSERVER-KIND", "MEMBER": "X-ADDRESSBOOKSERVER-MEMBER"}
_PICTURES = frozenset({"PHOTO", "LOGO"})
_SNIFFED = {"/9j/": "jpeg", "iVBORw0KGgo": "png", "R0lGOD": "gif", "UklGR": "webp"}  # how their base64 begins
_FORMATS = frozenset(_SNIFFED.values()) | {"jpg"}

_PICTURE_URI = re.compile(r"data:image/([\w.+-]{1,40});base64,", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_BARE = re.compile(rb";[^=;:]*[;:]")  # a parameter without a name, as 2.1 has them
_TO_QUOTE = re.compile(r"[:;,]")

Params = list[tuple[str, tuple[str, ...]]]


def in_version(version: str, line: ContentLine, sent: bytes) -> bytes | None:
    """Return a line, sent as `sent`, for a card of `version`; None where that cannot say it.

    What both say alike stays as it was sent.
    """
    if line.name.startswith("X-AB"):
        return sent
    is_4 = version.startswith("4")
    made = _in_4(line) if is_4 else _in_3(line)
    if made is None:
        return None
    if made == line and not _BARE.search(sent.partition(b":")[0] + b":"):
        return sent
    written = _written(made)
    read = read_line(written)
    if is_unread(line) or read is None or _meant(read) != _meant(line):
        return None
    return folded(written.encode())


def _meant(line: ContentLine) -> tuple[object, ...]:
    return name_of(line), params_of(line), value_of(line)


def _in_4(line: ContentLine) -> ContentLine | None:
    if line.name in _ONLY_3 | _UNLIKE or line.param("CHARSET") is not None:
        return None
    value, types = line.value, _types(line)
    params: Params = [(name, values) for name, values in line.params if name not in ("TYPE", "ENCODING")]
    if line.param("ENCODING") is not None:
        encoded = _picture_uri(line, types)
        if encoded is None:
            return None
        value, params = encoded, [param for param in params if param[0] != "VALUE"]
    if line.name in BINARY:
        types = [one for one in types if one.lower() not in _FORMATS]
    if line.name == "BDAY":
        value, params = _day_in_4(line, params)
    if any(one.lower() == "pref" for one in types):
        params.append(("PREF", ("1",)))
    types = [one for one in types if one.lower() != "pref" and (line.name, one.lower()) != ("EMAIL", "internet")]
    return _made(line, name_of(line), types, params, value)


def _in_3(line: ContentLine) -> ContentLine | None:
    if line.name in _ONLY_4 | _UNLIKE or line.param("CHARSET") is not None:
        return None
    encoding = (line.param("ENCODING") or "").lower()
    if encoding not in ("", "b", "base64"):
        return None
    value, types = line.value, _types(line)
    params: Params = [(name, values) for name, values in line.params if name != "TYPE"]
    if ("PREF", ("1",)) in params:
        params.remove(("PREF", ("1",)))
        types.append("pref")
    picture = _PICTURE_URI.match(value.strip()) if line.name in _PICTURES else None
    if picture is not None:
        params = [("ENCODING", ("b",)), *(one for one in params if one[0] not in ("VALUE", "MEDIATYPE"))]
        types, value = [*types, picture[1].upper()], value.strip()[picture.end() :]
    elif line.name in BINARY and not encoding and ("VALUE", ("uri",)) not in _lower(params):
        params.append(("VALUE", ("uri",)))
    if line.name == "TEL" and value.strip().lower().startswith("tel:"):
        params, value = [one for one in params if one[0] != "VALUE"], value.strip()[len("tel:") :]
        if ";" in value:  # an extension, RFC 3966 3
            return None
    if any(name in _PARAMS_ONLY_4 for name, _ in params) or (line.name == "BDAY" and not _DAY.match(value)):
        return None
    params = [one for one in params if one not in (("VALUE", ("text",)), ("VALUE", ("date-and-or-time",)))]
    return _made(line, _GROUPS.get(line.name, line.name), types, params, value)


def _types(line: ContentLine) -> list[str]:
    """Return the types one by one: 4.0 quotes a list of them, which would be a single one in 3.0."""
    return [one for name, values in line.params if name == "TYPE" for value in values for one in value.split(",")]


def _lower(params: Params) -> Params:
    return [(name, tuple(value.lower() for value in values)) for name, values in params]


def _picture_uri(line: ContentLine, types: list[str]) -> str | None:
    """Return the value of a picture in 4.0 (RFC 6350 6.2.4), None where nobody says what it is."""
    text = "".join(line.value.split())
    named = next((one.lower() for one in types if one.lower() in _FORMATS), None)
    kind = named or next((kind for head, kind in _SNIFFED.items() if text.startswith(head)), None)
    if line.name not in _PICTURES or kind is None:
        return None
    return f"data:image/{'jpeg' if kind == 'jpg' else kind};base64,{text}"


def _day_in_4(line: ContentLine, params: Params) -> tuple[str, Params]:
    """Return a birthday without dashes (RFC 6350 4.3.1), and without the year that Apple made up."""
    found = _DAY.fullmatch(line.value.strip())
    if found is None:
        return line.value, params
    year, month, day = found.groups()
    if year == line.param("X-APPLE-OMIT-YEAR"):
        year, params = "--", [param for param in params if param[0] != "X-APPLE-OMIT-YEAR"]
    return f"{year}{month}{day}", params


def _made(line: ContentLine, name: str, types: list[str], params: Params, value: str) -> ContentLine | None:
    """Return a line of these, the same one where nothing is another."""
    if (name, sorted(types), value) == (line.name, sorted(_types(line)), line.value):
        others = [param for param in line.params if param[0] != "TYPE"]
        is_plain = all("," not in value for param, values in line.params if param == "TYPE" for value in values)
        if is_plain and params == others:
            return line
    typed: Params = [("TYPE", tuple(types))] if types else []
    return ContentLine(line.group, name, tuple(typed + params), value, line.number)


def _written(line: ContentLine) -> str:
    head = f"{line.group}.{line.name}" if line.group else line.name
    for name, values in line.params:
        head += f";{name}={','.join(_quoted(value) for value in values)}"
    return f"{head}:{line.value}"


def _quoted(value: str) -> str:
    escaped = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")  # RFC 6868 3.1
    return f'"{escaped}"' if _TO_QUOTE.search(escaped) else escaped
