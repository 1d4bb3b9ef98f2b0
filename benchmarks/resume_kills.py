"""Kills training processes with -9 at random moments, goes on with their runs, and compares them with runs never killed.

    python -m benchmarks.resume_kills [--kills 20] [--cells elman,gru,lstm] [--optimisers sgd,adam,rmsprop] [--engine]

For each cell and optimiser one run is trained in one go. Then others are killed again and again, five times each before they may
end: while they load, between updates, while they save. Best and last weights must be the same bytes in the end, and every figure
of every evaluation the same number. A trainer is a process of its own, forked from this one, which has PyTorch imported already;
with --engine the real runner starts each one, and is killed too, which takes some seconds a kill.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import CheckpointSaved, Evaluated, Event, RunFinished, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.history import course
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last

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

KILLS_A_RUN = 5
PATIENCE = 600.0
TIMES = ("seconds", "examples_per_second", "eta")


@dataclass
class Came:
    """What became of a run that was killed: `problem` is empty where it is the run never killed."""

    kills: int
    resumed_at: list[int]
    problem: str


def outcome(run: RunFolder) -> dict[str, object]:
    """What must be the same: the bytes of the weights, and the figures of every look and of the end."""
    events: list[Event] = [record.data for record in course(read_records(run.events_path)[0])]
    told = [
        {name: getattr(event, name) for name in event.__struct_fields__ if name not in TIMES}
        for event in events
        if isinstance(event, Evaluated | RunFinished)
    ]
    files = {name: (run.path / f"{name}.safetensors").read_bytes() for name in ("best", "last")}
    return {"told": told, **files}


class Forked:
    """Trainers as children of this process."""

    def __init__(self) -> None:
        import rnnlab.tasks.load
        import rnnlab.training.loop  # noqa: F401 - imported before the fork

    def start(self, run: RunFolder) -> int:
        child = os.fork()
        if child == 0:
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
        _until(lambda: any(_begins(r.data) for r in read_records(run.events_path)[0][events:]), "it begins")
        return [r.data.pid for r in read_records(run.events_path)[0] if isinstance(r.data, RunStarted | RunResumed)][-1]

    def kill(self, run: RunFolder, trainer: int, chance: random.Random) -> bool:
        alive = run_alive(run)
        if runner_alive(run.session) and chance.random() < 0.5:
            os.kill(int(run.session.lock_path.read_text()), signal.SIGKILL)
        if alive:
            os.kill(trainer, signal.SIGKILL)
            _until(lambda: not run_alive(run), "the trainer is gone")
        return alive

    def wait(self, run: RunFolder, trainer: int) -> None:
        def ended() -> bool:
            ensure_runner(run.session)
            return isinstance(read_records(run.events_path)[0][-1].data, RunFinished) and not run_alive(run)

        _until(ended, "it ends", every=0.5)


def _begins(event: Event) -> bool:
    return isinstance(event, RunStarted | RunResumed)


def _until(reached: Callable[[], bool], what: str, every: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(every)


def killed(
    session: Session, config: RunConfig, expected: dict[str, object], seconds: float, kills: int,
    trainers: Forked | Engine, chance: random.Random,
) -> Came:  # fmt: skip
    """Train a run, kill it up to `kills` times, and compare it with what is expected. One go takes about `seconds`."""
    run = session.create_run(config)
    done = 0
    try:
        while done < kills:
            trainer = trainers.start(run)
            time.sleep(chance.uniform(0.0, seconds))
            if not trainers.kill(run, trainer, chance):
                break  # it has come to its end
            done += 1
            last = read_last(run.events_path)
            if last is not None and isinstance(last.data, RunFinished):
                break  # killed after its last word
            queue_again(run)
        else:
            trainers.wait(run, trainers.start(run))
        problem = "" if outcome(run) == expected else "weights or figures differ"
    except (TimeoutError, OSError, AssertionError) as error:
        problem = f"{type(error).__name__}: {error}"
    steps = [r.data.step for r in read_records(run.events_path)[0] if isinstance(r.data, RunResumed)]
    return Came(done, steps, problem)


def main() -> int:
    """Exit code 1 where any run killed came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="for each cell and optimiser")
    parser.add_argument("--cells", default="elman,gru,lstm")
    parser.add_argument("--optimisers", default="sgd,adam,rmsprop")
    parser.add_argument("--engine", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parse(parser, kills=1, cells="gru", optimisers="sgd")
    chance = random.Random(options.seed)
    trainers = Engine() if options.engine else Forked()
    asked = held = 0
    states = 0
    with tempfile.TemporaryDirectory() as folder:
        for cell in options.cells.split(","):
            for optimiser in options.optimisers.split(","):
                length = {"train.epochs": 20} if options.quick else {}
                config = RunConfig.from_settings(SETTINGS | length | {"model.name": cell, "optim.name": optimiser})
                session = create_session(f"{cell}-{optimiser}", root=Path(folder))
                session.write_info(SessionInfo(session.name, attempts=0))  # this script goes on with them, no runner
                reference = session.create_run(config)
                trainers.wait(reference, trainers.start(reference))
                expected = outcome(reference)
                records = read_records(reference.events_path)[0]
                seconds = records[-1].mono - records[0].mono
                states += sum(isinstance(r.data, CheckpointSaved) and r.data.kind == "resume" for r in records)
                here: list[Came] = []
                while (left := options.kills - sum(each.kills for each in here)) > 0:
                    here.append(killed(session, config, expected, seconds, min(left, KILLS_A_RUN), trainers, chance))
                    if here[-1].problem:
                        print(f"{cell} {optimiser}: {here[-1].problem}; resumed at {here[-1].resumed_at}", flush=True)
                good = sum(each.kills for each in here if not each.problem)
                asked, held = asked + options.kills, held + good
                within = sum(step > 0 for each in here for step in each.resumed_at)
                print(
                    f"{cell:6} {optimiser:8} {good:3} of {options.kills} kills bit-identical in {len(here)} runs "
                    f"(gone on with {within} times from a saved state; a run takes {seconds:.1f} s)",
                    flush=True,
                )
    print(f"{held} of {asked} kills: resumed weights and figures bit-identical")
    return 0 if held == asked else 1


if __name__ == "__main__":
    sys.exit(main())
