"""Rows that say the same, or the contrary, of one input: the check and the data card say so with one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.tasks.describe.profile import data_card
from rnnlab.tasks.own.check import CheckReport
from rnnlab.text.leaks import contradiction_text, unused_text
from tests.tasks.own.layouts import said
from tests.tasks.own.tables import check, settings_of, table, text_of, value

N = 150


def card_of(folder: Path, **settings: object) -> dict[str, object]:
    """The data card of the file that was checked last."""
    chosen = {"task.name": "own", "data.path": str(folder / "own.csv")}
    return data_card(RunConfig.from_settings(chosen | {f"data.{key}": setting for key, setting in settings.items()}))


def texts(rows: Sequence[tuple[str, str]]) -> str:
    return table(rows, "text,label")


def used(report: CheckReport) -> int:
    return sum(report.splits.values())


def test_each_text_again_in_capitals_is_said_to_be_unused(tmp_path: Path) -> None:
    rows = [(text_of(row), "ab"[row % 2]) for row in range(N)]
    report = check(tmp_path, texts(rows + [(text.upper(), label) for text, label in rows]))
    assert (report.rows, used(report)) == (300, 150)
    assert said(report)["unused rows"] == (
        "150 of 300 rows are in no part: they repeat others, each of which is used once"
    )
    assert "150 texts differ from another in case or blanks alone" in said(report)["same words"]
    notes = card_of(tmp_path)["notes"]
    assert isinstance(notes, list)
    assert {said(report)["unused rows"], said(report)["same words"]} <= set(notes)


def test_a_repeated_row_is_said_to_be_unused_unless_the_split_is_random(tmp_path: Path) -> None:
    rows = [(text_of(row % 140), "ab"[row % 2]) for row in range(N)]
    report = check(tmp_path, texts(rows))
    assert (
        said(report)["unused rows"] == "10 of 150 rows are in no part: they repeat others, each of which is used once"
    )
    assert "unused rows" not in said(check(tmp_path, texts(rows), split="random", leaks="allow"))
    once = check(tmp_path, texts([(text_of(row % (N - 1)), "ab"[row % 149 % 2]) for row in range(N)]))
    assert said(once)["unused rows"] == "1 of 150 rows is in no part: it repeats another, which is used once"


def test_rows_of_numbers_that_repeat_are_said_to_be_unused(tmp_path: Path) -> None:
    rows = [(*(value(row % 60 * 7 + step) + row % 60 for step in range(9)), "ab"[row % 2]) for row in range(120)]
    report = check(tmp_path, table(rows, ",".join(f"t{step}" for step in range(9)) + ",label"))
    assert report.kind == "rows"
    assert said(report)["unused rows"].startswith("60 of 120 rows are in no part")


def test_an_input_under_two_classes_is_said_by_the_check_as_by_the_card(tmp_path: Path) -> None:
    rows = [(text_of(row), "ab"[row % 2]) for row in range(N)]
    report = check(tmp_path, texts(rows + [(text, "ba"["ab".index(label)]) for text, label in rows[:100]]))
    assert report.trainable
    card = card_of(tmp_path)
    leaks = card["leaks"]
    assert isinstance(leaks, dict)
    assert leaks["inputs"] > 10
    message = f"{leaks['inputs']} inputs stand in two parts, under another class each: no net can be right on both"
    assert said(report)["contradiction"] == message == contradiction_text(leaks, "classification")
    assert settings_of(report, "contradiction") == ["data.split=grouped"]


def test_a_grouped_split_has_no_input_in_two_parts(tmp_path: Path) -> None:
    rows = [(text_of(row), "ab"[row % 2]) for row in range(N)]
    both = rows + [(text, "ba"["ab".index(label)]) for text, label in rows[:100]]
    report = check(tmp_path, texts(both), split="grouped")
    assert report.trainable
    assert "contradiction" not in said(report)


def test_nothing_is_said_where_nothing_repeats(tmp_path: Path) -> None:
    assert not said(check(tmp_path, texts([(text_of(row), "ab"[row % 2]) for row in range(400)])))
    assert contradiction_text({"inputs": 3, "rows": 3}, "classification") == ""
    assert contradiction_text({"inputs": 1, "rows": 0}, "regression") == (
        "1 input stands in two parts, with another target each: no net can be right on both"
    )
    assert unused_text(5, 5) == ""
