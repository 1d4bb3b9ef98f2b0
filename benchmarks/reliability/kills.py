"""Kills processes with -9 at random moments, and before file operations, and checks that nothing acknowledged is lost.

    python -m benchmarks.reliability.kills [--quick] [--hours 1] [--again]

Each round starts a real run through the real engine, with an app in a terminal that shows it where that is to be killed, kills
trainer, runner, app, any two or all of them at a random moment, and then reads, as the app does, until the run's log says what
became of it. It checks that every event that stood in the log before the kill stands there still, that no line is damaged and no
number missing, and, for a killed trainer, that within five seconds it is reported: half of the rounds allow no attempt, and
the run is shown as failed with a reason; the others allow three, and the run is queued to be gone on with, and then trains. The
death of a runner or an app alone must not touch the run. Then trainers die before their n-th file operation of each kind
(`killed_at`), and are gone on with.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.reliability.killed_at import deaths
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.reliability.waiting import seconds_until
from benchmarks.terminal import Terminal
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.events import Progress, Record, ResumeAsked, RunFailed, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, SessionInfo, create_session
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state

TARGETS = {
    "trainer": ("trainer",),
    "runner": ("runner",),
    "app": ("app",),
    "trainer and runner": ("runner", "trainer"),
    "trainer and app": ("trainer", "app"),
    "runner and app": ("app", "runner"),
    "all": ("app", "runner", "trainer"),
}
"""What is killed, one after the other at once."""
PATIENCE = 60.0
"""Seconds for a trainer to begin on a busy machine."""

ASK_EVERY = 1.0
"""Seconds between two questions whether a runner lives; the app asks as rarely, for a runner takes a moment to start."""

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

    def read(self) -> RunState:
        new = self.cursor.read()
        self.records += new
        for record in new:
            reduce(self.state, record)
        return self.state

    def wait(self, seconds: float, reached: object) -> Iterator[None]:
        """Reads every few milliseconds until the caller breaks off; raises TimeoutError after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            self.read()
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
    victims = TARGETS[target]
    app = shown(root) if "app" in victims else None
    try:
        for _ in watcher.wait(PATIENCE, "the first event"):
            if watcher.state.started is not None:
                break
        start = watcher.records[0].data
        assert isinstance(start, RunStarted)
        trainer = start.pid
        time.sleep(delay)
        watcher.read()
        before = list(watcher.records)
        runner = int(session.lock_path.read_text())
        pids = {"trainer": trainer, "runner": runner} | ({"app": app.process.pid} if app is not None else {})
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
        killed = asked = time.monotonic()
        seconds = 0.0
        for _ in watcher.wait(PATIENCE, "what became of it" if "trainer" in victims else "a further event"):
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
        if app is not None:
            app.__exit__(None, None, None)
        _clean_up(run, trainer)


def shown(root: Path) -> Terminal:
    """An app in a terminal that shows the last run below `root`."""
    environment = {"RNNLAB_SESSIONS": str(root), "LANG": "C.UTF-8"}
    app = Terminal([sys.executable, "-m", "rnnlab"], columns=100, lines=30, environment=environment, cwd=root)
    app.wait_for("rnnlab train", timeout=PATIENCE)
    app.send("\x1bOR")  # F3: the runs
    app.wait_for("001", timeout=PATIENCE)
    app.send("\r")
    app.settle(0.3)
    return app


def _is_told(target: str, attempts: int, after: list[Record]) -> bool:
    """Whether the log's records after the kill are what was waited for."""
    if "trainer" not in TARGETS[target]:
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
    again.read()
    while not again.cursor.caught_up:
        again.read()
    if again.records[: len(before)] != before:
        return "an event that was there before the kill is gone or changed"
    if again.cursor.damaged or again.state.missing:
        return f"{again.cursor.damaged} damaged lines, {again.state.missing} missing numbers"
    if "trainer" not in TARGETS[target]:
        return "" if not again.state.failed else f"the run failed with its runner: {again.state.message}"
    resumed = [each.data for each in again.records if isinstance(each.data, RunResumed)]
    if attempts:
        if again.state.failed or [each.attempt for each in resumed] != [1]:
            return f"the run is {again.state.status}, gone on with {len(resumed)} times, not once"
    elif again.state.status != "failed" or not again.state.message or resumed:
        return f"the run is {again.state.status}, not failed with a reason"
    return "" if seconds <= within else f"reported only after {seconds:.1f} s"


def _clean_up(run: RunFolder, trainer: int) -> None:
    run.send("stop")
    seconds_until(lambda: not run_alive(run) and not runner_alive(run.session), 30.0)
    if trainer and run_alive(run):
        os.kill(trainer, signal.SIGKILL)


def rounds(plan: Plan) -> Iterator[Trial]:
    """One kill each, of the targets in turn."""
    names = list(TARGETS)
    for number in plan.numbers:
        chance = plan.chance(number)
        target = names[number % len(names)]
        with tempfile.TemporaryDirectory() as folder:
            done = kill_once(Path(folder), target, chance.uniform(0.0, 1.0), 3 if number // len(names) % 2 else 0)
        yield Trial(f"{target} after {done.delay:.3f} s: {done.problem}" if done.problem else "", done.seconds)


OPERATIONS = {
    "open": "opens",
    "write": "writes",
    "sync": "syncs",
    "rename": "renames",
    "unlink": "deletes",
    "truncate": "cuts",
}


def operations(kind: str) -> Part:
    """The part that kills before operations of that kind."""
    return Part(f"a trainer, as it {OPERATIONS[kind]} a file of its run", partial(deaths, kind=kind), asked=50, quick=0)


PROMISE = Promise(
    1,
    "kills",
    "No kill loses an event that was acknowledged, or leaves a gap in a log, and what became of a run is reported within five "
    "seconds.",
    (
        Part("trainer, runner, app, any two, all", rounds, asked=1000, quick=2, unit="s until reported"),
        *map(operations, OPERATIONS),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
