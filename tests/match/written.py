"""Components for the tests of `match`, written as text: one line per content line, BEGIN and END nest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WrittenLine:
    group: str | None
    name: str
    params: tuple[tuple[str, tuple[str, ...]], ...]
    value: str


@dataclass
class WrittenComponent:
    name: str
    lines: list[WrittenLine] = field(default_factory=list)
    components: list[WrittenComponent] = field(default_factory=list)


def component(text: str) -> WrittenComponent:
    """Read one component; no folding, no quoted parameters."""
    open_ones: list[WrittenComponent] = []
    for raw in text.strip().splitlines():
        line = written_line(raw.strip())
        if line.name == "BEGIN":
            started = WrittenComponent(line.value)
            if open_ones:
                open_ones[-1].components.append(started)
            open_ones.append(started)
        elif line.name == "END" and len(open_ones) > 1:
            open_ones.pop()
        elif line.name != "END":
            open_ones[-1].lines.append(line)
    return open_ones[0]


def card(*lines: str) -> WrittenComponent:
    """Return a VCARD with these lines."""
    return WrittenComponent("VCARD", [written_line(line) for line in lines])


def written_line(raw: str) -> WrittenLine:
    left, _, value = raw.partition(":")
    name, *params = left.split(";")
    group, dot, bare = name.rpartition(".")
    pairs = [param.partition("=") for param in params]
    read = tuple((key.upper(), tuple(values.split(","))) for key, _, values in pairs)
    return WrittenLine(group if dot else None, bare.upper(), read, value)
