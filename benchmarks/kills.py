"""Kills processes with -9 at random moments and checks that nothing acknowledged is lost.

    python -m benchmarks.kills --kills 1000 [--jobs 2] [--seed 0] [--attempts N]

Each round starts a real run through the real engine, kills the trainer, the runner, or both at a random moment, and then
looks, as the app does, until the run's log says what became of it. It checks that every event that stood in the log before the
kill stands there still, that no line is damaged and no number missing, and, for a killed trainer, that within five seconds it is
told: every other round allows no attempt, and the run is shown as failed with a reason; the others allow three (or --attempts),
and the run is queued to be gone on with, and then trains. A runner's death alone must not touch the run.
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

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.events import Progress, Record, ResumeAsked, RunFailed, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, SessionInfo, create_session
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state

TARGETS = ("trainer", "runner", "both")
PATIENCE = 60.0
"""Seconds for a trainer to begin on a busy machine."""

ASK_EVERY = 1.0
"""Seconds between two looks whether a runner lives; the app asks as rarely, for a runner takes a moment to start."""

LONG = {"task.name": "binary", "model.hidden": "8", "train.epochs": 100_000, "train.batch_size": 32}
"""A run that does not end by itself before it is killed, with many events a second."""


@dataclass(frozen=True)
class Round:
    """What one kill showed.

    `seconds` is from the kill until the log has its end (trainer gone) or to the next event (runner gone).
    """

    target: str
    delay: float
    attempts: int
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


def kill_once(root: Path, target: str, delay: float, attempts: int = 0, within: float = 5.0) -> Round:
    """Start a run below `root`, kill `target` `delay` seconds after its first event, and see what is left.

    A run whose trainer is killed may be resumed `attempts` times. The log must have its end `within` so many seconds.
    """
    session = create_session(f"kill-{os.urandom(4).hex()}", root=root)
    session.write_info(SessionInfo(session.name, attempts=attempts))
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
        seconds = 0.0
        for _ in watcher.wait(PATIENCE, "what became of it" if target != "runner" else "a further event"):
            if time.monotonic() - asked > ASK_EVERY and not runner_alive(session):
                asked = time.monotonic()
                ensure_runner(session)  # as the app does for a run that is not ended
            after = watcher.records[len(before) :]
            if not seconds and any(isinstance(each.data, RunFailed | ResumeAsked) for each in after):
                seconds = time.monotonic() - killed
            if _is_told(target, attempts, after):
                break
        seconds = seconds or time.monotonic() - killed
        trainer = _trainer(watcher) or trainer
        problem = _problem(watcher, before, target, seconds, attempts, within)
        return Round(target, delay, attempts, len(before), seconds, problem)
    except (TimeoutError, AssertionError, OSError) as error:
        return Round(target, delay, attempts, len(watcher.records), 0.0, f"{type(error).__name__}: {error}")
    finally:
        _clean_up(run, trainer)


def _is_told(target: str, attempts: int, after: list[Record]) -> bool:
    """Whether the log's records after the kill are what was waited for."""
    if target == "runner":
        return len(after) > 2
    if not attempts:
        return any(isinstance(each.data, RunFailed) for each in after)
    resumed = next((each.seq for each in after if isinstance(each.data, RunResumed)), None)
    return resumed is not None and any(isinstance(r.data, Progress) and r.data.steps for r in after if r.seq > resumed)


def _trainer(watcher: Watcher) -> int:
    starts = [each.data.pid for each in watcher.records if isinstance(each.data, RunStarted | RunResumed)]
    return starts[-1] if starts else 0


def _problem(watcher: Watcher, before: list[Record], target: str, seconds: float, attempts: int, within: float) -> str:
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
    resumed = [each.data for each in again.records if isinstance(each.data, RunResumed)]
    if attempts:
        if again.state.failed or [each.attempt for each in resumed] != [1]:
            return f"the run is {again.state.status}, gone on with {len(resumed)} times, not once"
    elif again.state.status != "failed" or not again.state.message or resumed:
        return f"the run is {again.state.status}, not failed with a reason"
    return "" if seconds <= within else f"told only after {seconds:.1f} s"


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
    parser.add_argument("--attempts", type=int, default=3, help="of every other round; 0: no run is gone on with")
    options = parse(parser, kills=1)
    chance = random.Random(options.seed)
    plan = [
        (TARGETS[index % 3], chance.uniform(0.0, 1.0), options.attempts if index % 2 else 0)
        for index in range(options.kills)
    ]
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
        for gone_on in (False, True):
            of_these = [each for each in rounds if each.target == target and bool(each.attempts) == gone_on]
            seconds = [each.seconds for each in of_these if not each.problem]
            if seconds:
                what = f"{target}, gone on with" if gone_on else target
                print(
                    f"{what:22} {len(seconds)} kills, median {statistics.median(seconds):.2f} s, "
                    f"longest {max(seconds):.2f} s"
                )
    print(f"{options.kills - problems} of {options.kills} kills without loss")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
