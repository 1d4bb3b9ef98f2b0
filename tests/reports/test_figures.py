"""Figures of recorded runs: what they hold, that they are drawn, and that the picture is the same each time."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.reports.figures.curves import loss_figure, metric_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.rendering import svg
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from tests.recorded import KINDS, Kind, record


def state_of(folder: Path, kind: Kind) -> RunState:
    return read_state(record(folder, kind) / "events.jsonl")[0]


def drawn(figure: Figure | None) -> ElementTree.Element:
    """The figure's SVG, read; what every figure must have is checked on the way."""
    assert figure is not None
    text = svg(figure)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert len(text) <= 150_000
    assert figure.numbers.rows
    assert len(figure.description) > 40
    assert to_text(figure.lines(80, MONO)).strip()
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_metric_of_every_run_are_drawn_with_their_numbers_or_are_no_figure(tmp_path: Path, kind: Kind) -> None:
    state = state_of(tmp_path, kind)
    for figure in (loss_figure(state, "the run"), metric_figure(state, "the run")):
        if kind == "loading":
            assert figure is None
        else:
            drawn(figure)


def test_the_table_of_a_loss_holds_what_the_log_says_of_each_evaluation(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    figure = loss_figure(state, "r")
    assert figure is not None
    names = [column.key for column in figure.numbers.columns]
    at = names.index("validation")
    told = {row[0].values[0]: row[at].values[0] for row in figure.numbers.rows if row[at].values[0] is not None}
    series = state.curves["loss/validation"]
    assert told == dict(zip(series.epoch, series.mean, strict=True))
