"""The app follows a log as it grows to ten million events: its memory stays, and so does the time from a key to the change.

    python -m benchmarks.reliability.long_log [--quick] [--hours 1] [--again]

A trial of the first part is a million events (in the quick form two thousand), appended in pieces to the log of a run that the
app shows in a real terminal; memory is counted from where the app has read the first ten thousand. A trial of the second is a
hundred keys on the run with all its events, each timed up to the change on the screen: on a machine that others use it is
skipped. A part that was stopped writes the log anew up to where it was.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from itertools import islice
from pathlib import Path

from benchmarks.key_to_paint import axis, measure, percentile
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.replay_log import log_lines
from benchmarks.watching import A_PERIOD, A_PIECE, FIRST, app, megabytes, open_run
from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter
from tests.terminal import Terminal

TRIALS, EACH, EACH_QUICK = 10, 1_000_000, 2000
KEYS, KEYS_QUICK = 100, 10
MOST_GROWTH, MOST_SECONDS = 50.0, 0.1
PATIENCE = 600.0


def followed(plan: Plan) -> Iterator[Trial]:
    """The app follows the log: of each million events the growth of its memory, in MB."""
    each = EACH_QUICK if plan.quick else EACH
    numbers = list(plan.numbers)
    lines = log_lines(FIRST + each * (numbers[-1] + 1))
    with _log(lines) as (log, terminal):
        first = megabytes(terminal.process.pid)
        for number in range(numbers[0]):
            for piece in _pieces(lines, each):
                log.write(piece)
            _await(terminal, FIRST + each * (number + 1))
        for number in numbers:
            for piece in _pieces(lines, each):
                log.write(piece)
                terminal.skip(A_PERIOD)
            _await(terminal, FIRST + each * (number + 1))
            growth = megabytes(terminal.process.pid) - first
            problem = f"after {FIRST + each * (number + 1):,} events memory had grown by {growth:.0f} MB"
            yield Trial(problem if growth >= MOST_GROWTH else "", figure=growth)


def keys(plan: Plan) -> Iterator[Trial]:
    """A hundred keys on the run once all events are there: the 95th percentile of their times, in ms."""
    if not plan.quick and os.getloadavg()[0] > cores():
        raise Skipped(f"others use this machine: a load of {os.getloadavg()[0]:.1f} on {cores()} cores")
    events = EACH_QUICK if plan.quick else EACH * TRIALS
    lines = log_lines(FIRST + events)
    with _log(lines) as (log, terminal):
        for piece in _pieces(lines, events):
            log.write(piece)
        _await(terminal, FIRST + events)
        for number in plan.numbers:
            late = percentile(measure(terminal, ["x"], KEYS_QUICK if plan.quick else KEYS, number, axis), 0.95)
            problem = f"a key took {late * 1000:.0f} ms at p95" if late >= MOST_SECONDS and not plan.quick else ""
            yield Trial(problem, figure=late * 1000)


@contextmanager
def _log(lines: Iterator[bytes]) -> Iterator[tuple[FileIO, Terminal]]:
    """The log of a run with its first events, and the app that shows the run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = create_session("long", root=folder / "sessions")
        run = session.create_run(RunConfig.from_settings({"task.name": "surnames"}))
        with run.events_path.open("ab", buffering=0) as log:
            log.write(b"".join(islice(lines, FIRST)))
            with LogWriter(run.events_path), app(folder) as terminal:
                open_run(terminal, run)
                terminal.look(3.0)
                yield log, terminal


def _await(terminal: Terminal, events: int) -> None:
    """Until the app shows the last of so many events, all of it drawn anew."""
    size = terminal.screen
    for lines in (size.lines - 1, size.lines):
        terminal.resize(size.columns, lines)
        terminal.look(0.5)
    terminal.see(f"step +{events - 1:,} ", seconds=PATIENCE)


def _pieces(lines: Iterator[bytes], count: int) -> Iterator[bytes]:
    """The next lines, some in one piece."""
    for at in range(0, count, A_PIECE):
        yield b"".join(islice(lines, min(A_PIECE, count - at)))


PROMISE = Promise(
    20,
    "long_log",
    "An app that follows a run of ten million events grows by less than 50 MB, and answers 95 of 100 keys within 100 ms.",
    (
        Part("millions of events followed", followed, asked=TRIALS, quick=1, unit="MB more"),
        Part("hundreds of keys after ten million events", keys, asked=10, quick=1, unit="ms at p95"),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
