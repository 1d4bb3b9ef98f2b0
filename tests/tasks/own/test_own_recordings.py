"""Folders of recordings, and the `.ts` files of the archives."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from tests.tasks.own.units import in_own_units

RANDOM = np.random.default_rng(3)


def loaded(path: Path, **settings: object) -> Split:
    chosen = {f"data.{name}": value for name, value in settings.items()}
    return load(RunConfig.from_settings({"task.name": "own", "data.path": str(path)} | chosen))


def refused(path: Path, **settings: object) -> str:
    # The shares that the check would work out are those of a run made on the command line.
    settings = {"validation": 0.1, "test": 0.1} | settings
    report = check_file(path, {f"data.{name}": value for name, value in settings.items()})
    assert not report.trainable
    with pytest.raises(UsageError) as refusal:
        loaded(path, **settings)
    assert str(refusal.value) == report.reason
    return report.reason


def record(
    folder: Path, place: str, *, steps: int = 0, delimiter: str = ",", head: str = "", clock: bool = False
) -> None:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    values = RANDOM.normal(size=(steps or int(RANDOM.integers(4, 9)), 2))
    rows = [[f"{value:.3f}" for value in row] for row in values]
    if clock:
        rows = [[str(1000 + n), *row] for n, row in enumerate(rows)]
    path.write_text(head + "\n".join(delimiter.join(row) for row in rows) + "\n")


def rows_of(split: Split) -> int:
    return sum(len(split.subset(subset)) for subset in SUBSET_NAMES)


@pytest.mark.parametrize(
    ("delimiter", "head"), [(",", ""), (" ", ""), ("\t", "x\ty\n"), (";", "x;y\n"), ("  ", "# made\n")]
)
def test_a_folder_a_label_and_a_file_a_recording(tmp_path: Path, delimiter: str, head: str) -> None:
    for place in range(20):
        record(tmp_path, f"{('wave', 'clap')[place % 2]}/{place}.csv", delimiter=delimiter, head=head)
    split = loaded(tmp_path)
    assert split.classes == ("clap", "wave")
    assert split.input_size == 2
    assert rows_of(split) == 20
    assert len({int(length) for subset in map(split.subset, SUBSET_NAMES) for length in subset.lengths}) > 1
    for subset in map(split.subset, SUBSET_NAMES):
        for row, length in zip(subset.inputs, subset.lengths, strict=True):
            assert not row[length:].any()


def test_folders_above_the_labels_are_people_and_nobody_is_in_two_parts(tmp_path: Path) -> None:
    for person in ("ann", "bob", "cem", "dee", "eva"):
        for place in range(8):
            record(tmp_path, f"{person}/{('wave', 'clap')[place % 2]}/{place}.txt", delimiter=" ")
    split = loaded(tmp_path)
    assert split.split_kind == "person"
    held = [set(subset.groups.tolist()) for subset in map(split.subset, SUBSET_NAMES) if subset.groups is not None]
    assert sum(map(len, held)) == len(set().union(*held)) == 5
    assert "leaks" in refused(tmp_path, split="recording")
    assert rows_of(loaded(tmp_path, split="recording", leaks="allow")) == 40


def test_train_and_test_folders_are_kept_apart(tmp_path: Path) -> None:
    for place in range(24):
        record(tmp_path, f"{'test' if place >= 18 else 'train'}/{('wave', 'clap')[place % 2]}/{place}.csv")
    split = loaded(tmp_path)
    assert (len(split.test), split.split_kind) == (6, "published")


def test_a_clock_is_noticed_and_columns_can_be_chosen(tmp_path: Path) -> None:
    for place in range(20):
        record(tmp_path, f"{('wave', 'clap')[place % 2]}/{place}.csv", clock=True)
    (clock,) = (problem for problem in check_file(tmp_path).problems if problem.kind == "clock")
    assert "column 1 always rises" in clock.message
    assert "data.input_column=2,3" in clock.message
    assert loaded(tmp_path, input_column="2,3").input_size == 2
    assert "its 3 columns have no titles, and are numbered 1 to 3" in refused(tmp_path, input_column="x")
    assert "no column '9'" in refused(tmp_path, input_column="9")


@pytest.mark.parametrize("split", ["distinct", "grouped"])
def test_the_check_warns_of_classes_that_the_test_part_alone_has(tmp_path: Path, split: str) -> None:
    (tmp_path / "Made_TRAIN.ts").write_text(ts(CASES, label="@classLabel true a b c"))
    cases = [f"9,9,{n}:{'abc'[n % 3]}" for n in range(12)]
    (tmp_path / "Made_TEST.ts").write_text(ts(cases, label="@classLabel true a b c"))
    report = check_file(tmp_path / "Made_TRAIN.ts", {"data.split": split})
    assert report.trainable
    told = [problem["message"] for problem in report.as_json()["problems"]]
    warned = "class c: stands in the test part alone, so that no net can learn it" in told
    assert warned == (split == "distinct"), "drawn from all rows the class is in all parts"


def test_files_that_are_no_recordings_are_passed_over_or_named(tmp_path: Path) -> None:
    for place in range(40):
        record(tmp_path, f"{('wave', 'clap')[place % 2]}/{place:02}.csv")
    (tmp_path / "readme.txt").write_text("about these recordings")
    (tmp_path / "wave" / "plot.png").write_bytes(b"\x89PNG")
    (tmp_path / "wave" / "empty.csv").touch()
    (tmp_path / "clap" / "words.csv").write_text("1,2\n1,two\n")
    (tmp_path / "clap" / "wide.csv").write_text("1,2,3\n1,2,3\n")
    report = check_file(tmp_path)
    assert report.trainable
    assert report.rows == 40
    found = {problem.kind: problem for problem in report.problems}
    assert found["no label"].where == "readme.txt"
    assert found["empty row"].where == "wave/empty.csv"
    assert found["not a number"].places == [("clap/words.csv", "line 2: 'two' is not a number")]
    assert found["ragged"].where == "clap/wide.csv"
    assert found["other files"].count == 1


def test_a_folder_without_recordings_and_a_pipe_are_refused(tmp_path: Path) -> None:
    assert "without recordings" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in refused(tmp_path / "pipe")
    assert "no file or folder" in refused(tmp_path / "nothing")
    with pytest.raises(UsageError, match=r"say which with --set data\.path=FILE"):
        load(RunConfig.from_settings({"task.name": "own"}))


def ts(cases: list[str], label: str = "@classLabel true a b") -> str:
    return "\n".join(["# made", "@problemName made", "@timeStamps false", "@univariate true", label, "@data", *cases])


CASES = [f"{','.join(str((n * k) % 7) for k in range(1, 5 + n % 4))}:{'ab'[n % 2]}" for n in range(1, 31)]


def test_a_ts_file_finds_the_test_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "Made_TRAIN.ts").write_text(ts(CASES))
    alone = loaded(tmp_path / "Made_TRAIN.ts")
    (tmp_path / "Made_TEST.ts").write_text(ts([f"9,9,{n}:a" for n in range(7)]))
    for path in (tmp_path / "Made_TRAIN.ts", tmp_path / "Made_TEST.ts", tmp_path):
        split = loaded(path)
        assert split.classes == ("a", "b")
        assert (len(split.test), split.split_kind) == (7, "published")
        assert in_own_units(split)[0, 0, 0] == pytest.approx(9, abs=1e-4)
    assert rows_of(alone) < rows_of(split)
    assert {int(length) for length in split.train.lengths} == {4, 5, 6, 7}


def test_several_dimensions_missing_values_and_numbers_to_predict(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    path.write_text(ts([f"{n},?,2,3:4,{n},6,7:{n / 2}" for n in range(20)], "@targetLabel true"))
    split = loaded(path)
    assert (split.card.problem, split.input_size, split.outputs) == ("regression", 2, 1)
    assert split.scale["target_scale"] > 1
    report = check_file(path)
    assert report.problems[0].kind == "missing values"
    assert report.problems[0].where == "line 7"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1,2,3:a\n", "is not a .ts file: line 1 stands before @data"),
        ("@problemName made\n", "no line @data"),
        ("@data\n1,2:a\n", "no targets"),
        (ts(CASES, "@classLabel true a"), "the label 'b' is not one that @classLabel names"),
        (ts([case.split(":")[0] for case in CASES]), "no colon before a label"),
        (ts(["1,x,2:a"] * 5), "value 2, 'x', is not a number"),
        (ts([f"{n},1:a" for n in range(9)]), "one class only"),
        (ts(CASES).replace("@timeStamps false", "@timeStamps true"), "'1,2,3,4,5' is no (time,value)"),
        (ts([]), "holds no cases"),
    ],
)
def test_ts_files_that_are_none_are_refused_with_the_line(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "made.ts"
    path.write_text(content)
    assert words in refused(path)


def test_many_short_cases_that_do_not_fit_are_told_at_once(tmp_path: Path) -> None:
    """Found by fuzzing: a hundred thousand lines of one value in files of two dimensions took longer than anybody waits."""
    good = "".join(f"{n},1,2:3,4,{n}:{'ab'[n % 2]}\n" for n in range(40))
    for part in ("TRAIN", "TEST"):
        (tmp_path / f"own_{part}.ts").write_text(f"@classLabel true a b\n@data\n{good}" + "1:a\n" * 100_000)
    began = time.process_time()
    report = check_file(tmp_path / "own_TRAIN.ts")
    assert time.process_time() - began < 2
    assert "200,000 of 200,080 cases" in report.reason
    assert "line 43: 1 channels where the rows before have 2" in report.reason


def test_numbers_of_a_ts_file_are_classes_where_the_setting_says_so(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    path.write_text(ts([f"{n},{n * n},3:{n % 3}.0" for n in range(30)], label="@targetLabel true"))
    report = check_file(path)
    assert report.problem == "regression"
    (problem,) = report.problems
    assert problem.message == (
        "made.ts holds floats, of 3 different whole values: they were taken for numbers to predict; if they are classes, set "
        "data.problem=classes"
    )
    split = loaded(path, problem="classes")
    assert split.classes == ("0", "1", "2")
    assert split.card.problem == "classification"
    path.write_text(ts([f"{n},{n * n},3:{n}.5" for n in range(30)], label="@targetLabel true"))
    assert not check_file(path).problems
