"""Tables with a step in each row: windows by person and label, recordings by id."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.tasks.splitting.types import SUBSET_NAMES
from tests.tasks.own.layouts import SPEEDS, checked, loaded, movement, rows_of, said, write
from tests.tasks.own.tables import check, roles, table


def long_table(people: int = 6, steps: int = 130) -> list[list[str]]:
    """Rows of user, activity, timestamp, x, y, z: each user does all movements in turn."""
    rows = []
    for user in range(1, people + 1):
        moment = 49_000_000_000_000 + user
        for label in SPEEDS:
            for row in movement(label, steps, seed=user):
                moment += 50_000_000
                rows.append([str(user), label, str(moment), *row])
    return rows


@pytest.mark.parametrize("end", ["", ";"])
def test_a_log_without_titles_is_cut_into_windows_by_person_and_label(tmp_path: Path, end: str) -> None:
    path = tmp_path / "raw.txt"
    path.write_text("".join(",".join(row) + f"{end}\n" for row in long_table()))
    report = checked(path)
    assert report.trainable
    assert report.kind == "steps"
    assert report.classes == dict.fromkeys(SPEEDS, 18)
    assert said(report)["windows"].startswith(
        "54 windows of 65 steps, one every 32 (data.window, data.stride), were cut from 18 stretches of one label, of 6 by"
    )
    split = loaded(path)
    assert (split.input_size, split.split_kind, split.classes) == (3, "person", ("run", "sit", "walk"))
    held = [set(part.groups.tolist()) for part in map(split.subset, SUBSET_NAMES) if part.groups is not None]
    assert sum(map(len, held)) == len(set().union(*held)) == 6


def test_titles_and_the_order_of_the_columns_do_not_matter(tmp_path: Path) -> None:
    rows = [[*row[3:], row[2], row[1], row[0]] for row in long_table()]
    write(tmp_path / "log.csv", rows, head="ax,ay,az,time,activity,subject\n")
    report = checked(tmp_path / "log.csv")
    assert (report.kind, report.rows) == ("steps", 54)
    assert report.facts["input_columns"] == ["ax", "ay", "az"]
    assert report.facts["group_column"] == "subject"


def test_rows_out_of_order_are_put_in_the_order_of_their_clock(tmp_path: Path) -> None:
    rows = long_table()
    write(tmp_path / "log.csv", rows, head="user,activity,timestamp,x,y,z\n")
    random.Random(5).shuffle(rows)
    write(tmp_path / "mixed.csv", rows, head="user,activity,timestamp,x,y,z\n")
    assert "in the order of their clock" in said(checked(tmp_path / "mixed.csv"))["order"]
    windows = [
        sorted(part.inputs[row].tolist() for part in map(split.subset, SUBSET_NAMES) for row in range(len(part)))
        for split in (loaded(tmp_path / f"{name}.csv", normalise="none") for name in ("log", "mixed"))
    ]
    assert windows[0] == windows[1]


def test_no_window_goes_across_a_gap_of_the_clock(tmp_path: Path) -> None:
    rows = [
        [str(user), str(step * 20 + (5000 if step >= 100 else 0)), *row, label]
        for user in range(6)
        for number, label in enumerate(SPEEDS)
        for step, row in enumerate(movement(label, 200, seed=10 * user + number))
    ]
    write(tmp_path / "log.csv", rows, head="user,time_ms,x,y,z,label\n")
    report = checked(tmp_path / "log.csv", window=64, stride=32)
    assert said(report)["gaps"] == "the clock leaps at 18 places: no window goes across"
    # Each stretch of 100 steps has room for two windows, the whole 200 would have five.
    assert report.rows == 18 * 2 * 2
    assert "begins anew 12 times" in said(report)["restart"]


def test_an_id_with_one_label_is_one_sequence(tmp_path: Path) -> None:
    rows = [
        [str(trial), str(step), *row, label]
        for trial in range(30)
        for label in [list(SPEEDS)[trial % 3]]
        for step, row in enumerate(movement(label, 20 + trial % 5, seed=trial))
    ]
    write(tmp_path / "trials.csv", rows, head="id,time,x,y,z,label\n")
    report = checked(tmp_path / "trials.csv")
    assert (report.kind, report.rows) == ("steps", 30)
    assert (report.lengths["min"], report.lengths["max"]) == (20, 24)
    assert loaded(tmp_path / "trials.csv").input_size == 3
    assert checked(tmp_path / "trials.csv", window=10, stride=10).rows == 60


def test_the_persons_of_trials_are_not_in_two_parts(tmp_path: Path) -> None:
    rows = [
        [f"p{person}", str(trial), str(step * 0.02), *row, label]
        for person in range(5)
        for trial, label in enumerate([*SPEEDS, *SPEEDS])
        for step, row in enumerate(movement(label, 30, seed=10 * person + trial))
    ]
    write(tmp_path / "trials.csv", rows, head="subject,trial,t,x,y,z,activity\n")
    split = loaded(tmp_path / "trials.csv")
    assert (rows_of(split), split.split_kind, split.group) == (30, "person", "subject")


def test_numbers_are_predicted_for_whole_recordings(tmp_path: Path) -> None:
    rows = [
        [str(trial), str(step), *row, f"{trial * 0.75:.2f}"]
        for trial in range(30)
        for step, row in enumerate(movement("run", 20, seed=trial))
    ]
    write(tmp_path / "runs.csv", rows, head="id,time,x,y,z,target\n")
    split = loaded(tmp_path / "runs.csv", kind="steps", target_column="target")
    assert split.card.problem == "regression"
    assert rows_of(split) == 30


def test_windows_without_persons_never_share_steps_across_parts(tmp_path: Path) -> None:
    rows = [[*row, label] for turn in range(4) for label in SPEEDS for row in movement(label, 400, seed=turn)]
    write(tmp_path / "log.csv", rows, head="ax,ay,az,label\n")
    split = loaded(tmp_path / "log.csv")
    seen = [
        {tuple(step) for row in part.inputs.reshape(len(part), -1, 3).tolist() for step in row}
        for part in map(split.subset, SUBSET_NAMES)
    ]
    assert not seen[0] & seen[2]
    assert not seen[0] & seen[1]


def test_steps_without_a_label_and_lines_that_are_none_are_left_out_and_said(tmp_path: Path) -> None:
    rows = long_table()
    for row in rows[10:40]:
        row[1] = ""
    rows[200][3] = "broken"
    write(tmp_path / "log.csv", rows, head="user,activity,timestamp,x,y,z\n")
    report = checked(tmp_path / "log.csv")
    assert report.trainable
    assert said(report)["unlabelled"] == "30 steps have no label and are left out"
    assert "'broken' in the column x is not a number" in " ".join(said(report).values())


def test_a_channel_in_each_row_is_put_together(tmp_path: Path) -> None:
    rows = [
        [str(trial), axis, str(step), value, label]
        for trial in range(30)
        for label in [list(SPEEDS)[trial % 3]]
        for channel, axis in enumerate("xyz")
        for step, value in enumerate(row[channel] for row in movement(label, 20, seed=trial))
    ]
    write(tmp_path / "melted.csv", rows, head="case_id,dim_id,reading_id,value,class\n")
    report = checked(tmp_path / "melted.csv")
    assert (report.kind, report.rows, report.lengths["max"]) == ("steps", 30, 20)
    assert report.facts["input_columns"] == ["x", "y", "z"]
    split = loaded(tmp_path / "melted.csv", normalise="none")
    first = [[float(value) for value in row] for row in movement("walk", 20, seed=0)]
    found = [part.inputs[row].round(4).tolist() for part in map(split.subset, SUBSET_NAMES) for row in range(len(part))]
    assert any(abs(sum(map(sum, one)) - sum(map(sum, first))) < 0.01 for one in found)


def test_a_test_file_beside_it_stays_the_test_set(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", long_table(6), head="user,activity,timestamp,x,y,z\n")
    turned = [[*row[3:], f"1{row[0]}", *row[1:3]] for row in long_table(2, 100)]
    write(tmp_path / "test.csv", turned, head="x,y,z,user,activity,timestamp\n")
    split = loaded(tmp_path / "train.csv")
    assert split.split_kind == "published"
    assert split.input_size == 3
    assert rows_of(split) == 54 + len(split.test)


def test_a_clock_that_stands_still_at_times_is_a_clock(tmp_path: Path) -> None:
    rows = long_table()
    for number, row in enumerate(rows[1:], start=1):
        if number % 4 == 0:
            row[2] = rows[number - 1][2]
    write(tmp_path / "raw.txt", rows)
    assert loaded(tmp_path / "raw.txt").input_size == 3


def test_codes_in_long_runs_without_titles_are_asked_about(tmp_path: Path) -> None:
    rows = [
        [f"{(turn * 300 + step) * 0.01:.2f}", str(number), *row]
        for turn in range(6)
        for number, label in [(turn % 3, list(SPEEDS)[turn % 3])]
        for step, row in enumerate(movement(label, 300, seed=turn))
    ]
    write(tmp_path / "subject101.dat", rows, delimiter=" ")
    report = checked(tmp_path / "subject101.dat")
    (question,) = (problem for problem in report.problems if problem.stops)
    assert [choice.setting for choice in question.choices] == ["data.target_column=2", "data.kind=series"]
    answered = checked(tmp_path / "subject101.dat", target_column="2")
    assert (answered.kind, set(answered.classes)) == ("steps", {"0", "1", "2"})
    assert loaded(tmp_path / "subject101.dat", target_column="2").input_size == 3


def test_marks_of_single_steps_in_a_dated_table_make_no_recordings(tmp_path: Path) -> None:
    rows = [
        [f"{1969 + n // 12}-{n % 12 + 1:02}-01", row[0], str(int(n == 170))]
        for n, row in enumerate(movement("walk", 190, 1))
    ]
    write(tmp_path / "belts.csv", rows, head=",KSI,label\n")
    report = checked(tmp_path / "belts.csv")
    assert (report.kind, report.trainable) == ("series", True)


@pytest.mark.parametrize("titles", ["channel1,channel2,channel3", "sensor_1,sensor_2,sensor_3", "emg1,emg2,emg3"])
def test_numbers_in_the_titles_of_sensors_count_no_steps(tmp_path: Path, titles: str) -> None:
    rows = [[*row, label] for turn in range(4) for label in SPEEDS for row in movement(label, 90, seed=turn)]
    write(tmp_path / "emg.csv", rows, head=f"{titles},class\n")
    report = checked(tmp_path / "emg.csv")
    assert (report.kind, set(report.classes)) == ("steps", set(SPEEDS))
    assert loaded(tmp_path / "emg.csv").input_size == 3


def test_a_window_of_thirty_two_steps_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "log.csv", long_table(), head="user,activity,timestamp,x,y,z\n")
    for settings in ({"window": 32}, {"window": 32, "stride": 16}):
        report = checked(tmp_path / "log.csv", **settings)
        assert "windows of 32 steps, one every 16" in said(report)["windows"]
        split = loaded(tmp_path / "log.csv", **settings)
        assert {int(length) for length in split.train.lengths} == {32}
        assert rows_of(split) == report.rows


def test_the_first_of_two_refusals_is_that_of_the_check_and_of_training(tmp_path: Path) -> None:
    steps = [
        ["p1", str(step // 3), f"{step % 7}.5", "ab"[step // 300]] for step in random.Random(1).sample(range(600), 600)
    ]
    damaged = [[*row, "more"] if line % 4 == 0 else row for line, row in enumerate(steps)]
    write(tmp_path / "log.csv", damaged, head="user,time,x,label\n")
    reason = checked(tmp_path / "log.csv", kind="steps").reason
    assert "5 fields where there are 4 columns" in reason
    with pytest.raises(UsageError) as refused:
        loaded(tmp_path / "log.csv", kind="steps")
    assert str(refused.value) == reason


@pytest.mark.parametrize("title", ["trip_id", "Trip ID", "walk_id"])
def test_a_column_titled_as_an_id_that_repeats_tells_recordings_apart(tmp_path: Path, title: str) -> None:
    rows = [
        (
            trip,
            step,
            f"{trip * 37 % 101 / 7 + step:.3f}",
            f"{trip * 11 % 53 / 3 - step:.3f}",
            ("walk", "bike")[trip % 2],
        )
        for trip in range(40)
        for step in range(20)
    ]
    report = check(tmp_path, table(rows, f"{title},t,lat,lon,mode"))
    assert roles(report)["group"] == title
    assert report.net["input_size"] == 2, "it does not go in"
