"""Kills of all that carries out a queue of runs, with -9 at random moments: each run ends once, as it does without a kill.

    python -m benchmarks.reliability.sweep_kills [--quick] [--kills 100] [--runs 20] [--slots 2] [--updates 3000] [--seed 0]

A session of short runs of different hidden sizes and seeds is trained one after the other, undisturbed. Then the same session is
trained with --slots at once, and the runner, its warm server, trainers, or all of them are killed again and again, each time
with a new runner started as the app does. In the end every run must have ended once; its weights must be the same bytes and each
figure of its evaluations the same number as undisturbed; `rnnlab replay --verify` must hold; and half a minute later no process
may be left. Where a session is over before all kills are made, another one takes the rest. Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.options import parse
from benchmarks.resume_kills import outcome
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


def disturb(session: Session, kills: int, mark: str, chance: random.Random, pause: float) -> Counter[str]:
    """Have the session trained, with so many kills as long as it lasts. Returns how often each target was hit."""
    done: Counter[str] = Counter()
    deadline = time.monotonic() + PATIENCE
    runs = session.runs()
    ensure_runner(session)
    while time.monotonic() < deadline:
        if sum(done.values()) < kills:
            time.sleep(chance.uniform(0.0, pause))
            target = chance.choice(TARGETS)
            victims = processes_of(mark).chosen(target, chance)
            for victim in victims:
                try:
                    victim.kill()
                except psutil.NoSuchProcess:
                    continue
            done[target] += bool(victims)
        else:
            time.sleep(0.1)
        if all(map(ended, runs)):
            return done
        try:
            ensure_runner(session)
        except UsageError as problem:
            print(f"no runner: {problem}", flush=True)
            return done
    print(f"not over within {PATIENCE:.0f} s", flush=True)
    return done


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


def main() -> int:
    """Exit code 1 where a run came out otherwise, or a process is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--updates", type=int, default=3000, help="of each run")
    parser.add_argument("--pause", type=float, default=1.5, help="most seconds between two kills")
    parser.add_argument("--seed", type=int, default=0)
    options = parse(parser, kills=6, runs=4, updates=400)
    if sys.platform != "linux":
        print("skipped: trainers are forked on Linux alone")
        return 0
    chance = random.Random(options.seed)
    os.environ[MARK] = mark = uuid.uuid4().hex
    problems: list[str] = []
    hit: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        wanted = configs(options.runs, options.updates)
        reference = session_of(Path(folder), "undisturbed", wanted, 1)
        began = time.monotonic()
        Runner(reference).work()
        print(f"{options.runs} runs one after the other, undisturbed: {time.monotonic() - began:.1f} s", flush=True)
        sessions = 0
        while sum(hit.values()) < options.kills and not problems:
            sessions += 1
            began = time.monotonic()
            session = session_of(Path(folder), f"disturbed-{sessions}", wanted, options.slots)
            done = disturb(session, options.kills - sum(hit.values()), mark, chance, options.pause)
            hit += done
            took, over = time.monotonic() - began, time.monotonic()
            while (left := len(processes_of(mark))) and time.monotonic() < over + LEFT:
                time.sleep(0.2)
            if left or runner_alive(session):
                problems.append(f"{left} processes are left {LEFT:.0f} s after the end")
            for run, undisturbed in zip(session.runs(), reference.runs(), strict=True):
                if problem := problem_of(run, undisturbed, verified=not options.quick):
                    problems.append(f"{run.name}: {problem}")
            print(f"session {sessions}: {sum(done.values())} kills in {took:.1f} s", flush=True)
    for line in problems:
        print(line)
    targets = ", ".join(f"{target} {hit[target]}" for target in TARGETS)
    print(
        f"{sum(hit.values())} kills ({targets}) in {sessions} sessions of {options.runs} runs: {len(problems)} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
