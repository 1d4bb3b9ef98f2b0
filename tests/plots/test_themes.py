"""Themes: told apart by eyes that lack a kind of cones, in 16 colours, and chosen by name."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from rich.color import Color, ColorSystem

from rnnlab.errors import UsageError
from rnnlab.text.palette import (
    DARK,
    PALETTES,
    SAFE_DARK,
    SAFE_LIGHT,
    SIXTEEN_DARK,
    SIXTEEN_LIGHT,
    THEME,
    Palette,
    terminal_palette,
)
from rnnlab.text.ramp import RGB, lab, luminance, rgb
from rnnlab.ui.common.theme import THEMES, TITLES

TOLD_APART = ("train", "validation", "test", "good", "bad")
WITHOUT = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
"""Linear RGB as such eyes see it: Machado, Oliveira and Fernandes 2009, severity 1."""


def seen(colour: str, kind: str) -> RGB:
    """The colour that looks to everybody as this one does to eyes without one kind of cones."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    mixed = [min(1.0, max(0.0, sum(m * v for m, v in zip(row, linear, strict=True)))) for row in WITHOUT[kind]]
    red, green, blue = (round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055)) for v in mixed)
    return red, green, blue


def least_distance(palette: Palette) -> float:
    """Between any two of the roles, to any eyes: CIE 1976 L*a*b*."""
    pairs = [(getattr(palette, a), getattr(palette, b)) for a, b in combinations(TOLD_APART, 2)]
    usual = [math.dist(lab(rgb(a)), lab(rgb(b))) for a, b in pairs]
    return min([*usual, *(math.dist(lab(seen(a, k)), lab(seen(b, k))) for a, b in pairs for k in WITHOUT)])


@pytest.mark.parametrize("palette", [SAFE_DARK, SAFE_LIGHT], ids=lambda each: each.name)
def test_roles_are_told_apart_without_a_kind_of_cones(palette: Palette) -> None:
    assert least_distance(palette) >= 28
    assert least_distance(DARK) < 10, "which is why there are others"
    ground = luminance(rgb(palette.background)) + 0.05
    for role in TOLD_APART:
        ink = luminance(rgb(getattr(palette, role))) + 0.05
        assert max(ground, ink) / min(ground, ink) >= 4.5, role


@pytest.mark.parametrize("palette", [SIXTEEN_DARK, SIXTEEN_LIGHT], ids=lambda each: each.name)
def test_in_16_colours_each_role_keeps_its_own(palette: Palette) -> None:
    numbers = {role: Color.parse(getattr(palette, role)).downgrade(ColorSystem.STANDARD).number for role in TOLD_APART}
    assert len(set(numbers.values())) == len(TOLD_APART), numbers
    plain = {
        Color.parse(colour).downgrade(ColorSystem.STANDARD).number for colour in ("#000000", "#ffffff", palette.muted)
    }
    assert not plain & set(numbers.values()), "and looks like no text"


def test_the_environment_names_a_theme_for_commands() -> None:
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    assert terminal_palette(terminal).name == "dark"
    assert terminal_palette({**terminal, "COLORFGBG": "0;15"}).name == "light"
    assert terminal_palette({"TERM": "xterm"}).name == "16-dark"
    assert terminal_palette({"TERM": "linux", "COLORFGBG": "0;7"}).name == "16-light"
    assert terminal_palette({**terminal, THEME: "safe-light"}).name == "safe-light"
    assert terminal_palette({**terminal, THEME: "safe-light", "NO_COLOR": "1"}).mono
    with pytest.raises(UsageError, match="RNNLAB_THEME = 'drak' is no theme; name one of dark, light"):
        terminal_palette({**terminal, THEME: "drak"})


def test_every_palette_is_a_theme_of_the_app_and_has_a_title() -> None:
    assert {each.name for each in THEMES} == {f"rnnlab-{name}" for name in PALETTES} == set(TITLES)
