"""Cuts a log at every byte, as a loss of power may: what is whole is read, nothing else, and the next writer goes on from there.

    python -m benchmarks.reliability.cut_log [--quick] [--hours 1] [--again]

A trial is one line of a log of 1,000 events, cut off before each of its bytes. The quick form takes the first lines alone.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Progress, Record, RunFinished, RunStarted
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records

EVENTS = 1000


def write_log(path: Path, events: int) -> list[Record]:
    """A log with a start and as many updates as make `events`."""
    data = DataSummary(task="names", title="Names", problem="classification", metric="accuracy", higher_is_better=True)
    started = RunStarted(run="001", config={}, data=data, model="LSTM 8", epochs=2, steps_per_epoch=10, steps_total=20)
    with LogWriter(path) as log:
        return [log.append(started), *(log.append(update(step)) for step in range(1, events))]


def update(step: int) -> Progress:
    """An event of one update."""
    loss = 1 / step
    return Progress(epoch=1, step=step, steps=1, loss=loss, loss_low=loss, loss_high=loss, lr=0.1, seconds=step / 10)


def cut_lines(plan: Plan) -> Iterator[Trial]:
    """The log cut before each byte of one line after the other."""
    with tempfile.TemporaryDirectory() as name:
        whole, path = Path(name) / "whole.jsonl", Path(name) / "cut.jsonl"
        records = write_log(whole, EVENTS)
        data = whole.read_bytes()
        ends = [0, *itertools.accumulate(map(len, data.splitlines(keepends=True)))]
        for number in plan.numbers:
            yield Trial(next(filter(None, (problem(path, data[:cut], records, number, ends) for cut in
                                           range(ends[number], ends[number + 1]))), ""))  # fmt: skip


def problem(path: Path, left: bytes, records: list[Record], number: int, ends: list[int]) -> str:
    """What is wrong with a log of which `left` is there, `number` whole lines and a part of the next; empty: nothing."""
    path.write_bytes(left)
    where = f"cut at byte {len(left):,}"
    if (found := read_records(path)) != (records[:number], 0):
        return f"{where}: {len(found[0])} events read, {found[1]} damaged lines; {number} lines are whole"
    # A line that lacks nothing but its newline is kept.
    kept = number + (len(left) == ends[number + 1] - 1)
    with LogWriter(path) as log:
        log.append(RunFinished(outcome="stopped"))
    after, damaged = read_records(path)
    if damaged or after[:-1] != records[:kept] or [each.seq for each in after] != list(range(kept + 1)):
        return f"{where}: after the next event {len(after)} events and {damaged} damaged lines"
    return ""


PROMISE = Promise(
    2,
    "cut_log",
    "A log that is cut at any byte is read up to its last whole event, and the next event follows without a gap.",
    (Part("cuts before every byte of a line", cut_lines, asked=EVENTS, quick=10),),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
