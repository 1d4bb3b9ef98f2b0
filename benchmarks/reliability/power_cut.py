"""Cuts the power of runs, as far as their files can tell, goes on with them and compares them with a run never interrupted.

    python -m benchmarks.reliability.power_cut [--quick] [--epochs 100] [--seed 0]

A trainer's operations on its files are followed by a preloaded library (compiled here; Linux). The run's folder is then put back
as a loss of power could have left it: only what was synced is there for sure, and of the rest nothing, everything, or a part
with blank pages in it. That is done at every second of the run, and beside every sync and rename of its first saves. `rnnlab
resume` goes on with each. Weights must be the same bytes in the end, and every figure of every evaluation the same number. And a
run that is queued must be there, whole, once `create_run` has returned.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reliability.trace import Disk, NoCompiler, Operation, library, put_back, read_trace
from benchmarks.resume_kills import Forked, outcome
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import RunFinished, RunResumed
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import waits
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last

SETTINGS = {
    "task.name": "sinusoids",
    "model.name": "lstm",
    "model.hidden": "16",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 8,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
KEPT = (0.0, 0.5, 1.0)
"""Of what is unsure, the share that a cut leaves."""


def traced(run: RunFolder, folder: Path) -> tuple[Disk, list[Operation]]:
    """Train the run in a process of its own; its files before that, and what was done to them."""
    disk, trace = Disk(run.path), folder / "trace"
    command = [sys.executable, "-m", "rnnlab.training", str(run.path)]
    followed = {"LD_PRELOAD": str(library()), "FILES_ROOT": str(run.path), "FILES_TRACE": str(trace)}
    subprocess.run(command, env=os.environ | followed, check=True)
    return disk, read_trace(trace)


def moments(operations: Sequence[Operation], quick: bool, chance: random.Random) -> list[tuple[int, float]]:
    """After how many operations to cut, and how much of what is unsure is left.

    At every second, with each share; and around the syncs and renames of the first two saves and the last, with one of them.
    """
    began = operations[0].seconds
    sharp = [number for number, each in enumerate(operations) if each.kind in ("sync", "rename")]
    renames = [number for number in sharp if operations[number].to.endswith("resume.safetensors")]
    if quick:
        return [(number, chance.choice(KEPT)) for number in (renames[0] + 1, renames[-1])]
    seconds = range(int(operations[-1].seconds - began) + 1)
    every = [(sum(each.seconds - began <= second for each in operations), kept) for second in seconds for kept in KEPT]
    near = {number + after for number in sharp for after in (0, 1) if number <= renames[1] or number >= renames[-1]}
    return sorted({*every, *((number, chance.choice(KEPT)) for number in near)})


def gone_on(run: RunFolder, trainers: Forked) -> str:
    """Go on with a run as `rnnlab resume` does; what is wrong, empty: nothing. It must not need a second attempt."""
    try:
        last = read_last(run.events_path)
        if last is not None and isinstance(last.data, RunFinished):
            return ""  # cut after its end
        if not waits(last):
            queue_again(run)
        trainers.wait(run, trainers.start(run))
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def queued_whole(folder: Path) -> str:
    """What is wrong with a run after a cut right after it was queued; empty: nothing."""
    root, trace = folder / "sessions", folder / "queue-trace"
    root.mkdir()
    disk = Disk(root)
    code = (
        "import sys; from pathlib import Path; from rnnlab.config import RunConfig\n"
        "from rnnlab.runs.folders import create_session\n"
        "create_session('lab', root=Path(sys.argv[1])).create_run(RunConfig.from_settings({'task.name': 'binary'}))"
    )
    followed = {"LD_PRELOAD": str(library()), "FILES_ROOT": str(root), "FILES_TRACE": str(trace)}
    subprocess.run([sys.executable, "-c", code, str(root)], env=os.environ | followed, check=True)
    for operation in read_trace(trace):
        disk.apply(operation)
    left = disk.after_a_cut(random.Random(0), 0.0)
    there = {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return "" if left == there else f"of {sorted(there)} only {sorted(left)} is sure to be there"


def main() -> int:
    """Exit code 1 where any run came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two cuts of a short run")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    try:
        library()
    except NoCompiler as error:
        print(f"skipped: {error}")
        return 0
    trainers = Forked()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        problems = [f"queued: {words}"] if (words := queued_whole(folder)) else []
        config = RunConfig.from_settings(SETTINGS | {"train.epochs": 30 if options.quick else options.epochs})
        session = create_session("runs", root=folder)
        reference = session.create_run(config)
        disk, operations = traced(reference, folder)
        expected = outcome(reference)
        at = moments(operations, options.quick, chance)
        took = operations[-1].seconds - operations[0].seconds
        print(f"a run of {took:.1f} s, {len(operations):,} operations on its files, cut {len(at)} times", flush=True)
        asked, within, done, started = 0, 0, 0, time.monotonic()
        for number, kept in at:
            for operation in operations[done:number]:
                disk.apply(operation)
            done = number
            cut = RunFolder(session.runs_path / f"cut-{number}-{kept}")
            put_back(disk.after_a_cut(chance, kept), str(reference.path), cut.path)
            asked += 1
            problem = gone_on(cut, trainers)
            if not problem and outcome(cut) != expected:
                problem = "weights or figures differ"
            if problem:
                problems.append(f"after operation {number:,} with {kept:.0%} kept: {problem}")
                print(problems[-1], flush=True)
            records = read_records(cut.events_path)[0]
            within += any(isinstance(each.data, RunResumed) and each.data.step > 0 for each in records)
        print(
            f"{asked - len(problems)} of {asked} cuts gone on with bit-identically, {within} from a saved state, "
            f"in {time.monotonic() - started:.0f} s; a run queued survives one: {words or 'yes'}"
        )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
