"""Kills processes with -9 at random moments and checks that nothing acknowledged is lost.

    python benchmarks/kills.py --kills 1000 [--jobs 2] [--seed 0]

Each round starts a real run through the real engine, kills the trainer, the runner, or both at a random moment, and then
looks, as the app does, until the run has its last word. It checks that every event that stood in the log before the kill
stands there still, that no line is damaged and no number missing, and, for a killed trainer, that the run is shown as failed with
a reason within five seconds. A runner's death alone must not touch the run.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.events import Record, RunStarted
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogCursor
from rnnlab.runs.state import RunState, initial_state, reduce

TARGETS = ("trainer", "runner", "both")
PATIENCE = 60.0
"""Seconds for a trainer to begin on a busy machine."""

ASK_EVERY = 1.0
"""Seconds between two looks whether a runner lives; the app asks as rarely, for a runner takes a moment to start."""

LONG = {"task.name": "binary", "model.hidden": "8", "train.epochs": 100_000, "train.batch_size": 32}
"""A run that does not end by itself before it is killed, with many events a second."""


@dataclass(frozen=True)
class Round:
    """What one kill showed. `seconds` is from the kill to the last word (trainer gone) or to the next event (runner gone)."""

    target: str
    delay: float
    events_before: int
    seconds: float
    problem: str = ""


class Watcher:
    """Reads a run's log as the app does."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.cursor = LogCursor(run.events_path)
        self.state: RunState = initial_state()
        self.records: list[Record] = []

    def look(self) -> RunState:
        new = self.cursor.read()
        self.records += new
        for record in new:
            reduce(self.state, record)
        return self.state

    def wait(self, seconds: float, reached: object) -> Iterator[None]:
        """Looks every few milliseconds until the caller breaks off; raises TimeoutError after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            self.look()
            yield
            if time.monotonic() > deadline:
                raise TimeoutError(f"{reached} not within {seconds} s; status {self.state.status}")
            time.sleep(0.02)


def kill_once(root: Path, target: str, delay: float) -> Round:
    """Start a run below `root`, kill `target` `delay` seconds after its first event, and see what is left."""
    session = create_session(f"kill-{os.urandom(4).hex()}", root=root)
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    watcher = Watcher(run)
    trainer = 0
    try:
        for _ in watcher.wait(PATIENCE, "the first event"):
            if watcher.state.started is not None:
                break
        start = watcher.records[0].data
        assert isinstance(start, RunStarted)
        trainer = start.pid
        time.sleep(delay)
        watcher.look()
        before = list(watcher.records)
        runner = int(session.lock_path.read_text())
        for pid in {"trainer": [trainer], "runner": [runner], "both": [runner, trainer]}[target]:
            os.kill(pid, signal.SIGKILL)
        killed = asked = time.monotonic()
        for _ in watcher.wait(30, "a last word" if target != "runner" else "a further event"):
            if time.monotonic() - asked > ASK_EVERY and not runner_alive(session):
                asked = time.monotonic()
                ensure_runner(session)  # as the app does for a run that is not ended
            if watcher.state.ended or (target == "runner" and len(watcher.records) > len(before) + 2):
                break
        seconds = time.monotonic() - killed
        return Round(target, delay, len(before), seconds, _problem(watcher, before, target, seconds))
    except (TimeoutError, AssertionError, OSError) as error:
        return Round(target, delay, len(watcher.records), 0.0, f"{type(error).__name__}: {error}")
    finally:
        _clean_up(run, trainer)


def _problem(watcher: Watcher, before: list[Record], target: str, seconds: float) -> str:
    again = Watcher(watcher.run)
    again.look()
    while not again.cursor.caught_up:
        again.look()
    if again.records[: len(before)] != before:
        return "an event that was there before the kill is gone or changed"
    if again.cursor.damaged or again.state.missing:
        return f"{again.cursor.damaged} damaged lines, {again.state.missing} missing numbers"
    if target == "runner":
        return "" if not again.state.failed else f"the run failed with its runner: {again.state.message}"
    if again.state.status != "failed" or not again.state.message:
        return f"the run is {again.state.status}, not failed with a reason"
    return "" if seconds <= 5.0 else f"shown as failed only after {seconds:.1f} s"


def _clean_up(run: RunFolder, trainer: int) -> None:
    run.send("stop")
    deadline = time.monotonic() + 30
    while (run_alive(run) or runner_alive(run.session)) and time.monotonic() < deadline:
        time.sleep(0.05)
    if trainer and run_alive(run):
        os.kill(trainer, signal.SIGKILL)


def main() -> int:
    """Exit code 1 where any round showed a problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    plan = [(TARGETS[index % 3], chance.uniform(0.0, 1.0)) for index in range(options.kills)]
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for done in pool.map(lambda each: kill_once(Path(folder), *each), plan):
            rounds.append(done)
            if done.problem:
                print(f"#{len(rounds)} {done.target} after {done.delay:.3f} s: {done.problem}", flush=True)
            elif len(rounds) % 50 == 0:
                print(f"{len(rounds)} kills", flush=True)
    problems = sum(bool(each.problem) for each in rounds)
    for target in TARGETS:
        seconds = [each.seconds for each in rounds if each.target == target and not each.problem]
        if seconds:
            print(
                f"{target:8} {len(seconds)} kills, median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"
            )
    print(f"{options.kills - problems} of {options.kills} kills without loss")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
