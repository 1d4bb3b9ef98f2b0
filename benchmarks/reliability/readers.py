"""One writer of a log, and many who read it: a second writer is refused, and nobody reads what is not there.

    python -m benchmarks.reliability.readers [--quick] [--hours 1] [--again]

A second writer is a trainer, a resume or a log that is opened to be appended to, while another process holds it. Then, for ten
minutes, one process appends, ten read (as the log grows, from its start, and its end alone) and the app stands open on it twice.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.reliability.resume_kills import SETTINGS
from benchmarks.reliability.waiting import until
from benchmarks.watching import open_run
from rnnlab.config import RunConfig
from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import read_state
from rnnlab.training.process import NOT_MINE
from tests.terminal import Terminal

READERS = 10
APPS = 2
_TRIAL = 5.0
"""Seconds of reading that count as one trial."""
_READ = """
import itertools, sys, time
from pathlib import Path
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.log_tail import read_last
path, way = Path(sys.argv[1]), int(sys.argv[2])
cursor, following, highest = LogCursor(path), 0, -1
while True:
    if way % 3 == 0:
        for record in cursor.read(500):
            assert record.seq == following, f"event {record.seq} follows {following - 1}"
            following += 1
        assert not cursor.damaged
    elif way % 3 == 1:
        anew = LogCursor(path)
        numbers = [record.seq for record in itertools.islice(anew.stream(), 20_000)]
        assert numbers == list(range(len(numbers))) and not anew.damaged
    else:
        last = read_last(path)
        assert last is not None and last.seq >= highest, f"{last} after event {highest}"
        highest = last.seq
    time.sleep(0.05)
"""


@contextlib.contextmanager
def trained(folder: Path) -> Iterator[RunFolder]:
    """A run that trains until the block is left."""
    run = create_session("lab", root=folder / "sessions").create_run(
        RunConfig.from_settings(SETTINGS | {"train.epochs": 100_000})
    )
    with subprocess.Popen([sys.executable, "-m", "rnnlab.training", str(run.path)]) as process:
        try:
            until(lambda: read_state(run.events_path)[0].step >= 10, "it trains")
            yield run
        finally:
            process.kill()


def second_writers(plan: Plan) -> Iterator[Trial]:
    """Who would write a log that a trainer writes."""
    with tempfile.TemporaryDirectory() as name, trained(Path(name)) as run:
        for number in plan.numbers:
            yield Trial((_appends, _trains, _resumes)[number % 3](run))


def _appends(run: RunFolder) -> str:
    try:
        with LogWriter(run.events_path) as log:
            log.append(Progress(step=1))
    except LogBusy:
        return ""
    return "a second writer could append"


def _trains(run: RunFolder) -> str:
    code = subprocess.run([sys.executable, "-m", "rnnlab.training", str(run.path)], check=False).returncode
    return "" if code == NOT_MINE else f"a second trainer ended with exit code {code}"


def _resumes(run: RunFolder) -> str:
    command = [sys.executable, "-m", "rnnlab", "resume", str(run.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    refused = done.returncode == 2 and "is being trained" in done.stderr
    return "" if refused else f"rnnlab resume: exit code {done.returncode}: {done.stderr[-200:]}"


def read_together(plan: Plan) -> Iterator[Trial]:
    """Readers and apps beside one writer; each trial is some seconds of it."""
    with tempfile.TemporaryDirectory() as name, trained(Path(name)) as run, contextlib.ExitStack() as stack:
        readers = [_reader(run, way) for way in range(READERS)]
        for each in readers:
            stack.callback(each.kill)
        environment = {"RNNLAB_SESSIONS": str(Path(name) / "sessions"), "XDG_CONFIG_HOME": name}
        apps = [stack.enter_context(Terminal(cwd=Path(name), environment=environment)) for _ in range(APPS)]
        for app in apps:
            app.see("Surnames")
            app.press("f3")
            app.see("lab")
            open_run(app, run)
        for _ in plan.numbers:
            deadline = time.monotonic() + (1.0 if plan.quick else _TRIAL)
            before = read_state(run.events_path)[0].step
            while time.monotonic() < deadline:
                for app in apps:
                    app.look(0.1)
            yield Trial(_problem(run, before, readers, apps))


def _reader(run: RunFolder, way: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _READ, str(run.events_path), str(way)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def _problem(run: RunFolder, before: int, readers: list[subprocess.Popen[bytes]], apps: list[Terminal]) -> str:
    state, damaged = read_state(run.events_path)
    if state.step <= before or state.missing or damaged:
        return f"the writer is at update {state.step:,} after {before:,}; {state.missing} events missing, {damaged} damaged"
    for way, each in enumerate(readers):
        if each.poll() is not None and each.stderr is not None:
            return f"reader {way} ended: {os.fsdecode(each.stderr.read())[-200:]}"
    for app in apps:
        if app.process.poll() is not None or "ex/s" not in app.text or "damaged" in app.text:
            return f"an app shows:\n{app.text}"
    return ""


PROMISE = Promise(
    9,
    "readers",
    "A log has one writer, a second one is refused, and whoever reads it while it grows reads every event once and nothing else.",
    (
        Part("second writers", second_writers, asked=120, quick=3),
        Part(f"{READERS} readers, {APPS} apps and one writer", read_together, seconds=600, hours_seconds=1800),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
