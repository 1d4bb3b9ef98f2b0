"""Line plots: every line has the width asked, whatever is drawn, and what matters can be seen."""

from __future__ import annotations

import math
import random
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.plots.drawing.axes import XAxis, nice_step, scale_of, ticks, x_ticks
from rnnlab.plots.drawing.curves import Annotation, Baseline, Curve, Star, plot, smooth
from rnnlab.text.lines import Lines, to_text, width_of
from rnnlab.text.palette import DARK, LIGHT, MONO, Palette

SIZES = [(10, 3), (1, 1), (3, 2), (20, 5), (24, 4), (40, 8), (60, 12), (100, 30), (23, 9)]
anything = st.floats(allow_nan=True, allow_infinity=True)


def check(lines: Lines, width: int, height: int) -> str:
    """The plot as text, once its size is found right and nothing in it would move a cursor."""
    assert len(lines) == height
    assert [width_of(line) for line in lines] == [width] * height
    text = to_text(lines)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text if c != "\n")
    return text


def braille_dots(text: str) -> int:
    return sum((ord(c) - 0x2800).bit_count() for c in text if 0x2800 <= ord(c) < 0x2900)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(anything, anything, anything, anything), max_size=60),
    st.sampled_from(SIZES),
    st.booleans(),
    st.sampled_from([0.0, 0.6, 0.99]),
    st.sampled_from(["steps", "epochs", "seconds"]),
    anything,
    anything,
)
@example([(0.0, 0.0, -2.8e-267, -7.7e40)], (10, 3), False, 0.0, "steps", 0.0, 0.0)  # a band far beyond the scale
@example([(0.0, 5e-324, 0.0, 0.0), (1.0, 5e-324, 0.0, 0.0)], (10, 3), True, 0.6, "steps", 0.0, 0.0)  # smoothed to zero
def test_no_numbers_break_a_plot(
    points: list[tuple[float, float, float, float]],
    size: tuple[int, int],
    log_y: bool,
    smoothing: float,
    axis: XAxis,
    where: float,
    level: float,
) -> None:
    x, y, low, high = ([p[i] for p in points] for i in range(4))
    curves = [
        Curve("train", x, y, low, high, smoothing=smoothing),
        Curve("validation", x[::3], y[::3], role="validation", marker="◆"),
    ]
    lines = plot(
        curves,
        width=size[0],
        height=size[1],
        palette=DARK,
        log_y=log_y,
        x_axis=axis,
        baselines=[Baseline(level, "majority \x1b[31mclass")],
        annotations=[Annotation(where, "lr ×2"), Annotation(level, "[/red]")],
        star=Star(where, level),
        cursor=where,
        title="loss",
    )
    check(lines, *size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("palette", [DARK, LIGHT, MONO])
def test_an_empty_plot_says_so_in_words(size: tuple[int, int], palette: Palette) -> None:
    text = check(plot([], width=size[0], height=size[1], palette=palette, empty="Nothing yet."), *size)
    if size[0] >= 20:
        assert "Nothing yet." in text


def test_a_curve_without_one_finite_point_is_an_empty_plot() -> None:
    curve = Curve("train", [0, 1], [math.nan, math.inf])
    assert "Nothing" in check(plot([curve], width=40, height=8, palette=DARK), 40, 8)


def test_zero_and_below_are_left_out_on_a_logarithmic_axis() -> None:
    x = list(range(5))
    text = check(
        plot([Curve("train", x, [0.0, -1.0, 1.0, 10.0, 100.0])], width=50, height=10, palette=DARK, log_y=True), 50, 10
    )
    assert "100" in text
    assert "1┤" in text


def test_one_point_is_seen() -> None:
    text = check(plot([Curve("train", [3.0], [0.5])], width=40, height=10, palette=DARK), 40, 10)
    assert "•" in text
    assert ".500" in text.splitlines()[0]


def test_a_constant_curve_is_a_line_across() -> None:
    text = check(plot([Curve("train", list(range(50)), [2.0] * 50)], width=60, height=10, palette=DARK), 60, 10)
    assert max(braille_dots(line) for line in text.splitlines()) >= 2 * (60 - 6)


@pytest.mark.parametrize("spike", [0, 1, 777, 1998, 1999])
def test_no_spike_is_lost_among_thousands_of_points(spike: int) -> None:
    y = [1.0 + 0.01 * math.sin(i) for i in range(2000)]
    y[spike] = 50.0
    lines = check(plot([Curve("train", list(range(2000)), y)], width=80, height=20, palette=DARK), 80, 20).splitlines()
    # It reaches from the bottom to the top of the plot, in one column of it.
    assert all(braille_dots(line) > 0 for line in lines[1:-2])


def test_a_spike_that_smoothing_hides_stays_as_the_faint_raw_curve() -> None:
    y = [1.0] * 500
    y[250] = 9.0
    plain = plot([Curve("train", list(range(500)), y, smoothing=0.95)], width=80, height=20, palette=DARK)
    faint = {DARK.faint("train")}
    assert any(style in faint for _, style, _ in plain[1])


def test_the_average_is_corrected_for_its_start() -> None:
    assert smooth([5.0] * 10, 0.9) == pytest.approx([5.0] * 10)
    assert smooth([1.0, 3.0], 0.5) == pytest.approx([1.0, (0.25 * 1 + 0.5 * 3) / 0.75])
    assert smooth([1.0, 2.0], 0.0) == [1.0, 2.0]


def test_the_legend_reads_the_last_values_or_those_at_the_cursor() -> None:
    curves = [
        Curve("train", [0, 1, 2], [3.0, 2.0, 1.0]),
        Curve("validation", [0, 1, 2], [3.5, 2.5, 1.5], role="validation", marker="◆"),
    ]
    last = check(plot(curves, width=70, height=12, palette=DARK, title="loss"), 70, 12).splitlines()[0]
    assert last.split() == ["loss", "━", "train", "1.00", "◆", "validation", "1.50"]
    there = check(plot(curves, width=70, height=12, palette=DARK, title="loss", cursor=1.1), 70, 12)
    assert there.splitlines()[0].split() == ["loss", "epoch", "1.00", "━", "train", "2.00", "◆", "validation", "2.50"]
    often = Curve("train", [0, 0.5, 1, 1.5, 2], [3.0, 2.5, 2.0, 1.5, 1.0])
    apart = check(plot([often, curves[1]], width=70, height=12, palette=DARK, title="loss", cursor=1.45), 70, 12)
    assert apart.splitlines()[0].split()[1:5] == ["epoch", "1.45", "━", "train"], "the two are read at 1.5 and at 1"
    assert sum("│" in line[8:] for line in there.splitlines()) > 5


def test_what_is_read_at_the_cursor_is_a_point_of_the_curve() -> None:
    """A rare evaluation is read between two of them too; the ● stands on the one that is read, not beside the curve."""
    curve = Curve("", [0, 10, 20], [1.0, 2.0, 3.0], marker="◆")
    rows = check(plot([curve], width=60, height=12, palette=DARK, title="loss", cursor=13.0), 60, 12).splitlines()
    assert "2.00" in rows[0]
    (read,) = {line.index("●") for line in rows if "●" in line}
    (cursor,) = {line.rindex("│") for line in rows if line.count("│") > 1}
    whole = check(plot([curve], width=60, height=12, palette=DARK, title="loss"), 60, 12).splitlines()
    points = sorted(line.index("◆") for line in whole[1:] if "◆" in line)
    assert read == points[1] < cursor < points[2]


def test_a_curve_that_ended_has_no_value_where_the_others_are_read() -> None:
    """A run that stopped at epoch 10 did not have its accuracy at epoch 18; one read just past its last evaluation does."""
    ended = Curve("ended", list(range(11)), [0.5 + 0.01 * at for at in range(11)])
    whole = Curve("whole", list(range(21)), [0.7] * 21, role="validation")
    rare = Curve("rare", [0, 5, 10, 15], [0.25] * 4, role="test")

    def row(cursor: float) -> list[str]:
        lines = plot([ended, whole, rare], width=70, height=12, palette=DARK, cursor=cursor)
        return check(lines, 70, 12).splitlines()[0].split()

    assert row(8.0) == ["epoch", "8.00", "━", "ended", ".580", "━", "whole", ".700", "━", "rare", ".250"]
    assert row(18.0) == ["epoch", "18.0", "━", "ended", "–", "━", "whole", ".700", "━", "rare", ".250"]
    assert row(10.9)[4] == ".600"


def test_knobs_baseline_and_best_epoch_are_drawn() -> None:
    x = [float(i) for i in range(21)]
    text = check(
        plot(
            [Curve("validation", x, [0.9 - 0.3 / (1 + i) for i in x], role="validation", marker="◆")],
            width=90,
            height=16,
            palette=DARK,
            baselines=[Baseline(0.5, "majority class .500")],
            annotations=[Annotation(5.0, "lr ×2"), Annotation(19.9, "pause")],
            star=Star(12.0, 0.877),
            y_limits=(0.0, 1.0),
        ),
        90,
        16,
    )
    assert text.count("▾") == 2
    assert "▾ lr ×2" in text
    assert "pause ▾" in text, "a label without room at the right stands at the left"
    assert "★" in text
    assert "majority class .500" in text


def test_curves_differ_without_colour() -> None:
    x = [float(i) for i in range(10)]
    curves = [Curve("train", x, x), Curve("validation", x, [9 - v for v in x], role="validation", marker="◆")]
    assert to_text(plot(curves, width=60, height=12, palette=MONO)).count("◆") > 5
    assert all(
        style is None or style.color is None
        for line in plot(curves, width=60, height=12, palette=MONO)
        for _, style, _ in line
    )


def test_points_in_any_order_make_the_same_plot() -> None:
    points = [(float(i), math.sin(i / 5)) for i in range(100)]
    shuffled = random.Random(3).sample(points, len(points))
    first, second = (
        to_text(plot([Curve("train", [p[0] for p in q], [p[1] for p in q])], width=60, height=12, palette=DARK))
        for q in (points, shuffled)
    )
    assert first == second


@given(st.floats(1e-300, 1e300), st.integers(1, 20))
def test_steps_are_one_two_or_five_and_few_enough(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert span / step <= most * (1 + 1e-6)
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.booleans())
@example(low=991.0, span=11.0, log=False)
def test_ticks_lie_on_their_axis_and_differ(low: float, span: float, log: bool) -> None:
    if log:
        low = abs(low) + 1e-6
    scale = scale_of(low, low + span, log=log)
    marks = ticks(scale, 6)
    assert len({label for _, label in marks}) == len(marks) or span < abs(low) * 1e-3
    for value, _ in marks:
        assert -0.01 <= scale(value) <= 1.01


def test_axes_are_read_as_people_write() -> None:
    assert [label for _, label in x_ticks(0, 4520, "steps", 5)] == ["0", "1k", "2k", "3k", "4k"]
    assert [label for _, label in x_ticks(0, 100, "seconds", 5)] == ["0:00", "0:30", "1:00", "1:30"]
    assert [label for _, label in x_ticks(0, 3, "epochs", 8)] == ["0", "1", "2", "3"]
    assert [label for _, label in ticks(scale_of(0.0, 1.0), 6)] == ["0", ".2", ".4", ".6", ".8", "1.0"]
    assert [label for _, label in ticks(scale_of(0.001, 100.0, log=True), 6)] == ["1e-3", ".01", ".1", "1", "10", "100"]


def test_a_short_window_moves_the_average_less() -> None:
    losses = [0.5] * 20 + [1.0]
    assert smooth(losses, 0.6, [33] * 20 + [1])[-1] == pytest.approx(0.5, abs=0.02)
    assert smooth(losses, 0.6, [33] * 21) == smooth(losses, 0.6)
    assert smooth(losses, 0.6)[-1] > 0.69
    halves = smooth([1.0, 2.0, 2.0, 3.0, 4.0], 0.6, [2, 1, 1, 2, 2])
    del halves[1]
    assert halves == pytest.approx(smooth([1.0, 2.0, 3.0, 4.0], 0.6)), "two halves are one"
