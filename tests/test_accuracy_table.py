"""The script that rebuilds the table of accuracy: real runs, kept and not trained again."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.accuracy import config, finished, gather, lines, page
from benchmarks.accuracy_rows import ROWS, Figure, Row
from rnnlab.config import RunConfig
from rnnlab.runs.folders import Session

SMALL = {"data.rows": "300", "data.steps": "10", "data.test_steps": "20", "model.hidden": "4", "train.epochs": "1"}
ROW = Row(
    "little",
    "adding",
    SMALL,
    (Figure("at most", 100.0, "rmse"), Figure("at most", 0.0, "rmse", "20 steps", "nobody gets there")),
    "A row for the test.",
)


def test_the_rows_are_configurations_that_rnnlab_accepts() -> None:
    assert all(isinstance(config(row, 3), RunConfig) for row in ROWS)
    assert config(ROWS[0], 3).train.seed == 3


def test_runs_are_kept_and_summed_up(tmp_path: Path) -> None:
    trained = gather([ROW], [0, 1], tmp_path, train_missing=True)
    session = Session(tmp_path / "accuracy-little")
    again = gather([ROW], [0, 1, 2], tmp_path, train_missing=False)

    assert len(session.runs()) == 2
    assert sorted(again[0].states) == [0, 1]
    assert again[0].values(ROW.figures[0]) == trained[0].values(ROW.figures[0])
    assert finished(session, config(ROW, 2)) is None

    asked, never = lines(again)[2:]
    values = again[0].values(ROW.figures[0])
    assert f"{statistics.fmean(values):.4f} ± {statistics.stdev(values):.4f}" in asked
    assert "| yes " in asked
    assert "| **no** " in never
    assert any("--set data.steps=10" in line for line in page(again, [0, 1]))
