"""Kills training processes with -9 at random moments, goes on with their runs, and compares them with runs never killed.

    python -m benchmarks.reliability.resume_kills [--quick] [--hours 1] [--again]

Three cells by three optimisers. Of each, one run is trained in one go; then others are killed again and again, while they load,
between updates, while they save. Best and last weights must be the same bytes in the end, and every figure of every evaluation
the same number. First a trainer is a process forked from this one, which has PyTorch imported already; then the real runner
starts each one, and is killed too. Last a whole queue is trained while its runner, its warm server, its trainers or all of them
are killed (`queue_kills`).
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.reliability.queue_kills import queues
from benchmarks.reliability.waiting import until
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import Event, RunFinished, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last
from rnnlab.training.persist.giving_up import SIGNALS

SETTINGS = {
    "task.name": "sinusoids",
    "model.hidden": "16",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 8,
    "train.epochs": 120,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
"""Some seconds of training, so that states are saved on the way, with dropout, so that the random state counts."""

CELLS = ("elman", "gru", "lstm")
OPTIMISERS = ("sgd", "adam", "rmsprop")
KILLS = 4
"""Of a trial: nine kinds, five times each, make 180."""
PATIENCE = 600.0


class Forked:
    """Trainers as children of this process."""

    def __init__(self) -> None:
        import rnnlab.tasks.load
        import rnnlab.training.loop  # noqa: F401 - imported before the fork

    def start(self, run: RunFolder) -> int:
        # This script, or nohup, may have set them otherwise, and one may come at once.
        before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
        child = os.fork()
        if child:
            for number, handler in before.items():
                signal.signal(number, handler)
        else:
            from rnnlab.training.process import main as train

            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 2)
            os.nice = lambda _: 0  # as nice as this process, or a busy machine would starve it
            os._exit(train([str(run.path)]))
        return child

    def kill(self, run: RunFolder, trainer: int, chance: random.Random) -> bool:
        alive = os.waitpid(trainer, os.WNOHANG) == (0, 0)
        if alive:
            os.kill(trainer, signal.SIGKILL)
            os.waitpid(trainer, 0)
        return alive

    def wait(self, run: RunFolder, trainer: int) -> None:
        os.waitpid(trainer, 0)


class Engine:
    """Trainers as the runner starts them; the runner dies with some of them."""

    def start(self, run: RunFolder) -> int:
        events = len(read_records(run.events_path)[0])
        ensure_runner(run.session)
        until(lambda: any(_begins(r.data) for r in read_records(run.events_path)[0][events:]), "it begins", PATIENCE)
        return [r.data.pid for r in read_records(run.events_path)[0] if isinstance(r.data, RunStarted | RunResumed)][-1]

    def kill(self, run: RunFolder, trainer: int, chance: random.Random) -> bool:
        alive = run_alive(run)
        if runner_alive(run.session) and chance.random() < 0.5:
            os.kill(int(run.session.lock_path.read_text()), signal.SIGKILL)
        if alive:
            os.kill(trainer, signal.SIGKILL)
            until(lambda: not run_alive(run), "the trainer is gone", PATIENCE)
        return alive

    def wait(self, run: RunFolder, trainer: int) -> None:
        def ended() -> bool:
            ensure_runner(run.session)
            return isinstance(read_records(run.events_path)[0][-1].data, RunFinished) and not run_alive(run)

        until(ended, "it ends", PATIENCE, every=0.5)


def _begins(event: Event) -> bool:
    return isinstance(event, RunStarted | RunResumed)


def resumed_runs(plan: Plan, trainers: Callable[[], Forked | Engine]) -> Iterator[Trial]:
    """Runs of one cell and optimiser each, killed `KILLS` times."""
    references: dict[tuple[str, str], tuple[Session, RunConfig, dict[str, object], float]] = {}
    starter = trainers()
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in plan.numbers:
                kind = CELLS[number % 3], OPTIMISERS[number // 3 % 3]
                if kind not in references:
                    references[kind] = reference(Path(folder), *kind, starter, quick=plan.quick)
                session, config, expected, seconds = references[kind]
                problem = killed(
                    session, config, expected, seconds, starter, plan.chance(number), 1 if plan.quick else KILLS
                )
                yield Trial(f"{' '.join(kind)}: {problem}" if problem else "")
        finally:  # a runner that still writes would have the folder stay
            sessions = [session for session, *_ in references.values()]
            until(lambda: not any(map(runner_alive, sessions)), "the runners have ended", PATIENCE)


def reference(
    root: Path, cell: str, optimiser: str, trainers: Forked | Engine, *, quick: bool
) -> tuple[Session, RunConfig, dict[str, object], float]:
    """A session for runs of that kind, their configuration, what one comes to that is never killed, and how long it takes."""
    length = {"train.epochs": 20} if quick else {}
    config = RunConfig.from_settings(SETTINGS | length | {"model.name": cell, "optim.name": optimiser})
    session = create_session(f"{cell}-{optimiser}", root=root)
    session.write_info(SessionInfo(session.name, attempts=0))  # this script goes on with them, no runner
    run = session.create_run(config)
    trainers.wait(run, trainers.start(run))
    records = read_records(run.events_path)[0]
    return session, config, outcome(run), records[-1].mono - records[0].mono


def killed(
    session: Session, config: RunConfig, expected: dict[str, object], seconds: float, trainers: Forked | Engine,
    chance: random.Random, kills: int,
) -> str:  # fmt: skip
    """What is wrong with runs that are killed so often, all together; empty: nothing. One go takes about `seconds`."""
    left = kills
    while left:
        run, ended = session.create_run(config), False
        try:
            while left and not ended:
                trainer = trainers.start(run)
                time.sleep(chance.uniform(0.0, seconds))
                if not trainers.kill(run, trainer, chance):
                    ended = True  # it has come to its end
                    continue
                left -= 1
                last = read_last(run.events_path)
                ended = last is not None and isinstance(last.data, RunFinished)  # killed after its last word
                if not ended:
                    queue_again(run)
            if not ended:
                trainers.wait(run, trainers.start(run))
            if outcome(run) != expected:
                steps = [r.data.step for r in read_records(run.events_path)[0] if isinstance(r.data, RunResumed)]
                return f"weights or figures differ, resumed at {steps}"
        except (TimeoutError, OSError, AssertionError) as error:
            return f"{type(error).__name__}: {error}"
    return ""


PROMISE = Promise(
    7,
    "resume_kills",
    "A run that is killed and resumed is, to the bit, the run that was never killed.",
    (
        Part(
            "3 cells × 3 optimisers × 20 kills of the trainer, four a trial",
            partial(resumed_runs, trainers=Forked),
            asked=45,
        ),
        Part("the same kills, with the runner killed too", partial(resumed_runs, trainers=Engine), asked=45, quick=0),
        Part("queues of four runs: ten kills of runner, warm server, trainers, all", queues, asked=10, quick=0),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
