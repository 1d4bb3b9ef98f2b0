"""What a sweep is to do next, decided from its runs alone: which to queue, which to resume, or that nothing is left to decide.

Nothing is remembered between two decisions, so that whatever was killed or stopped, the next decision is the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rnnlab.config import RunConfig
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.event_numbers import real
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.pruning import pruned_text
from rnnlab.runs.ranking import rank, ranking_figure, tie_loss
from rnnlab.runs.summary import WHOLE, RunSummary
from rnnlab.sweeps.points import Point
from rnnlab.sweeps.specification import CONFIRMED, Specification
from rnnlab.sweeps.trials import Carried, by_point

ETA = 3
"""Of the configurations at a rung one in so many continues, and each rung is so many times as long as the one before.
Source: Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter optimization (2016)."""
MOST_RUNGS = 3
LATE = ("optim.lr", "optim.schedule", "model.layers")
"""Settings of which some values are slow at first and best in the end: runs that differ in them are not judged early unasked."""


@dataclass(frozen=True)
class Step:
    """Runs to queue and runs to resume, each with the epoch after which it is to pause (0: none)."""

    create: tuple[tuple[RunConfig, int], ...] = ()
    resume: tuple[tuple[RunFolder, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.create or self.resume)


def halves(specification: Specification) -> bool:
    """Whether runs are paused at rungs."""
    late = any(key in specification.keys for key in LATE)
    return specification.halving == "always" or (specification.halving == "auto" and not late)


def rungs_of(specification: Specification, config: RunConfig) -> tuple[int, ...]:
    """The epochs after which runs of that length are paused; empty where the sweep pauses none, or they are too short."""
    if not halves(specification):
        return ()
    epochs = config.train.epochs
    found = {epochs // ETA**power for power in range(1, MOST_RUNGS + 1)}
    return tuple(sorted(epoch for epoch in found if 0 < epoch < epochs))


def next_rung(rungs: Sequence[int], epoch: int) -> int:
    """The first rung after `epoch`; 0: none is left."""
    return next((rung for rung in rungs if rung > epoch), 0)


def first_step(specification: Specification, trials: Iterable[Carried]) -> Step:
    """The runs to queue of trials that have none yet."""
    return Step(
        create=tuple(
            (each.trial.config, next_rung(rungs_of(specification, each.trial.config), 0))
            for each in trials
            if each.run is None
        )
    )


def promoted(specification: Specification, trials: Sequence[Carried]) -> Step:
    """The runs to resume at the lowest rung that all runs which can get there have reached.

    The best third of the configurations that reached a rung pass it; those that have passed it already count among them.
    """
    groups = by_point(trials)
    rungs = sorted({rung for each in trials for rung in rungs_of(specification, each.trial.config)})
    for rung in rungs:
        here = [group for group in groups if rung in rungs_of(specification, group[0].trial.config)]
        others = [group for group in groups if rung not in rungs_of(specification, group[0].trial.config)]
        alive = [group for group in here if not any(map(_lost, group))]
        if not all(_reached(each, rung) for group in alive for each in group):
            return Step()  # who is best is not known before the last one has arrived
        passing = sorted(alive, key=_order_at(rung, trials))[: math.ceil(len(here) / ETA)]
        waiting = [each for group in passing for each in group if _paused_at(each, rung)]
        if waiting:
            return Step(
                resume=tuple(
                    (each.run, next_rung(rungs_of(specification, each.trial.config), rung))
                    for each in waiting
                    if each.run is not None
                )
            )
        groups = passing + others
    return Step()


def _lost(each: Carried) -> bool:
    """Whether the run cannot be resumed at a rung: it failed, diverged, was stopped by a person, or pruned."""
    if not each.ended or each.status in WHOLE:
        return False
    return not (each.summary and each.summary.paused_after) or _is_pruned(each.run)


def _is_pruned(run: RunFolder | None) -> bool:
    return run is not None and bool(pruned_text(run, run.resume_path.name))


def _reached(each: Carried, rung: int) -> bool:
    return each.status in WHOLE or (each.summary is not None and each.summary.epoch >= rung and not _lost(each))


def _paused_at(each: Carried, rung: int) -> bool:
    return each.summary is not None and each.status == "stopped" and each.summary.paused_after == rung


def _order_at(rung: int, trials: Sequence[Carried]) -> Callable[[Sequence[Carried]], tuple[bool, bool, float, float]]:
    """What sorts configurations at a rung, the best first; before them those that have passed it."""
    score = scorer([each.summary for each in trials if each.summary is not None])

    def order(group: Sequence[Carried]) -> tuple[bool, bool, float, float]:
        beyond = not any(_paused_at(each, rung) or each.status in WHOLE for each in group)
        return (not beyond, *score([each.summary for each in group if each.summary is not None]))

    return order


def scorer(summaries: Sequence[RunSummary]) -> Callable[[Sequence[RunSummary]], tuple[bool, float, float]]:
    """What ranks the runs of a configuration against those of another: the smaller tuple is the better one.

    By the mean of the validation figure of their best epochs, as `compare` ranks them.
    """
    metric = next((each.metric for each in summaries if each.metric), "")
    figure, loss = ranking_figure(summaries, metric), tie_loss(summaries)

    def score(runs: Sequence[RunSummary]) -> tuple[bool, float, float]:
        held = [run.best for run in runs if figure in run.best]
        if not held or len(held) < len(runs):
            return rank(None, 0.0, True)
        mean = math.fsum(real(each[figure]) for each in held) / len(held)
        losses = [loss(each) for each in held]
        return rank(mean, math.fsum(losses) / len(losses), is_share(figure))

    return score


def best_points(trials: Sequence[Carried], most: int = CONFIRMED) -> list[Point]:
    """The best configurations of a search whose runs all got to their end, the best first."""
    whole = [group for group in by_point(trials) if all(each.status in WHOLE for each in group)]
    score = scorer([each.summary for group in whole for each in group if each.summary is not None])
    ranked = sorted(whole, key=lambda group: score([each.summary for each in group if each.summary is not None]))
    return [group[0].trial.point for group in ranked[:most]]
