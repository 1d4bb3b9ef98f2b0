"""A table as Markdown, CSV and LaTeX: what stands in a cell is text to every reader, and numbers are numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.markdown import Markdown

from rnnlab.text.latex import escape as latex
from rnnlab.text.latex import to_latex
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.markdown import to_markdown
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import to_csv
from rnnlab.text.table import Cell, Column, Table
from rnnlab.text.table_lines import table_lines
from tests.hostile_files import PAYLOAD
from tests.latex_reader import NotLatex, read_latex, read_text

HOSTILE = (
    PAYLOAD,
    "[/red]", "[@click=app.quit]x[/]", "\x1b]52;c;cHduZWQ=\x07", "\u202egnirts\u202c", "\x9b2J", "back\\", "new\nline",
    "a | b", "\\|", "`code`", "**bold**", "__init__", "~~gone~~", "<b>x</b>", "<!-- -->", "&amp;", "![x](http://y.z)",
    "[link](javascript:alert(1))", "https://example.org/x", "www.example.org", "a@example.org", "# head", "- item", "---",
    "$(reboot)", "$x^2$", "50 % & more", "a_b", "{x}", "}{", "\\input{/etc/passwd}", "\\\\", "\\end{tabular}", "[2ex]", "*",
    "%comment", "~tilde", "^hat", "'quoted'", '"double"', "``", "''", "'\"'", "?`", "a--b---c", "<<>>", "¿", "é", "Łódź", "Žižek",
    "ệ", "ß", "名前", "\U0001f1eb\U0001f1f7", "λ ≤ 3 ± 1", "e\u0301\u0301", "\x00", "\ud800", " ", "", "\t=1+1",
    "=HYPERLINK(\"http://x\")", "+1+1", "-1+1", "@SUM(A1)", " =1", "＝1", "1,5", 'a"b', "a,b", "a;b",
)  # fmt: skip

texts = st.text(max_size=30) | st.sampled_from(HOSTILE)


def table(*names: str, heading: str = "names", note: str = "★ best") -> Table:
    columns = (
        Column("name", "run", left=True),
        Column("test.accuracy", "accuracy", "test", fields=("test.accuracy", "test.accuracy_std", "test.accuracy_n")),
        Column("parameters", "weights"),
    )
    figures = (Cell(".833 ± .006", (0.8333, 0.0061, 5)), Cell(".9", (0.9, None, 1)), Cell("", (None, None, None)))
    rows = tuple((Cell(name), figures[at % 3], Cell("-12", (-12,))) for at, name in enumerate(names))
    return Table(heading, columns, rows, (note,), facts=(("task", "names"),))


def printed(text: str) -> str:
    """What LaTeX prints for a text: characters that its fonts lack stand as their code points."""
    shown = unicodedata.normalize("NFC", plain(text)).replace("µ", "μ")
    return re.sub(r"\[U\+([0-9A-F]{4,6})\]", lambda found: chr(int(found[1], 16)), shown)


@settings(deadline=None)
@given(texts)
@example("i\u0301 j\u030c \u0131")
def test_latex_prints_the_text_and_carries_out_nothing(text: str) -> None:
    written = latex(text)
    assert written.isascii()
    shown = re.sub(r"\[U\+([0-9A-F]{4,6})\]", lambda found: chr(int(found[1], 16)), read_text(written))
    assert unicodedata.normalize("NFC", shown).replace("µ", "μ") == unicodedata.normalize("NFC", printed(text))


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), texts)
def test_a_latex_table_has_its_cells_whatever_stands_in_them(names: list[str], heading: str) -> None:
    (read,) = read_latex(to_latex([table(*names, heading=heading, note=heading or "x")]))
    assert read.head[:2] == ["run", "test accuracy"]
    assert len(read.rows) == len(names)
    assert [row[-1] for row in read.rows] == ["−12"] * len(names)
    assert read.rows[0][1:3] == [".833", "± .006"]


@pytest.mark.parametrize(
    "text", [r"\input{x}", "a & b", "50 %", "a_b", "$x$", "{", "}", "^", "é", "a--b", "[2ex]", "#1", "~", "|"]
)
def test_the_reader_of_latex_refuses_what_is_not_escaped(text: str) -> None:
    with pytest.raises(NotLatex):
        read_latex(to_latex([table("x")]).replace("x &", f"{text} &"))


def test_points_stand_below_one_another_in_latex() -> None:
    columns = (Column("a", "a"), Column("b", "b"))
    rows = tuple((Cell(a), Cell(b)) for a, b in ((".5", "1"), ("12.25", "-1.5"), ("14.2k", "")))
    lines = to_latex([Table("", columns, rows)]).splitlines()
    assert r"    .5\phantom{0} & 1\phantom{.0} \\" in lines
    assert r"    12.25 & $-$1.5 \\" in lines
    assert r"    14.2k &  \\" in lines


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), texts)
def test_markdown_reads_every_cell_as_text(names: list[str], heading: str) -> None:
    tokens = Markdown(to_markdown([table(*names, heading=heading, note=heading or "x")])).parsed
    assert {token.type for token in tokens} <= {
        *(
            f"{kind}_{end}"
            for kind in ("table", "thead", "tbody", "tr", "th", "td", "paragraph")
            for end in ("open", "close")
        ),
        "inline",
    }
    inline = [token for token in tokens if token.type == "inline"]
    kinds = {child.type for token in inline for child in token.children or []}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    cells = ["".join(child.content for child in token.children or []) for token in inline]
    first = [cells[at] for at in range(len(cells)) if tokens[tokens.index(inline[at]) - 1].type == "td_open"][::3]
    assert first == [plain(name).strip() for name in names]


def test_markdown_makes_no_link_of_an_address() -> None:
    text = to_markdown([table("https://example.org", "www.example.org", "a@example.org")])
    assert "https\\://" in text
    assert "www\\.example" in text
    assert "a\\@example" in text


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_csv_holds_a_number_a_cell_and_no_formula(names: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([table(*names)]), newline="")))
    assert [row["parameters"] for row in rows] == ["-12"] * len(names), "a negative number stays one"
    assert (rows[0]["test.accuracy"], rows[0]["test.accuracy_std"], rows[0]["test.accuracy_n"]) == (
        "0.8333",
        "0.0061",
        "5",
    )
    for row, name in zip(rows, names, strict=True):
        assert row["name"].removeprefix("'") == plain(name).removeprefix("'")
        assert not row["name"].lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "\n" not in row["name"]


def test_tables_of_other_columns_are_one_csv() -> None:
    other = Table(
        "binary",
        (Column("name", "run", left=True), Column("optim.lr", "lr"), Column("parameters", "weights")),
        ((Cell("b"), Cell("0.1", (0.1,)), Cell("1.2k", (1234,))),),
        facts=(("task", "binary"), ("data", "")),
    )
    rows = list(csv.reader(io.StringIO(to_csv([table("a"), other]))))
    assert rows == [
        ["task", "data", "name", "optim.lr", "test.accuracy", "test.accuracy_std", "test.accuracy_n", "parameters"],
        ["names", "", "a", "", "0.8333", "0.0061", "5", "-12"],
        ["binary", "", "b", "0.1", "", "", "", "1234"],
    ]


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), st.integers(20, 120))
def test_lines_have_the_width_that_is_asked_for(names: list[str], width: int) -> None:
    lines = table_lines(table(*names, heading="x"), MONO, width)
    assert all(width_of(line) <= width for line in lines)
    assert all(plain(text) == text for line in lines for text, _, _ in line)


def test_means_and_deviations_are_aligned() -> None:
    lines = to_text(table_lines(table("a", "名前", "c"), MONO)).splitlines()
    ends = [cell_len(line.partition(figure)[0] + figure) for line, figure in ((lines[2], ".833"), (lines[3], ".9"))]
    assert ends[0] == ends[1], "means end together, and a wide character has two cells"
