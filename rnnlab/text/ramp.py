"""Colour ramps that stay in order on a terminal with few colours.

A terminal with 256 or 16 colours gets the nearest one it has. Of a smooth blend some neighbours then change places: a dark red
becomes a pure red, the lighter one after it a grey, and a mistake of 1 % looks worse than one of 11 %. So the ramp of such a
terminal is made of its own colours.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import product
from typing import Literal

from rich.color import Color

Depth = Literal["truecolor", "256", "16"]
"""How many colours the terminal has."""

_STEPS = 32
"""Shares of a ramp that differ."""
_CUBE = (0, 95, 135, 175, 215, 255)
_NEAR = 0.4
"""How far a colour of the ramp may lie beside the straight line between its ends, in lengths of that line."""

RGB = tuple[int, int, int]
Lab = tuple[float, float, float]

_COLOURS: dict[Depth, tuple[RGB, ...]] = {
    # Of 256 the colours of the cube and the dark greys: the owner of the terminal chooses the first sixteen, and
    # of any other grey rich writes a darker one.
    "256": (
        *(colour for colour in product(_CUBE, _CUBE, _CUBE) if len(set(colour)) > 1 or colour[0] in (0, 255)),
        *((grey, grey, grey) for grey in range(8, 149, 10)),
    ),
    "16": (
        *product((0, 170), (0, 170), (0, 170)),
        *product((85, 255), (85, 255), (85, 255)),
        (170, 85, 0),
    ),
}


def depth_of(color_system: str | None) -> Depth:
    """The depth that rich's name of a colour system stands for; all colours where the output is no terminal."""
    return "256" if color_system == "256" else "16" if color_system in ("standard", "windows") else "truecolor"


def blend(low: str, high: str, share: float) -> str:
    """The colour that lies `share` of the way from `low` to `high`, both `#rrggbb`."""
    return _hex(_between(rgb(low), rgb(high), share))


def shade(low: str, high: str, share: float, depth: Depth) -> str:
    """As `blend`, in a colour that a terminal of this depth has.

    From one share to a larger one lightness, chroma and distance from `low` (CIE 1976 L*a*b*) change in the direction of `high`
    or not at all.
    """
    if depth == "truecolor":
        return blend(low, high, share)
    return _ramp(low, high, depth)[round(_STEPS * min(1.0, max(0.0, share)))]


def luminance(colour: RGB) -> float:
    """Relative luminance from 0 to 1 (WCAG 2.1)."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lab(colour: RGB) -> Lab:
    """CIE 1976 L*a*b* of an sRGB colour, white D65."""
    red, green, blue = map(_linear, colour)
    x, y, z = (
        _cube_root(value)
        for value in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@cache
def rgb(colour: str) -> RGB:
    """Red, green and blue from 0 to 255."""
    triplet = Color.parse(colour).get_truecolor()
    return triplet.red, triplet.green, triplet.blue


@cache
def _ramp(low: str, high: str, depth: Depth) -> tuple[str, ...]:
    """The sequence of the terminal's colours that is in order and comes nearest to the blend: the least sum of distances."""
    ends = rgb(low), rgb(high)
    targets = [lab(_between(*ends, step / _STEPS)) for step in range(_STEPS + 1)]
    start, end = targets[0], targets[-1]
    colours = [
        colour for colour in _COLOURS[depth] if _beside(lab(colour), start, end) <= _NEAR * math.dist(start, end)
    ]
    nearest = min(_COLOURS[depth], key=lambda colour: math.dist(lab(colour), end))
    colours = list(dict.fromkeys([*colours, nearest]))
    points = [lab(colour) for colour in colours]
    darker = end[0] < start[0]
    follows = [
        [i for i, before in enumerate(points) if i == j or _in_order(before, point, start, darker)]
        for j, point in enumerate(points)
    ]
    cost = [math.dist(point, targets[0]) for point in points]
    came_from: list[list[int]] = []
    for target in targets[1:]:
        best = [min(follows[j], key=cost.__getitem__) for j in range(len(points))]
        cost = [cost[i] + math.dist(points[j], target) for j, i in enumerate(best)]
        came_from.append(best)
    at = min(range(len(points)), key=cost.__getitem__)
    chosen = [at]
    for best in reversed(came_from):
        at = best[at]
        chosen.append(at)
    return tuple(_hex(colours[i]) for i in reversed(chosen))


def _in_order(before: Lab, after: Lab, start: Lab, darker: bool) -> bool:
    lighter = before[0] - after[0] if darker else after[0] - before[0]
    return (
        lighter > 0
        and math.hypot(*after[1:]) >= math.hypot(*before[1:])
        and math.dist(after, start) > math.dist(before, start)
    )


def _beside(point: Lab, start: Lab, end: Lab) -> float:
    """How far a point lies from the line between two others."""
    along = [b - a for a, b in zip(start, end, strict=True)]
    length = sum(part * part for part in along) or 1.0
    share = sum((p - a) * d for p, a, d in zip(point, start, along, strict=True)) / length
    share = min(1.0, max(0.0, share))
    return math.dist(point, [a + share * d for a, d in zip(start, along, strict=True)])


def _between(low: RGB, high: RGB, share: float) -> RGB:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _hex(colour: RGB) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _linear(part: int) -> float:
    value = part / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _cube_root(value: float) -> float:
    return math.cbrt(value) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
