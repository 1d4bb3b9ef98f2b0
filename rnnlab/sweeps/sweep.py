"""A sweep in its session: its trials, their runs as they are now, and what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnlab.engines.local import ensure_runner
from rnnlab.engines.resume import is_ours, queue_again
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.complete import Completer, completer
from rnnlab.sweeps.decide import Step, best_points, first_step, next_rung, promoted, rungs_of
from rnnlab.sweeps.points import Point, Points, points_of
from rnnlab.sweeps.specification import Specification
from rnnlab.sweeps.trials import Carried, Trial, TrialRuns, carried, confirming_trials, search_trials


@dataclass(frozen=True)
class Stand:
    """A sweep as it is now: the trials of its search, those that confirm the best, and what is next."""

    search: tuple[Carried, ...]
    confirming: tuple[Carried, ...]
    step: Step
    summaries: dict[str, RunSummary]
    """Rows of all runs of the session, by path."""

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
        self.points: Points = points_of(specification, self.complete)
        self.search: list[Trial] = search_trials(specification, self.points.points)
        self._runs = TrialRuns(session)
        self._summaries = Summaries(session)

    def stand(self, made: set[str] | None = None) -> Stand:
        """How the sweep stands now. Reads what has changed since the last time.

        `made`: digests of runs that were queued and are not to be made again where a person deleted them; grows by those here.
        """
        runs = self._runs.read()
        summaries = {each.path: each for each in self._summaries.read()}
        search = carried(self.search, runs, summaries)
        step = first_step(self.specification, search) or promoted(self.specification, search)
        confirming: list[Carried] = []
        if self.specification.confirm and not step and all(each.ended for each in search):
            confirming = carried(confirming_trials(self.specification, self._best(search)), runs, summaries)
            step = Step(create=tuple((each.trial.config, 0) for each in confirming if each.run is None))
        if made is not None:
            gone = [each for each in (*search, *confirming) if each.run is None and each.trial.digest in made]
            search, confirming = ([each for each in some if each not in gone] for some in (search, confirming))
            configs = {each.trial.config for each in gone}
            step = Step(tuple(each for each in step.create if each[0] not in configs), step.resume)
            made |= {each.trial.digest for each in (*search, *confirming) if each.run is not None}
        return Stand(tuple(search), tuple(confirming), step, summaries)

    def _best(self, search: Sequence[Carried]) -> list[Point]:
        return best_points(search)

    def carry_out(self, step: Step) -> int:
        """Queue and resume the runs of the step, and see that a runner trains them.

        Returns how many; raises `UsageError` where one cannot be queued.
        """
        for index, (config, pause_after) in enumerate(step.create):
            self.session.create_run(config, pause_after=pause_after)
            if not index:
                ensure_runner(self.session)  # the first ones train while the others are queued
        for run, pause_after in step.resume:
            if is_ours(run):  # a session may come from elsewhere
                queue_again(run, pause_after=pause_after)
        if step:
            ensure_runner(self.session)
        return len(step.create) + len(step.resume)

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
