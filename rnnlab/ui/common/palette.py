"""The app's theme as the colours that plots draw with."""

from __future__ import annotations

from functools import cache

import msgspec
from textual.app import App
from textual.color import Color, ColorParseError

from rnnlab.text.palette import DARK, LIGHT, MONO, Palette
from rnnlab.text.ramp import Depth, blend, depth_of


def palette_of(app: App[object]) -> Palette:
    """The palette of the app's present theme, in as many colours as its terminal has; MONO under NO_COLOR."""
    if app.no_color:
        return MONO
    depth = depth_of(app.console.color_system)
    theme = app.current_theme
    variables = app.theme_variables
    named = tuple(
        _hex(variables.get(name, ""))
        for name in ("background", "foreground", "primary", "warning", "secondary", "success", "error", "accent")
    )
    if theme.ansi or not all(named):
        # The terminal's own colours cannot be blended.
        return msgspec.structs.replace(DARK if theme.dark else LIGHT, depth=depth)
    return _made(theme.name, named, depth)


@cache
def _made(name: str, colours: tuple[str, ...], depth: Depth) -> Palette:
    background, text, train, validation, test, good, bad, accent = colours
    return Palette(
        name=name,
        background=background,
        text=text,
        muted=blend(background, text, 0.58),
        grid=blend(background, text, 0.2),
        train=train,
        validation=validation,
        test=test,
        good=good,
        bad=bad,
        warning=validation,
        accent=accent,
        baseline=blend(background, text, 0.7),
        depth=depth,
    )


def _hex(colour: str) -> str:
    try:
        parsed = Color.parse(colour)
    except ColorParseError:
        return ""
    return parsed.hex6 if parsed.ansi is None and parsed.a == 1 else ""
