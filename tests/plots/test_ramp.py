"""Shades as a terminal of few colours shows them: more of something never looks like less."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import msgspec
import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from rnnlab.plots.run.confusion import confusion
from rnnlab.text.palette import DARK, HEAT_LEVELS, LIGHT, MONO, Palette, Role, terminal_palette
from rnnlab.text.ramp import Depth, lab, luminance, rgb
from rnnlab.ui.common.palette import _made
from rnnlab.ui.common.theme import THEMES

SYSTEMS: dict[Depth, ColorSystem] = {
    "truecolor": ColorSystem.TRUECOLOR,
    "256": ColorSystem.EIGHT_BIT,
    "16": ColorSystem.STANDARD,
}
_VGA = [(0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)]
_BRIGHT = [tuple(255 if part == 85 else part + 85 for part in colour) for colour in _VGA]
_APPS = tuple(
    _made(
        theme.name,
        tuple(
            str(getattr(theme, name))
            for name in ("background", "foreground", "primary", "warning", "secondary", "success", "error", "accent")
        ),
        "truecolor",
    )
    for theme in THEMES
)
PALETTES = (DARK, LIGHT, *_APPS)
ROLES: tuple[Role, ...] = ("good", "bad", "train", "validation", "test", "warning")


def shown(style: Style, depth: Depth, *, ground: bool) -> tuple[int, int, int]:
    """The colour that Textual makes the terminal show, by the sequence that it writes."""
    codes = [int(code) for code in re.findall(r"\d+", Strip.render_ansi(style, SYSTEMS[depth]))]
    if not ground:
        codes = [code - 10 if 40 <= code <= 48 or 100 <= code <= 107 else code + 10 for code in codes[:1]] + codes[1:]
    kind, *rest = next(
        codes[at:] for at, code in enumerate(codes) if code == 48 or 40 <= code <= 47 or 100 <= code <= 107
    )
    if kind != 48:
        return _VGA[kind - 40] if kind < 100 else _BRIGHT[kind - 100]  # type: ignore[return-value]
    if rest[0] == 2:
        return rest[1], rest[2], rest[3]
    number = rest[1]
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    cube = (0, 95, 135, 175, 215, 255)
    return cube[(number - 16) // 36], cube[(number - 16) // 6 % 6], cube[(number - 16) % 6]


def assert_in_order(colours: list[tuple[int, int, int]], dark: bool) -> None:
    """Lightness, chroma and distance from the first colour only grow; in a light theme lightness only falls."""
    places = [lab(colour) for colour in colours]
    for before, after in pairwise(places):
        sign = 1 if dark else -1
        assert sign * (after[0] - before[0]) > -0.5, colours
        assert math.hypot(*after[1:]) - math.hypot(*before[1:]) > -1.5, colours
        assert math.dist(after, places[0]) - math.dist(before, places[0]) > -0.5, colours


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("depth", SYSTEMS)
@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_a_larger_share_never_looks_like_a_smaller_one(palette: Palette, depth: Depth, role: Role) -> None:
    palette = msgspec.structs.replace(palette, depth=depth)
    heat = [palette.heat(level / HEAT_LEVELS, role) for level in range(1, HEAT_LEVELS + 1)]
    grounds = [shown(style, depth, ground=True) for style in heat]
    paper = shown(Style(bgcolor=palette.background), depth, ground=True)
    dark = luminance(rgb(palette.background)) < 0.5
    assert_in_order([paper, *grounds], dark)
    assert len(set(grounds)) >= {"truecolor": 20, "256": 4, "16": 2}[depth]
    for style, ground in zip(heat, grounds, strict=True):
        ink = luminance(shown(Style(bgcolor=style.color), depth, ground=True)) + 0.05
        low, high = sorted((ink, luminance(ground) + 0.05))
        assert high / low > 3.5  # WCAG asks 3 of large text, 4.5 of small
    shades = [palette.shade(share / 50, role) for share in range(51)]
    assert_in_order([shown(style, depth, ground=False) for style in shades], dark)


@pytest.mark.parametrize("depth", ["256", "16"])
def test_a_mistake_of_one_percent_looks_no_worse_than_one_of_eleven(depth: Depth) -> None:
    """As in the confusion matrix: the share of a row, then its square root."""
    counts = ((88, 1, 11), (0, 50, 50), (0, 0, 100))
    lines = confusion(counts, ("a", "b", "c"), width=40, height=5, palette=msgspec.structs.replace(DARK, depth=depth))
    styles = {text.strip(): style for line in lines for text, style, _ in line if style is not None and style.bgcolor}
    one, eleven, half = (lab(shown(styles[text], depth, ground=True)) for text in ("1", "11", "50"))
    black = lab((0, 0, 0))
    assert math.dist(one, black) <= math.dist(eleven, black) < math.dist(half, black)
    assert math.hypot(*one[1:]) <= math.hypot(*eleven[1:])


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm"}, "16"),
    ],
)
def test_a_plain_terminal_is_drawn_on_in_the_colours_it_has(environment: dict[str, str], depth: Depth) -> None:
    assert terminal_palette(environment).depth == depth
    assert terminal_palette(environment | {"NO_COLOR": "1"}) == MONO
