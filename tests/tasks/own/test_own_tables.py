"""Tables as people save them: the fields and titles that are read of each, whatever stands above, below and around them."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import json
import lzma
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars
import pytest

from benchmarks.reader_cases import TableCase, table_cases
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.common.findings import Findings, Refusal, sentence
from rnnlab.tasks.own.tables.table import Table, open_table

DAYS = [f"2020-{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 29)]
VALUES = [f"{50 + row % 13 + row % 7 / 10:.1f}" for row in range(len(DAYS))]
SERIES = [f"{day},{value},{row % 5}" for row, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))]
FIRST = ("2020-01-01", "50.0", "0")

Read = Callable[..., "Reading"]


class Reading:
    """What was read of a file: its titles, its rows with their lines, and the sentences said."""

    def __init__(self, path: Path) -> None:
        self.findings = Findings(path.name)
        self.table: Table = open_table(path, self.findings)
        self.titles = self.table.header if self.table.titled else ()
        blocks = list(self.table.blocks(self.findings))
        self.lines = [line for block in blocks for line in block.lines]
        self.rows = [row for block in blocks for row in zip(*block.columns, strict=True)]
        self.said = {kind: sentence(problem) for kind, problem in self.findings.problems.items()}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_file(content: str | bytes, name: str = "own.csv") -> Reading:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Reading(path)

    return read_file


@pytest.mark.parametrize("case", table_cases(60, seed=5), ids=lambda case: case.name)
def test_in_whatever_dialect_a_table_is_written_its_fields_are_read(read: Read, case: TableCase) -> None:
    found = read(case.data)
    plain = [tuple(word.strip().replace("NA", "") for word in row) for row in found.rows]
    assert plain == [tuple(word.strip() for word in row) for row in case.rows]
    assert found.titles == case.titles


@pytest.mark.parametrize(
    ("above", "titles", "said"),
    [
        ("", ("date", "temp", "wind"), None),
        ("Station: Berlin\nSource: the weather service\n\n", ("date", "temp", "wind"), "first 2 lines"),
        ("# made up\n# by hand\n", ("date", "temp", "wind"), "first 2 lines"),
        ("Weather report,,\nGenerated,2021-01-01,\n,,\n", ("date", "temp", "wind"), "first 3 lines"),
        ("Monthly report\n", ("date", "temp", "wind"), "first line"),
        ('"Report, of\nthe station"\n', ("date", "temp", "wind"), "stands above"),
    ],
)
def test_what_stands_above_the_titles_is_passed_over_with_a_word(
    read: Read, above: str, titles: tuple[str, ...], said: str | None
) -> None:
    found = read(above + "date,temp,wind\n" + "\n".join(SERIES))
    assert found.titles == titles
    assert found.rows[0] == FIRST
    assert len(found.rows) == len(SERIES)
    # Blank lines and quoted line ends count: the first row stands where it does in the file.
    assert found.lines[0] == above.count("\n") + 2
    assert ("preamble" in found.said) == (said is not None) or said == "stands above"


@pytest.mark.parametrize(
    ("titles", "units"),
    [
        ("date,temp,wind\n,°C,m/s\n", ("", "°C", "m/s")),
        ("date,temp,wind\n(d),(C),(m/s)\n\n", ("(d)", "(C)", "(m/s)")),
        ("date,temp,wind\ndatetime,float,int\n", ("datetime", "float", "int")),
    ],
)
def test_units_below_the_titles_are_no_row(read: Read, titles: str, units: tuple[str, ...]) -> None:
    found = read(titles + "\n".join(SERIES))
    assert found.titles == ("date", "temp", "wind")
    assert found.table.units == units
    assert len(found.rows) == len(SERIES)
    assert "units" in found.said["units"]


@pytest.mark.parametrize(
    ("titles", "named"),
    [
        ("Price,Close,Volume\nTicker,XY,XY\nDate,,\n", ("Date", "Close", "Volume")),
        (",A,B\ndate,x,x\n", ("date", "A", "B")),
        ("date,value,value\n", ("date", "value", "value (2)")),
        ("date,value,\n", ("date", "value", "column 3")),
        ('date,"a\nb",c\n', ("date", "a b", "c")),
    ],
)
def test_titles_in_several_rows_or_twice_name_each_column_once(read: Read, titles: str, named: tuple[str, ...]) -> None:
    found = read(titles + "\n".join(SERIES))
    assert found.titles == named
    assert found.rows[0] == FIRST


@pytest.mark.parametrize("titles", ["0,1,2", "1,2,3", ",0,1"])
def test_titles_that_count_are_no_row_of_measurements(read: Read, titles: str) -> None:
    rows = [f"{row % 9 + 0.25},{row % 7 + 0.5},{row % 5 + 0.75}" for row in range(60)]
    if titles.startswith(","):
        rows = [f"{row},{line.split(',', 1)[1]}" for row, line in enumerate(rows)]
    found = read("\n".join([titles, *rows]))
    assert found.titles[1:] == tuple(titles.split(",")[1:])
    assert len(found.rows) == 60
    assert "was taken for the titles" in found.said["numbered titles"]


@pytest.mark.parametrize(
    "lines",
    [
        ["0,1", "1,0", "1,1", "0,0"] * 20,
        [f"{row / 10},{1 - row / 40}" for row in range(60)],
        [f"{row},{row + 1},{row + 2},{row + 3}" for row in range(60)],
        ["0.0,1.0,2.5", *(f"{row}.5,{row}.25,1.5" for row in range(60))],
    ],
)
def test_a_first_row_that_could_be_data_is_a_row(read: Read, lines: list[str]) -> None:
    found = read("\n".join(lines))
    assert found.titles == ()
    assert len(found.rows) == len(lines)


def test_a_table_that_begins_with_missing_values_loses_none(read: Read) -> None:
    found = read(
        "value,place\n,south\n,north\n"
        + "\n".join(f"{row}.5,{('east', 'north', 'south')[row % 3]}" for row in range(40))
    )
    assert found.titles == ("value", "place")
    assert found.rows[:2] == [("", "south"), ("", "north")]


@pytest.mark.parametrize(
    ("text", "first", "columns"),
    [
        ("".join(f"  {row:4d}   {row * 0.5:8.2f}\t{row % 3}\n" for row in range(40)), ("0", "0.00", "0"), 3),
        ('"a" "b"\n' + "".join(f'"{row}" {row}.5 "some words"\n' for row in range(40)), ("0", "0.5", "some words"), 3),
        ("".join(f"{row},{row}.5,\n" for row in range(40)), ("0", "0.5", ""), 3),
        ("".join(f"{row},{row}.5,x;\n" for row in range(40)), ("0", "0.5", "x"), 3),
        ("".join(f"12.5\t{row}.1\t{'' if row % 9 else chr(9)}3.5\n" for row in range(90)), ("12.5", "0.1", "3.5"), 3),
        ("sep=;\n" + "".join(f"{row};{row},5\n" for row in range(40)), ("0", "0,5"), 2),
        ("".join(f"Jan {row % 28 + 1}, 2020\n" for row in range(60)), ("Jan 1, 2020",), 1),
        (
            "".join(f"a sentence, of sorts {row}{', or so' * (row % 3)}\n" for row in range(60)),
            ("a sentence, of sorts 0",),
            1,
        ),
        ("".join(f"Hello, you {row};{'ab'[row % 2]}\n" for row in range(40)), ("Hello, you 0", "a"), 2),
        ("".join(f"1.{row % 12 + 1}.2020;{row},5;x\n" for row in range(40)), ("1.1.2020", "0,5", "x"), 3),
    ],
)
def test_delimiters_are_told_by_the_fields_between_them(
    read: Read, text: str, first: tuple[str, ...], columns: int
) -> None:
    found = read(text)
    assert found.table.columns == columns
    assert found.rows[0] == first
    assert "ragged" not in found.said


def test_a_long_number_with_a_word_after_it_takes_no_longer_than_another_field(read: Read) -> None:
    """Whether it is a date was once tried in every way in which its digits can be parted: hours."""
    began = time.process_time()
    rows = [f"{digit * 30}abcdefgh{row},bird" for row in range(20) for digit in "19"]
    assert len(read("\n".join(["code,animal", *rows])).rows) == 40
    assert time.process_time() - began < 5


def test_comments_of_numpy_name_the_columns(read: Read) -> None:
    found = read("# time x\n" + "".join(f"{row:.4e} {row / 7:.4e}\n" for row in range(40)) + "# the end\n")
    assert found.titles == ("time", "x")
    assert len(found.rows) == 40


def test_texts_that_begin_with_a_hash_are_no_comments(read: Read) -> None:
    found = read("".join(f"#tag{row} hello you,{'ab'[row % 2]}\n" for row in range(40)))
    assert len(found.rows) == 40


def test_quotes_within_texts_of_a_tab_file_are_kept_and_swallow_no_rows(read: Read) -> None:
    texts = ['"Hello" he said', "plain", '"never closed', 'one "word" more']
    lines = [f"{'ham' if row % 2 else 'spam'}\t{texts[row % 4]} {row}" for row in range(80)]
    found = read("\n".join(lines))
    assert [f"{label}\t{text}" for label, text in found.rows] == lines


def test_records_of_several_lines_have_the_number_of_their_first(read: Read) -> None:
    body = "".join(f'"text, {row}\n\nwith ""quotes""",{"ab"[row % 2]}\n' for row in range(3000))
    found = read("text,label\n" + body)
    assert len(found.rows) == 3000
    assert found.rows[7] == ('text, 7\n\nwith "quotes"', "b")
    assert found.lines[:3] == [2, 5, 8]


def test_blocks_go_over_the_whole_file_and_lines_are_counted_on(read: Read) -> None:
    rows = 120_000
    found = read("value,label\n" + "".join(f"{row}.5,{'ab'[row % 2]}\n" for row in range(rows)) + "short\n")
    assert len(found.rows) == rows
    assert found.lines == list(range(2, rows + 2))
    assert found.findings.problems["ragged"].places[0][0] == f"line {rows + 2}"


TABLE = "date,temp,wind\n" + "\n".join(SERIES) + "\n"


def _zipped(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TABLE.encode()),
        bz2.compress(TABLE.encode()),
        lzma.compress(TABLE.encode()),
        _zipped(train_csv=TABLE),
        TABLE.encode("utf-16"),
        gzip.compress(TABLE.encode("utf-16")),
        TABLE.encode("utf-8-sig"),
    ],
    ids=["gzip", "bzip2", "xz", "zip", "utf-16", "gzip of utf-16", "bom"],
)
def test_packed_files_and_utf16_are_read(read: Read, data: bytes) -> None:
    found = read(data)
    assert found.titles == ("date", "temp", "wind")
    assert (found.rows[0], len(found.rows)) == (FIRST, len(SERIES))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(TABLE.encode())[:-200], "damaged"),
        (_zipped(a_csv=TABLE, b_csv=TABLE), "2 files"),
        (_zipped(**{"xl/workbook_xml": "<x/>"}), "Excel workbook"),
        (b"PAR1" + bytes(100), "Parquet"),
    ],
    ids=["cut", "two tables", "workbook", "Parquet"],
)
def test_what_cannot_be_unpacked_is_one_sentence(read: Read, data: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        read(data)


RECORDS = [
    {"date": day, "v": float(value), "in": {"n": row}}
    for row, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))
]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, RECORDS)),
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        json.dumps({"columns": ["date", "v", "in.n"], "data": [[r["date"], r["v"], n] for n, r in enumerate(RECORDS)]}),
        json.dumps({"date": DAYS, "v": [r["v"] for r in RECORDS], "in.n": list(range(len(DAYS)))}),
        json.dumps({"count": 1, "results": RECORDS}),
    ],
    ids=["lines", "list", "indented", "split", "columns", "within"],
)
def test_json_is_read_in_the_ways_in_which_tables_are_saved(read: Read, text: str) -> None:
    found = read(text, "own.json")
    assert found.titles == ("date", "v", "in.n")
    assert found.rows[1] == (DAYS[1], str(float(VALUES[1])), "1")
    assert len(found.rows) == len(RECORDS)


def test_lines_that_are_no_json_are_left_out_by_their_number(read: Read) -> None:
    good = "".join(json.dumps({"text": f"word {row}", "label": "ab"[row % 2]}) + "\n" for row in range(40))
    found = read(good + '{"text": \n\n["x"]\n')
    assert len(found.rows) == 40
    assert [where for where, _ in found.findings.problems["ragged"].places] == ["line 41", "line 43"]


def test_texts_in_brackets_are_no_json(read: Read) -> None:
    found = read("".join(f"[sic] {{x}} {row},{'ab'[row % 2]}\n" for row in range(40)))
    assert found.rows[0] == ("[sic] {x} 0", "a")


def test_a_parquet_table_is_read_as_the_same_table_in_csv(tmp_path: Path) -> None:
    frame = polars.DataFrame(
        {
            "day": [datetime.date(2020, 1, 1) + datetime.timedelta(days=row) for row in range(120)],
            "sales": [None if row == 7 else 100.5 + row % 9 for row in range(120)],
        }
    )
    frame.write_parquet(tmp_path / "a[1].parquet")
    frame.write_csv(tmp_path / "a.csv")
    packed, plain = (check_file(tmp_path / name).as_json() for name in ("a[1].parquet", "a.csv"))
    for key in ("kind", "rows", "splits"):
        assert packed[key] == plain[key]
    assert packed["facts"]["dates"] == plain["facts"]["dates"]
    assert packed["trainable"]


def test_a_parquet_table_that_is_damaged_or_holds_lists_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "a.parquet"
    polars.DataFrame({"x": [[1, 2], [3]], "y": ["a", "b"]}).write_parquet(whole)
    assert "the column x holds lists" in check_file(whole).reason
    cut = tmp_path / "b.parquet"
    cut.write_bytes(whole.read_bytes()[:100])
    assert "is a Parquet table that cannot be read" in check_file(cut).reason
