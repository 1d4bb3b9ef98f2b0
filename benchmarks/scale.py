"""What a sweep asks of a shared folder and of a scheduler, from which docs/scale.md reckons what a thousand GPUs would need.

    python -m benchmarks.scale [--quick] [--seconds 20] [--runs 1000]

For each task, one run at the defaults: events, bytes and operations on files a second, and bytes of its folder in the end
(`benchmarks.reliability.trace`; needs a C compiler). Then seconds of a claim; calls to the file system of a pilot beside so many
runs that wait, to read them once and at each poll; and, where Slurm is installed and root asks, seconds of a submission.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import parse
from benchmarks.reliability.trace import NoCompiler, library, read_trace
from benchmarks.slurm_cluster import SlurmCluster, missing
from rnnlab.claims import RENEWAL, Claim
from rnnlab.config import RunConfig
from rnnlab.engines.pilot import FULL_POLL, Pilot
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_records

TASKS = ("surnames", "names", "sinusoids", "parity")
_CALLS = (
    "stat",
    "lstat",
    "open",
    "scandir",
    "listdir",
    "readlink",
    "rename",
    "replace",
    "link",
    "unlink",
    "utime",
    "fsync",
)
_SUBMISSIONS = 40


@dataclass(frozen=True)
class Written:
    """What a run writes: events, bytes of its log and of all files, and operations on them, a second each; its folder's bytes."""

    events: float
    log: float
    all_files: float
    operations: float
    folder: int


def written(task: str, seconds: float, root: Path) -> Written:
    """What a run of the task writes at the defaults within so many seconds. Raises `NoCompiler`."""
    settings = {"task.name": task, "train.epochs": 100_000, "train.patience": None, "runtime.threads": 1}
    run = Session(root / task).create_run(RunConfig.from_settings(settings))
    trace = root / f"{task}.trace"
    followed = {"LD_PRELOAD": str(library()), "FILES_ROOT": str(run.path), "FILES_TRACE": str(trace)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "rnnlab.training", str(run.path)], env=os.environ | followed
    )
    try:
        deadline = time.monotonic() + 120
        while not (run.events_path.exists() and len(read_records(run.events_path)[0]) > 1):
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"a run of {task} has not begun: see {run.path}")
            time.sleep(0.1)
        time.sleep(seconds)
        run.send("stop")
        process.wait(120)
    finally:
        process.kill()
    records, operations = read_records(run.events_path)[0], read_trace(trace)
    took = records[-1].wall - records[0].wall
    return Written(
        events=len(records) / took,
        log=run.events_path.stat().st_size / took,
        all_files=sum(len(each.data) for each in operations) / took,
        operations=len(operations) / took,
        folder=sum(each.stat().st_size for each in run.path.iterdir()),
    )


def claim_seconds(root: Path, times: int) -> float:
    """Median seconds to take a claim and let go of it."""
    found = []
    for number in range(times):
        path = root / f"log-{number}"
        began = time.perf_counter()
        Claim(path).release()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


class _FullPilot(Pilot):
    """A pilot that has no room: it polls, and starts nothing."""

    def in_turn(self, queued: list[RunFolder]) -> list[RunFolder]:
        return []


def polled(root: Path, runs: int, polls: int) -> tuple[float, float, float]:
    """Calls to the file system of a pilot beside so many runs that wait: to read one, and at a poll; seconds of a poll."""
    session = Session(root / f"waiting-{runs}")
    for seed in range(runs):
        session.create_run(RunConfig.from_settings({"task.name": "parity", "train.seed": seed}))
    pilot = _FullPilot(session)
    until_read = 2 + runs // 32
    with counted() as count:
        for _ in range(until_read):
            pilot.poll()
    first = count()
    began = time.perf_counter()
    with counted() as count:
        for _ in range(polls):
            pilot.poll()
    each = count() / polls
    return max(0.0, first - until_read * each) / runs, each, (time.perf_counter() - began) / polls


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """The calls to the file system that this process makes within."""
    calls = 0
    real = {name: getattr(os, name) for name in _CALLS}

    def counting(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            return function(*arguments, **named)

        return call

    try:
        for name, function in real.items():
            setattr(os, name, counting(function))
        yield lambda: calls
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def submission_seconds(root: Path) -> float:
    """Median seconds of `sbatch`, as `--engine slurm` calls it, on a cluster of two nodes on this machine."""
    found = []
    with SlurmCluster(root / "slurm") as cluster:
        for _ in range(_SUBMISSIONS):
            began = time.perf_counter()
            cluster.call("sbatch", "--parsable", "--hold", "--wrap", "true")
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=1000)
    chosen = parse(parser, seconds=2.0, runs=50)
    root = Path(tempfile.mkdtemp(prefix="rnnlab-scale-"))
    try:
        os.environ["RNNLAB_STATE"] = str(root / "state-of-person")
        for task in TASKS[: 1 if chosen.quick else None]:
            found = written(task, chosen.seconds, root)
            print(
                f"a run of {task:<10} {found.events:6.1f} events/s, {found.log / 1000:6.1f} kB/s of log, "
                f"{found.all_files / 1000:6.0f} kB/s in all, by {found.operations:5.1f} operations/s; "
                f"its folder has {found.folder / 1000:,.0f} kB after {chosen.seconds:.0f} s"
            )
        print(
            f"a claim           {1000 * claim_seconds(root, 20 if chosen.quick else 200):6.2f} ms; renewed every {RENEWAL:.0f} s"
        )
        for runs in (1, chosen.runs):
            reading, calls, seconds = polled(root, runs, 20)
            print(
                f"a pilot's poll    {calls:6.0f} calls to the file system beside {runs:,} runs that wait, "
                f"in {1000 * seconds:.1f} ms; every {FULL_POLL:.0f} s while it trains; {reading:.0f} more for each run, once"
            )
        if reason := missing():
            print(f"a submission      not measured: {reason}")
        elif not chosen.quick:
            print(f"a submission      {1000 * submission_seconds(root):6.1f} ms (sbatch)")
    except NoCompiler as reason:
        print(f"skipped: {reason}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
