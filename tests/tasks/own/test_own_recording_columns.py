"""Columns of recordings: clocks, titles, labels in a column or in the names of the files."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rnnlab.tasks.splitting.types import SUBSET_NAMES
from tests.tasks.own.layouts import SPEEDS, checked, loaded, movement, rows_of, said, write
from tests.tasks.own.units import in_own_units


def test_a_clock_in_words_is_passed_over_and_said(tmp_path: Path) -> None:
    began = datetime(2020, 3, 1)
    for label in SPEEDS:
        for trial in range(6):
            moments = [(began + timedelta(milliseconds=20 * step)).isoformat(" ") for step in range(30)]
            rows = [[moment, *row] for moment, row in zip(moments, movement(label, 30, seed=trial), strict=True)]
            write(tmp_path / label / f"{trial}.csv", rows, head="timestamp,ax,ay,az\n")
    report = checked(tmp_path)
    assert report.trainable
    assert (report.rows, report.lengths["min"]) == (18, 30)
    assert report.facts["input_columns"] == ["ax", "ay", "az"]
    assert report.facts["left_out"] == [{"column": "timestamp", "reason": "it is the time of a step"}]
    assert loaded(tmp_path, input_column="az,ax").input_size == 2
    assert "its columns are 1 to 4: timestamp, ax, ay, az" in checked(tmp_path, input_column="gyro").reason


@pytest.mark.parametrize(("head", "index"), [("0,1,2\n", False), (",0,1,2\n", True), ("1,2,3\n", False)])
def test_titles_that_are_numbers_are_no_step(tmp_path: Path, head: str, index: bool) -> None:
    for label in SPEEDS:
        for trial in range(6):
            rows = movement(label, 20, seed=trial)
            rows = [[str(step), *row] for step, row in enumerate(rows)] if index else rows
            write(tmp_path / label / f"{trial}.csv", rows, head=head)
    report = checked(tmp_path)
    assert report.lengths == {"min": 20, "max": 20, "mean": 20}
    assert loaded(tmp_path).input_size == 3
    left = [{"column": "column 1", "reason": "it counts the rows"}] if index else []
    assert report.facts["left_out"] == left


def test_a_first_line_of_counts_is_a_step_among_whole_numbers(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(6):
            rows = [[str((step * speed + trial) % 9) for speed in (1, 2, 3)] for step in range(20)]
            write(
                tmp_path / label / f"{trial}.csv", [["0", "1", "2"], *rows, [label[:1] and str(len(label)), "0", "0"]]
            )
    assert checked(tmp_path).lengths["min"] == 22


def test_columns_in_another_order_are_matched_by_their_titles(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(8):
            rows = [[f"{float(x) + 10:.3f}", f"{float(y) + 20:.3f}"] for x, y, _ in movement(label, 20, seed=trial)]
            turned = trial % 2 == 1
            write(
                tmp_path / label / f"{trial}.csv",
                [row[::-1] for row in rows] if turned else rows,
                head="Ay, ax\n" if turned else "ax,ay\n",
            )
    report = checked(tmp_path)
    assert report.facts["input_columns"] == ["ax", "ay"]
    assert said(report)["column order"] == (
        "the columns stand in another order in 12 of 24 files, and were matched by their titles"
    )
    values = in_own_units(loaded(tmp_path), "train")
    assert (values[..., 0] < 15).all()
    assert (values[..., 1] > 15).all()


def test_a_file_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(10):
            write(tmp_path / label / f"{trial}.csv", movement(label, 20, seed=trial), head="ax,ay,az\n")
    write(tmp_path / "run" / "x.csv", movement("run", 20), head="ax,ay,gz\n")
    write(tmp_path / "run" / "y.csv", movement("run", 20, 4), head="ax,ay,az,temp\n")
    report = checked(tmp_path)
    assert report.rows == 31
    (lost,) = (problem for problem in report.problems if problem.kind == "columns")
    assert lost.places == [("run/x.csv", "it has no column az; its columns are ax, ay, gz")]
    assert "further columns, left out: temp" in said(report)["further columns"]


def test_blank_lines_part_the_recordings_of_a_file(tmp_path: Path) -> None:
    for label in SPEEDS:
        blocks = [movement(label, 15 + trial, seed=trial) for trial in range(8)]
        rows = [row for block in blocks for row in [*block, []]]
        write(tmp_path / label / f"{label}.csv", rows, head="aX,aY,aZ\n\n")
    report = checked(tmp_path)
    assert report.classes == dict.fromkeys(SPEEDS, 8)
    assert (report.lengths["min"], report.lengths["max"]) == (15, 22)
    assert said(report)["blank lines"] == "blank lines part 24 recordings in 3 files"


def test_blank_lines_between_all_rows_part_nothing(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(6):
            rows = [part for row in movement(label, 12, seed=trial) for part in (row, [])]
            write(tmp_path / label / f"{trial}.csv", rows)
    report = checked(tmp_path)
    assert (report.rows, report.lengths["max"]) == (18, 12)


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("{label}_{trial:02}", 0),
        ("{label}{trial}", 0),
        ("s{person}_{label}_t{trial}", 4),
        ("subject_{person}_{label}_{trial}", 4),
    ],
)
def test_labels_stand_in_the_names_of_the_files(tmp_path: Path, name: str, people: int) -> None:
    for label in SPEEDS:
        for trial in range(12):
            stem = name.format(label=label, trial=trial, person=trial % 4)
            write(tmp_path / f"{stem}.csv", movement(label, 20, seed=trial))
    report = checked(tmp_path)
    assert report.classes == dict.fromkeys(SPEEDS, 12)
    assert "taken from the names of the files" in said(report)["file names"]
    split = loaded(tmp_path)
    assert split.split_kind == ("person" if people else "distinct")


def test_a_file_for_each_label_with_blank_lines_or_one_long_recording(tmp_path: Path) -> None:
    for label in SPEEDS:
        write(tmp_path / "parted" / f"{label}.csv", [r for t in range(9) for r in [*movement(label, 20, seed=t), []]])
        write(tmp_path / "long" / f"{label}.csv", movement(label, 1500))
    assert checked(tmp_path / "parted").classes == dict.fromkeys(SPEEDS, 9)
    report = checked(tmp_path / "long")
    assert report.trainable
    assert "windows of 128 steps, one every 64" in said(report)["windows"]
    split = loaded(tmp_path / "long")
    assert {int(length) for length in split.train.lengths} == {128}


def test_names_that_say_no_label_are_asked_about(tmp_path: Path) -> None:
    for trial in range(12):
        write(tmp_path / f"rec_{trial}.csv", movement("run", 20, seed=trial))
    reason = checked(tmp_path).reason
    assert "nothing says their labels" in reason
    assert "LABEL/NAME.csv" in reason


@pytest.mark.parametrize("title", ["activity", "label"])
def test_a_label_that_changes_within_files_makes_windows_and_no_file_is_in_two_parts(
    tmp_path: Path, title: str
) -> None:
    names = list(SPEEDS) if title == "activity" else ["0", "1", "2"]
    for trial in range(8):
        rows = [
            [*row, name] for label, name in zip(SPEEDS, names, strict=True) for row in movement(label, 120, seed=trial)
        ]
        write(tmp_path / f"subject{trial}.csv", rows, head=f"x,y,z,{title}\n")
    report = checked(tmp_path)
    assert set(report.classes) == set(names)
    assert said(report)["label changes"].startswith("the label changes within 8 files")
    assert "72 windows of 60 steps, one every 30" in said(report)["windows"]
    split = loaded(tmp_path)
    assert rows_of(split) == 72
    held = [set(part.groups.tolist()) for part in map(split.subset, SUBSET_NAMES) if part.groups is not None]
    assert sum(map(len, held)) == len(set().union(*held)) == 8


def test_a_label_column_in_folders_of_labels_does_not_go_in(tmp_path: Path) -> None:
    for number, label in enumerate(SPEEDS):
        for trial in range(6):
            rows = [[*row, str(number)] for row in movement(label, 20, seed=trial)]
            write(tmp_path / label / f"{trial}.csv", rows, head="x,y,z,label\n")
    report = checked(tmp_path)
    assert report.facts["input_columns"] == ["x", "y", "z"]
    assert report.facts["left_out"] == [{"column": "label", "reason": "its folder, or its name, says the label"}]


def test_windows_of_folders_are_cut_where_a_window_is_set(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(4):
            write(tmp_path / label / f"{trial}.csv", movement(label, 100, seed=trial))
    assert checked(tmp_path).rows == 12
    split = loaded(tmp_path, window=20, stride=20)
    assert rows_of(split) == 60
    assert {int(length) for length in split.train.lengths} == {20}


@pytest.mark.parametrize("title", ["Time (s)", "timestamp", "Zeit", "time_ms"])
def test_a_clock_of_numbers_is_known_by_its_title(tmp_path: Path, title: str) -> None:
    for label in SPEEDS:
        for trial in range(6):
            rows = [[f"{step * 0.02:.9E}", *row] for step, row in enumerate(movement(label, 20, seed=trial))]
            write(tmp_path / label / f"Raw Data {trial}.csv", rows, head=f'"{title}","x (m/s^2)","y","z"\n')
    report = checked(tmp_path)
    assert report.facts["left_out"] == [{"column": title, "reason": "it is the time of a step"}]
    assert loaded(tmp_path).input_size == 3


def test_files_without_labels_name_the_column_that_may_hold_them(tmp_path: Path) -> None:
    for person in (101, 102, 103):
        rows = [[str(n), *row] for n, label in enumerate(SPEEDS) for row in movement(label, 200, seed=person)]
        write(tmp_path / f"subject{person}.dat", rows, delimiter=" ")
    (question,) = (problem for problem in checked(tmp_path).problems if problem.stops)
    assert [choice.setting for choice in question.choices] == ["data.target_column=1"]
    assert checked(tmp_path, target_column="1").trainable
