"""What the app shows live, what it shows of a run that is opened again, and what is replayed, compared for runs of every task.

    python -m benchmarks.reliability.replayed [--quick] [--hours 1] [--again]

A trial trains a short run of one task and follows its log as it grows, in helpings of another size each time. Sessions that
earlier versions wrote (tests/earlier, by commit) must open: shown, compared and replayed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.promise import ROOT, Part, Plan, Promise, Trial, main
from benchmarks.reliability.resume_kills import Forked
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import LogCursor, read_records, read_state
from rnnlab.runs.reduce import reduce, reduce_all
from rnnlab.runs.state import RunState, initial_state

EARLIER = ROOT / "tests" / "earlier"
PATIENCE = 600.0
CELLS = ("elman", "lstm", "gru")
OWN = "word,kind\n" + "".join(
    f"{row * 7919:x}{'ab' if row % 2 else 'yz'},{'odd' if row % 2 else 'even'}\n" for row in range(1, 300)
)
_VERBS = (
    ("show", "{run}"),
    ("show", "{run}", "--json"),
    ("replay", "{run}"),
    ("replay", "{run}", "--json"),
    ("compare",),
)


def settings_of(number: int, folder: Path) -> dict[str, object]:
    """A short run of the task that is this number's turn."""
    task = list(TASKS)[number % len(TASKS)]
    settings: dict[str, object] = {
        "task.name": task, "model.name": CELLS[number // len(TASKS) % len(CELLS)], "model.hidden": "8",
        "train.epochs": 2, "train.seed": number, "runtime.device": "cpu", "runtime.threads": 1,
    }  # fmt: skip
    if task == "own":
        (folder / "own.csv").write_text(OWN)
        settings["data.path"] = str(folder / "own.csv")
    return settings


def follow(run: RunFolder, trainer: int, chance: random.Random) -> RunState:
    """The state as it was reduced from the log while it grew."""
    cursor, state = LogCursor(run.events_path), initial_state()
    deadline = time.monotonic() + PATIENCE
    alive = True
    while time.monotonic() < deadline:
        alive = alive and os.waitpid(trainer, os.WNOHANG) == (0, 0)
        records = cursor.read(chance.randint(1, 50))
        state = reduce_all(state, records)
        if not records and not alive and cursor.caught_up:
            return state
        if not records:
            time.sleep(0.02)
    raise TimeoutError(f"{run.path} did not end within {PATIENCE:.0f} s")


def runs_of_tasks(plan: Plan) -> Iterator[Trial]:
    """Short runs of one task after the other."""
    trainers = Forked()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in plan.numbers:
            settings = settings_of(number, folder)
            session = create_session(f"session-{number}", root=folder / "sessions")
            run = session.create_run(RunConfig.from_settings(settings))
            live = follow(run, trainers.start(run), plan.chance(number))
            problem = differs(live, run)
            yield Trial(f"{settings['task.name']}: {problem}" if problem else "")


def differs(live: RunState, run: RunFolder) -> str:
    """Where a state that was followed is not that of the log; empty: nowhere."""
    reopened, damaged = read_state(run.events_path)
    by_event = initial_state()
    for record in read_records(run.events_path)[0]:
        reduce(by_event, record)
    done = _rnnlab("replay", str(run.path), "--json")
    if done.returncode:
        return f"rnnlab replay: exit code {done.returncode}: {done.stderr[-200:]}"
    replayed = json.loads(done.stdout)["digest"]
    digests = [live.digest(), reopened.digest(), by_event.digest(), replayed]
    if damaged or len(set(digests)) > 1:
        return f"live, reopened, event by event and replayed are {digests}, {damaged} lines damaged"
    if live.status != "completed" and "rnnlab data fetch" not in live.message:
        return f"the run ended as {live.status}: {live.message}"
    return ""


def earlier_sessions(plan: Plan) -> Iterator[Trial]:
    """Sessions of tests/earlier, each copied, as what opens it must be free to write beside it."""
    names = sorted(each.name for each in EARLIER.iterdir())
    for number in plan.numbers:
        with tempfile.TemporaryDirectory() as folder:
            yield Trial(problem_of_earlier(names[number % len(names)], Path(folder)))


def problem_of_earlier(name: str, folder: Path) -> str:
    """What does not open of the session that the version `name` (a commit) wrote; empty: nothing."""
    session = Session(folder / name)
    shutil.copytree(EARLIER / name, session.path)
    for run in session.runs():
        cursor = LogCursor(run.events_path)
        state = reduce_all(initial_state(), cursor.stream())
        if (cursor.damaged, cursor.unknown, state.status, state.missing) != (0, 0, "completed", 0):
            return f"{name}: {cursor.damaged} lines damaged, {cursor.unknown} unknown, it {state.status}"
        for words in _VERBS:
            done = _rnnlab(words[0], *(each.format(run=run.path) for each in words[1:] or (str(session.path),)))
            if done.returncode or "Traceback" in done.stderr:
                return f"{name}: rnnlab {' '.join(words)}: exit code {done.returncode}: {done.stderr[-200:]}"
    return ""


def _rnnlab(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rnnlab", *words], capture_output=True, text=True, check=False)


PROMISE = Promise(
    11,
    "replayed",
    "What is shown of a run live, opened again and replayed is the same, for every task, and sessions of earlier versions open.",
    (
        Part("runs of all tasks, followed, opened again and replayed", runs_of_tasks, asked=50, quick=1),
        Part("sessions that earlier versions wrote", earlier_sessions, asked=5, quick=1),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
