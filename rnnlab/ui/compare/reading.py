"""What the Compare screen reads beside the logs it follows: which runs are repeats, and the intervals of their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rnnlab.plots.comparison.groups import Group, groups_of
from rnnlab.plots.run.figures import format_of, is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import summarise


@dataclass(frozen=True)
class Page:
    """The runs of one task: a comparison for each of its data, and their rows as groups."""

    task: str
    comparisons: tuple[Comparison, ...] = ()
    groups: tuple[Group, ...] = ()
    folders: dict[str, RunFolder] = field(default_factory=dict)
    """The runs by their names."""


def read_pages(runs: Sequence[RunFolder]) -> tuple[list[Page], list[str]]:
    """A page for each task, in the order of the runs; and the names of those that cannot be read. It reads every log."""
    names = [run.name for run in runs]
    # Runs of several sessions may have one name.
    called = {
        str(run.path): run.name if names.count(run.name) == 1 else f"{run.session.name}/{run.name}" for run in runs
    }
    summaries = [
        msgspec.structs.replace(summarise(run), path=str(run.path), name=called[str(run.path)]) for run in runs
    ]
    unread = [each.name for each in summaries if each.problem or not each.task]
    folders = {called[str(run.path)]: run for run in runs}
    by_task: dict[str, list[Comparison]] = {}
    for comparison in compare(summaries, is_share):
        by_task.setdefault(comparison.task, []).append(comparison)
    order = {name: at for at, name in enumerate(folders)}

    def first(held: Sequence[Comparison]) -> int:
        return min(order[name] for comparison in held for row in comparison.rows for name in row.runs)

    tasks = sorted(by_task.items(), key=lambda item: first(item[1]))
    pages = [Page(task, tuple(held), tuple(groups_of(held)), folders) for task, held in tasks]
    return pages, unread


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
