"""Intervals of the means of repeats, and what follows from them, as `rnnlab compare --json` prints them."""

from __future__ import annotations

from typing import Any

from rnnlab.plots.run.figures import format_of


def intervals_in(document: Any) -> tuple[dict[tuple[str, ...], str], list[str]]:
    """The interval of each row's mean as text, by the names of its runs, and the sentences, of `rnnlab compare --json`."""
    intervals: dict[tuple[str, ...], str] = {}
    sentences: list[str] = []
    if not isinstance(document, dict):
        return intervals, sentences
    for task, concluded in zip(document.get("tasks", ()), document.get("conclusions", ()), strict=False):
        if not concluded:
            continue
        shown = format_of(str(concluded["figure"]))
        for row, about in zip(task["rows"], concluded["rows"], strict=False):
            if found := about.get("seeds_interval"):
                intervals[tuple(row["runs"])] = f"{shown(found['low'])} to {shown(found['high'])}"
        sentences += concluded["sentences"]
    return intervals, sentences
