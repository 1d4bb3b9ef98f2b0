"""Charts of an analysis: exact sizes, nothing hostile, nothing infinite, our colours, and the same ink as our own canvas."""

from __future__ import annotations

import ast
import math
import random
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import plotext
import pytest

from rnnlab.plots.analysis import Points, box, heat_map, histogram, scatter
from rnnlab.plots.drawing.axes import scale_of
from rnnlab.plots.drawing.canvas import BRAILLE, Ink
from rnnlab.plots.drawing.curves import Curve, plot
from rnnlab.plots.drawing.strokes import Area, draw_line
from rnnlab.text.lines import Lines, to_text, width_of
from rnnlab.text.palette import DARK, LIGHT, MONO, Palette

HOSTILE = [
    "\x1b]52;c;ZWNobw==\x07",
    "\x1b[2Jgone",
    "\x9b31mred",
    "[@click=app.quit]x[/]",
    "[/red]",
    "a\nb\tc\rd",
    "\u202eabc\u2066",
    "\ud800",
    "日本語の名前です",
    "👩\u200d👩\u200d👧\ufe0f",
    "e\u0301" * 30,
    "x" * 500,
    "",
]

ROOT = Path(__file__).parents[2]
Chart = Callable[..., Lines]


def _scatter(label: str, **size: Any) -> Lines:
    points = Points([1e-3, 1e-2, math.nan], [0.5, 0.7, 0.9], label, [0.1, 0.2, 0.1])
    return scatter([points], title=label, x_name=label, log_x=True, **size)


def _box(label: str, **size: Any) -> Lines:
    return box([(label, [1.0, 2.0, 4.0, math.inf]), ("b", [3.0])], title=label, x_name=label, **size)


def _histogram(label: str, **size: Any) -> Lines:
    return histogram([(0, 4, 3), (5, 9, 7), (10, 14, math.nan)], title=label, x_name=label, **size)


def _heat_map(label: str, **size: Any) -> Lines:
    rows: list[list[float | None]] = [[0.1, None], [math.nan, 0.9]]
    return heat_map(rows, [label, "x"], [label, "y"], title=label, x_name=label, y_name=label, **size)


CHARTS = [_scatter, _box, _histogram, _heat_map]


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize(("width", "height"), [(0, 0), (5, 3), (12, 5), (40, 9), (80, 24), (200, 60)])
def test_a_chart_has_exactly_the_size_that_was_asked_for(chart: Chart, width: int, height: int) -> None:
    lines = chart("name", width=width, height=height, palette=DARK)
    assert len(lines) == height
    assert {width_of(line) for line in lines} <= {width}


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_stays_text(chart: Chart, label: str) -> None:
    lines = chart(label, width=60, height=14, palette=DARK)
    assert all(text.isprintable() for line in lines for text, _, _ in line)
    assert {width_of(line) for line in lines} == {60}


@pytest.mark.parametrize("chart", CHARTS)
def test_what_is_not_finite_is_left_out_and_counted(chart: Chart) -> None:
    assert re.search("1 not (finite|above 0) left out", to_text(chart("name", width=70, height=14, palette=DARK)))


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("palette", [DARK, LIGHT, MONO], ids=lambda palette: palette.name)
def test_colours_are_those_of_the_palette(chart: Chart, palette: Palette) -> None:
    shades = {palette.heat(level / 100, role) for level in range(101) for role in ("train", "validation")}
    colours = {style.color for style in shades} | {style.bgcolor for style in shades}
    for role in ("text", "muted", "grid", "train", "validation", "warning"):
        colours.add(palette.style(role).color)
    styles = [style for line in chart("name", width=60, height=14, palette=palette) for _, style, _ in line if style]
    assert {style.color for style in styles} <= colours
    assert {style.bgcolor for style in styles if style.bgcolor} <= colours
    if palette.mono:
        assert not any(style.color or style.bgcolor for style in styles)
    else:
        assert any(style.color or style.bgcolor for style in styles)


def test_no_values_and_no_finite_value_are_a_sentence() -> None:
    size: dict[str, Any] = {"width": 40, "height": 8, "palette": DARK}
    empty = [scatter([], **size), box([], **size), histogram([], **size), heat_map([[None]], ["a"], ["b"], **size)]
    assert all("Nothing to" in to_text(lines) for lines in empty)
    lines = scatter([Points([1.0], [math.inf])], **size | {"width": 60})
    assert "1 not finite left out" in to_text(lines)


def test_a_logarithmic_axis_has_decades_and_leaves_out_what_is_not_above_zero() -> None:
    points = Points([0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    text = to_text(scatter([points], width=72, height=14, palette=DARK, log_x=True))
    assert text.splitlines()[-1].split() == ["1e-5", "1e-4", "1e-3", ".01", ".1"]
    assert "1 not above 0 left out" in text
    columns = sorted(line.index("●") for line in text.splitlines() if "●" in line)
    apart = [b - a for a, b in pairwise(columns)]
    assert max(apart) - min(apart) <= 1, "decades stand equally far apart"


def test_values_of_any_size_are_drawn() -> None:
    for y in ([1e-300, 2e-300], [-1e299, 1e299], [5.0, 5.0], [0.0, 0.0]):
        assert to_text(scatter([Points([1.0, 2.0], y)], width=40, height=10, palette=DARK)).count("●") == 2


def test_every_count_above_zero_is_seen_and_zero_is_not() -> None:
    lines = to_text(histogram([(0, 0, 1), (1, 1, 0), (2, 2, 100_000)], width=40, height=12, palette=MONO)).splitlines()
    bottom = lines[-3].partition("┤")[2]
    blocks = [len(run) for run in bottom.split(" ") if run]
    assert len(blocks) == 2
    assert sum("█" in line for line in lines) == 10


def test_a_heat_map_without_colour_is_shaded_and_says_what_was_not_tried() -> None:
    text = to_text(heat_map([[0.0, 1.0, None]], ["a", "b", "c"], ["d"], width=40, height=8, palette=MONO))
    rows = text.splitlines()[1:6]
    assert any("█" in row for row in rows)
    assert any("·" in row for row in rows)


def test_the_process_keeps_nothing_of_a_chart() -> None:
    plotext.clear_figure()
    before = plotext.build()
    for chart in CHARTS:
        chart("name", width=30, height=9, palette=DARK)
        assert plotext.build() == before


def test_one_module_imports_plotext() -> None:
    importers = set()
    for path in (ROOT / "rnnlab").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.partition(".")[0] == "plotext" for name in names):
                importers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"rnnlab/plots/analysis.py"}


def dots_of(text: str) -> set[tuple[int, int]]:
    """The braille dots of a drawing as (column, row)."""
    bits = {(x, y): 1 << (6 + x if y == 3 else 3 * x + y) for x in range(2) for y in range(4)}
    return {
        (2 * column + x, 4 * row + y)
        for row, line in enumerate(text.splitlines())
        for column, character in enumerate(line)
        if "\u2800" <= character <= "\u28ff"
        for (x, y), bit in bits.items()
        if (ord(character) - 0x2800) & bit
    }


@pytest.mark.parametrize("kind", ["noise", "decay", "steps"])
def test_our_canvas_and_plotext_put_the_same_ink(kind: str) -> None:
    """A line through the same points in the same cells: no dot of either is further than one from a dot of the other."""
    width, height, chance = 60, 20, random.Random(1)
    x = [float(step) for step in range(120)]
    y = {
        "noise": [chance.random() for _ in x],
        "decay": [math.exp(-step / 20) for step in x],
        "steps": [float(step // 30) for step in x],
    }[kind]
    low, high = min(y), max(y)
    ink, area = Ink(width, height), Area(0, 0, width, height, x[0], x[-1], scale_of(low, high, margin=0.0))
    draw_line(ink, area, x, y)
    ours = dots_of("\n".join("".join(map(BRAILLE.__getitem__, row)) for row in _rows(ink)))
    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plot_size(width, height)
    plotext.frame(False)
    plotext.xfrequency(0)
    plotext.yfrequency(0)
    plotext.plot(x, y, marker="braille")
    theirs = dots_of(plotext.uncolorize(plotext.build()))
    plotext.clear_figure()
    assert ours
    for one, other in ((ours, theirs), (theirs, ours)):
        near = {(a + dx, b + dy) for a, b in other for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        assert len(one - near) <= 0.01 * len(one), sorted(one - near)[:10]


def _rows(ink: Ink) -> list[bytes]:
    return [bytes(ink.bits[row * ink.width : (row + 1) * ink.width]) for row in range(ink.height)]


def test_a_marker_stands_where_our_curves_put_theirs() -> None:
    x, y = [1.0, 2.0, 3.0, 4.0, 5.0], [0.3, 0.9, 0.1, 0.5, 0.7]
    ours = to_text(plot([Curve("", x, y, marker="●")], width=60, height=20, palette=DARK)).splitlines()
    theirs = to_text(scatter([Points(x, y)], width=60, height=20, palette=DARK)).splitlines()
    # Both have five points, one a value; their axes keep different margins, so the order of the heights is compared.
    for lines in (ours, theirs):
        places = sorted((at, row) for row, line in enumerate(lines) for at in _all(line, "●"))
        rows = [row for _, row in places]
        assert sorted(range(5), key=rows.__getitem__) == [1, 4, 3, 0, 2]


def _all(line: str, character: str) -> list[int]:
    return [at for at, each in enumerate(line) if each == character]


@pytest.mark.parametrize("width", range(4, 40))
def test_a_heat_map_fits_any_width(width: int) -> None:
    lines = heat_map([[1.0] * 5], list("abcde"), ["a long name of a setting"], width=width, height=8, palette=DARK)
    assert {width_of(line) for line in lines} == {width}
