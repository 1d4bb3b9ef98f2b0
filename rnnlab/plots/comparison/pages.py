"""Runs chosen from anywhere as pages: one for each task, its runs as groups of repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from rnnlab.plots.comparison.groups import Group, groups_of
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import Status
from rnnlab.runs.summary import summarise


@dataclass(frozen=True)
class Page:
    """The runs of one task: a comparison for each of its data, and their rows as groups."""

    task: str
    comparisons: tuple[Comparison, ...] = ()
    groups: tuple[Group, ...] = ()
    folders: dict[str, RunFolder] = field(default_factory=dict)
    """The runs by their names."""
    statuses: dict[str, Status] = field(default_factory=dict)
    """What the runs were doing when they were read, by their names."""


def read_pages(runs: Sequence[RunFolder]) -> tuple[list[Page], list[str]]:
    """A page for each task, in the order of the runs; and the names of those that cannot be read. It reads every log."""
    folders = distinct_names(runs)
    summaries = [
        msgspec.structs.replace(summarise(run), path=str(run.path), name=name) for name, run in folders.items()
    ]
    unread = [each.name for each in summaries if each.problem or not each.task]
    by_task: dict[str, list[Comparison]] = {}
    for comparison in compare(summaries, is_share):
        by_task.setdefault(comparison.task, []).append(comparison)
    order = {name: at for at, name in enumerate(folders)}

    def first(held: Sequence[Comparison]) -> int:
        return min(order[name] for comparison in held for row in comparison.rows for name in row.runs)

    tasks = sorted(by_task.items(), key=lambda item: first(item[1]))
    statuses = {each.name: each.status for each in summaries if each.status is not None}
    pages = [Page(task, tuple(held), tuple(groups_of(held)), folders, statuses) for task, held in tasks]
    return pages, unread


def distinct_names(runs: Sequence[RunFolder]) -> dict[str, RunFolder]:
    """The runs by their names, those of one name in several sessions by the session's before it."""
    distinct = list({run.path: run for run in runs}.values())
    names = Counter(run.name for run in distinct)
    return {run.name if names[run.name] == 1 else f"{run.session.name}/{run.name}": run for run in distinct}
