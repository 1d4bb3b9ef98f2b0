"""The themes of the app, in the colours of the plots' palettes."""

from __future__ import annotations

import msgspec
from textual.theme import Theme

from rnnlab.text.palette import (
    DARK,
    LIGHT,
    SAFE_DARK,
    SAFE_LIGHT,
    SIXTEEN_DARK,
    SIXTEEN_LIGHT,
    Palette,
)
from rnnlab.text.ramp import blend


class Surfaces(msgspec.Struct, frozen=True):
    """Colours of what is not drawn: text, boxes, the cursor of a list, borders and scrollbars."""

    text: str
    muted: str
    surface: str
    panel: str
    cursor: str
    cursor_text: str
    blurred_cursor: str
    border_blurred: str
    selection: float
    """How much of the border's colour a selection has; mixed here, as a style of text takes no share of a colour."""


_ON_DARK = Surfaces(
    text="#d8dee6", muted="#8b93a1", surface="#1a1e25", panel="#22272f", cursor="#2b4a5e", cursor_text="#f2f6fa",
    blurred_cursor="#232c37", border_blurred="#3a404b", selection=0.35,
)  # fmt: skip
_ON_LIGHT = Surfaces(
    text="#25303b", muted="#646b78", surface="#f1f3f6", panel="#e6e9ee", cursor="#c5dfec", cursor_text="#12202b",
    blurred_cursor="#e3e7ec", border_blurred="#bfc5ce", selection=0.25,
)  # fmt: skip
_ON_BLACK = Surfaces(
    text="#ffffff", muted="#aaaaaa", surface="#000000", panel="#000000", cursor="#0000aa", cursor_text="#ffffff",
    blurred_cursor="#555555", border_blurred="#555555", selection=1.0,
)  # fmt: skip
_ON_WHITE = Surfaces(
    text="#000000", muted="#555555", surface="#ffffff", panel="#ffffff", cursor="#55ffff", cursor_text="#000000",
    blurred_cursor="#aaaaaa", border_blurred="#aaaaaa", selection=1.0,
)  # fmt: skip


def _theme(palette: Palette, on: Surfaces, *, dark: bool) -> Theme:
    return Theme(
        name=f"rnnlab-{palette.name}",
        primary=palette.train,
        secondary=palette.test,
        accent=palette.accent,
        warning=palette.validation,
        error=palette.bad,
        success=palette.good,
        foreground=on.text,
        background=palette.background,
        surface=on.surface,
        panel=on.panel,
        dark=dark,
        variables={
            "block-cursor-background": on.cursor,
            "block-cursor-foreground": on.cursor_text,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": on.blurred_cursor,
            "block-cursor-blurred-foreground": on.text,
            "block-cursor-blurred-text-style": "none",
            "border": palette.train,
            "border-blurred": on.border_blurred,
            "scrollbar": on.border_blurred,
            "scrollbar-background": palette.background,
            "scrollbar-corner-color": palette.background,
            "footer-background": on.panel,
            "footer-key-foreground": palette.accent,
            "text-muted": on.muted,
            "input-selection-background": blend(palette.background, palette.train, on.selection),
        },
    )


THEMES = (
    _theme(DARK, _ON_DARK, dark=True),
    _theme(LIGHT, _ON_LIGHT, dark=False),
    _theme(SAFE_DARK, _ON_DARK, dark=True),
    _theme(SAFE_LIGHT, _ON_LIGHT, dark=False),
    _theme(SIXTEEN_DARK, _ON_BLACK, dark=True),
    _theme(SIXTEEN_LIGHT, _ON_WHITE, dark=False),
)
TITLES = {
    "rnnlab-dark": "dark",
    "rnnlab-light": "light",
    "rnnlab-safe-dark": "dark, safe for colour-blind eyes",
    "rnnlab-safe-light": "light, safe for colour-blind eyes",
    "rnnlab-16-dark": "dark, for terminals of 16 colours",
    "rnnlab-16-light": "light, for terminals of 16 colours",
}
"""A theme's name for people."""
