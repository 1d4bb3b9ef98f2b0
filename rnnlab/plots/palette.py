"""What colour each thing has. Plots know roles, never colours; the app makes a `Palette` of its theme."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rich.color import Color
from rich.style import Style

Role = Literal[
    "text", "muted", "grid", "train", "validation", "test", "good", "bad", "warning", "accent", "baseline"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour as `#rrggbb` for each role; an empty one is the terminal's own. `background` is what shades fade into.

    `mono` says that colours mean nothing here (NO_COLOR): roles then differ by bold, dim and reverse, and the plots by
    markers and shades.
    """

    name: str
    background: str
    text: str
    muted: str
    grid: str
    train: str
    validation: str
    test: str
    good: str
    bad: str
    warning: str
    accent: str
    baseline: str
    mono: bool = False

    def style(self, role: Role, *, bold: bool = False, italic: bool = False) -> Style:
        """The style of a role."""
        return _style(self, role, bold, italic)

    def faint(self, role: Role) -> Style:
        """The role's colour, faded: a raw curve under its average."""
        return _faint(self, role)

    def heat(self, share: float, role: Role) -> Style:
        """A cell shaded by `share` of one in the role's colour, with text that can be read on it."""
        level = 0 if not share > 0 else min(HEAT_LEVELS, 1 + int(min(share, 1.0) * (HEAT_LEVELS - 1)))
        return _heat(self, level, role)


HEAT_LEVELS = 24

DARK = Palette(
    name="dark", background="#14171c", text="", muted="#8b93a1", grid="#3a404b",
    train="#58aef5", validation="#f5b04c", test="#c08cf0", good="#45cf91", bad="#f4695f", warning="#f2cf55",
    accent="#7fd7e8", baseline="#a3a9b5",
)  # fmt: skip
LIGHT = Palette(
    name="light", background="#fafbfc", text="", muted="#69707d", grid="#d3d7de",
    train="#1268c4", validation="#b35c00", test="#7a3db8", good="#0f8a5b", bad="#cf3a33", warning="#8f6900",
    accent="#0b7f95", baseline="#6f7684",
)  # fmt: skip
MONO = Palette(
    name="mono", background="", text="", muted="", grid="", train="", validation="", test="", good="", bad="",
    warning="", accent="", baseline="", mono=True,
)  # fmt: skip


def terminal_palette(environment: Mapping[str, str] = os.environ) -> Palette:
    """The palette for a plain terminal: MONO under NO_COLOR, LIGHT where COLORFGBG tells of a light background."""
    if environment.get("NO_COLOR"):
        return MONO
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if ground in ("7", "15") else DARK


def blend(low: str, high: str, share: float) -> str:
    """The colour that lies `share` of the way from `low` to `high`, both `#rrggbb`."""
    a, b = _rgb(low), _rgb(high)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))


_MONO: dict[Role, Style] = {
    "muted": Style(dim=True),
    "grid": Style(dim=True),
    "validation": Style(bold=True),
    "test": Style(bold=True),
    "good": Style(bold=True),
    "bad": Style(bold=True, underline=True),
    "warning": Style(bold=True),
    "accent": Style(bold=True),
}
_NONE = Style()


@cache
def _style(palette: Palette, role: Role, bold: bool, italic: bool) -> Style:
    if palette.mono:
        return _MONO.get(role, _NONE) + Style(bold=bold or None, italic=italic or None)
    colour = getattr(palette, role)
    return Style(color=colour or None, bold=bold or None, italic=italic or None)


@cache
def _faint(palette: Palette, role: Role) -> Style:
    colour = getattr(palette, role)
    if palette.mono or not colour:
        return Style(dim=True)
    return Style(color=blend(palette.background, colour, 0.36))


@cache
def _heat(palette: Palette, level: int, role: Role) -> Style:
    share = level / HEAT_LEVELS
    if palette.mono:
        if level == 0:
            return Style(dim=True)
        return Style(reverse=True, bold=True) if role == "good" else Style(bold=share > 0.5 or None)
    if level == 0:
        return Style(color=palette.muted or None)
    colour = blend(palette.background, getattr(palette, role), 0.14 + 0.78 * share)
    red, green, blue = _rgb(colour)
    # Relative luminance, near enough: dark text on what is bright.
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 128
    return Style(color="#0b0d10" if bright else "#f4f6f8", bgcolor=colour, bold=role == "good" or None)


@cache
def _rgb(colour: str) -> tuple[int, int, int]:
    triplet = Color.parse(colour).get_truecolor()
    return triplet.red, triplet.green, triplet.blue
