"""What colour each thing has. Plots know roles, never colours; the app makes a `Palette` of its theme."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec
from rich.style import Style

from rnnlab.errors import UsageError
from rnnlab.text.ramp import Depth, blend, depth_of, luminance, rgb, shade

Role = Literal[
    "text", "muted", "grid", "train", "validation", "test", "good", "bad", "warning", "accent", "baseline"
]  # fmt: skip


class Palette(msgspec.Struct, frozen=True):
    """A colour as `#rrggbb` for each role; an empty one is the terminal's own. `background` is what shades fade into.

    `mono`: colours mean nothing here (NO_COLOR): roles then differ by bold, dim and reverse, and the plots by
    markers and shades. `depth` is how many colours the terminal has: shades are chosen among those.
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
    depth: Depth = "truecolor"

    def style(self, role: Role, *, bold: bool = False, italic: bool = False) -> Style:
        """The style of a role, which is its colour, or without colours bold, dim or underlined text."""
        return _style(self, role, bold, italic)

    def faint(self, role: Role) -> Style:
        """The role's colour, faded: a raw curve under its average."""
        return _faint(self, role)

    def shade(self, share: float, role: Role) -> Style:
        """Text in the role's colour, faded but for `share` of one: never out of order, however few colours there are."""
        colour = getattr(self, role)
        return self.style(role) if self.mono or not colour else Style(color=_shade(self, 0.3 + 0.7 * share, role))

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
SAFE_DARK = msgspec.structs.replace(
    DARK, name="safe-dark", train="#bbd3ff", validation="#f8b64c", test="#aa66f7", good="#4ae3af", bad="#e8665b",
)  # fmt: skip
SAFE_LIGHT = msgspec.structs.replace(
    LIGHT, name="safe-light", train="#1e3269", validation="#a16300", test="#9346c9", good="#2b815c", bad="#740000",
)  # fmt: skip
"""For colour-blind eyes: of the curves and of right and wrong any two lie 30 or more apart (CIE 1976 L*a*b*) to everybody, also
without one of the three kinds of cones, and 4.5 in contrast to the background. In `DARK` train and test lie 5 apart to those."""
SIXTEEN_DARK = Palette(
    name="16-dark", background="#000000", text="", muted="#aaaaaa", grid="#555555",
    train="#55ffff", validation="#ffff55", test="#ff55ff", good="#55ff55", bad="#ff5555", warning="#ffff55",
    accent="#55ffff", baseline="#aaaaaa",
)  # fmt: skip
SIXTEEN_LIGHT = Palette(
    name="16-light", background="#ffffff", text="", muted="#555555", grid="#aaaaaa",
    train="#0000aa", validation="#aa5500", test="#aa00aa", good="#00aa00", bad="#aa0000", warning="#aa5500",
    accent="#00aaaa", baseline="#555555",
)  # fmt: skip
"""For terminals of 16 colours, each role in one of these: of those above some become the same one, or white."""
MONO = Palette(
    name="mono", background="", text="", muted="", grid="", train="", validation="", test="", good="", bad="",
    warning="", accent="", baseline="", mono=True,
)  # fmt: skip
PALETTES = {each.name: each for each in (DARK, LIGHT, SAFE_DARK, SAFE_LIGHT, SIXTEEN_DARK, SIXTEEN_LIGHT)}
"""By name: what `RNNLAB_THEME` may be, and what the themes of the app are made of."""
THEME = "RNNLAB_THEME"
"""The environment variable that names a palette for commands, and for the app where none was chosen in it."""


def terminal_palette(environment: Mapping[str, str] = os.environ) -> Palette:
    """The palette for a plain terminal, in as many colours as TERM and COLORTERM promise.

    MONO under NO_COLOR, else the one that RNNLAB_THEME names, else the usual one. Raises `UsageError` where it names none.
    """
    from rich.console import Console

    if environment.get("NO_COLOR"):
        return MONO
    console = Console(
        force_terminal=True, _environ=environment
    )  # rich prints what is drawn, and reduces colours by this
    depth = depth_of(console.color_system)
    return msgspec.structs.replace(
        PALETTES[named_palette(environment) or usual_palette(depth, environment)], depth=depth
    )


def usual_palette(depth: Depth, environment: Mapping[str, str] = os.environ) -> str:
    """The palette of a terminal of this depth where none was chosen: light where COLORFGBG names a light background."""
    light = environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    return ("16-" if depth == "16" else "") + ("light" if light else "dark")


def named_palette(environment: Mapping[str, str] = os.environ) -> str:
    """The palette that RNNLAB_THEME names, empty where it is not set. Raises `UsageError` where there is none of that name."""
    name = environment.get(THEME, "")
    if name and name not in PALETTES:
        raise UsageError(f"{THEME} = {name!r} is no theme; name one of {', '.join(PALETTES)}, or leave it unset")
    return name


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
    colour = _shade(palette, 0.14 + 0.78 * share, role)
    return Style(color=_readable_on(colour), bgcolor=colour, bold=role == "good" or None)


def _shade(palette: Palette, share: float, role: Role) -> str:
    return shade(palette.background, getattr(palette, role), share, palette.depth)


def _readable_on(colour: str) -> str:
    """Dark or light text, whichever has the greater contrast (WCAG 2.1)."""
    ground = luminance(rgb(colour)) + 0.05
    return max(_INK, key=lambda ink: max(ground, luminance(rgb(ink)) + 0.05) / min(ground, luminance(rgb(ink)) + 0.05))


_INK = ("#0b0d10", "#f4f6f8")
