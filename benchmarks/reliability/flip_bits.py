"""Flips one bit of a log, as a failing disk does: it is noticed, costs one event at most, and the next writer goes on.

    python -m benchmarks.reliability.flip_bits [--quick] [--hours 1] [--again]

A trial flips one bit of a log of 1,000 events: of any byte, or of a newline, which joins two lines.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.reliability.cut_log import EVENTS, write_log
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from rnnlab.runs.events import Record, RunFinished
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import LogCursor, read_records
from rnnlab.runs.log_tail import read_last

Choose = Callable[[bytes, int], tuple[int, int]]
"""Byte and bit to flip in a log, for the number of a trial."""


def any_bit(data: bytes, number: int) -> tuple[int, int]:
    """By chance, over a log whose length may differ by some bytes."""
    chance = Random(f"bit {number}")
    return int(chance.random() * len(data)), chance.randrange(8)


def bit_of_a_newline(data: bytes, number: int) -> tuple[int, int]:
    """Every bit of every newline, one after the other."""
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")]
    return ends[number // 8 % len(ends)], number % 8


def flips(choose: Choose) -> Callable[[Plan], Iterator[Trial]]:
    def carry_out(plan: Plan) -> Iterator[Trial]:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "events.jsonl"
            records = write_log(path, EVENTS)
            data = path.read_bytes()
            for number in plan.numbers:
                at, bit = choose(data, number)
                damaged = bytearray(data)
                damaged[at] ^= 1 << bit
                path.write_bytes(damaged)
                found = problem(path, records)
                yield Trial(f"bit {bit} of byte {at:,} ({data[at : at + 1]!r}): {found}" if found else "")

    return carry_out


def problem(path: Path, records: list[Record]) -> str:
    """What is wrong with a log of `records` of which a bit is flipped; empty: nothing."""
    cursor = LogCursor(path)
    found = list(cursor.stream())
    if not cursor.damaged:
        return "not noticed"
    if lost := lost_of(found, records):
        return lost
    last = read_last(path)
    if last is None or last != found[-1]:
        return f"the last event is {last}, where {found[-1]} is read"
    end = RunFinished(outcome="stopped")
    with LogWriter(path) as log:
        added = log.append(end)
    if added.seq <= found[-1].seq:
        return f"the next event has the number {added.seq}, which was given before"
    after, _ = read_records(path)
    if after != [*found, added]:
        return f"after the next event {len(after)} events are read, before it {len(found)}"
    if list(cursor.stream()) != [added]:
        return "a reader that was there before does not go on"
    return ""


def lost_of(found: list[Record], records: list[Record]) -> str:
    """What is missing of `records`, or there besides them, when more than one is."""
    by_number = {each.seq: each for each in records}
    if wrong := [each for each in found if by_number.get(each.seq) != each]:
        return f"{wrong[0]} was never written"
    missing = len(records) - len(found)
    return f"{missing} events lost" if missing > 1 else ""


PROMISE = Promise(
    3,
    "flip_bits",
    "A flipped bit of a log is noticed and costs one event at most, and the next event follows with a number of its own.",
    (
        Part("one bit of any byte", flips(any_bit), asked=10_000, quick=50),
        Part("one bit of a newline", flips(bit_of_a_newline), asked=8 * EVENTS, quick=50),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
