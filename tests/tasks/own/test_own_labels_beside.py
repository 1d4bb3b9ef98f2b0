"""Labels in a file of their own beside that of the inputs, as in UCI HAR: `X_train.txt`, `y_train.txt`, `subject_train.txt`."""

from __future__ import annotations

import random
from pathlib import Path

from rnnlab.tasks.splitting.types import SUBSET_NAMES
from tests.tasks.own.layouts import checked, loaded, said

STEPS = 12


def write_part(folder: Path, part: str, rows: int, people: int, *, ending: str = "txt", subjects: bool = True) -> None:
    """Rows of one part, in long runs of a person and a label, with neighbours alike."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(part)
    blank = " " if ending == "txt" else ","
    lines, labels, persons = [], [], []
    for row in range(rows):
        label = row // 10 % 3
        lines.append(blank.join(f"{label + 0.1 * step + chance.gauss(0, 0.05): .7e}".strip() for step in range(STEPS)))
        labels.append(str(label + 1))
        persons.append(str(row * people // rows + (100 if part == "test" else 1)))
    (folder / f"X_{part}.{ending}").write_text("\n".join(lines) + "\n")
    (folder / f"y_{part}.{ending}").write_text("\n".join(labels) + "\n")
    if subjects:
        (folder / f"subject_{part}.{ending}").write_text("\n".join(persons) + "\n")


def test_a_folder_of_inputs_labels_and_persons_is_read_with_its_test_set(tmp_path: Path) -> None:
    write_part(tmp_path / "train", "train", 240, 8)
    write_part(tmp_path / "test", "test", 60, 3)
    (tmp_path / "README.txt").write_text("about the data")
    report = checked(tmp_path)
    assert report.trainable, report.reason
    assert (report.kind, report.rows, report.lengths["max"]) == ("rows", 300, STEPS)
    assert dict(report.classes) == {"1": 100, "2": 100, "3": 100}
    assert report.facts["group_column"] == "subject"
    assert report.facts["test_file"] == "X_test.txt"
    assert "read from y_train.txt and subject_train.txt, row by row" in said(report)["labels beside"]
    split = loaded(tmp_path)
    assert len(split.subset("test")) == 60
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == 300


def test_one_file_of_inputs_finds_its_labels(tmp_path: Path) -> None:
    write_part(tmp_path, "train", 90, 3, ending="csv", subjects=False)
    report = checked(tmp_path / "X_train.csv")
    assert (report.kind, report.rows, len(report.classes), report.trainable) == ("rows", 90, 3, True)


def test_labels_that_are_not_as_many_as_the_rows_are_refused(tmp_path: Path) -> None:
    write_part(tmp_path, "train", 90, 3)
    (tmp_path / "y_train.txt").write_text("1\n2\n")
    reason = checked(tmp_path).reason
    assert "has 90 rows, and y_train.txt beside it 2: a row of each belongs together" in reason


def test_inputs_without_labels_beside_them_are_as_any_table(tmp_path: Path) -> None:
    write_part(tmp_path, "train", 90, 3)
    (tmp_path / "y_train.txt").unlink()
    assert "labels beside" not in said(checked(tmp_path / "X_train.txt"))


def test_a_row_that_cannot_be_read_is_refused_as_labels_would_stand_beside_wrong_rows(tmp_path: Path) -> None:
    """As many rows can be read as there are labels, one of which is lost."""
    write_part(tmp_path, "train", 90, 3, ending="csv", subjects=False)
    rows = (tmp_path / "X_train.csv").read_text().splitlines()
    rows[4] = "1.0,2.0"
    (tmp_path / "X_train.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "y_train.csv").write_text("1\n2\n3\n" * 29 + "1\n2\n")
    report = checked(tmp_path / "X_train.csv")
    assert not report.trainable
    assert "X_train.csv cannot be read at line 5 (2 fields where there are 12 columns)" in report.reason
