"""The two themes of the app, in the colours of the plots' palettes."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="rnnlab-dark",
    primary="#58aef5",
    secondary="#c08cf0",
    accent="#7fd7e8",
    warning="#f5b04c",
    error="#f4695f",
    success="#45cf91",
    foreground="#d8dee6",
    background="#14171c",
    surface="#1a1e25",
    panel="#22272f",
    dark=True,
    variables={
        "block-cursor-background": "#2b4a5e",
        "block-cursor-foreground": "#f2f6fa",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#232c37",
        "block-cursor-blurred-foreground": "#d8dee6",
        "block-cursor-blurred-text-style": "none",
        "border": "#58aef5",
        "border-blurred": "#3a404b",
        "scrollbar": "#3a404b",
        "scrollbar-background": "#14171c",
        "scrollbar-corner-color": "#14171c",
        "footer-background": "#22272f",
        "footer-key-foreground": "#7fd7e8",
        "text-muted": "#8b93a1",
        "input-selection-background": "#58aef5 35%",
    },
)

LIGHT = Theme(
    name="rnnlab-light",
    primary="#1268c4",
    secondary="#7a3db8",
    accent="#0b7f95",
    warning="#b35c00",
    error="#cf3a33",
    success="#0f8a5b",
    foreground="#25303b",
    background="#fafbfc",
    surface="#f1f3f6",
    panel="#e6e9ee",
    dark=False,
    variables={
        "block-cursor-background": "#c5dfec",
        "block-cursor-foreground": "#12202b",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e3e7ec",
        "block-cursor-blurred-foreground": "#25303b",
        "block-cursor-blurred-text-style": "none",
        "border": "#1268c4",
        "border-blurred": "#bfc5ce",
        "scrollbar": "#bfc5ce",
        "scrollbar-background": "#fafbfc",
        "scrollbar-corner-color": "#fafbfc",
        "footer-background": "#e6e9ee",
        "footer-key-foreground": "#0b7f95",
        "text-muted": "#646b78",
        "input-selection-background": "#1268c4 25%",
    },
)

THEMES = (DARK, LIGHT)
