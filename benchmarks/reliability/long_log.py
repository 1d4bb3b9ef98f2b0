"""The app follows a log as it grows to ten million events: its memory stays, and so does the time from a key to the change.

    python -m benchmarks.reliability.long_log [--quick] [--hours 1] [--again]

A trial is a million events (in the quick form two thousand), appended in pieces to the log of a run that the app shows in a real
terminal, then a hundred keys. Memory is counted from where the app has read the first ten thousand events, and a key's time up
to the change on the screen, which on a machine that others use, too, depends on them as well. A part that was stopped writes the
log anew up to where it was.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from benchmarks.key_to_paint import axis, measure, percentile
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.replay_log import log_lines
from benchmarks.watching import A_PERIOD, A_PIECE, FIRST, app, megabytes, open_run
from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter

TRIALS, EACH, EACH_QUICK = 10, 1_000_000, 2000
KEYS, KEYS_QUICK = 100, 10
MOST_GROWTH, MOST_SECONDS = 50.0, 0.1
PATIENCE = 600.0


def followed(plan: Plan) -> Iterator[Trial]:
    """The app follows the log: of each million events the growth of its memory, in MB; a problem where keys are late, too."""
    each, keys = (EACH_QUICK, KEYS_QUICK) if plan.quick else (EACH, KEYS)
    numbers = list(plan.numbers)
    lines = log_lines(FIRST + each * (numbers[-1] + 1))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        session = create_session("long", root=folder / "sessions")
        run = session.create_run(RunConfig.from_settings({"task.name": "surnames"}))
        log = stack.enter_context(run.events_path.open("ab", buffering=0))
        log.write(b"".join(islice(lines, FIRST)))
        stack.enter_context(LogWriter(run.events_path))
        terminal = stack.enter_context(app(folder))
        open_run(terminal, run)
        terminal.look(3.0)
        first = megabytes(terminal.process.pid)
        for piece in _pieces(lines, each * numbers[0]):
            log.write(piece)
        for number in numbers:
            for piece in _pieces(lines, each):
                log.write(piece)
                terminal.look(A_PERIOD)
            terminal.see(f"step +{FIRST + each * (number + 1) - 1:,} ", seconds=PATIENCE)
            growth = megabytes(terminal.process.pid) - first
            late = percentile(measure(terminal, ["x"], keys, number, axis), 0.95)
            problem = f"memory grew by {growth:.0f} MB" if growth >= MOST_GROWTH else ""
            if late >= MOST_SECONDS and not plan.quick:
                loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
                problem += (
                    f"{'; ' if problem else ''}a key took {late * 1000:.0f} ms at p95 (load of the machine {loads})"
                )
            yield Trial(f"after {FIRST + each * (number + 1):,} events: {problem}" if problem else "", figure=growth)


def _pieces(lines: Iterator[bytes], count: int) -> Iterator[bytes]:
    """The next lines, some in one piece."""
    for at in range(0, count, A_PIECE):
        yield b"".join(islice(lines, min(A_PIECE, count - at)))


PROMISE = Promise(
    20,
    "long_log",
    "An app that follows a run of ten million events grows by less than 50 MB, and answers 95 of 100 keys within 100 ms.",
    (Part("millions of events followed", followed, asked=TRIALS, quick=1, unit="MB more"),),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
