"""Sends signals to trainers: each is saved and ends within ten seconds, whatever net it trains, and goes on to the same bits.

    python -m benchmarks.reliability.signals [--quick] [--hours 1] [--again]

SIGTERM, SIGHUP and SIGUSR1, in turn. First every architecture with every optimiser, at a random moment from the start of its
process on. Then nets whose single updates and evaluations take many seconds, and nets whose states are large: what was trained
is saved where the disk takes it within the time, else what was saved before is kept. Last with no time to come to an
end, so that each signal has an update or an evaluation given up, again and again: weights are the same bytes in the end, and
every figure of every evaluation the same number, as without a signal.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.reliability.resume_kills import Forked
from benchmarks.reliability.saved_files import litter, state_problem
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import RunConfig
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.engines.resume import queue_again
from rnnlab.errors import UsageError
from rnnlab.runs.events import Evaluated, RunFinished
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.history import waits
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.log_tail import read_last
from rnnlab.training.persist import giving_up

SETTINGS = {
    "task.name": "sinusoids",
    "model.name": "lstm",
    "model.hidden": "32",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 8,
    "train.epochs": 40,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
KINDS: list[dict[str, object]] = [
    {"train.evaluate_every": 3},
    {"train.accumulate": 4},
    {"train.batch_size": 1, "train.epochs": 8},
]
LONG_STEPS = {"task.name": "adding", "data.steps": 1000, "data.rows": 2000, "model.name": "lstm", "model.hidden": "512"}
"""One update, or one evaluation, takes longer than a signal leaves."""
SLOW: list[dict[str, object]] = [
    {"train.batch_size": 64, "train.accumulate": 8},
    {"train.batch_size": 256},
    {"train.batch_size": 8, "train.evaluate_every": 1},
    {"train.batch_size": 256, "optim.name": "lbfgs"},
]
LARGE_STATES = {"task.name": "adding", "data.steps": 10, "data.rows": 200, "train.batch_size": 2}
LARGE: list[dict[str, object]] = [
    {"model.name": "lstm", "model.hidden": "1024", "model.layers": 2},
    {"model.name": "lstm", "model.hidden": "2048"},
    {"model.name": "gru", "model.hidden": "1024", "model.layers": 4, "optim.name": "sgd"},
    {"model.name": "elman", "model.hidden": "8192"},
    {"model.name": "lstm", "model.hidden": "4096"},
]
"""From 60 to 335 MB of parameters; a state has up to five times as many bytes."""
WITHIN = 10.0
PATIENCE = 60.0
"""Seconds after which a process that does not end is killed."""
SIGNALS_A_RUN = 3


def short_runs(plan: Plan) -> Iterator[Trial]:
    """One architecture and optimiser each, a signal within its first three seconds."""
    optimisers, models = list(OPTIMISERS), [name for name, card in MODELS.items() if not card.file]
    for number in plan.numbers:
        kind = {"model.name": models[number % len(models)], "optim.name": optimisers[number % len(optimisers)]}
        # Epochs beyond what a few seconds leave, so that it does not end by itself.
        settings = {
            "task.name": "sinusoids",
            "model.hidden": "16",
            "train.epochs": 100_000,
            "runtime.threads": 1,
        } | kind
        yield time_to_end(settings, number, plan.chance(number).uniform(0.0, 3.0), forked=True)


def slow_runs(plan: Plan) -> Iterator[Trial]:
    """Nets with long updates and evaluations, a signal some seconds after the start."""
    for number in plan.numbers:
        kind = SLOW[number % len(SLOW)]
        yield time_to_end(LONG_STEPS | {"runtime.threads": 1} | kind, number, plan.chance(number).uniform(3.0, 12.0))


def large_runs(plan: Plan) -> Iterator[Trial]:
    """Nets with large states, a signal some seconds after the start."""
    for number in plan.numbers:
        kind = LARGE[number % len(LARGE)]
        yield time_to_end(LARGE_STATES | {"runtime.threads": 1} | kind, number, plan.chance(number).uniform(3.0, 20.0))


def time_to_end(settings: dict[str, object], number: int, delay: float, *, forked: bool = False) -> Trial:
    """A run that gets a signal so many seconds after it begins; forked, after its process is there."""
    try:
        config = RunConfig.from_settings(settings)
    except UsageError as refused:
        return Trial(f"{settings}: {refused}")
    which = giving_up.SIGNALS[number % len(giving_up.SIGNALS)]
    with tempfile.TemporaryDirectory() as name:
        run = create_session("signals", root=Path(name)).create_run(config)
        if forked:
            pid = Forked().start(run)
        else:
            command = [sys.executable, "-m", "rnnlab.training", str(run.path)]
            pid = os.posix_spawn(sys.executable, command, os.environ, setsigdef=giving_up.SIGNALS)
            while read_state(run.events_path)[0].started is None:
                time.sleep(0.1)
        time.sleep(delay)
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, which)
        code = _exit_code(pid)
        took = time.monotonic() - began
        if code is None:
            return Trial(f"{settings}, {which.name}: it trains on after {took:.0f} s", took)
        problem = _problem(run, code, which, took)
        return Trial(f"{settings}, {which.name}: {problem}" if problem else "", took)


def _exit_code(pid: int) -> int | None:
    """The exit code of a process; None where it did not end and had to be killed."""
    deadline = time.monotonic() + PATIENCE
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(ended[1])


def _problem(run: RunFolder, code: int, which: signal.Signals, took: float) -> str:
    """What is wrong with a run that a signal ended; empty: nothing."""
    if waits(read_last(run.events_path)):
        # Killed before it could hear a signal: nothing had begun.
        return "" if code in (0, -which) else f"it waits, and its process ended with {code}"
    state, damaged = read_state(run.events_path)
    if took > WITHIN:
        return f"it took {took:.1f} s: {state.message}"
    if code or damaged or not state.ended or state.status in ("failed", "running"):
        return f"exit code {code}, {damaged} damaged lines, status {state.status}: {state.message}"
    if left := litter(run):
        return f"left behind: {', '.join(left)}"
    return state_problem(run)


def came_to(run: RunFolder) -> dict[str, object]:
    """The outcome without the ends that were none: where a run was stopped before its first event."""
    found = outcome(run)
    events = found["events"]
    assert isinstance(events, list)
    return found | {"events": [each for each in events[:-1] if "outcome" not in each] + events[-1:]}


def given_up_runs(plan: Plan) -> Iterator[Trial]:
    """Runs with signals on the way, whose updates and evaluations are given up at once."""
    grace, giving_up.GRACE = giving_up.GRACE, 0.0
    try:
        with tempfile.TemporaryDirectory() as name:
            references: dict[int, tuple[Session, RunConfig, dict[str, object], float]] = {}
            for number in plan.numbers:
                kind = number % len(KINDS)
                if kind not in references:
                    epochs = {"train.epochs": 10} if plan.quick else {}
                    config = RunConfig.from_settings(SETTINGS | KINDS[kind] | epochs)
                    session = create_session(f"kind-{kind}", root=Path(name))
                    reference, trainers = session.create_run(config), Forked()
                    trainers.wait(reference, trainers.start(reference))
                    records = read_records(reference.events_path)[0]
                    references[kind] = session, config, came_to(reference), records[-1].mono - records[0].mono
                problem = interrupted(*references[kind], plan.chance(number))
                yield Trial(f"{KINDS[kind]}: {problem}" if problem else "")
    finally:
        giving_up.GRACE = grace


def interrupted(
    session: Session, config: RunConfig, expected: dict[str, object], seconds: float, chance: random.Random
) -> str:
    """Train a run, with signals on the way; what is wrong, empty: nothing."""
    run, trainers = session.create_run(config), Forked()
    for _ in range(SIGNALS_A_RUN):
        trainer = trainers.start(run)
        time.sleep(chance.uniform(0.0, seconds * 0.7))
        number = chance.choice(giving_up.SIGNALS)
        if os.waitpid(trainer, os.WNOHANG) != (0, 0):
            break
        os.kill(trainer, number)
        _, status = os.waitpid(trainer, 0)
        last = read_last(run.events_path)
        if waits(last) and os.WIFSIGNALED(status):
            continue  # before it could hear a signal, and before it had done anything
        if last is None or not isinstance(last.data, RunFinished) or status:
            return f"after {number.name} the log ends with {last}, exit status {status}"
        if last.data.outcome == "completed":
            break
        queue_again(run)
    else:
        trainers.wait(run, trainers.start(run))
    if came_to(run) == expected:
        return ""
    evaluations = sum(isinstance(each.data, Evaluated) for each in read_records(run.events_path)[0])
    return f"weights or figures differ, after {evaluations} evaluations"


PROMISE = Promise(
    14,
    "signals",
    "SIGTERM, SIGHUP and SIGUSR1 save and end a run within ten seconds, whatever net it trains, and it goes on to the same bits.",
    (
        Part("each architecture and optimiser, at any moment", short_runs, asked=210, quick=2, unit="s until the end"),
        Part("nets whose updates or evaluations take long", slow_runs, asked=24, quick=0, unit="s until the end"),
        Part("nets whose states are large", large_runs, asked=20, quick=0, unit="s until the end"),
        Part("signals that give up what is computed, again and again", given_up_runs, asked=36),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
