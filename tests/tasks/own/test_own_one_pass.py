"""A large table is read once where its first block tells how: what is said of it is what two readings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.tasks.own import check, one_pass, series, table_reading, text
from rnnlab.tasks.own.check import check_file

ROWS = 60_000


def days(row: int) -> str:
    return f"20{10 + row // 8760 % 80}-{row // 730 % 12 + 1:02}-{row // 26 % 28 + 1:02} {row % 24:02}:00"


FILES = {
    "texts": "text,label\n"
    + "".join(
        f"{'' if row % 900 == 7 else f'text number {row // 2}'},{'abc'[row % 3]}{',' * (row == 50_000)}\n"
        for row in range(ROWS)
    )
    + "short\n",
    "texts with quotes": "text,label\n"
    + "".join(f'"text, {row}\nand more",{"ab"[row % 2]}\n' for row in range(ROWS // 2)),
    "series": "hour,load,temp\n"
    + "".join(f"{row},{row % 97}.5,{'x' if row % 9000 == 5 else row % 31}\n" for row in range(ROWS)),
    "series with a late word": "load,temp\n"
    + "".join(f"{row % 97}.5,{row % 31 if row < 55_000 else 'off'}\n" for row in range(ROWS)),
    "labels that come late": "text,kind,mark\n"
    + "".join(
        f"some words {row},{'a' if row < 40_000 else 'ab'[row % 2]},{'xy'[row % 2] if row < 45_000 else row}\n"
        for row in range(ROWS)
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_one_reading_says_what_two_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.csv"
    path.write_text(FILES[name], encoding="utf-8")
    said = []
    for large in (0, 10**12):
        monkeypatch.setattr(one_pass, "LARGE", large)
        said.append(check_file(path).as_json())
    assert said[0] == said[1]
    assert said[0]["rows"] > 0 or said[0]["problems"]


def test_the_rows_are_not_read_again_where_the_first_block_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []

    def read_texts(*_arguments: object, **_settings: object) -> text.Texts:
        again.append("texts")
        return text.read_texts(*_arguments, **_settings)  # type: ignore[arg-type]

    monkeypatch.setattr(one_pass, "LARGE", 0)
    monkeypatch.setattr(table_reading, "read_texts", read_texts)
    path = tmp_path / "own.csv"
    path.write_text(FILES["texts"], encoding="utf-8")
    assert check_file(path).rows
    assert again == ["texts"]


def test_a_failure_in_the_reading_is_met_again_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_series(*_arguments: object, **_settings: object) -> series.SeriesTable:
        raise MemoryError

    monkeypatch.setattr(one_pass, "LARGE", 0)
    monkeypatch.setattr(table_reading, "read_series", read_series)
    path = tmp_path / "own.csv"
    path.write_text(FILES["series"], encoding="utf-8")
    with pytest.raises(MemoryError):
        check.check_file(path)
