"""★ stands in words only where a plot has one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from rnnlab.cli.main import cli
from rnnlab.plots.run.frame import run_frame
from rnnlab.plots.run.report import run_report
from rnnlab.runs.log_reader import read_state
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from tests.recorded import KINDS, Kind, record


@pytest.mark.parametrize("kind", KINDS)
def test_a_star_is_explained_where_one_is_drawn(tmp_path: Path, kind: Kind) -> None:
    state, _ = read_state(record(tmp_path, kind) / "events.jsonl")
    report = to_text(run_report(state, 120, MONO))
    assert report.count("★") in (0, 2, 3), "in the heading, and in one plot or both"
    frame = to_text(run_frame(state, width=140, height=40, palette=MONO))
    assert frame.count("★") != 1


def test_a_best_evaluation_that_is_no_number_has_none(tmp_path: Path) -> None:
    state, _ = read_state(record(tmp_path, "finished") / "events.jsonl")
    assert state.best is not None
    state.best = msgspec.structs.replace(state.best, metrics={"loss": "nan", "accuracy": "nan"})
    assert "★" not in to_text(run_report(state, 120, MONO))
    assert "★" not in to_text(run_frame(state, width=140, height=40, palette=MONO))


def test_show_draws_no_plot_and_so_no_star(tmp_path: Path) -> None:
    text = CliRunner().invoke(cli, ["show", str(record(tmp_path, "finished"))]).output
    assert "best accuracy" in text
    assert "★" not in text
