"""A data set's card as tables: the numbers behind its bars and histograms, for a spreadsheet, a program or a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnlab.plots.dataset.profile import PARTS, Document, baselines_of, card_facts, title_text
from rnnlab.plots.run.figures import format_of, title_of
from rnnlab.text.leaks import plural
from rnnlab.text.numbers import percent
from rnnlab.text.table import Cell, Column, Table, figure_cell, text_cell, whole_cell


def card_tables(document: Document) -> list[Table]:
    """The tables that the card has, each row with the `table` it is of; all classes and words, however many."""
    found = (
        _parts(document),
        _classes(document),
        _lengths(document),
        _baselines(document),
        _series(document),
        _samples(document),
        _facts(document),
    )
    return [table for table in found if table.rows]


def _table(name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], notes: Sequence[str] = ()) -> Table:
    return Table(
        name, tuple(columns), tuple(map(tuple, rows)), tuple(note for note in notes if note), facts=(("table", name),)
    )


def _count(count: int | None) -> Cell:
    return Cell() if count is None else whole_cell(count)


def _parts(document: Document) -> Table:
    """Rows of train, validation and test, and how many people or groups these are from."""
    parts: Mapping[str, Any] = document.get("splits") or {}
    total = sum(part.get("rows", 0) for part in parts.values()) or 1
    key = next((each for each in ("people", "groups") if any(each in part for part in parts.values())), "")
    who = [Column(key, "people" if key == "people" else plural(str(document.get("group") or "group")))] if key else []
    rows = [
        [
            text_cell(name),
            _count(part.get("rows", 0)),
            Cell(percent(part.get("rows", 0) / total), (part.get("rows", 0) / total,)),
            *([_count(len(part.get(key, ())))] if key else []),
        ]
        for name, part in parts.items()
    ]
    further = document.get("further_tests") or {}
    rows += [[text_cell(name), _count(count), Cell(), *([Cell()] if key else [])] for name, count in further.items()]
    columns = [Column("name", "part", left=True), Column("rows", "rows"), Column("share", "share"), *who]
    return _table("parts", columns, rows, [title_text(document)])


def _classes(document: Document) -> Table:
    """Rows of each class, as published, distinct and in each part; of classes of steps the steps."""
    classes: Mapping[str, int] = document.get("classes") or {}
    distinct = (document.get("duplicates") or {}).get("classes") or {}
    repeats = any(distinct.get(name, count) != count for name, count in classes.items())
    splits = document.get("splits") or {}
    parts = [part for part in PARTS if part in splits]
    steps = document.get("problem") == "per-step classification"
    columns = [
        Column("name", "class", left=True),
        Column("steps", "steps") if steps else Column("rows", "rows"),
        *([Column("distinct", "distinct")] if repeats else []),
        *(Column(part, part) for part in parts),
    ]
    rows = [
        [
            text_cell(name),
            _count(count),
            *([_count(distinct.get(name, count))] if repeats else []),
            *(_count((splits[part].get("classes") or {}).get(name)) for part in parts),
        ]
        for name, count in classes.items()
    ]
    return _table("classes", columns, rows)


def _lengths(document: Document) -> Table:
    """How many sequences have a length in each range."""
    ranges = (document.get("lengths") or {}).get("histogram") or []
    columns = [Column("from", "steps from"), Column("to", "to"), Column("sequences", "sequences")]
    return _table("lengths", columns, ([_count(int(each)) for each in row] for row in ranges))


def _baselines(document: Document) -> Table:
    named = baselines_of(document)
    metric = str(document.get("metric", ""))
    shown = format_of(metric)
    parts = [part for part in PARTS if any(part in scores for scores in named.values())]
    rows = [
        [text_cell(name), *(Cell(shown(scores[part]), (scores[part],)) if part in scores else Cell() for part in parts)]
        for name, scores in named.items()
    ]
    unit = f" in {document['unit']}" if document.get("unit") else ""
    columns = [Column("name", "baseline", left=True), *(Column(part, part) for part in parts)]
    return _table("baselines", columns, rows, [f"{title_of(metric)}{unit}"])


def _series(document: Document) -> Table:
    """The curve of a whole series: as many of its values as are drawn."""
    series = document.get("series") or {}
    curve = series.get("curve") or ()
    last = max(len(curve) - 1, 1)
    points = max(int(series.get("points", len(curve))), 2)
    rows = [[figure_cell(at * (points - 1) / last), figure_cell(float(value))] for at, value in enumerate(curve)]
    return _table("series", [Column("step", "step"), Column("value", "value")], rows)


def _samples(document: Document) -> Table:
    rows = [
        [text_cell(each.get("input", "")), text_cell(each.get("target", ""))] for each in document.get("samples") or ()
    ]
    return _table("samples", [Column("name", "input", left=True), Column("target", "target", left=True)], rows)


def _facts(document: Document) -> Table:
    rows = [[text_cell(fact.label), text_cell(fact.text)] for fact in card_facts(document)]
    return _table("to know", [Column("name", "about", left=True), Column("text", "text", left=True)], rows)
