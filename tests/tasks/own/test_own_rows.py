"""Tables with a sequence in each row, and the text files of the UCR archive."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.own.layouts import SPEEDS, checked, loaded, movement, rows_of, said, write
from tests.tasks.own.units import in_own_units


def wide(count: int, steps: int = 40, channels: int = 1, seed: int = 0) -> tuple[list[list[list[str]]], list[str]]:
    """Sequences (rows, steps, channels) as fields, and their labels."""
    labels = [list(SPEEDS)[row % 3] for row in range(count)]
    return [movement(label, steps, channels, seed=seed + row) for row, label in enumerate(labels)], labels


@pytest.mark.parametrize("title", ["fft_{}", "t{}", "step {}", "X{}", "att-{}"])
@pytest.mark.parametrize("first", [True, False])
def test_numbered_columns_with_a_label_are_a_sequence_in_each_row(tmp_path: Path, title: str, first: bool) -> None:
    values, labels = wide(60)
    rows = [[step[0] for step in value] for value in values]
    titles = [title.format(step) for step in range(40)]
    rows = [[label, *row] if first else [*row, label] for row, label in zip(rows, labels, strict=True)]
    titles = ["label", *titles] if first else [*titles, "label"]
    write(tmp_path / "wide.csv", rows, head=",".join(titles) + "\n")
    report = checked(tmp_path / "wide.csv")
    assert report.trainable
    assert (report.kind, report.rows) == ("rows", 60)
    assert report.lengths["max"] == 40
    split = loaded(tmp_path / "wide.csv")
    assert (split.classes, split.input_size) == (("run", "sit", "walk"), 1)


@pytest.mark.parametrize("by_step", [True, False])
def test_channels_are_told_by_their_titles(tmp_path: Path, by_step: bool) -> None:
    values, labels = wide(60, steps=12, channels=3)
    pairs = [(c, t) for t in range(12) for c in range(3)] if by_step else [(c, t) for c in range(3) for t in range(12)]
    titles = [f"t{t}_a{'xyz'[c]}" if by_step else f"a{'xyz'[c]}_{t}" for c, t in pairs]
    rows = [
        [str(number), *(f"{float(value[t][c]) + 10 * c:.3f}" for c, t in pairs), label]
        for number, (value, label) in enumerate(zip(values, labels, strict=True))
    ]
    write(tmp_path / "wide.csv", rows, head=",".join(["id", *titles, "activity"]) + "\n")
    split = loaded(tmp_path / "wide.csv")
    assert split.input_size == 3
    assert split.train.inputs.shape[1] == 12
    means = in_own_units(split, "train").mean(axis=(0, 1))
    assert np.round(means / 10).tolist() == [0, 1, 2]


def test_features_without_an_order_are_read_and_said(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [
        [*(f"{chance.gauss(number % 3, 0.3):.2f}" for _ in range(4)), ("setosa", "versicolor", "virginica")[number % 3]]
        for number in range(90)
    ]
    write(tmp_path / "iris.csv", rows, head="sepal_length,sepal_width,petal_length,petal_width,species\n")
    report = checked(tmp_path / "iris.csv")
    assert (report.kind, report.rows) == ("rows", 90)
    assert "features that have no order are no sequence" in said(report)["features"]


def test_names_of_rows_do_not_go_in(tmp_path: Path) -> None:
    values, labels = wide(60)
    rows = [
        [f"X21.V{number}.{number * 7}", *(step[0] for step in value), label]
        for number, (value, label) in enumerate(zip(values, labels, strict=True))
    ]
    write(tmp_path / "seizures.csv", rows, head=",".join(["", *(f"X{n}" for n in range(1, 41)), "y"]) + "\n")
    report = checked(tmp_path / "seizures.csv")
    assert report.kind == "rows"
    assert report.lengths["max"] == 40
    assert report.facts["target_column"] == "y"


def ucr(count: int, *, delimiter: str = "\t", seed: int = 0, short: bool = False) -> str:
    """Lines of the archive: a class, then 30 values, the last ones of some NaN."""
    lines = []
    for row in range(count):
        values = [step[0] for step in movement(list(SPEEDS)[row % 3], 30, 1, seed=seed + row)]
        values = values[:20] + ["NaN"] * 10 if short and row % 2 else values
        lines.append(delimiter.join([str(row % 3 + 1), *values]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("ending", "delimiter"), [(".tsv", "\t"), (".txt", ","), (".txt", "   "), (".csv", ","), (".csv", "\t")]
)
def test_a_pair_of_the_ucr_archive_is_read_with_its_test_set(tmp_path: Path, ending: str, delimiter: str) -> None:
    (tmp_path / f"Waves_TRAIN{ending}").write_text(ucr(60, delimiter=delimiter))
    (tmp_path / f"Waves_TEST{ending}").write_text(ucr(30, delimiter=delimiter, seed=500))
    for path in (tmp_path / f"Waves_TRAIN{ending}", tmp_path / f"Waves_TEST{ending}", tmp_path):
        split = loaded(path)
        assert (len(split.test), rows_of(split), split.split_kind) == (30, 90, "published")
        assert split.classes == ("1", "2", "3")
        assert split.train.inputs.shape[1:] in ((30, 1), (30,))


def test_cases_of_different_lengths_are_filled_with_nan_in_the_archive(tmp_path: Path) -> None:
    (tmp_path / "Waves_TRAIN.tsv").write_text(ucr(60, short=True))
    (tmp_path / "Waves_TEST.tsv").write_text(ucr(30, seed=500, short=True))
    split = loaded(tmp_path)
    assert {int(length) for length in split.train.lengths} == {20, 30}


def people(count: int = 60) -> list[list[str]]:
    """Rows of a cross-section: measurements of people, in no order."""
    chance = random.Random(7)
    return [
        [f"{chance.gauss(50, 9):.1f}", f"{chance.gauss(170, 8):.1f}", f"{chance.gauss(70, 9):.1f}"]
        for _ in range(count)
    ]


def test_rows_without_dates_and_in_no_order_are_asked_about(tmp_path: Path) -> None:
    write(tmp_path / "people.csv", people(), head="pulse,height,weight\n")
    report = checked(tmp_path / "people.csv")
    (question,) = (problem for problem in report.problems if problem.stops)
    assert "do the rows follow one another in time?" in question.message
    assert [choice.setting for choice in question.choices] == ["data.kind=series", "data.kind=rows"]
    assert checked(tmp_path / "people.csv", kind="series").kind == "series"


def test_rows_that_follow_one_another_are_not_asked_about(tmp_path: Path) -> None:
    write(tmp_path / "machine.csv", movement("walk", 200), head="pressure,flow,heat\n")
    report = checked(tmp_path / "machine.csv")
    assert report.trainable
    assert report.kind == "series"


def test_names_beside_numbers_are_no_texts_to_classify(tmp_path: Path) -> None:
    rows = [[f"Place {number}", *row] for number, row in enumerate(people())]
    write(tmp_path / "places.csv", rows, head="place,income,taxes,rent\n")
    report = checked(tmp_path / "places.csv")
    assert not report.trainable
    assert "what is to be learned?" in report.reason or "no label" in report.reason


def test_features_sorted_by_their_label_are_rows_and_a_recording_is_not(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [
        [*(f"{chance.gauss(kind, 0.3):.2f}" for _ in range(4)), f"kind {kind}"] for kind in range(3) for _ in range(50)
    ]
    write(tmp_path / "flowers.csv", rows, head="sepal,petal,leaf,stem,species\n")
    assert checked(tmp_path / "flowers.csv").kind == "rows"
    logged = [[*row, label] for label in SPEEDS for row in movement(label, 300, 4)]
    write(tmp_path / "log.csv", logged, head="left,right,front,back,behaviour\n")
    report = checked(tmp_path / "log.csv")
    assert {choice.setting for problem in report.problems for choice in problem.choices} == {
        "data.kind=steps",
        "data.kind=rows",
    }


def test_a_row_may_have_a_number_to_predict(tmp_path: Path) -> None:
    values, _ = wide(60)
    rows = [[*(step[0] for step in value), f"{number * 1.25:.2f}"] for number, value in enumerate(values)]
    write(tmp_path / "wear.csv", rows, head=",".join([*(f"t{step}" for step in range(40)), "wear"]) + "\n")
    split = loaded(tmp_path / "wear.csv", target_column="wear")
    assert (split.card.problem, split.outputs) == ("regression", 1)


def test_of_two_files_of_a_series_the_one_that_is_named_is_read(tmp_path: Path) -> None:
    for name, steps in (("x_TRAIN.csv", 300), ("x_TEST.csv", 200)):
        rows = [[str(step), row[0]] for step, row in enumerate(movement("walk", steps, 1))]
        write(tmp_path / name, rows, head="timestamp,value\n")
    assert checked(tmp_path / "x_TRAIN.csv").rows == 300
    assert checked(tmp_path / "x_TEST.csv").rows == 200


def test_a_column_whose_values_all_stand_for_missing_ones_is_no_label(tmp_path: Path) -> None:
    """Found by fuzzing: it has no lowest value."""
    (tmp_path / "own.csv").write_text(
        "".join(f"{'0,' * 20}{','.join(str(n % 7 + c) for c in range(20))}\n" for n in range(30))
    )
    report = checked(tmp_path / "own.csv", kind="rows", missing="0")
    assert "no column that is clearly the label" in report.reason


@pytest.mark.parametrize("titles", [[str(step) for step in range(20)], [f"{1100 + 2.5 * step}" for step in range(20)]])
def test_titles_that_are_numbers_beside_a_word_are_no_row(tmp_path: Path, titles: list[str]) -> None:
    values, labels = wide(60, steps=20)
    rows = [[str(n), *(step[0] for step in value), labels[n]] for n, value in enumerate(values)]
    write(tmp_path / "spectra.csv", rows, head=",".join(["", *titles, "label"]) + "\n")
    report = checked(tmp_path / "spectra.csv")
    assert (report.kind, report.rows, report.lengths["max"]) == ("rows", 60, 20)
    assert report.facts["input_columns"] == titles


def test_a_folder_of_one_table_is_that_table(tmp_path: Path) -> None:
    values, labels = wide(60, steps=20)
    rows = [[*(step[0] for step in value), label] for value, label in zip(values, labels, strict=True)]
    write(tmp_path / "data.csv", rows, head=",".join([*(f"t{n}" for n in range(20)), "label"]) + "\n")
    (tmp_path / "README.txt").write_text("where it is from")
    assert checked(tmp_path).kind == "rows"
    assert rows_of(loaded(tmp_path)) == 60


def _in_runs(length: int, titles: str, smooth: bool) -> str:
    chance = random.Random(3)
    lines = []
    for row in range(1200):
        label = "ab"[row // length % 2]
        walk = [math.sin(row * (0.05 + 0.1 * (label == "a")) + channel) if smooth else 0.0 for channel in range(5)]
        lines.append(",".join([*(f"{x + chance.gauss(0, 0.02):.4f}" for x in walk), label]))
    return "\n".join([titles, *lines]) + "\n"


@pytest.mark.parametrize("titles", ["C0,C1,C2,C3,C4,label", "0,1,2,3,4,label"])
@pytest.mark.parametrize(("length", "smooth"), [(100, True), (600, True), (100, False)])
def test_rows_in_long_runs_of_a_label_are_a_question(tmp_path: Path, titles: str, length: int, smooth: bool) -> None:
    path = tmp_path / "own.csv"
    path.write_text(_in_runs(length, titles, smooth))
    report = checked(path)
    assert "is a row one step of a recording, or a sequence of its own?" in report.reason
    choices = [choice.setting for problem in report.problems for choice in problem.choices]
    assert choices == ["data.kind=steps", "data.kind=rows"]
    assert checked(path, kind="steps").kind == "steps"
    assert checked(path, kind="rows").kind == "rows"


@pytest.mark.parametrize(("length", "titles"), [(1, "C0,C1,C2,C3,C4,label"), (100, "t0,t1,t2,t3,t4,label")])
def test_rows_in_no_order_or_of_numbered_steps_are_none(tmp_path: Path, length: int, titles: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(_in_runs(length, titles, smooth=False))
    assert (checked(path).kind, checked(path).trainable) == ("rows", True)
