"""What a sweep does next, played through with runs that end as soon as they are queued."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.decide import Step, best_points, first_step, halves, promoted, rungs_of
from rnnlab.sweeps.points import points_of
from rnnlab.sweeps.space import parse_over
from rnnlab.sweeps.specification import Specification
from rnnlab.sweeps.trials import Carried, search_trials

SIZES = (4, 8, 12, 16, 20, 24, 28, 32, 36)


def specification(sizes: tuple[int, ...] = SIZES, **options: object) -> Specification:
    found = Specification(
        settings={"task.name": "surnames", "train.epochs": 27},
        over=parse_over((f"model.hidden={';'.join(map(str, sizes))}",)),
        halving="auto",
    )
    return replace(found, **options)  # type: ignore[arg-type]


@dataclass
class Played:
    """Runs of a sweep, without processes: a run that is queued is at once where it pauses or ends.

    Its accuracy at an epoch is `curve(hidden size, seed, epoch)`.
    """

    specification: Specification
    trained: dict[str, int] = field(default_factory=dict)
    """Epochs trained in all, by run."""
    paused: dict[str, int] = field(default_factory=dict)
    failing: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        points = points_of(self.specification, completer("surnames")).points
        self.trials = search_trials(self.specification, points)

    def name(self, config: RunConfig) -> str:
        return f"{config.model.hidden[0]}-{config.train.seed}"

    def now(self) -> list[Carried]:
        found = []
        for trial in self.trials:
            name = self.name(trial.config)
            if name not in self.trained:
                found.append(Carried(trial, None, None))
                continue
            epoch, hidden = self.trained[name], trial.config.model.hidden[0]
            pause = self.paused[name]
            status = "failed" if hidden in self.failing else "stopped" if pause else "completed"
            accuracy = min(0.99, hidden / 100 + epoch / 1000 - trial.config.train.seed / 10_000)
            summary = RunSummary(
                path=name,
                session="s",
                name=name,
                status=status,  # type: ignore[arg-type]
                task="surnames",
                metric="accuracy",
                epoch=epoch,
                epochs=27,
                best={} if status == "failed" else {"accuracy": accuracy, "loss": 1.0},
                paused_after=pause if status == "stopped" else 0,
            )
            found.append(Carried(trial, RunFolder(Path(name)), summary))
        return found

    def carry_out(self, step: Step, most: int | None = None) -> None:
        """The first `most` runs of the step: a process may be killed in between."""
        queued = [(self.name(config), pause) for config, pause in step.create]
        queued += [(run.name, pause) for run, pause in step.resume]
        for name, pause in queued[:most]:
            self.trained[name], self.paused[name] = pause or 27, pause

    def next(self) -> Step:
        now = self.now()
        return first_step(self.specification, now) or promoted(self.specification, now)

    def epochs(self) -> dict[int, int]:
        return {int(name.partition("-")[0]): epochs for name, epochs in self.trained.items() if name.endswith("-0")}


def test_the_best_third_continues_at_each_rung() -> None:
    played = Played(specification())
    while step := played.next():
        played.carry_out(step)
    assert played.epochs() == {36: 27, 32: 3, 28: 3} | dict.fromkeys(SIZES[:6], 1)
    assert [point.config.model.hidden for point in best_points(played.now())] == [(36,)]


@pytest.mark.parametrize("seed", range(20))
def test_the_outcome_is_the_same_however_often_who_decides_is_killed(seed: int) -> None:
    draw = random.Random(seed)
    played = Played(specification(seeds=(0, 1)))
    while step := played.next():
        played.carry_out(step, draw.randrange(1, 5))
    whole = Played(specification(seeds=(0, 1)))
    while step := whole.next():
        whole.carry_out(step)
    assert played.trained == whole.trained


def test_runs_that_fail_hold_nobody_up_and_are_not_chosen() -> None:
    played = Played(specification(), failing=(36, 28))
    while step := played.next():
        played.carry_out(step)
    assert played.epochs()[32] == 27
    assert [point.config.model.hidden for point in best_points(played.now())] == [(32,)]


def test_a_run_that_has_yet_to_arrive_is_waited_for() -> None:
    played = Played(specification())
    played.carry_out(played.next(), 8)
    step = played.next()
    assert len(step.create) == 1, "the ninth is queued first"
    assert not step.resume


def test_values_that_are_added_later_join_at_the_first_rung() -> None:
    played = Played(specification(SIZES[:6]))
    while step := played.next():
        played.carry_out(step)
    before = dict(played.trained)
    larger = Played(specification(SIZES), trained=before, paused=dict(played.paused))
    while step := larger.next():
        larger.carry_out(step)
    assert larger.epochs()[36] == 27
    assert all(larger.trained[name] >= epochs for name, epochs in before.items()), "nothing is trained twice"


def test_slow_starters_are_not_judged_early_unless_asked() -> None:
    over = parse_over(("optim.lr=1e-3;1e-2",))
    assert not halves(Specification(over=over, halving="auto"))
    assert halves(Specification(over=over, halving="always"))
    assert not halves(Specification(over=parse_over(("model.dropout=0;.2",))))


def test_rungs_are_thirds_of_the_epochs() -> None:
    config = RunConfig.from_settings({"task.name": "surnames", "train.epochs": 20})
    assert rungs_of(specification(), config) == (2, 6)
    short = RunConfig.from_settings({"task.name": "surnames", "train.epochs": 2})
    assert rungs_of(specification(), short) == ()


def test_all_is_queued_at_once_where_nothing_is_paused() -> None:
    step = Played(specification(halving="off", seeds=(0, 1, 2))).next()
    assert [(config.model.hidden[0], config.train.seed, pause) for config, pause in step.create] == [
        (size, seed, 0) for size in SIZES for seed in (0, 1, 2)
    ]
    assert len({config.split_seed for config, _ in step.create}) == 1, "all share one split"
