"""Material of a report: the runs that it is about, compared, and their logs, each read once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.columns import setting_text, short_key
from rnnlab.plots.comparison.table import heading_of
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Compared, Comparison, compare
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import ENDED, RunState, initial_state
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.conclude.statistics_for import statistics_for
from rnnlab.sweeps.cost.stand_text import counts_text
from rnnlab.sweeps.results import Conclusions, Statistics
from rnnlab.sweeps.specification import Specification, specification_of
from rnnlab.sweeps.sweep import Sweep

_IN_MODEL = ("model.name", "model.hidden", "model.layers", "model.bidirectional")
"""Settings that the name of a model says."""
NOT_TRIED = ("data.seed", "data.fold", "train.test")
"""Settings in which repeats differ, or how a run was evaluated: nothing is learned from them."""


@dataclass(frozen=True)
class Source:
    """Runs of one session; `whole`: all of them. Of `foreign` runs, which somebody else queued, no data are loaded."""

    session: Session
    runs: tuple[RunSummary, ...]
    whole: bool
    foreign: frozenset[str] = frozenset()

    @cached_property
    def specification(self) -> Specification | None:
        """The sweep that the session keeps, where the report is about the whole of it and the file can be read."""
        if not self.whole:
            return None
        try:
            return specification_of(self.session)
        except UsageError:
            return None

    def portable(self, text: str) -> str:
        """A sentence without the place of the sessions on this machine."""
        return text.replace(f"{self.session.path.parent}{os.sep}", "")

    @cached_property
    def unfinished(self) -> str:
        """How many runs are done, where not all are: `2 of 6 runs done, 2 training, 2 queued`; else empty."""
        waiting = [run for run in self.runs if not run.problem and run.status not in ENDED]
        if self.specification is not None and not self.foreign:  # a stranger's may name data to be read
            try:
                stand = Sweep(self.session, self.specification).stand()
            except UsageError:
                pass  # its points cannot be made any more: the runs are what there is
            else:
                return "" if stand.over else counts_text(stand, with_time=False)
        if not waiting:
            return ""
        kinds = Counter(run.status or "queued" for run in waiting)
        counts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        return f"{len(self.runs) - len(waiting)} of {len(self.runs)} runs done, {counts}"


@dataclass(frozen=True)
class Group:
    """Runs of one source that were evaluated on the same data; `named`: the report is about several sessions."""

    source: Source
    comparison: Comparison
    named: bool = False

    @property
    def heading(self) -> str:
        """The task, and what sets these data apart; of several sessions also which one."""
        return self.headed(heading_of(self.comparison))

    def headed(self, heading: str) -> str:
        """The heading of a table of this group, with the session's name where there are several."""
        return f"{self.session.name} · {heading}" if self.named else heading

    @property
    def session(self) -> Session:
        """The session that holds the runs."""
        return self.source.session

    @cached_property
    def summaries(self) -> Mapping[str, RunSummary]:
        """The rows of its runs, by name."""
        names = {name for row in self.comparison.rows for name in row.runs}
        return {run.name: run for run in self.source.runs if run.name in names}

    def label(self, row: Compared) -> str:
        """What a row is called in a figure: what sets it apart, `LSTM 128 · lr 0.01`; its first run where nothing does."""
        differing = [key for key in self.comparison.differing if key not in NOT_TRIED]
        parts = [row.model] if any(key in _IN_MODEL for key in differing) and row.model else []
        parts += [
            f"{short_key(key)} {setting_text(key, self.comparison.setting(row, key))}"
            for key in differing
            if key not in _IN_MODEL
        ]
        return " · ".join(parts) or row.model or row.runs[0]


@dataclass(frozen=True)
class Verified:
    """What training a run again came to: whether every number matched, how many were compared, and in words."""

    run: str
    holds: bool
    sentence: str


@dataclass
class Material:
    """What blocks are made from. States of runs are read at first need, and kept."""

    sources: Sequence[Source]
    verified: Sequence[Verified] = ()
    predict: Callable[[RunFolder, str], float] | None = None
    """What a run predicts for a typed input, for published figures that are predictions; None: they are left empty."""
    _states: dict[Path, RunState] = field(default_factory=dict)
    _conclusions: dict[tuple[Statistics, tuple[str, ...]], list[Conclusions | None]] = field(default_factory=dict)

    @cached_property
    def groups(self) -> list[Group]:
        """A group for each set of runs that compare, session by session."""
        several = len(self.sources) > 1
        return [Group(source, each, several) for source in self.sources for each in compare(source.runs, is_share)]

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """The settings in which the runs of any group differ."""
        return tuple(dict.fromkeys(key for group in self.groups for key in group.comparison.differing))

    def conclusions(self, wanted: Statistics = "auto", against: tuple[str, ...] = ()) -> list[Conclusions | None]:
        """What is concluded of each group; `against` names the run of the reference row of each, empty: its best row."""
        if (wanted, against) not in self._conclusions:
            self._conclusions[wanted, against] = [
                statistics_for([group.comparison], group.session, wanted, reference)[0]
                for group, reference in zip(self.groups, against or ("",) * len(self.groups), strict=True)
            ]
        return self._conclusions[wanted, against]

    def begun(self, group: Group) -> RunState | None:
        """The state of the group's first run that has loaded its data; None where none has."""
        states = (self.state(group, name) for row in group.comparison.rows for name in row.runs)
        return next((state for state in states if state.started is not None), None)

    def state(self, group: Group, name: str) -> RunState:
        """The state of one of the group's runs, by its name; that of an empty log where it cannot be read."""
        run = RunFolder(group.session.runs_path / name)
        if run.path not in self._states:
            try:
                self._states[run.path] = read_state(run.events_path)[0].without_savepoints()
            except (OSError, UsageError):
                self._states[run.path] = initial_state()
        return self._states[run.path]

    def run(self, group: Group, name: str) -> RunFolder:
        """The folder of one of the group's runs."""
        return RunFolder(group.session.runs_path / name)

    def qualified(self, group: Group, name: str) -> str:
        """A run as a command names it: SESSION/RUN."""
        return f"{group.session.name}/{name}"
