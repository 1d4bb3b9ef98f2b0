"""Trainers that crash, run out of memory, diverge or are stopped: reported with their kind, or as silent, within five seconds.

    python -m benchmarks.reliability.ends [--quick] [--hours 1] [--again]

Each trial is a real run of a real runner. Measured is from what is done to the trainer (for a run that diverges, from the update
whose loss is no number) until the run's log has its end, with its kind; for a stopped process, until the table of runs, the
line of `rnnlab train` and the Run screen's reader all say that it is silent, and why. Linux.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.reliability.kills import LONG
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.reliability.waiting import seconds_until, until
from rnnlab.cli.sessions import read_runs
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.events import CommandApplied
from rnnlab.runs.folders import RunFolder, SessionInfo, create_session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.silence import SilenceWatch
from rnnlab.runs.state import RunState
from rnnlab.ui.run.following.follow import RunFollower

WITHIN = 5.0
PATIENCE = 60.0
"""Seconds for a trainer to begin on a busy machine."""
CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
HUNGRY = {"task.name": "adding", "data.steps": 400, "data.rows": 8000, "model.name": "lstm", "model.hidden": "512",
          "train.batch_size": 4096, "train.epochs": 1000, "runtime.threads": 1}  # fmt: skip
"""Its first update takes more than ten gigabytes."""
ALLOWED = 6 << 30
"""Bytes of addresses that a trainer has, where it is to be refused memory."""
GROUPS = Path("/sys/fs/cgroup")
ROOM = 700 << 20
"""Bytes that the processes of a session have, where they are to run out of memory: enough for all but the update."""


@contextmanager
def run_of(settings: dict[str, object], *, start: Callable[[RunFolder], None] | None = None) -> Iterator[RunFolder]:
    """A run that a runner carries out and does not resume, in a session of its own; ended in the end."""
    with tempfile.TemporaryDirectory() as name:
        session = create_session("ends", root=Path(name))
        session.write_info(SessionInfo("ends", attempts=0))
        run = session.create_run(RunConfig.from_settings(settings))
        try:
            ensure_runner(session) if start is None else start(run)
            yield run
        finally:
            run.send("stop")
            seconds_until(lambda: not runner_alive(session) and not run_alive(run), 30.0)
            if run_alive(run) and (started := state_of(run).started) is not None:
                os.kill(started.pid, signal.SIGKILL)


def state_of(run: RunFolder) -> RunState:
    """The run as its log has it."""
    return read_state(run.events_path)[0]


def trainer_of(run: RunFolder, updates: int = 1) -> int:
    """The process that trains the run, once it has made so many updates. Raises `TimeoutError`."""
    until(lambda: state_of(run).step >= updates and state_of(run).started is not None, "it begins", PATIENCE)
    started = state_of(run).started
    assert started is not None
    return started.pid


def reported(run: RunFolder, began: float, kind: str, *, status: str = "failed", says: str = "") -> Trial:
    """Whether the run's log has its end, of that kind, and how many seconds after `began`."""
    seconds_until(lambda: state_of(run).ended, PATIENCE)
    took, state = time.monotonic() - began, state_of(run)
    if (state.status, state.kind) != (status, kind) or says not in state.message:
        return Trial(
            f"{state.status}, {state.kind or 'no kind'}: {state.message}, not {status}, {kind}: … {says}", took
        )
    return Trial("" if took <= WITHIN else f"reported only after {took:.1f} s", took)


def crashes(plan: Plan) -> Iterator[Trial]:
    """A trainer that ends by its own fault."""
    for number in plan.numbers:
        fault = CRASHES[number % len(CRASHES)]
        with run_of(LONG) as run:
            pid = trainer_of(run)
            time.sleep(plan.chance(number).uniform(0.0, 0.5))
            began = time.monotonic()
            os.kill(pid, fault)
            yield reported(run, began, "killed", says=fault.name)


@contextmanager
def limited_run(limit: Callable[[], object]) -> Iterator[RunFolder]:
    """A run that needs much memory, of a runner that has called `limit` on itself before it began."""
    runners: list[subprocess.Popen[bytes]] = []

    def start(run: RunFolder) -> None:
        command = [sys.executable, "-P", "-m", "rnnlab.engines.local", str(run.session.path)]
        quiet = subprocess.DEVNULL
        runners.append(
            subprocess.Popen(
                command, start_new_session=True, stdout=quiet, stderr=quiet, preexec_fn=lambda: limit() and None
            )
        )

    with run_of(HUNGRY, start=start) as run:
        yield run
    for runner in runners:
        runner.wait(PATIENCE)


def refused_memory(plan: Plan) -> Iterator[Trial]:
    """A trainer that asks for more memory than it is allowed (RLIMIT_AS); reported within so long of the event before."""
    for _ in plan.numbers:
        with limited_run(lambda: resource.setrlimit(resource.RLIMIT_AS, (ALLOWED, ALLOWED))) as run:
            found = reported(run, time.monotonic(), "memory")
            walls = [record.wall for record in read_records(run.events_path)[0]]
            took = walls[-1] - walls[-2] if len(walls) > 1 else 0.0
            late = "" if took <= WITHIN else f"reported only after {took:.1f} s"
            ended = state_of(run).kind == "memory"
            yield Trial(late if ended else found.problem, took)


def memory_group() -> Path:
    """A new cgroup that has `ROOM`. Raises `Skipped`."""
    name = f"rnnlab-ends-{os.getpid()}"
    first = GROUPS / "memory"
    parent, limit = (first, "memory.limit_in_bytes") if first.is_dir() else (GROUPS, "memory.max")
    group = parent / name
    try:
        group.mkdir()
        (group / limit).write_text(str(ROOM))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        raise Skipped(f"no cgroup can be limited here: {error.strerror}") from None
    return group


def starved(plan: Plan) -> Iterator[Trial]:
    """A trainer that the kernel kills, as its cgroup has no memory left."""
    group = memory_group()
    try:
        for _ in plan.numbers:
            with limited_run(lambda: (group / "cgroup.procs").write_text(str(os.getpid()))) as run:
                seconds_until(lambda run=run: state_of(run).started is not None, PATIENCE)  # type: ignore[misc]
                started = state_of(run).started
                if started is None:
                    yield Trial(f"it has not begun: {state_of(run).message}")
                    continue
                until(lambda pid=started.pid: not psutil.pid_exists(pid), "it is killed", PATIENCE)  # type: ignore[misc]
                yield reported(run, time.monotonic(), "memory", says="memory")
    finally:
        seconds_until(lambda: _removed(group), 10.0)


def _removed(group: Path) -> bool:
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()


def diverged(plan: Plan) -> Iterator[Trial]:
    """A run whose loss becomes no number."""
    for number in plan.numbers:
        cell = ("elman", "gru", "lstm")[number % 3]
        lost = {"model.name": cell, "optim.name": "sgd", "optim.lr": 0.01, "optim.clip_norm": None}
        with run_of(LONG | lost) as run:
            trainer_of(run)
            run.send("set", "optim.lr", 100.0)
            until(lambda run=run: _is_set(run), "the learning rate is set", PATIENCE)  # type: ignore[misc]
            yield reported(run, time.monotonic(), "", status="diverged", says="loss")


def stopped(plan: Plan) -> Iterator[Trial]:
    """A trainer whose process is stopped, and speaks again when it goes on."""
    for number in plan.numbers:
        with run_of(LONG) as run:
            pid = trainer_of(run)
            time.sleep(plan.chance(number).uniform(0.0, 1.0))
            os.kill(pid, signal.SIGSTOP)
            try:
                yield asyncio.run(_silence(run, pid))
            finally:
                os.kill(pid, signal.SIGCONT)


def _is_set(run: RunFolder) -> bool:
    return any(isinstance(record.data, CommandApplied) for record in read_records(run.events_path)[0])


async def _silence(run: RunFolder, pid: int) -> Trial:
    """Seconds until the last of three views says that the run is silent, as its process is stopped."""
    began, watch = time.monotonic(), SilenceWatch()
    follower = RunFollower(run)
    following = asyncio.create_task(follower.follow())
    text = f"process {pid} is stopped"
    seen: dict[str, float] = {}
    while len(seen) < 3 and time.monotonic() < began + PATIENCE:
        says = {
            "the table": read_runs(run.session)[0].message,
            "the line": watch.text(state_of(run)),
            "the screen": follower.silence_text,
        }
        for name in [name for name, each in says.items() if text in each and name not in seen]:
            seen[name] = time.monotonic() - began
        await asyncio.sleep(0.05)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    missing = {"the table", "the line", "the screen"} - set(seen)
    if missing:
        return Trial(f"{', '.join(sorted(missing))} never said that it is silent")
    took = max(seen.values())
    late = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in seen.items())
    return Trial("" if took <= WITHIN else f"reported late: {late}", took)


PROMISE = Promise(
    13,
    "ends",
    "A trainer that crashes, runs out of memory, diverges or is stopped is reported as what it is within five seconds.",
    (
        Part("crashes: segmentation fault, abort, bus error and others", crashes, asked=50, unit="s until reported"),
        Part("memory that is refused (RLIMIT_AS)", refused_memory, asked=20, quick=0, unit="s until reported"),
        Part(
            "memory that runs out (killed by the kernel, in a cgroup)",
            starved,
            asked=20,
            quick=0,
            unit="s until reported",
        ),
        Part("a loss that is no number", diverged, asked=30, quick=0, unit="s until reported"),
        Part("a process that is stopped, reported as silent", stopped, asked=30, unit="s until reported"),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
