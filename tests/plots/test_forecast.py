"""Forecasts over what came, and the table of classes: figures, extents, and that labels stay text."""

from __future__ import annotations

import math

import pytest
from sklearn.metrics import precision_recall_fscore_support

from rnnlab.plots.run.forecast import Naive, date_labels, forecast_errors, forecast_plot, label_of, steps_in
from rnnlab.plots.run.per_class import class_figures, per_class
from rnnlab.runs.events import Forecast
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO

COUNTS = ((50, 3, 0, 0), (10, 5, 1, 0), (0, 0, 0, 0), (7, 0, 1, 0))
STRANGE = "\x1b]0;title\x07[@click=app.quit]x[/] \u202e"
DAYS = Forecast(
    first="2020-02-25",
    last="2020-03-25",
    truth=tuple(float(day % 7) for day in range(30)),
    one_step=tuple(day % 7 + 0.5 for day in range(30)),
    rolling=("nan", *(float(day) for day in range(29))),
    baselines={"last value": (1.0,) * 30, STRANGE: tuple(float(day % 7) for day in range(30))},
)


def test_the_figures_of_classes_are_scikit_learns() -> None:
    targets = [i for i, row in enumerate(COUNTS) for n in row for _ in range(n)]
    answers = [j for row in COUNTS for j, n in enumerate(row) for _ in range(n)]
    precision, recall, f1, rows = precision_recall_fscore_support(targets, answers, labels=range(4), zero_division=0)
    for index, figures in enumerate(class_figures(COUNTS)):
        assert (figures.precision or 0.0) == precision[index]
        assert (figures.recall or 0.0) == recall[index]
        assert (figures.f1 or 0.0) == pytest.approx(f1[index])
        assert figures.rows == rows[index]
    assert class_figures(COUNTS)[3].precision is None


@pytest.mark.parametrize(("width", "height"), [(1, 1), (23, 4), (24, 2), (37, 5), (60, 3), (100, 40)])
@pytest.mark.parametrize("row", [-3, 0, 99])
def test_a_table_of_classes_fills_its_space_and_no_more(width: int, height: int, row: int) -> None:
    names = [STRANGE, "b", "名前" * 20, ""]
    for palette in (DARK, MONO):
        lines = per_class(COUNTS, names, width=width, height=height, palette=palette, row=row)
        assert len(lines) == height
        assert {width_of(line) for line in lines} == {width}
        assert not any(ord(c) < 0x20 and c != "\n" for c in to_text(lines))
    assert "No figures" in to_text(per_class((), (), width=60, height=3, palette=DARK))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (10, 3), (38, 7), (60, 16), (140, 30)])
@pytest.mark.parametrize("naive", ["best", "all", "none"])
@pytest.mark.parametrize("first", [-5, 0, 7, 10**6])
def test_a_forecast_fills_its_space_and_no_more(width: int, height: int, naive: Naive, first: int) -> None:
    odd = Forecast(truth=("nan", "inf", -1e308, 1e308), one_step=(1.0,), baselines={STRANGE: ()})
    for forecast in (DAYS, odd, Forecast(first=STRANGE, last=STRANGE, truth=(1.0, 2.0)), Forecast(truth=(1.0,)), None):
        lines = forecast_plot(forecast, width=width, height=height, palette=DARK, naive=naive, first=first)
        assert len(lines) == height
        assert {width_of(line) for line in lines} == {width}
        assert not any(ord(c) < 0x20 and c != "\n" for c in to_text(lines))


def test_errors_are_means_over_the_steps_that_have_both_the_best_first() -> None:
    errors = forecast_errors(DAYS)
    assert next(iter(errors)) == STRANGE
    assert errors["one step ahead"] == pytest.approx(0.5)
    assert math.isfinite(errors["rolling"])
    assert forecast_errors(Forecast(truth=("nan",), one_step=(1.0,))) == {}


def test_steps_are_named_by_their_days_across_a_leap_day() -> None:
    assert [label_of(DAYS, step) for step in (0, 4, 5, 29)] == ["2020-02-25", "2020-02-29", "2020-03-01", "2020-03-25"]
    assert [name for _, name in date_labels(DAYS, 5)] == ["2020-02-25", "2020-03-10", "2020-03-24"]
    assert label_of(Forecast(first="a", last="b", truth=(1.0,) * 3), 2) == "2"
    mixed = Forecast(first="2020-01-01T00:00+01:00", last="2020-01-03", truth=(1.0,) * 3)
    assert date_labels(mixed, 3) == [(0.0, "2020-01-01T00:00+01…"), (2.0, "2020-01-03")]


def test_only_the_best_naive_forecast_is_drawn_unless_all_are_wanted() -> None:
    def legend(naive: Naive) -> str:
        return to_text(forecast_plot(DAYS, width=140, height=12, palette=DARK, naive=naive)).splitlines()[0]

    assert "last value" not in legend("best")
    assert "[@click" in legend("best")
    assert "last value" in legend("all")
    assert "[@click" not in legend("none")
    assert steps_in(40, 400) == 34
    assert steps_in(10, 400) == 28
    assert steps_in(500, 60) == 60
