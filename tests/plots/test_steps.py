"""Drawings of one prediction step by step: aligned, readable without colour, never wider than asked for."""

from __future__ import annotations

import msgspec
import pytest

from rnnlab.plots.steps.columns import columns_in
from rnnlab.plots.steps.inputs import input_lines
from rnnlab.plots.steps.probabilities import output_lines
from rnnlab.plots.steps.report import step_report
from rnnlab.plots.steps.strips import shade_of, strip_lines
from rnnlab.runs.prediction import Prediction
from rnnlab.runs.step_prediction import ClassSteps, StepPrediction
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from tests.recorded_steps import named, window

HOSTILE = "\x1b]0;x\x07[/red]\u202e名前"


def test_probabilities_stand_under_what_is_read_and_grow() -> None:
    lines = to_text(output_lines(named(), width=78, height=7, palette=MONO)).splitlines()
    assert lines[0].split() == list("Kowalska")
    polish = next(line for line in lines if "Polish" in line)
    numbers = polish.split()[1:9]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (".05", ".95")
    assert "95.0%" in polish
    # A letter and its probability share the column.
    assert lines[0].index("K") in range(polish.index(".05") - 1, polish.index(".05") + 3)


def test_the_target_has_a_mark_and_classes_without_room_are_counted() -> None:
    lines = to_text(output_lines(named(target="Czech"), width=78, height=7, palette=MONO)).splitlines()
    assert [line.strip().split()[0] for line in lines[1:]] == ["Polish", "✓", "Russian"]
    many = msgspec.structs.replace(
        named(), classes=tuple(ClassSteps(name=f"c{at}", probabilities=(0.1,) * 8) for at in range(10)), left_out=5
    )
    assert "+11 more classes" in to_text(output_lines(many, width=78, height=6, palette=MONO))


@pytest.mark.parametrize("palette", [DARK, MONO], ids=["colour", "mono"])
@pytest.mark.parametrize("width", [10, 24, 40, 78, 200])
@pytest.mark.parametrize(
    "predicted", [named(), named("x"), named("y" * 300), window()], ids=["name", "one", "long", "window"]
)
def test_nothing_is_wider_or_higher_than_asked_for(predicted: StepPrediction, width: int, palette: object) -> None:
    for height in (2, 5, 12):
        drawings = [
            output_lines(predicted, width=width, height=height, palette=palette, cursor=0),  # type: ignore[arg-type]
            strip_lines(predicted, predicted.strips[0], width=width, height=height, palette=palette, cell=3),  # type: ignore[arg-type]
        ]
        if predicted.values:
            drawings.append(input_lines(predicted, width=width, height=height, palette=palette))  # type: ignore[arg-type]
        for lines in drawings:
            assert len(lines) <= height
            assert all(width_of(line) <= width for line in lines)


def test_values_above_and_below_zero_differ_without_colour() -> None:
    above, below = (shade_of(value, -1.0, 1.0) for value in (0.7, -0.7))
    assert above[0] != below[0]
    assert shade_of(float("nan"), -1.0, 1.0)[0] == "?"
    text = to_text(strip_lines(named(), named().strips[0], width=60, height=14, palette=MONO, cell=11, cursor=2))
    assert {"█", "#"} <= set(text)
    assert "▸ 11" in text


def test_where_not_all_columns_fit_those_around_the_cursor_are_shown_else_the_last() -> None:
    assert list(columns_in(100, 25, gutter=5).indices) == list(range(80, 100))
    assert 10 in columns_in(100, 25, gutter=5, cursor=10).indices
    assert columns_in(4, 80, gutter=5).cell == 5


def test_the_forecast_stands_after_the_window_with_what_truly_followed() -> None:
    text = to_text(input_lines(window(), width=78, height=12, palette=MONO))
    assert "forecast" in text
    assert "truth" in text
    assert "whole window" in to_text(output_lines(window(), width=78, height=6, palette=MONO)).replace("\n", " ")


def test_names_from_data_are_never_obeyed() -> None:
    predicted = msgspec.structs.replace(
        named(),
        prediction=Prediction(HOSTILE, ranked=((HOSTILE, 1.0),)),
        labels=(HOSTILE,) * 8,
        classes=(ClassSteps(name=HOSTILE, probabilities=(1.0,) * 8),),
        notes=(HOSTILE,),
    )
    for line in step_report(predicted, top=3, width=80, palette=MONO):
        text = "".join(segment.text for segment in line)
        assert text.isprintable()
        assert width_of(line) <= 80
