"""Trials of a sweep: its points, each once a seed and a fold, and the run folders in which they are carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from rnnlab.config import RunConfig, UsageError
from rnnlab.engines.resume import is_ours
from rnnlab.engines.survey import Marks, marks_of
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import config_to_train
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.queue_entry import digest, read_entry
from rnnlab.runs.repeats import repeated
from rnnlab.runs.state import ENDED
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.points import Point
from rnnlab.sweeps.specification import Specification


@dataclass(frozen=True)
class Trial:
    """A run of the sweep; `point` is the configuration before it was repeated, `confirms` whether it is one from a fresh seed."""

    point: Point
    config: RunConfig
    digest: str
    confirms: bool = False


def search_trials(specification: Specification, points: Iterable[Point]) -> list[Trial]:
    """The trials of the search: without the test part where configurations are confirmed afterwards."""
    tests = not specification.confirm
    folds = specification.folds or None
    return [trial for point in points for trial in _repeated(point, specification.seeds, tests, folds)]


def confirming_trials(specification: Specification, points: Iterable[Point]) -> list[Trial]:
    """The trials that confirm these points, from seeds that the search has not used, on the test part too; not in folds."""
    first = max(specification.seeds) + 1
    seeds = range(first, first + specification.confirm)
    trials = [trial for point in points for trial in _repeated(point, seeds, True, None)]
    return [replace(trial, confirms=True) for trial in trials]


def _repeated(point: Point, seeds: Iterable[int], tests: bool, folds: int | None) -> list[Trial]:
    config = point.config
    if not tests:
        config = msgspec.structs.replace(config, train=msgspec.structs.replace(config.train, test=False))
    return [Trial(point, each, digest(each)) for each in repeated(config, seeds, folds=folds)]


class TrialRuns:
    """The runs of a session by the digest of their settings; a run's settings do not change, so they are read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._digests: dict[str, str] = {}
        """By the name of a run's folder; empty for one that cannot be read."""
        self._ours: dict[str, tuple[Marks, bool]] = {}

    def read(self) -> dict[str, list[RunFolder]]:
        """The runs that are there now, by digest, in the order in which they were made."""
        found: dict[str, list[RunFolder]] = {}
        for run in self.session.runs():
            if run.name not in self._digests:
                self._digests[run.name] = run_digest(run)
            found.setdefault(self._digests[run.name], []).append(run)
        found.pop("", None)
        return found

    def counted(self, runs: dict[str, list[RunFolder]], summaries: dict[str, RunSummary]) -> dict[str, list[RunFolder]]:
        """The runs that may stand for a trial: not those to be trained that were queued elsewhere, as nobody trains them unasked.

        `summaries` are by the path of the run.
        """
        return {
            each: [run for run in held if not _is_waiting(summaries.get(str(run.path))) or self._is_ours(run)]
            for each, held in runs.items()
        }

    def _is_ours(self, run: RunFolder) -> bool:
        """As `is_ours`, asked again where the run's files have changed: hundreds may wait."""
        marks = marks_of(run)
        kept = self._ours.get(run.name)
        if kept is None or kept[0] != marks:
            kept = self._ours[run.name] = marks, is_ours(run)
        return kept[1]


def _is_waiting(summary: RunSummary | None) -> bool:
    return summary is not None and not summary.problem and summary.status in ("queued", "interrupted", "stopped")


def run_digest(run: RunFolder) -> str:
    """The digest of a run's settings: that of its entry in the queue, or of `run.toml`; empty where neither can be read.

    Of a run that was asked to train further the log says whether it has begun to: else its settings are those of before.
    """
    entry = read_entry(run.path)
    if entry is not None and not entry.before:
        return entry.config
    try:
        if entry is not None:
            return digest(config_to_train(run, read_last(run.events_path)))
        return digest(run.config())
    except (OSError, UsageError):
        return ""


@dataclass(frozen=True)
class Carried:
    """A trial, and the run that stands for it: the one that got furthest of those with its settings; None: it has none yet."""

    trial: Trial
    run: RunFolder | None
    summary: RunSummary | None

    @property
    def status(self) -> str:
        """The run's status; `new` where it has yet to be queued."""
        return "new" if self.summary is None else self.summary.status or "unreadable"

    @property
    def ended(self) -> bool:
        """Whether the run has ended; one that its sweep has paused has, too."""
        return self.status in ENDED or self.status == "unreadable"

    @property
    def called_off(self) -> bool:
        """Whether a person stopped the run, so that it is resumed with its sweep."""
        return self.status == "stopped" and not (self.summary is not None and self.summary.paused_after)


def carried(
    trials: Sequence[Trial], runs: dict[str, list[RunFolder]], summaries: dict[str, RunSummary]
) -> list[Carried]:
    """The trials with their runs; `summaries` are by the path of the run."""
    found = []
    for trial in trials:
        candidates = [(run, summaries.get(str(run.path))) for run in runs.get(trial.digest, [])]
        furthest = max(candidates, key=lambda pair: _progress(pair[1]), default=(None, None))
        found.append(Carried(trial, *furthest))
    return found


def _progress(summary: RunSummary | None) -> tuple[bool, bool, int]:
    if summary is None:
        return False, False, 0
    return summary.status in ("completed", "early-stopped"), summary.status != "failed", summary.epoch


def by_point(trials: Iterable[Carried]) -> list[list[Carried]]:
    """The trials of each configuration, in the order of the points."""
    groups: dict[RunConfig, list[Carried]] = {}
    for each in trials:
        groups.setdefault(each.trial.point.config, []).append(each)
    return list(groups.values())
