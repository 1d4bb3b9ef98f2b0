"""A column that says which rows are the test set: they are, and nothing else is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from tests.tasks.own.layouts import loaded, said
from tests.tasks.own.tables import check, left_out, roles, table, text_of

N = 120


def part(row: int) -> str:
    return "Test" if row % 5 == 0 else "train"


def test_the_marked_rows_of_texts_are_the_test_set(tmp_path: Path) -> None:
    # The label of the marked rows is always the same, so that the test set shows which they are.
    rows = [("book" if row % 5 == 0 else ("cancel", "book")[row % 2], text_of(row), part(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "intent,text,split"))
    assert roles(report) == {"text": "text", "label": "intent"}
    assert left_out(report) == {"split": "parts of the data"}
    assert "marks as test are the test set" in said(report)["parts"]
    assert report.trainable
    split = loaded(tmp_path / "own.csv")
    assert len(split.test) == 24
    assert len(split.train) + len(split.validation) == 96
    assert len(set(split.test.targets.tolist())) == 1


def test_the_marked_rows_of_sequences_are_the_test_set(tmp_path: Path) -> None:
    waves = [[f"{100 * (row % 5 == 0) + math.sin(step / 3 + row):.3f}" for step in range(12)] for row in range(N)]
    rows = [(part(row), *wave, "ab"[row % 2]) for row, wave in enumerate(waves)]
    report = check(tmp_path, table(rows, "subset," + ",".join(f"t{step}" for step in range(12)) + ",class"))
    assert report.trainable
    split = loaded(tmp_path / "own.csv")
    assert len(split.test) == 24
    levels = [float(np.mean(values)) for values in (split.test.inputs, split.train.inputs)]
    assert levels[0] > levels[1] + 1, "only the marked rows lie so high"


def test_parts_without_a_test_set_are_drawn_anew_and_that_is_said(tmp_path: Path) -> None:
    rows = [(("no", "yes")[row % 2], text_of(row), "val" if row % 5 == 0 else "train") for row in range(N)]
    report = check(tmp_path, table(rows, "label,text,fold"))
    assert "none as test" in said(report)["parts"]
    assert report.trainable


def test_parts_that_are_asked_for_as_the_label_are_the_label(tmp_path: Path) -> None:
    rows = [(("no", "yes")[row % 2], text_of(row), part(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "answer,text,split"), target_column="split")
    assert roles(report) == {"text": "text", "label": "split"}
    assert "parts" not in said(report)
