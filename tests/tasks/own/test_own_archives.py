"""Files of archives beyond `.ts`: ARFF, times within `.ts`, test files beside training files."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from rnnlab.tasks.own.check import check_file
from tests.tasks.own.layouts import SPEEDS, checked, loaded, movement, rows_of, said, write
from tests.tasks.own.units import in_own_units

LABELS = list(SPEEDS)


def arff(count: int, *, seed: int = 0, missing: bool = False) -> str:
    """A file of the archive: an attribute for each step, the class last."""
    head = ["% made up", "@RELATION 'Waves: 1'", "", *(f"@attribute att{step} numeric" for step in range(20))]
    lines = []
    for row in range(count):
        values = [step[0] for step in movement(LABELS[row % 3], 20, 1, seed=seed + row)]
        values = ["?" if missing and step == 5 and row == 0 else value for step, value in enumerate(values)]
        lines.append(",".join([*values, "'Fast run'" if row % 3 == 1 else LABELS[row % 3]]))
    return "\n".join([*head, "@attribute target {walk, 'Fast run', sit}", "", "@data", *lines]) + "\n"


def test_an_arff_file_and_its_test_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "Waves_TRAIN.arff").write_text(arff(60, missing=True))
    alone = checked(tmp_path / "Waves_TRAIN.arff")
    assert (alone.kind, alone.rows, alone.lengths["max"]) == ("rows", 60, 20)
    assert set(alone.classes) == {"walk", "Fast run", "sit"}
    assert "missing values" in said(alone)
    (tmp_path / "Waves_TEST.arff").write_text(arff(30, seed=900))
    for path in (tmp_path, tmp_path / "Waves_TRAIN.arff", tmp_path / "Waves_TEST.arff"):
        split = loaded(path)
        assert (rows_of(split), len(split.test), split.split_kind) == (90, 30, "published")


def test_the_sequences_of_a_relational_attribute_have_a_line_for_each_dimension(tmp_path: Path) -> None:
    head = ["@relation r", "@attribute bag relational", *(f"  @attribute att{step} numeric" for step in range(12))]
    lines = []
    for row in range(60):
        label = LABELS[row % 3]
        steps = movement(label, 12, 2, seed=row)
        lines.append("'" + "\\n".join(",".join(step[channel] for step in steps) for channel in range(2)) + f"',{label}")
    path = tmp_path / "Moves.arff"
    path.write_text("\n".join([*head, "@end bag", "@attribute class {walk,run,sit}", "@data", *lines]))
    report = checked(path)
    assert (report.rows, report.lengths["max"]) == (60, 12)
    assert loaded(path).input_size == 2


@pytest.mark.parametrize(
    ("rows", "kind", "attributes"),
    [
        (
            [f"'so it\\'s number {n}, {word}',{word}" for n in range(60) for word in ("good", "bad")],
            "text",
            "@attribute review string\n@attribute class {good,bad}",
        ),
        (
            [f"{112 + n % 12 + n / 100},{1949 + n // 12}-{n % 12 + 1:02}-01" for n in range(144)],
            "series",
            "@attribute passengers numeric\n@attribute Date date 'yyyy-MM-dd'",
        ),
    ],
)
def test_an_arff_file_is_a_table_as_any_other(tmp_path: Path, rows: list[str], kind: str, attributes: str) -> None:
    path = tmp_path / "table.arff"
    path.write_text(f"@relation x\n{attributes}\n@data\n" + "\n".join(rows) + "\n")
    report = checked(path)
    assert report.trainable
    assert report.kind == kind


def test_what_cannot_be_read_of_archives_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.tsf").write_text("@relation x\n@attribute series_name string\n@data\nT1:1,2,3\n")
    assert "save the one to forecast as a CSV" in checked(tmp_path / "x.tsf").reason
    (tmp_path / "x.arff").write_text("@relation x\n@attribute a numeric\n@attribute c {u,v}\n@data\n{0 1, 1 u}\n")
    assert "SparseToNonSparse" in checked(tmp_path / "x.arff").reason
    (tmp_path / "y.arff").write_text("@relation x\n@attribute a numeric\n1,2\n")
    assert "line 3 is no @attribute" in checked(tmp_path / "y.arff").reason


def test_values_of_a_ts_file_may_have_times(tmp_path: Path) -> None:
    path = tmp_path / "Timed.ts"
    head = ["@problemName Timed", "@timeStamps true", "@univariate false", "@classLabel true walk run sit", "@data"]
    cases = []
    for row in range(30):
        label = LABELS[row % 3]
        steps = [(f"2020-01-01 0{hour}:00:00", *step) for hour, step in enumerate(movement(label, 6, 2, seed=row))]
        channels = [",".join(f"({step[0]},{step[channel]})" for step in steps) for channel in (1, 2)]
        cases.append(f"{channels[0]}:{channels[1]}:{label}")
    path.write_text("\n".join([*head, *cases]) + "\n")
    report = checked(path)
    assert (report.rows, report.lengths["max"]) == (30, 6)
    assert loaded(path).input_size == 2


def test_a_value_of_a_ts_file_stands_at_its_time(tmp_path: Path) -> None:
    path = tmp_path / "Timed.ts"
    head = ["@problemName Timed", "@timeStamps true", "@classLabel true a b", "@data"]
    cases = [f"(2,{row}.3),(0,{row}.1),(1,{row}.2):(0,{row}),(2,{row}.5):{'ab'[row % 2]}" for row in range(20)]
    path.write_text("\n".join([*head, *cases]) + "\n")
    values = in_own_units(loaded(path, normalise="none"), "test")
    row = float(np.floor(values[0, 0, 0]))
    # The second dimension has no value at the time 1: it keeps the one before.
    assert values[0] == pytest.approx(np.array([[row + 0.1, row], [row + 0.2, row], [row + 0.3, row + 0.5]]), abs=1e-4)
    path.write_text("\n".join([*head, *cases[:-1], "(0,1),(x,2):(0,1):a"]) + "\n")
    assert "'x' is not a time" in " ".join(said(checked(path)).values())


def rows_table(count: int, seed: int, titles: list[str], label: str | None) -> list[list[str]]:
    values = [[step[0] for step in movement(LABELS[row % 3], len(titles), 1, seed=seed + row)] for row in range(count)]
    return [[*row, LABELS[number % 3]] if label else row for number, row in enumerate(values)]


@pytest.mark.parametrize(
    "names", [("train.csv", "test.csv"), ("waves_train.csv", "waves_test.csv"), ("Training.csv", "Testing.csv")]
)
def test_a_table_finds_the_test_set_beside_it(tmp_path: Path, names: tuple[str, str]) -> None:
    titles = [f"t{step}" for step in range(20)]
    write(tmp_path / names[0], rows_table(60, 0, titles, "label"), head=",".join([*titles, "label"]) + "\n")
    turned = [row[::-1] for row in rows_table(30, 500, titles, "label")]
    write(tmp_path / names[1], turned, head=",".join(["label", *titles[::-1]]) + "\n")
    for path in (tmp_path, tmp_path / names[0]):
        split = loaded(path)
        assert (rows_of(split), len(split.test), split.split_kind) == (90, 30, "published")


@pytest.mark.parametrize("names", [("train.csv", "test.csv", "val.csv"), ("A_TRAIN.csv", "A_TEST.csv", "A_VALID.csv")])
def test_a_validation_file_that_is_not_read_is_named(tmp_path: Path, names: tuple[str, str, str]) -> None:
    titles = [f"t{step}" for step in range(20)]
    for at, name in enumerate(names):
        write(tmp_path / name, rows_table(60, 500 * at, titles, "label"), head=",".join([*titles, "label"]) + "\n")
    train, _, validation = names
    report = checked(tmp_path / train)
    assert said(report)["validation file"] == (
        f"{validation} stands beside {train} and is not read: the validation part is drawn from {train}"
    )
    (tmp_path / validation).unlink()
    assert "validation file" not in said(checked(tmp_path / train))


def test_a_test_file_without_labels_is_not_used_and_said(tmp_path: Path) -> None:
    titles = [f"t{step}" for step in range(20)]
    write(tmp_path / "train.csv", rows_table(60, 0, titles, "label"), head=",".join([*titles, "label"]) + "\n")
    write(tmp_path / "test.csv", rows_table(30, 500, titles, None), head=",".join(titles) + "\n")
    report = checked(tmp_path)
    assert report.rows == 60
    assert said(report)["test file"] == "test.csv beside it is not used as the test set: it has no column label"


def test_texts_find_the_test_set_beside_them(tmp_path: Path) -> None:
    def lines(first: int, count: int) -> str:
        rows = [
            f"{'a fine film' if n % 2 else 'a dull story'} {n},{'good' if n % 2 else 'bad'}"
            for n in range(first, first + count)
        ]
        return "\n".join(["text,label", *rows]) + "\n"

    (tmp_path / "train.csv").write_text(lines(0, 100) + "a fine film 201,good\n")
    (tmp_path / "test.csv").write_text(lines(200, 40))
    report = checked(tmp_path)
    assert (report.kind, report.rows, report.splits["test"]) == ("text", 141, 40)
    assert said(report)["leak"] == "1 training rows are test rows too, and are not trained on"
    split = loaded(tmp_path / "train.csv")
    assert (rows_of(split), len(split.test), split.split_kind) == (140, 40, "published")


def test_a_line_of_a_million_quoted_fields_in_an_arff_file_is_no_row_and_is_not_parted_to_its_end(
    tmp_path: Path,
) -> None:
    rows = "".join(f"{row % 7}.5,{row % 5}.25,{'ab'[row % 2]}\n" for row in range(60))
    head = "@relation r\n@attribute x numeric\n@attribute y numeric\n@attribute class {a,b}\n@data\n"
    path = tmp_path / "own.arff"
    path.write_text(head + rows + '",,' * 1_000_000 + "\n")
    began = time.process_time()
    report = check_file(path, {})
    assert time.process_time() - began < 1.5
    assert report.trainable
    assert "over 110,000 fields where there are 3 attributes" in said(report)["ragged"]
