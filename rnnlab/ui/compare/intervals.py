"""Intervals of the means of repeats, and what follows from them, as `rnnlab compare --json` prints them."""

from __future__ import annotations

from typing import Any

from rnnlab.plots.run.figures import format_of

Row = tuple[str, ...]
"""The names of a row's runs."""


def intervals_in(document: Any) -> tuple[dict[Row, str], dict[frozenset[Row], list[str]]]:
    """What `rnnlab compare --json` holds: the interval of each row's mean as text, and each table's sentences, by its rows.

    A row of one seed has no interval.
    """
    intervals: dict[Row, str] = {}
    sentences: dict[frozenset[Row], list[str]] = {}
    if not isinstance(document, dict):
        return intervals, sentences
    for task, concluded in zip(document.get("tasks", ()), document.get("conclusions", ()), strict=False):
        if not concluded:
            continue
        shown = format_of(str(concluded["figure"]))
        for row, about in zip(task["rows"], concluded["rows"], strict=False):
            if found := about.get("seeds_interval"):
                intervals[tuple(row["runs"])] = f"{shown(found['low'])} to {shown(found['high'])}"
        sentences[frozenset(tuple(row["runs"]) for row in task["rows"])] = concluded["sentences"]
    return intervals, sentences
