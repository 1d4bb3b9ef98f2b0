"""A sweep in its session: its trials, their runs as they are now, and what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rnnlab.engines.clusters.dispatch import cluster_of
from rnnlab.engines.local import ensure_runner
from rnnlab.engines.resume import is_ours, queue_again
from rnnlab.errors import UsageError
from rnnlab.locks import Locked, held
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.complete import Completer, completer
from rnnlab.sweeps.decide import Step, best_points, first_step, next_rung, promoted, rungs_of
from rnnlab.sweeps.estimated_points import EstimatedPoints
from rnnlab.sweeps.method import method_of
from rnnlab.sweeps.points import Points, points_of
from rnnlab.sweeps.specification import CONFIRMED, POINTS, Specification
from rnnlab.sweeps.trials import Carried, TrialRuns, carried, confirming_trials, search_trials

_LOCK = "sweep-step.lock"
_PATIENCE = 60.0
"""Seconds to wait for another process to have queued its runs: a thousand take some."""


@contextmanager
def deciding(session: Session) -> Iterator[None]:
    """Nobody else decides what the session's sweep does next within: who queues what is missing must not do so twice.

    Raises `UsageError` where another process does for long, or the lock cannot be taken.
    """
    path = session.path / _LOCK
    try:
        with held(path, _PATIENCE, links="folder"):
            yield
    except Locked:
        raise UsageError(
            f"another process has been queueing runs of the sweep for {_PATIENCE:.0f} seconds; wait until it is done"
        ) from None
    except OSError as error:
        raise UsageError(f"{error.filename or path} cannot be written ({error.strerror})") from None


@dataclass(frozen=True)
class Stand:
    """A sweep as it is now: the trials of its search, those that confirm the best, and what is next."""

    search: tuple[Carried, ...]
    confirming: tuple[Carried, ...]
    step: Step
    summaries: dict[str, RunSummary]
    """Rows of all runs of the session, by path."""
    planned: int
    """Runs of the search and those that confirm it, in all."""
    gone: int = 0
    """Runs that a person deleted or moved away while the sweep was carried out."""

    @property
    def trials(self) -> tuple[Carried, ...]:
        """All trials."""
        return self.search + self.confirming

    @property
    def over(self) -> bool:
        """Whether all runs have ended and nothing is to follow."""
        return not self.step and all(each.ended for each in self.trials)


class Sweep:
    """The sweep `specification` in `session`. Raises `UsageError` where its points cannot be made."""

    def __init__(self, session: Session, specification: Specification, complete: Completer | None = None) -> None:
        self.session = session
        self.specification = specification
        self.complete = complete or completer(
            str(specification.settings.get("task.name", "")), specification.parameters
        )
        self._estimated: EstimatedPoints | None = None
        if method_of(specification) == "tpe":
            self._estimated = EstimatedPoints(session, specification, self.complete)
            self.points = Points(self._estimated.tried())
        else:
            self.points = points_of(specification, self.complete)
        self._search = search_trials(specification, self.points.points)
        self._runs = TrialRuns(session)
        self._summaries = Summaries(session)

    def stand(self, made: set[str] | None = None) -> Stand:
        """How the sweep stands now. Reads what has changed since the last time.

        `made`: digests of runs that were queued and are not to be made again where a person deleted them; grows by those here.
        """
        runs = self._runs.read()
        summaries = {each.path: each for each in self._summaries.read()}
        runs = self._runs.counted(runs, summaries)
        search = self._searched(runs, summaries)
        step = first_step(self.specification, search) or promoted(self.specification, search)
        confirming: list[Carried] = []
        # Who is best is not known while runs that a person stopped may be resumed.
        if self.specification.confirm and not step and all(each.ended and not each.called_off for each in search):
            confirming = carried(confirming_trials(self.specification, best_points(search)), runs, summaries)
            step = Step(create=tuple((each.trial.config, 0) for each in confirming if each.run is None))
        gone: list[Carried] = []
        if made is not None:
            gone = [each for each in (*search, *confirming) if each.run is None and each.trial.digest in made]
            search, confirming = ([each for each in some if each not in gone] for some in (search, confirming))
            configs = {each.trial.config for each in gone}
            step = Step(tuple(each for each in step.create if each[0] not in configs), step.resume)
            made |= {each.trial.digest for each in (*search, *confirming) if each.run is not None}
        return Stand(tuple(search), tuple(confirming), step, summaries, self._planned(search, confirming), len(gone))

    def _planned(self, search: Sequence[Carried], confirming: Sequence[Carried]) -> int:
        """Runs in all, those to come too: points that a TPE has yet to choose, and fresh seeds of the best."""
        specification = self.specification
        repeats = len(specification.seeds) * (specification.folds or 1)
        planned = len(search)
        if self._estimated is not None and not confirming:
            planned = max(planned, (specification.points or POINTS) * repeats)
        if not specification.confirm:
            return planned
        return planned + (len(confirming) or specification.confirm * min(CONFIRMED, planned // repeats))

    def _searched(self, runs: dict[str, list[RunFolder]], summaries: dict[str, RunSummary]) -> list[Carried]:
        """The trials of the search with their runs; where a TPE chooses points, those that it chose and chooses next."""
        if self._estimated is None:
            return carried(self._search, runs, summaries)
        tried = self._estimated.tried()
        search = carried(search_trials(self.specification, tried), runs, summaries)
        following = self._estimated.following(search)
        self.points = Points((*tried, *following))
        return search + carried(search_trials(self.specification, following), runs, summaries)

    def advance(self, made: set[str] | None = None) -> Stand:
        """Do what is next, as `stand` has it, alone among all processes. Returns how it stood; raises `UsageError`."""
        with deciding(self.session):
            stand = self.stand(made)
            self.carry_out(stand.step)
        return stand

    def carry_out(self, step: Step) -> None:
        """Queue and resume the runs of the step, and see that a runner trains them.

        Within `deciding` alone. Raises `UsageError` where one cannot be queued; the others are.
        """
        for index, (config, pause_after) in enumerate(step.create):
            self.session.create_run(config, pause_after=pause_after)
            if not index and cluster_of(self.session) is None:
                ensure_runner(self.session)  # the first ones train while the others are queued
        problem = None
        for run, pause_after in step.resume:
            try:
                queue_again(run, pause_after=pause_after)
            except UsageError as error:
                problem = problem or error
        if step:
            ensure_runner(self.session)
        if problem is not None:
            raise problem

    def again(self, trials: Sequence[Carried], statuses: Sequence[str]) -> list[str]:
        """Queue the runs again that ended with one of these statuses, but for those that the sweep has paused.

        Returns why runs could not be queued, a sentence each.
        """
        problems = []
        for each in trials:
            if each.run is None or each.summary is None or each.status not in statuses or each.summary.paused_after:
                continue
            try:
                if not is_ours(each.run):
                    raise UsageError(
                        f"{each.run.name} was queued elsewhere; to train it here: rnnlab resume {each.run.path}"
                    )
                rungs = rungs_of(self.specification, each.trial.config)
                queue_again(each.run, pause_after=next_rung(rungs, each.summary.epoch))
            except UsageError as error:
                problems.append(str(error))
        return problems
