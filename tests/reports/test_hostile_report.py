"""Two hundred hostile texts through reports: none becomes markup, none is lost."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt

from rnnlab.cli.main import run
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Record, RunStarted
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.notes import Notes, write_notes
from rnnlab.text.latex import to_latex
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import to_csv
from rnnlab.text.table import Cell, Column, Table
from tests.latex_reader import read_latex
from tests.recorded import record
from tests.reports.hostile_run import CLASSES, record_named
from tests.reports.hostile_texts import HOSTILE

NAMES = (
    "001-<b>x", "002-[x](y)", "003-`x`", "004-**x**", "005-x|y", "006-\x1b[2J", "007-=1+1", "008-<script>",
    "009-{{1}}", "010-_x_", "011-\u202ex", "012-&lt;\udcff",
)  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "nav", "ul", "li", "a", "h1", "h2", "h3", "h4", "p", "span",
    "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre", "code", "figure", "figcaption", "details",
    "summary", "svg", "g", "path", "defs", "use", "text", "clippath", "rect", "desc", "image", "pattern", "tspan",
    "circle",
}  # fmt: skip
ATTRIBUTES = ("href", "xlink:href", "src")


class Page(HTMLParser):
    """What a page holds: its tags, attributes, comments, and the texts of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.texts: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.texts.add(data.strip())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The report on hostile runs, and on harmless ones of the same shape, in both formats."""
    found = {}
    root = tmp_path_factory.mktemp("reports")
    harmless = [f"class {number:03}" for number in range(len(HOSTILE))]
    for kind, texts, names in (
        ("hostile", HOSTILE, NAMES),
        ("harmless", harmless, [f"{number:03}-lstm" for number in range(1, len(NAMES) + 1)]),
    ):
        folder = root / kind
        folder.mkdir()
        record_named(folder, texts, names)
        for session in list_sessions(folder):
            lines = "\n".join(f"note {' '.join(text.split())}" for text in texts)
            write_notes(session, Notes(lines, ("a_b",)))
            for each in session.runs():
                write_notes(each, Notes(lines, ("a_b",)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RNNLAB_SESSIONS", str(folder))
            for ending in ("html", "md"):
                path = root / f"{kind}.{ending}"
                assert run(["report", "-o", str(path)]) == 0
                found[f"{kind}.{ending}"] = path.read_text(encoding="utf-8")
    return found


def test_no_text_becomes_an_element_of_the_page_and_each_is_there(report: dict[str, str]) -> None:
    page, harmless = Page(report["hostile.html"]), Page(report["harmless.html"])
    assert set(page.tags) <= TAGS
    assert {tag for tag in page.tags if tag in ("script", "img", "iframe", "b", "i", "em", "strong")} == set()
    assert page.tags.count("table") == harmless.tags.count("table")
    assert page.tags.count("td") + page.tags.count("th") == harmless.tags.count("td") + harmless.tags.count("th")
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name in ATTRIBUTES]
    assert links
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in links)
    assert len(page.comments) == 1, "the seal alone"
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    shown = HOSTILE[: CLASSES * len(NAMES)]
    assert len(shown) >= 200
    missing = [text for text in shown if plain(text).strip() and plain(text).strip() not in page.texts]
    assert not missing
    assert report["hostile.html"].isprintable() or not any(
        character in report["hostile.html"] for character in ("\x1b", "\x07", "\x9b", "\u202e", "\u2028", "\x00")
    )


def test_no_text_becomes_markdown(report: dict[str, str]) -> None:
    def shape(text: str) -> list[str]:
        """The elements of a Markdown text, without what they say."""
        found = []
        for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
            children = [child.type for child in token.children or ()]
            found += [token.type, *(name for name in children if name not in ("text", "text_special"))]
        return found

    assert shape(report["hostile.md"]) == shape(report["harmless.md"])
    assert shape(report["hostile.md"]).count("html_block") == 1, "the seal"
    assert not any(name.startswith(("link", "image", "html_inline")) for name in shape(report["hostile.md"]))


@pytest.mark.parametrize(
    "counts", [{"train": (1,) * 40}, {"train": (), "validation": (1,) * CLASSES}, {"train": (2, 1)}]
)
def test_counts_that_are_not_one_for_each_class_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counts: dict[str, tuple[int, ...]]
) -> None:
    run_folder = RunFolder(record(tmp_path / "sessions", "finished"))
    records, _ = read_records(run_folder.events_path)
    events = [
        msgspec.structs.replace(each.data, data=msgspec.structs.replace(each.data.data, class_counts=counts))
        if isinstance(each.data, RunStarted)
        else each.data
        for each in records
    ]
    lines = [encode(Record(each.seq, each.wall, each.mono, event)) for each, event in zip(records, events, strict=True)]
    run_folder.events_path.write_bytes(b"".join(lines))
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    assert run(["report", "-o", str(tmp_path / "out.md")]) == 0
    text = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "**Parts**" in text
    assert "of the training part" not in text, "of which the log does not say enough"


def test_no_text_becomes_a_command_of_latex_or_a_formula() -> None:
    table = Table(
        "t", (Column("a", "a", left=True), Column("b", "b")), tuple((Cell(text), Cell("1")) for text in HOSTILE)
    )
    (read,) = read_latex(to_latex([table]))
    assert len(read.rows) == len(HOSTILE)
    cells = [row[0] for row in csv.reader(io.StringIO(to_csv([table])))][1:]
    assert len(cells) == len(HOSTILE)
    for cell, text in zip(cells, HOSTILE, strict=True):
        assert not cell.lstrip().startswith(("=", "@", "＝", "＋", "－", "＠")), text
        assert not (cell.lstrip().startswith(("+", "-")) and not _is_number(cell)), text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
