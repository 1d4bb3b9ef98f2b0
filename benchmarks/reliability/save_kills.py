"""Kills a trainer with -9 within its saves: what it saved before is whole, two are kept, and nothing half-written stays.

    python -m benchmarks.reliability.save_kills [--quick] [--hours 1] [--again]

A trainer that saves its state and its weights so often as it can dies before its n-th opening, write (also after a part of the
bytes), sync, rename or removal of a file that waits to be renamed, or of its log meanwhile. After each: state, best and last
weights are files that the log records and can be read; what was half-written is gone once the runner has seen to the run; gone
on with, it comes to the same bits as one that was never killed.
"""

from __future__ import annotations

import sys
from functools import partial

from benchmarks.reliability.killed_at import deaths
from benchmarks.reliability.promise import Part, Promise, main

PROMISE = Promise(
    6,
    "save_kills",
    "A run killed within a save has a valid state and its best and last weights, and nothing half-written stays.",
    (
        Part("before a file is made", partial(deaths, kind="open", temporaries=True), asked=40, quick=1),
        Part("before or within a write", partial(deaths, kind="write", temporaries=True), asked=60, quick=1),
        Part("before a sync", partial(deaths, kind="sync", temporaries=True), asked=50, quick=1),
        Part("before a rename", partial(deaths, kind="rename", temporaries=True), asked=50, quick=1),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
