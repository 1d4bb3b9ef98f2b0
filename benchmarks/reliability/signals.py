"""Sends signals to trainers, goes on with their runs and compares them with runs never interrupted; measures the time to end.

    python -m benchmarks.reliability.signals [--quick] [--runs 12] [--seed 0]

First with no time to come to an end, so that each signal has an update or an evaluation given up: SIGTERM, SIGHUP and SIGUSR1 at
random moments, again and again. Weights must be the same bytes in the end, and every figure of every evaluation the same number.
Then (without --quick) with the real time, and nets whose single updates and evaluations take many seconds: a signal must end
each of them within ten.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.resume_kills import Forked, outcome
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import CommandApplied, RunFinished
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
SLOW: list[dict[str, object]] = [
    {"train.batch_size": 64, "train.accumulate": 8},
    {"train.batch_size": 256},
    {"train.batch_size": 8, "train.evaluate_every": 1},
    {"train.batch_size": 256, "optim.name": "lbfgs"},
]
"""LSTM 512 on 1,000 steps: one update, or one evaluation, takes longer than a signal leaves."""
WITHIN = 10.0
SIGNALS_A_RUN = 3


def came_to(run: RunFolder) -> dict[str, object]:
    """The outcome without the ends that were none: where a run was stopped before its first event."""
    found = outcome(run)
    told = found["told"]
    assert isinstance(told, list)
    return found | {"told": [each for each in told[:-1] if "outcome" not in each] + told[-1:]}


def interrupted(
    session: Session, config: RunConfig, expected: dict[str, object], seconds: float, chance: random.Random, seen: Counter[str]
) -> str:  # fmt: skip
    """Train a run, with signals on the way; what is wrong, empty: nothing."""
    run, trainers = session.create_run(config), Forked()
    for _ in range(SIGNALS_A_RUN):
        trainer = trainers.start(run)
        time.sleep(chance.uniform(0.0, seconds))
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
            return "" if came_to(run) == expected else "weights or figures differ"
        heard = any(isinstance(each.data, CommandApplied) for each in read_records(run.events_path)[0][-30:])
        seen["between two updates" if heard else last.data.message.partition(";")[0]] += 1
        queue_again(run)
    else:
        trainers.wait(run, trainers.start(run))
    return "" if came_to(run) == expected else "weights or figures differ"


def without_grace(quick: bool, runs: int, chance: random.Random) -> list[str]:
    """What did not hold where everything under way is given up at once."""
    problems: list[str] = []
    seen: Counter[str] = Counter()
    kinds = KINDS[:1] if quick else KINDS
    done = 0
    giving_up.GRACE = 0.0
    with tempfile.TemporaryDirectory() as name:
        for number, kind in enumerate(kinds):
            config = RunConfig.from_settings(SETTINGS | kind | ({"train.epochs": 10} if quick else {}))
            session = create_session(f"kind-{number}", root=Path(name))
            reference, trainers = session.create_run(config), Forked()
            trainers.wait(reference, trainers.start(reference))
            records = read_records(reference.events_path)[0]
            seconds = records[-1].mono - records[0].mono
            for _ in range(1 if quick else runs):
                done += 1
                if problem := interrupted(session, config, came_to(reference), seconds * 0.7, chance, seen):
                    problems.append(f"{kind}: {problem}")
                    print(problems[-1], flush=True)
    print(
        f"{done - len(problems)} of {done} runs with signals bit-identical; they were ended: {dict(seen)}", flush=True
    )
    return problems


def time_to_end(kind: dict[str, object], number: signal.Signals) -> str:
    """Seconds from the signal to the end of a run that is slow, in words; raises `AssertionError`."""
    slow = {"task.name": "adding", "data.steps": 1000, "data.rows": 2000, "model.name": "lstm", "model.hidden": "512"}
    config = RunConfig.from_settings(slow | {"runtime.threads": 1} | kind)
    with tempfile.TemporaryDirectory() as name:
        run = create_session("slow", root=Path(name)).create_run(config)
        process = subprocess.Popen([sys.executable, "-m", "rnnlab.training", str(run.path)], start_new_session=True)
        while not _trains(run):
            time.sleep(0.1)
        time.sleep(3.0)
        began = time.monotonic()
        process.send_signal(number)
        code = process.wait()
        took = time.monotonic() - began
        state = read_state(run.events_path)[0]
        words = f"{kind}, {number.name}: {took:.1f} s, {state.status}, {state.message or 'by itself'}"
        if took > WITHIN or code or state.status != "stopped":
            raise AssertionError(words)
        return words


def _trains(run: RunFolder) -> bool:
    return read_state(run.events_path)[0].started is not None


def main() -> int:
    """Exit code 1 where anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=12, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    problems = without_grace(options.quick, options.runs, random.Random(options.seed))
    for place, kind in enumerate([] if options.quick else SLOW):
        try:
            print(time_to_end(kind, giving_up.SIGNALS[place % 3]), flush=True)
        except AssertionError as failure:
            problems.append(str(failure))
            print(f"NOT WITHIN {WITHIN:.0f} s: {failure}", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
