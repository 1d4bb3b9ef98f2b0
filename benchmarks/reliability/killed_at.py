"""Trainers that die by -9 before their n-th write, sync, rename or other file operation: a library loaded before them sees to it.

`serve` is a process that has that library and PyTorch loaded, and forks a trainer for each request. So often as it can, such a
trainer saves its state and its weights.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Plan, Skipped, Trial
from benchmarks.reliability.saved_files import litter, state_problem
from benchmarks.reliability.trace import KINDS, NoCompiler, library, read_trace
from rnnlab.config import RunConfig
from rnnlab.engines.final_event import resume_or_fail
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import Record
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log_reader import LogCursor, read_records, read_state

SETTINGS = {
    "task.name": "sinusoids",
    "model.name": "gru",
    "model.hidden": "8",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 16,
    "train.epochs": 6,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
"""A second of training, with dropout, so that the random state counts."""
_KILLED = -9
_MEMORY = Path("/dev/shm")
"""A file system in memory: a kill finds there what it finds on a disk, and a sync takes no time."""


@dataclass(frozen=True)
class Death:
    """Before which operation a trainer dies: the n-th (from 1 on) of that kind, a write after `percent` of its bytes."""

    kind: str
    number: int
    percent: int = 0
    temporaries: bool = False
    """Only files that wait to be renamed count: those of a save."""


class Trainers:
    """Trainers forked from a process that has the library loaded."""

    def __init__(self, root: Path) -> None:
        self._trace = root / "trace"
        try:
            followed = {"LD_PRELOAD": str(library()), "FILES_ROOT": "/nowhere"}
        except NoCompiler as reason:
            raise Skipped(str(reason)) from None
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve()"],
            env=os.environ | followed,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def train(self, run: RunFolder, death: Death | None = None) -> int:
        """Train a run, and wait for the exit code."""
        self.start(run, death)
        return self.wait()

    def start(self, run: RunFolder, death: Death | None = None, trace: str = "") -> None:
        """Have a trainer forked for the run."""
        assert self._process.stdin is not None
        kill = None if death is None else [KINDS.index(death.kind), death.number, death.percent, int(death.temporaries)]
        self._process.stdin.write(json.dumps([str(run.path), kill, trace]) + "\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        """The exit code of the trainer."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def operations(self, run: RunFolder, *, temporaries: bool) -> dict[str, int]:
        """How many operations of each kind a trainer makes that trains the run to its end."""
        self.start(run, trace=str(self._trace))
        self.wait()
        found = dict.fromkeys(KINDS, 0)
        paths: dict[int, str] = {}
        seen: set[str] = set()
        for each in read_trace(self._trace):
            if each.kind == "open":
                paths[each.file] = each.path
            path = each.path or paths.get(each.file, "")
            is_made = each.kind != "open" or (path not in seen and bool(each.offset & os.O_CREAT))
            seen.add(path)
            found[each.kind] += is_made and (not temporaries or ".tmp" in path)
        return found

    def close(self) -> None:
        """End the process they are forked from."""
        self._process.communicate()


@contextmanager
def prepared(*, temporaries: bool) -> Iterator[tuple[Trainers, Session, dict[str, object], dict[str, int]]]:
    """Trainers, a session, what a run that is not killed comes to, and how many operations of each kind it makes."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        trainers = Trainers(Path(name))
        try:
            session = create_session("killed", root=Path(name))
            session.write_info(SessionInfo("killed", attempts=0))
            reference = session.create_run(RunConfig.from_settings(SETTINGS))
            operations = trainers.operations(reference, temporaries=temporaries)
            yield trainers, session, outcome(reference), operations
        finally:
            trainers.close()


def deaths(plan: Plan, kind: str, *, temporaries: bool = False) -> Iterator[Trial]:
    """Runs killed before an operation of that kind, each gone on with to its end."""
    with prepared(temporaries=temporaries) as (trainers, session, expected, operations):
        if not operations[kind]:
            raise Skipped(f"a trainer makes no {kind}")
        for number in plan.numbers:
            chance = plan.chance(number)
            # Up to the last one of a run that is not killed; by the clock, another run may make a few fewer.
            at = 1 + number % operations[kind] if number < operations[kind] else chance.randint(1, operations[kind])
            death = Death(kind, at, chance.choice((0, 0, 50, 99)), temporaries)
            problem = died(trainers, session.create_run(RunConfig.from_settings(SETTINGS)), death, expected)
            yield Trial(f"{death}: {problem}" if problem else "")


def died(trainers: Trainers, run: RunFolder, death: Death, expected: dict[str, object]) -> str:
    """What is wrong with a run whose trainer died so and which is gone on with; empty: nothing."""
    trainers.start(run, death)
    code = trainers.wait()
    if code not in (0, _KILLED):
        return f"the trainer ended with exit code {code}"
    if code == 0:
        return "" if outcome(run) == expected else "weights or figures differ, though it was not killed"
    read = read_records(run.events_path)[0]
    if problem := state_problem(run):
        return problem
    resume_or_fail(run, code)
    if left := litter(run):
        return f"left behind: {', '.join(left)}"
    if read_state(run.events_path)[0].status != "completed":  # else it died after its final event
        queue_again(run)
        if (code := trainers.train(run)) != 0:
            return f"resumed, it ended with exit code {code}"
    if problem := _log_problem(run, read) or state_problem(run):
        return problem
    if left := litter(run):
        return f"left behind in the end: {', '.join(left)}"
    return "" if outcome(run) == expected else "weights or figures differ"


def _log_problem(run: RunFolder, before: list[Record]) -> str:
    cursor, records = LogCursor(run.events_path), list[Record]()
    while not cursor.caught_up:
        records += cursor.read()
    if records[: len(before)] != before:
        return "an event that was there before is gone or changed"
    if cursor.damaged or [each.seq for each in records] != list(range(len(records))):
        return f"{cursor.damaged} damaged lines, or numbers are missing"
    return ""


def serve() -> None:
    """Fork a trainer for each line: the run's folder, how it is to die, and the file that takes its trace."""
    from rnnlab.tasks.load import load
    from rnnlab.training import loop, resume  # noqa: F401 - imported before the fork
    from rnnlab.training.persist import checkpoints, state_saver

    # It asks another program, once in a process; one that is being started would outlive a trainer that dies meanwhile.
    platform.platform()
    state_saver.FIRST, state_saver.SHARE, state_saver.LOST = 0.03, 0.5, 0.0
    checkpoints.PAUSE = 0.05
    for line in iter(sys.stdin.readline, ""):
        folder, kill, trace = json.loads(line)
        if (child := os.fork()) == 0:
            from rnnlab.training.process import main as train

            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.environ["FILES_ROOT"] = folder
            if trace:
                ctypes.CDLL(None).files_trace(trace.encode())
            if kill is not None:
                ctypes.CDLL(None).files_kill(*kill)
            os.nice = lambda _: 0
            os._exit(train([folder], load))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
