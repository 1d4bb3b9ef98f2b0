"""Cuts the power of runs, as far as their files can tell, goes on with them and compares them with a run never interrupted.

    python -m benchmarks.reliability.power_cut [--quick] [--hours 1] [--again]

What processes do to their files is followed by a preloaded library (compiled here; Linux). Every line that is appended must be
synced within a second, and every other file written beside its place, synced, renamed, and its folder synced. A run's folder is
put back as a loss of power could have left it: only what was synced is there for sure, and of the rest nothing, everything, or a
part with blank pages in it. That is done at every second of a run, and beside its syncs and renames, and the run is gone on with:
its weights must be the same bytes in the end, and every figure of every evaluation the same number.
"""

from __future__ import annotations

import contextlib
import copy
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.reliability.durability import WITHIN, Found, check_traces
from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.reliability.resume_kills import SETTINGS as SHORT
from benchmarks.reliability.resume_kills import Forked
from benchmarks.reliability.trace import Disk, NoCompiler, Operation, library, put_back, read_trace
from benchmarks.reliability.waiting import until
from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines.resume import queue_again
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import waits
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.log_tail import read_last

SETTINGS = SHORT | {"model.name": "lstm"}
KEPT = (0.0, 0.5, 1.0)
"""Of what is unsure, the share that a cut leaves."""
_START = (
    "import sys; from pathlib import Path; from rnnlab.config import RunConfig; from rnnlab.runs.folders import *\n"
    "from rnnlab.runs.notes import Notes, write_notes; from rnnlab.runs.rename import *; from rnnlab.runs.trash import *\n"
    "root = Path(sys.argv[1]); config = RunConfig.from_settings({'task.name': 'binary'})\n"
)
ACTIONS = {
    "a session is made": "create_session('new', root=root)",
    "a run is queued": "Session(root / 'lab').create_run(config)",
    "notes of a run are written": "write_notes(Session(root / 'lab').runs()[0], Notes('a note', ('good',)))",
    "notes of a session are written": "write_notes(Session(root / 'lab'), Notes('a note', ('good',)))",
    "a command is sent": "Session(root / 'lab').runs()[0].send('stop')",
    "a run is renamed": "rename_run(Session(root / 'lab').runs()[0], 'first')",
    "a session is renamed": "rename_session(Session(root / 'lab'), 'other')",
    "a run is deleted": "discard_run(Session(root / 'lab').runs()[0])",
    "a session is deleted": "discard_session(Session(root / 'lab'))",
    "a run is brought back": "restore(discard_run(Session(root / 'lab').runs()[0]))",
}
"""What a person may do to a session, as code: when it has returned, all of it must be safe."""
_LAB, _RUN, _OUT = "lab", "lab/{run}", "{root}/"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("note", _LAB, "a note"),
    ("tag", _RUN, "+good"),
    ("resume", _RUN, "--epochs", "8"),
    ("sweep", "sinusoids", "--session", "swept", "--over", "model.hidden=4;8", "--set", "train.epochs=3"),
    ("pack", _LAB, "-o", _OUT + "lab.zip"),
    ("unpack", _OUT + "lab.zip", "--name", "packed"),
    ("prune", "packed", "--yes"),
    ("rename", "packed", "renamed"),
    ("delete", "renamed"),
    ("delete", "--undo"),
    ("tune", "sinusoids"),
    ("report", _LAB, "-o", _OUT + "report.md"),
    ("plot", _RUN, "loss", "-o", _OUT + "loss.csv"),
    ("compare", _LAB, "--to", "csv", "-o", _OUT + "table.csv"),
    ("export", _RUN, "--to", "csv", "-o", _OUT + "tables"),
    ("export", _RUN, "--to", "torch", "-o", _OUT + "net.pt"),
    ("export", _RUN, "--to", "tensorboard", "-o", _OUT + "board"),
)


def followed(root: Path, trace: str) -> dict[str, str]:
    """The environment in which what is done below `root` is noted. Raises `Skipped`."""
    try:
        return {**os.environ, "LD_PRELOAD": str(library()), "FILES_ROOT": str(root), "FILES_TRACE": trace}
    except NoCompiler as reason:
        raise Skipped(str(reason)) from None


def traces_of(start: Callable[[dict[str, str]], object], root: Path) -> Found:
    """What the traces show of the processes that `start` starts with the environment that it is given."""
    with tempfile.TemporaryDirectory() as name:
        start(followed(root, f"{name}/"))
        return check_traces(Path(name))


# How long a line is not safe


def plainly(run: RunFolder) -> None:
    """The run is left alone."""


def while_busy(run: RunFolder) -> None:
    """Every core has something else to do, as important as the trainer."""
    code = "import os\nos.nice(10)\nwhile True: pass"
    spinners = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(cores())]
    try:
        _until_ended(run)
    finally:
        for each in spinners:
            each.kill()
            each.wait()


def paused(run: RunFolder) -> None:
    """It is paused for some seconds, and asked to evaluate and to save."""
    until(lambda: read_state(run.events_path)[0].step > 5, "it trains")
    run.send("pause")
    time.sleep(2.5)
    for verb in ("resume", "evaluate", "save"):
        run.send(verb)


WAYS: tuple[tuple[Callable[[RunFolder], None], dict[str, object]], ...] = (
    (plainly, {}),
    (paused, {}),
    (while_busy, {"train.epochs": 40}),
    (plainly, {"model.hidden": "512", "train.batch_size": 64, "train.epochs": 4}),
)
"""What is done to a run while it trains, and its settings: short updates, long ones."""


def appended(plan: Plan) -> Iterator[Trial]:
    """Runs whose trainers are followed."""
    with tempfile.TemporaryDirectory() as name:
        session = create_session("lab", root=Path(name))
        for number in plan.numbers:
            disturb, settings = WAYS[number % len(WAYS)]
            length = {"train.epochs": 30} if plan.quick else {}
            run = session.create_run(RunConfig.from_settings(SETTINGS | settings | length))

            def start(
                environment: dict[str, str], run: RunFolder = run, disturb: Callable[..., None] = disturb
            ) -> None:
                with subprocess.Popen([sys.executable, "-m", "rnnlab.training", str(run.path)], env=environment):
                    disturb(run)

            found = traces_of(start, run.path)
            if not found.appended:
                found.report("no line was appended")
            yield Trial(str(found), found.longest)


def _until_ended(run: RunFolder) -> None:
    def ended() -> bool:
        last = read_last(run.events_path)
        return last is not None and isinstance(last.data, RunFinished)

    until(ended, "it ends")


# How files are replaced


def commands(plan: Plan) -> Iterator[Trial]:
    """Commands of the command line, one after the other, with the processes that they start."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folders = {f"RNNLAB_{each}": str(root / each) for each in ("SESSIONS", "STATE", "CACHE")}
        folders["XDG_CONFIG_HOME"] = str(root / "CONFIG")
        _command(("train", "sinusoids", "--session", _LAB, "--epochs", "5"), os.environ | folders, root)
        for number in plan.numbers:
            words = COMMANDS[number % len(COMMANDS)]
            for earlier in COMMANDS[:number] if words[0] in ("unpack", "prune", "rename", "delete") else ():
                with contextlib.suppress(RuntimeError):  # of a part that was stopped: what this one needs may be there
                    _command(earlier, os.environ | folders, root)
            try:
                found = traces_of(lambda env, words=words: _command(words, env | folders, root), root)  # type: ignore[misc]
            except RuntimeError as error:
                yield Trial(str(error))
            else:
                yield Trial(f"{words[0]}: {found}" if found.problems else "", found.longest)


def _command(words: Sequence[str], environment: dict[str, str], root: Path) -> None:
    runs = sorted((root / "SESSIONS" / _LAB / "runs").glob("*"))
    there = [word.format(root=root, run=runs[0].name if runs else "") for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", *there], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"rnnlab {' '.join(there)}: exit code {done.returncode}: {done.stderr.strip()[-200:]}")


def actions(plan: Plan) -> Iterator[Trial]:
    """A cut just after a command has said that something is done."""
    for number in plan.numbers:
        yield Trial(lost_after(list(ACTIONS)[number % len(ACTIONS)]))


def lost_after(action: str) -> str:
    """What a cut takes just after an action; empty: nothing. Raises `Skipped`."""
    with tempfile.TemporaryDirectory() as name:
        root, trace = Path(name) / "sessions", Path(name) / "trace"
        create_session("lab", root=root).create_run(RunConfig.from_settings({"task.name": "binary"}))
        disk = Disk(root)
        environment = followed(root, str(trace))
        subprocess.run([sys.executable, "-c", _START + ACTIONS[action], str(root)], env=environment, check=True)
        for operation in read_trace(trace):
            disk.apply(operation)
        left = disk.after_a_cut(random.Random(0), 0.0)
        there = {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        differ = [path for path in {**left, **there} if left.get(path) != there.get(path) and not _is_lock(path)]
        return f"{action}: {', '.join(os.path.relpath(path, root) for path in differ)}" if differ else ""


def _is_lock(path: str) -> bool:
    return path.endswith(".lock")


# Cuts while a run trains


def cuts(plan: Plan) -> Iterator[Trial]:
    """A run is traced once; each trial puts it back as it was at one moment and goes on with it."""
    trainers = Forked()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = create_session("runs", root=folder)
        reference = session.create_run(RunConfig.from_settings(SETTINGS | {"train.epochs": 30 if plan.quick else 120}))
        before, trace = Disk(reference.path), folder / "trace"
        command = [sys.executable, "-m", "rnnlab.training", str(reference.path)]
        subprocess.run(command, env=followed(reference.path, str(trace)), check=True)
        operations, expected = read_trace(trace), outcome(reference)
        for number in plan.numbers:
            chance = plan.chance(number)
            after, kept = moment(operations, number, chance)
            disk = copy.deepcopy(before)
            for operation in operations[:after]:
                disk.apply(operation)
            cut = RunFolder(session.runs_path / f"cut-{number}")
            put_back(disk.after_a_cut(chance, kept), str(reference.path), cut.path)
            problem = gone_on(cut, trainers)
            if not problem and outcome(cut) != expected:
                problem = "weights or figures differ"
            yield Trial(f"after operation {after:,} with {kept:.0%} kept: {problem}" if problem else "")


def moment(operations: Sequence[Operation], number: int, chance: random.Random) -> tuple[int, float]:
    """After how many operations to cut, and how much of what is unsure is left.

    First every second with each share, then a moment beside one of the syncs and renames.
    """
    began = operations[0].seconds
    seconds = range(int(operations[-1].seconds - began) + 1)
    kept = KEPT[number % len(KEPT)]
    if (second := number // len(KEPT)) in seconds:
        return sum(each.seconds - began <= second for each in operations), kept
    sharp = [at for at, each in enumerate(operations) if each.kind in ("sync", "rename")]
    return chance.choice(sharp) + chance.randint(0, 1), kept


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


PROMISE = Promise(
    5,
    "power_cut",
    f"What was acknowledged is safe from a loss of power within {WITHIN:.0f} s, files are replaced whole, and a run whose power "
    "was cut at any moment goes on to the same bits.",
    (
        Part("runs whose lines are followed until they are synced", appended, asked=40, quick=1, unit="s"),
        Part("commands whose files are followed", commands, asked=len(COMMANDS), quick=1, unit="s"),
        Part("cuts just after a person did something", actions, asked=len(ACTIONS), quick=2),
        Part("cuts at every second of a run and beside its syncs and renames", cuts, asked=200, quick=2),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
