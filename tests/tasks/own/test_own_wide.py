"""Tables of very many columns: the work grows with the columns, and no step of it is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.roles.named import named_columns
from rnnlab.tasks.own.values import date_patterns, dates

MANY = 9_990

Word = Callable[[int, int], str]


def number(row: int, column: int) -> str:
    return f"{(row * 31 + column * 17) % 997 / 10}"


def mixed(row: int, column: int) -> str:
    return (number(row, column), f"w{column % 97}", "", f"20{column % 90 + 10}-01-{row + 1:02}", "NA", "1.234")[
        column % 6
    ]


def day(row: int, column: int) -> str:
    return f"20{column % 90 + 10}-01-{row + 1:02}"


def clock(row: int, column: int) -> str:
    return f"{column % 24}:{(row * 7 + column) % 60:02}"


def written(path: Path, columns: int, rows: int, word: Word, title: str = "") -> Path:
    lines = [",".join(word(row, column) for column in range(columns)) for row in range(rows)]
    head = [",".join(title.format(column) for column in range(columns))] if title else []
    path.write_text("\n".join(head + lines))
    return path


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[object]:
    """The first argument of each call of a function of a module."""
    calls: list[object] = []
    function = getattr(module, name)

    def call(*values: Any) -> Any:
        calls.append(values[0])
        return function(*values)

    monkeypatch.setattr(module, name, call)
    return calls


@pytest.mark.parametrize("word", [number, mixed, clock, day])
def test_the_work_on_a_row_grows_with_its_fields_and_not_with_their_square(word: Word, tmp_path: Path) -> None:
    """In processor time, five times as many fields beside fewer. Found by fuzzing: one field ten thousand times."""

    def seconds(columns: int) -> float:
        path = written(tmp_path / f"{columns}.csv", columns, 1, word)
        began = time.process_time()
        assert check_file(path).facts["columns"] == columns
        return time.process_time() - began

    few = min(seconds(MANY // 5) for _ in range(3))
    assert seconds(MANY) < 5 * 2.5 * few


def test_the_dates_of_each_column_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "own.csv", 300, 1, day)
    read = counted(monkeypatch, dates, "moments_from")
    check_file(path)
    assert len(read) == 300


def test_each_way_of_writing_is_compared_with_the_patterns_of_dates_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "own.csv", 600, 3, lambda row, column: f"{number(row, column)}77")
    compared = counted(monkeypatch, date_patterns, "_layout")
    check_file(path)
    assert len(compared) <= len(date_patterns.PATTERNS) * len(set(compared))
    assert len(set(compared)) < 20


@pytest.mark.parametrize(
    ("word", "title", "settings"),
    [(number, "name {}", {"data.kind": "series"}), (mixed, "x", {}), (number, "{}.5", {})],
)
def test_the_work_grows_with_the_columns_and_not_with_their_square(
    word: Word, title: str, settings: dict[str, object], tmp_path: Path
) -> None:
    """The ratio of two times of one process, as no processor is as quick as another; four squared is sixteen."""

    def seconds(columns: int) -> float:
        return checked_in(written(tmp_path / f"{columns}.csv", columns, 3, word, title), settings)

    seconds(100)  # what is imported and compiled at first
    assert seconds(MANY) < 8 * seconds(MANY // 4)


def test_so_it_does_in_an_arff_file(tmp_path: Path) -> None:
    def seconds(columns: int) -> float:
        attributes = "".join(f"@attribute att{column} numeric\n" for column in range(columns))
        rows = "".join(f"{','.join(['1.5'] * columns)},{'ab'[row % 2]}\n" for row in range(3))
        path = tmp_path / f"{columns}.arff"
        path.write_text(f"@relation made\n{attributes}@attribute class {{a,b}}\n@data\n{rows}")
        return checked_in(path, {})

    seconds(100)
    assert seconds(MANY) < 8 * seconds(MANY // 4)


def test_ten_thousand_columns_are_named_at_once() -> None:
    titles = [f"column number {column}" for column in range(MANY)]
    began = time.process_time()
    assert named_columns(titles, ",".join(titles[::-1]), "data.input_column", "own.csv") == tuple(range(MANY))[::-1]
    assert time.process_time() - began < 0.3


def checked_in(path: Path, settings: dict[str, object]) -> float:
    began = time.process_time()
    check_file(path, settings)
    return time.process_time() - began
