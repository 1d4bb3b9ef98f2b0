"""Kills of all that carries out a queue of runs, with -9 at random moments: each run ends once, as it does without a kill.

A session of short runs of different hidden sizes and seeds is trained one after the other, undisturbed. Then the same session is
trained with two slots, and the runner, its warm server, trainers, or all of them are killed again and again, each time
with a new runner started as the app does. In the end every run must have ended once; its weights must be the same bytes and each
figure of its evaluations the same number as undisturbed; `rnnlab replay --verify` must hold; and half a minute later no process
may be left. Linux.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Plan, Skipped, Trial
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, runner_alive
from rnnlab.engines.runner import Runner
from rnnlab.errors import UsageError
from rnnlab.runs.events import RunFailed, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last
from rnnlab.training.verify import verify

SETTINGS = {
    "task.name": "sinusoids",
    "model.name": "gru",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 8,
    "train.epochs": 10_000,
    "train.patience": None,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
"""Dropout, so that the random state counts."""

MARK = "RNNLAB_SWEEP_KILLS"
"""An environment variable that every process of the session inherits, and by which it is found."""
TARGETS = ("runner", "server", "trainer", "trainers", "all")
RUNS, KILLS, SLOTS, UPDATES, PAUSE = 4, 10, 2, 3000, 1.5
"""Of a trial; `PAUSE` are the most seconds between two kills."""
LEFT = 30.0
"""Seconds after the end of the last run within which every process must be gone."""
PATIENCE = 900.0


@dataclass
class Processes:
    """The living processes of the session."""

    runners: list[psutil.Process] = field(default_factory=list)
    servers: list[psutil.Process] = field(default_factory=list)
    trainers: list[psutil.Process] = field(default_factory=list)

    def chosen(self, target: str, chance: random.Random) -> list[psutil.Process]:
        """Those to kill."""
        match target:
            case "runner":
                return self.runners
            case "server":
                return self.servers
            case "trainer":
                return [chance.choice(self.trainers)] if self.trainers else []
            case "trainers":
                return self.trainers
        return chance.sample([*self.runners, *self.servers, *self.trainers], k=len(self))

    def __len__(self) -> int:
        return len(self.runners) + len(self.servers) + len(self.trainers)


def processes_of(mark: str) -> Processes:
    """The living processes that were started with this mark, this one left out."""
    found = Processes()
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.environ().get(MARK) != mark:
                continue
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            command = process.cmdline()
            if "rnnlab.engines.local" in command:
                found.runners.append(process)
            elif (
                "rnnlab.training.warm" in command and "rnnlab.engines.local" in psutil.Process(process.ppid()).cmdline()
            ):
                found.servers.append(process)
            else:
                found.trainers.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def ended(run: RunFolder) -> bool:
    """Whether the run's log has its last event."""
    last = read_last(run.events_path)
    return last is not None and isinstance(last.data, RunFinished | RunFailed)


def configs(runs: int, updates: int) -> list[RunConfig]:
    """Runs of different hidden sizes and seeds."""
    return [
        RunConfig.from_settings(
            SETTINGS | {"model.hidden": str(8 + 4 * (number % 5)), "train.seed": number, "train.updates": updates}
        )
        for number in range(runs)
    ]


def session_of(root: Path, name: str, wanted: list[RunConfig], slots: int) -> Session:
    """A session with the runs queued, resumed as often as it takes."""
    session = create_session(name, root=root)
    session.write_info(SessionInfo(name, slots=slots, attempts=100_000))
    for config in wanted:
        session.create_run(config)
    return session


def disturb(session: Session, kills: int, mark: str, chance: random.Random) -> str:
    """Have the session trained, with so many kills as long as it lasts. Returns what is wrong; empty: nothing."""
    left, deadline, runs = kills, time.monotonic() + PATIENCE, session.runs()
    ensure_runner(session)
    while time.monotonic() < deadline:
        if left > 0:
            time.sleep(chance.uniform(0.0, PAUSE))
            victims = processes_of(mark).chosen(chance.choice(TARGETS), chance)
            for victim in victims:
                with contextlib.suppress(psutil.NoSuchProcess):
                    victim.kill()
            left -= bool(victims)
        else:
            time.sleep(0.1)
        if all(map(ended, runs)):
            return ""
        try:
            ensure_runner(session)
        except UsageError as problem:
            return f"no runner: {problem}"
    return f"not over within {PATIENCE:.0f} s"


def problem_of(run: RunFolder, undisturbed: RunFolder, *, verified: bool) -> str:
    """What is wrong with a run; empty: nothing."""
    records, damaged = read_records(run.events_path)
    last = [record.data for record in records if isinstance(record.data, RunFinished | RunFailed)]
    begun = sum(isinstance(record.data, RunStarted) for record in records)
    if damaged or [record.seq for record in records] != list(range(len(records))):
        return f"{damaged} damaged lines, or events are missing"
    if begun != 1 or len(last) != 1 or not isinstance(last[0], RunFinished):
        return f"it began {begun} times and ended {len(last)} times: {last}"
    if outcome(run) != outcome(undisturbed):
        return "weights or figures differ"
    if verified and (found := verify(run)).mismatches:
        return f"replay --verify: {found.mismatches[0]}"
    return ""


def queues(plan: Plan) -> Iterator[Trial]:
    """Queues of runs, each disturbed by kills and compared with the one that was not."""
    if sys.platform != "linux":
        raise Skipped("trainers are forked on Linux alone")
    os.environ[MARK] = mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as folder:
        wanted = configs(RUNS, UPDATES)
        reference = session_of(Path(folder), "undisturbed", wanted, 1)
        Runner(reference).work()
        for number in plan.numbers:
            session = session_of(Path(folder), f"disturbed-{number}", wanted, SLOTS)
            problems = [disturb(session, KILLS, mark, plan.chance(number))]
            over = time.monotonic()
            while (left := len(processes_of(mark))) and time.monotonic() < over + LEFT:
                time.sleep(0.2)
            if left or runner_alive(session):
                problems.append(f"{left} processes are left {LEFT:.0f} s after the end")
            problems += [
                f"{run.name}: {found}"
                for run, undisturbed in zip(session.runs(), reference.runs(), strict=True)
                if (found := problem_of(run, undisturbed, verified=True))
            ]
            yield Trial("; ".join(filter(None, problems)))
