"""Sequences that stand within one field: lists in JSON, in a CSV or in Parquet, and numbers with blanks between."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.tasks.own.values.cell_numbers import cell_numbers
from tests.tasks.own.layouts import checked, said
from tests.tasks.own.tables import check, day, left_out, roles, settings_of, text_of, value

DRAW = random.Random(0)
SIGNALS = [[round(DRAW.gauss(0, 1), 3) for _ in range(20)] for _ in range(60)]
SAVE = "save a table with one column for each step and one for the label, or an .npz file with X (rows × steps) and y"


def json_lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv(title: str, cells: list[str], label: str = "label") -> str:
    rows = "".join(f'{row},"{cell}",{"ab"[row % 2]}\n' for row, cell in enumerate(cells))
    return f"id,{title},{label}\n{rows}"


def numpy_text(signal: list[float]) -> str:
    """A sequence as `str` of an array writes it."""
    return "[" + "\n ".join("  ".join(map(str, signal[start : start + 8])) for start in range(0, 20, 8)) + "]"


def refused(content: str, folder: Path, column: str, held: str, **settings: object) -> list[str]:
    """Settings that a refusal of a column of lists offers."""
    report = check(folder, content, **settings)
    assert not report.trainable
    assert f"the column {column} holds {held} in each field, such as " in report.reason
    assert SAVE in report.reason
    return settings_of(report, "lists")


@pytest.mark.parametrize("title", ["x", "text", "signal", "y"])
def test_a_list_of_numbers_in_json_is_refused_with_what_to_do(tmp_path: Path, title: str) -> None:
    rows: list[dict[str, object]] = [{title: signal, "cat": "ab"[row % 2]} for row, signal in enumerate(SIGNALS)]
    assert not refused(json_lines(rows), tmp_path, title, "a list of numbers")
    assert not refused(json.dumps(rows), tmp_path, title, "a list of numbers")
    for kind in ("text", "series", "rows"):
        refused(json_lines(rows), tmp_path, title, "a list of numbers", kind=kind)
    refused(json_lines(rows), tmp_path, title, "a list of numbers", input_column=title, target_column="cat")


def test_an_empty_list_is_a_missing_one(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"x": signal if row % 9 else [], "y": "ab"[row % 2]} for row, signal in enumerate(SIGNALS)
    ]
    refused(json_lines(rows), tmp_path, "x", "a list of numbers")
    assert "lists of words" not in said(check(tmp_path, json_lines(rows)))


def test_a_list_beside_a_number_to_predict_or_of_channels_is_refused(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"x": signal, "y": value(row)} for row, signal in enumerate(SIGNALS[:15])]
    refused(json_lines(rows), tmp_path, "x", "a list of numbers")
    rows = [{"x": [signal[:10], signal[10:]], "y": "ab"[row % 2]} for row, signal in enumerate(SIGNALS)]
    refused(json_lines(rows), tmp_path, "x", "a list of numbers")


@pytest.mark.parametrize(
    "write", [str, json.dumps, numpy_text, "array({})".format, "tensor({}, dtype=torch.float64)".format]
)
def test_a_list_of_numbers_in_a_csv_is_refused_however_it_is_written(
    tmp_path: Path, write: Callable[[list[float]], str]
) -> None:
    refused(csv("signal", [write(signal) for signal in SIGNALS]), tmp_path, "signal", "a list of numbers")


@pytest.mark.parametrize(("sign", "offered"), [(" ", ["data.kind=text"]), (",", []), (", ", [])])
def test_whole_numbers_within_one_field_are_refused(tmp_path: Path, sign: str, offered: list[str]) -> None:
    cells = [sign.join(str(DRAW.randrange(256)) for _ in range(48)) for _ in range(70)]
    assert refused(csv("pixels", cells), tmp_path, "pixels", "48 numbers") == offered
    rows = "".join(f'{row % 7},"{cell}",{("Training", "Test")[row > 50]}\n' for row, cell in enumerate(cells))
    assert refused(f"emotion,pixels,Usage\n{rows}", tmp_path, "pixels", "48 numbers") == offered


def test_numbers_with_decimals_within_one_field_are_no_text(tmp_path: Path) -> None:
    cells = [" ".join(map(str, signal[: 12 + row % 8])) for row, signal in enumerate(SIGNALS)]
    assert not refused(csv("trace", cells), tmp_path, "trace", "12 numbers and more")
    assert not refused(csv("trace", cells), tmp_path, "trace", "12 numbers and more", kind="text")


def test_words_that_were_made_numbers_are_a_text_where_a_setting_says_so(tmp_path: Path) -> None:
    cells = [" ".join(str(DRAW.randrange(900)) for _ in range(12)) for _ in range(80)]
    report = check(tmp_path, csv("text", cells), kind="text")
    assert report.trainable
    assert roles(report) == {"text": "text", "label": "label"}
    assert report.lengths["mean"] == 12


def test_a_list_beside_texts_or_a_dated_series_is_left_out(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"review": text_of(row), "embedding": signal, "label": "ab"[row % 2]} for row, signal in enumerate(SIGNALS)
    ]
    report = check(tmp_path, json_lines(rows))
    assert report.trainable
    assert left_out(report) == {"embedding": "a list of numbers in each field"}
    rows = [{"date": str(day(row)), "sales": value(row), "spectrum": signal} for row, signal in enumerate(SIGNALS)]
    report = check(tmp_path, json_lines(rows))
    assert report.trainable
    assert left_out(report) == {"spectrum": "a list of numbers in each field"}
    rows = [
        {"word": f"w{'aeiou'[row % 5]}{row}n", "vector": signal, "label": "ab"[row % 2]}
        for row, signal in enumerate(SIGNALS)
    ]
    reason = check(tmp_path, json_lines(rows)).reason
    assert reason.endswith("or name another column that goes in with data.input_column")
    report = check(tmp_path, json_lines(rows), input_column="word", target_column="label")
    assert report.trainable


def test_labels_in_brackets_are_labels(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"review": text_of(row), "label": [row % 2, 1 - row % 2]} for row in range(60)]
    report = check(tmp_path, json_lines(rows))
    assert report.classes == {"[0,1]": 30, "[1,0]": 30}


def test_lists_of_words_are_a_text(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"tokens": text_of(row).split(), "label": "ab"[row % 2]} for row in range(60)]
    by_number = {str(number): row for number, row in enumerate(rows)}
    for content in (json_lines(rows), json.dumps(rows), json.dumps({"data": rows}), json.dumps(by_number)):
        report = check(tmp_path, content)
        assert report.trainable
        assert roles(report) == {"text": "tokens", "label": "label"}
        assert report.lengths["max"] == 8
        assert said(report)["lists of words"] == "lists of words were joined, with blanks between them: tokens"


def test_a_list_in_parquet_is_refused_with_what_to_do(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    held = io.BytesIO()
    polars.DataFrame({"x": SIGNALS, "y": ["ab"[row % 2] for row in range(60)]}).write_parquet(held)
    (tmp_path / "own.parquet").write_bytes(held.getvalue())
    reason = checked(tmp_path / "own.parquet").reason
    assert "the column x holds lists, and not one value in each row" in reason
    assert SAVE in reason


@pytest.mark.parametrize(
    "words",
    [
        ["+49 30 123 45 67", "(030) 123 45 67", "0171 2 34 56 78"],
        ["[1] the first of them", "[2] the second", "[3] a third"],
        ["12:30:05 14 03 2021", "12:30:06 14 03 2021"],
        ["1.2.3.4.5.6.7.8.9", "2.1.3.4.5.6.7.8.9"],
        ["in 1914 1918 1939 1945 1 2 3 4 5", "1 2 3 4 5 6 7 8 9 times"],
        ["1,234,567,890", "12,345,678,901"],
        ["[5]", "[3]", "[1]"],
        ["12345678901234567", "22345678901234567"],
        [],
    ],
)
def test_what_is_no_sequence_of_numbers_is_none(words: list[str]) -> None:
    assert cell_numbers(words) is None
