"""Curves and matrices in sentences, and the difference of two matrices with signs."""

from __future__ import annotations

import pytest

from rnnlab.plots.comparison.matrices import Named, both_and_difference, difference_report
from rnnlab.plots.describe.charts import describe_chart
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.curves import Curve
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import MONO


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            [2.31, 0.9, 0.58, 0.66],
            "fell from 2.31 to .580 at epoch 3, its lowest, and has risen since, to .660 at epoch 4.",
        ),
        ([2.31, 0.9, 0.58], "fell from 2.31 to .580, its lowest, at epoch 3, and was still falling."),
        ([2.0, 0.5, 0.5, 0.5, 0.5], "fell from 2.00 to .500 at epoch 2, level since epoch 2."),
        ([0.1, 0.8, 0.3], "rose from .100 to .800 at epoch 2, its highest, and has fallen since, to .300 at epoch 3."),
        ([0.5, 0.5, 0.5], "stays at .500 up to epoch 3."),
        ([0.5], "is .500 at epoch 1, its only point."),
    ],
)
def test_a_curve_is_said_in_one_sentence(values: list[float], sentence: str) -> None:
    curve = Curve("validation", [float(at + 1) for at in range(len(values))], values)
    assert describe_chart(Chart(curves=[curve], title="loss")) == f"Validation loss {sentence}"


def test_an_empty_chart_says_that_it_is() -> None:
    assert describe_chart(Chart(curves=[], empty="Nothing yet.")) == "Nothing yet."


@pytest.mark.parametrize(("width", "height"), [(140, 10), (60, 12), (30, 6), (12, 4), (220, 40)])
def test_matrices_and_their_difference_fill_the_space_they_have(width: int, height: int) -> None:
    first, second = Named("hidden 64", [[8, 2], [5, 5]]), Named("hidden 256", [[9, 1], [1, 9]])
    lines = both_and_difference(first, second, ["yes", "no"], width=width, height=height, palette=MONO)
    assert [width_of(line) for line in lines] == [width] * height
    assert "+40" in to_text(lines)
    assert "-40" in to_text(lines)


def test_a_report_of_two_matrices_holds_all_three_in_any_width() -> None:
    first, second = Named("a\x1b[31m", [[8, 2], [5, 5]]), Named("b", [[9, 1], [1, 9]])
    for width in (30, 60, 140):
        text = to_text(difference_report(first, second, ["yes", "no"], width, MONO))
        assert "B − A" in text
        assert "+10" in text
        assert "\x1b" not in text
