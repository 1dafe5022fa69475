"""Every pair of colours that lie on each other can be read (WCAG 2.2, 1.4.3 and 1.4.11), in both themes.

Paper knows the light theme only.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "web" / "static" / "gotgan.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0
NOW, THEN = ("ground", "surface", "raised"), ("then", "then-sheet")
SIGNS = ("return", "well", "look", "shut")
# A new pair comes into this list before it comes into the stylesheet.
PAIRS = (
    *((ink, on, TEXT) for ink in ("ink", "ink-2", "ink-3", *SIGNS) for on in NOW),
    *((ink, on, TEXT) for ink in ("then-ink", "then-ink-2", "return", "ink") for on in THEN),
    *((ink, "then-line", TEXT) for ink in ("then-ink", "then-ink-2")),  # text that crosses a laid line
    *((ink, f"{sign}-soft", TEXT) for sign in SIGNS for ink in (sign, "ink", "ink-2")),
    ("on-ink", "ink", TEXT), ("on-return", "return", TEXT), ("on-return", "return-deep", TEXT),
    ("on-shut", "shut", TEXT), ("on-wood", "wood", TEXT), ("on-wood-2", "wood", TEXT),
    *(("on-glaze", f"glaze-{number}", TEXT) for number in range(1, 7)),
    *(("edge", on, SHAPE) for on in NOW), *(("then-edge", on, SHAPE) for on in THEN + NOW),
)  # fmt: skip


def _colours(opening: str) -> dict[str, str]:
    """Return the colours of the block that begins so."""
    block = CSS[CSS.index(opening) :]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", block[: block.index("}")]))


LIGHT = _colours(":root {")
BY_SYSTEM = _colours(':root:not([data-theme="light"]) {')
BY_CHOICE = _colours(':root[data-theme="dark"] {\n    --ground')


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(each * weight for each, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _ratio(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_as_far_apart_as_can_be() -> None:
    assert _ratio("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("tokens", [pytest.param(LIGHT, id="light"), pytest.param(BY_SYSTEM, id="dark")])
def test_every_pair_can_be_told_apart(tokens: dict[str, str]) -> None:
    assert len(PAIRS) == 63
    weak = {
        f"{front} on {back}": round(found, 2)
        for front, back, least in PAIRS
        if (found := _ratio(tokens[front], tokens[back])) < least
    }
    assert weak == {}


def test_every_colour_has_a_dark_value() -> None:
    assert BY_SYSTEM.keys() == LIGHT.keys()


def test_paper_is_never_dark() -> None:
    assert re.findall(r"@media (.+) \{\s+:root(?:\[data-theme=\"dark\"\]|:not)", CSS) == [
        "screen and (prefers-color-scheme: dark)", "screen", "screen",
    ]  # fmt: skip


def test_the_dark_of_the_system_and_that_of_choice_are_the_same() -> None:
    assert BY_SYSTEM == BY_CHOICE
