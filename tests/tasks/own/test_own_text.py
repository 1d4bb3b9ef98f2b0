"""Tables of texts and labels, as people save them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.encoding.tokens import to_text
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import CheckReport, check_file
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

ANIMALS = [(f"{word}{place}", label) for place in range(10) for word, label in (("miau", "cat"), ("wuff", "dog"))]


def table(rows: list[tuple[str, str]], delimiter: str = ",", header: str = "text,label", end: str = "\n") -> str:
    lines = [header.replace(",", delimiter)] if header else []
    return end.join(lines + [delimiter.join(row) for row in rows]) + end


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Split]:
    """Loads what it is given as a file of one's own."""

    def load_own(content: str | bytes, **settings: object) -> Split:
        path = tmp_path / "own.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(RunConfig.from_settings({"task.name": "own", "data.path": str(path)} | keyed(settings)))

    return load_own


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., CheckReport]:
    def check_own(content: str | bytes, **settings: object) -> CheckReport:
        path = tmp_path / "checked.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return check_file(path, keyed(settings))

    return check_own


def keyed(settings: dict[str, object]) -> dict[str, object]:
    return {f"data.{name}": value for name, value in settings.items()}


def texts_of(split: Split) -> set[tuple[str, str]]:
    found = set()
    for subset in map(split.subset, SUBSET_NAMES):
        for row, length, target in zip(subset.inputs, subset.lengths, subset.targets.astype(int), strict=True):
            found.add((to_text(row[:length].astype(np.int32), split.symbols), split.classes[target]))
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["text,label", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_however_it_is_written_the_rows_are_the_same(
    own: Callable[..., Split], delimiter: str, header: str, end: str
) -> None:
    split = own(table(ANIMALS, delimiter, header, end))
    assert split.classes == ("cat", "dog")
    assert split.card.problem == "classification"
    assert split.card.inputs == "tokens"
    found = texts_of(split)
    assert {label for _, label in found} == {"cat", "dog"}
    assert len(found) == len(ANIMALS)
    assert sum(len(split.subset(subset)) for subset in SUBSET_NAMES) == len(ANIMALS)


def test_columns_are_told_by_title_by_looks_or_by_setting(own: Callable[..., Split]) -> None:
    rows = [(str(place), label, text, "note") for place, (text, label) in enumerate(ANIMALS)]
    body = "\n".join(",".join(row) for row in rows)
    assert own(f"id,label,text,x\n{body}").classes == ("cat", "dog")
    assert own(f"number,kind,what,remark\n{body}", target_column="kind", input_column="what").classes == ("cat", "dog")
    assert own(body, target_column="2", input_column="3").classes == ("cat", "dog")
    with pytest.raises(UsageError, match=r"no column 'knd' .did you mean kind.*its columns are 1 to 4: number, kind"):
        own(f"number,kind,what,remark\n{body}", target_column="knd")


def test_quoted_fields_hold_delimiters_quotes_and_line_ends(own: Callable[..., Split]) -> None:
    rows = [(f'"he said ""{text}"", twice\nor so"', label) for text, label in ANIMALS]
    split = own(table(rows), tokens="characters")
    found = texts_of(split)
    assert len(found) == len(ANIMALS)
    assert all(text.startswith('he said "') and text.endswith('", twice\nor so') for text, _ in found)


def test_a_quote_that_is_never_closed_costs_its_line_alone(check: Callable[..., CheckReport]) -> None:
    report = check(table([*ANIMALS, ('"oops', "cat"), *((f"x{t}", c) for t, c in ANIMALS)]))
    assert report.trainable
    assert report.rows == 2 * len(ANIMALS) + 1
    (quotes,) = (problem for problem in report.problems if problem.kind == "quotes")
    assert quotes.where == f"line {len(ANIMALS) + 2}"


def test_the_alphabet_is_that_of_the_training_part(own: Callable[..., Split]) -> None:
    split = own(table([(f"{text}{chr(0x4E00 + place)}", label) for place, (text, label) in enumerate(ANIMALS)]))
    trained = set("".join(split.show_input(split.train, row) for row in range(len(split.train))))
    assert set(split.symbols) == trained
    assert "\ufffd" not in trained
    # A character that only the test holds is any other one to the net.
    assert all(split.show_input(split.test, row).endswith("\ufffd") for row in range(len(split.test)))
    assert max(subset.inputs.max() for subset in map(split.subset, SUBSET_NAMES)) < split.input_size


def test_latin_1_and_a_byte_order_mark_are_read_and_said(check: Callable[..., CheckReport]) -> None:
    content = table([(f"été {text}", label) for text, label in ANIMALS])
    latin = check(content.encode("latin-1"))
    assert latin.trainable
    assert latin.facts["encoding"] == "latin-1"
    assert "Latin-1" in next(problem.message for problem in latin.problems if problem.kind == "encoding")
    marked = check(b"\xef\xbb\xbf" + content.encode())
    assert marked.trainable
    assert [problem.kind for problem in marked.problems] == ["bom"]
    assert marked.facts["input_column"] == "text"


def test_one_damaged_line_in_utf_8_is_left_out_and_named(check: Callable[..., CheckReport]) -> None:
    lines = table([(f"日本{text}", label) for text, label in ANIMALS]).encode().splitlines(keepends=True)
    report = check(b"".join([*lines[:5], b"\xff\xfe,cat\n", *lines[5:]]))
    assert report.trainable
    (problem,) = report.problems
    assert (problem.kind, problem.where, problem.rows) == ("encoding", "line 6", True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n\t\n", "nothing but blank lines"),
        (b"text,label\n", "holds no rows"),
        (b"text\n" + b"\n".join(b"row %d" % n for n in range(20)), "one column only"),
        (table([(text, "cat") for text, _ in ANIMALS]), "one class only, 'cat'"),
        (table([(f"t{n}", f"c{n}") for n in range(1200)]), "1,200 different labels"),
        (table([("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")]), "none of which has the 3"),
        (table([(text, "") for text, _ in ANIMALS]), "cannot be read, the first at line 2: the label is missing"),
        (table(ANIMALS).encode() + b"\0\0", "zero bytes"),
        (table(ANIMALS).encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04" + b"x" * 50, "Excel workbook"),
        (b"\x80\x04\x95" + b"x" * 50, "pickle, which is never read"),
        (table([*ANIMALS, *(("a, b, c", "cat") for _ in ANIMALS)]), "4 fields where there are 2 columns"),
        (",".join("x" for _ in range(20_000)), "20,000 columns"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_alike_by_check_and_train(
    own: Callable[..., Split], check: Callable[..., CheckReport], content: str | bytes, words: str
) -> None:
    report = check(content, kind="text")
    assert not report.trainable
    assert words in report.reason
    with pytest.raises(UsageError) as refusal:
        own(content, kind="text")
    assert str(refusal.value) == report.reason.replace("checked.csv", "own.csv")


def test_bad_rows_are_counted_and_the_first_twenty_named(check: Callable[..., CheckReport]) -> None:
    rows = [(f"text{n}", f"c{n % 3}") for n in range(1000)]
    lines = table(rows).splitlines()
    for place in range(5, 900, 20):
        lines[place] = "only one field"
    report = check("\n".join(lines))
    assert report.trainable
    assert report.rows == 1000 - 45
    (ragged,) = report.problems
    assert (ragged.count, len(ragged.places)) == (45, 20)
    assert ragged.places[0] == ("line 6", "1 fields where there are 2 columns")
    document = report.as_json()
    assert document["problems"][0]["count"] == 45
    assert document["trainable"] is True


def test_small_classes_spellings_and_repeats_are_warned_of(check: Callable[..., CheckReport]) -> None:
    report = check(table([*ANIMALS, *ANIMALS[:4], ("moo", "cow"), ("moo2", "Cat")]))
    assert report.trainable
    found = {problem.kind: problem for problem in report.problems}
    assert found["duplicates"].count == 4
    assert [where for where, _ in found["small class"].places] == ["class cow", "class Cat"]
    assert found["spelling"].places == [("class Cat", "differs from the class cat only in how it is written")]
    assert list(report.classes.items())[:2] == [("cat", 12), ("dog", 12)]


def test_a_text_that_goes_on_and_on_is_cut(check: Callable[..., CheckReport], own: Callable[..., Split]) -> None:
    content = table([*ANIMALS, ("long " * 4000, "cat")])
    report = check(content)
    assert report.trainable
    assert report.lengths["max"] == 10_000
    assert report.problems[0].places == [("line 22", "a text of 19,999 characters was cut after 10,000")]
    assert max(int(subset.lengths.max()) for subset in map(own(content).subset, SUBSET_NAMES)) == 10_000


def test_labels_that_would_drive_a_terminal_are_shown_as_text(check: Callable[..., CheckReport]) -> None:
    report = check(table([(text, f"\x1b]52;c;eA==\x07{label}") for text, label in ANIMALS] + [("x", "[/red]")]))
    assert "\x1b" not in str(report.as_json())
    assert report.trainable


def test_classes_that_are_numbers_stand_in_their_order(own: Callable[..., Split]) -> None:
    assert own(table([(f"t{n}", str(n % 12)) for n in range(120)])).classes == tuple(str(n) for n in range(12))


def test_a_split_that_means_nothing_for_texts_is_refused(
    own: Callable[..., Split], check: Callable[..., CheckReport]
) -> None:
    assert "does not suit texts with labels" in check(table(ANIMALS), split="time").reason
    for split in ("grouped", "random"):
        settings = {"split": split, "validation": 0.2, "test": 0.2}
        assert len(own(table(ANIMALS), **settings).train) == check(table(ANIMALS), **settings).splits["train"]


def test_a_web_page_that_was_saved_for_the_data_is_told_as_one(check: Callable[..., CheckReport]) -> None:
    for page in ("<!DOCTYPE html>\n<html><body>sign in, please</body></html>", "\ufeff\n<HTML lang=en>a, b\nc, d"):
        assert check(page).reason.endswith("is a web page and not the data; download the file that the page links to")
