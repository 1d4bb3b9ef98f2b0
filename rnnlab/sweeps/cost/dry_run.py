"""What a sweep would cost, before any of it is queued: the command line prints it, and the app asks for it and shows the same."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rnnlab.cores import cores
from rnnlab.text.numbers import bytes_text, count, time_text

SHOWN = 5
"""Sentences on configurations that are left out; the rest is counted."""


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """Size and cost of a sweep.

    `runs` are those of all `configurations`, `confirming` of them of the best ones, `done` of them ended. `seconds` and `bytes`
    are those of what is left, on all cores; of `unknown` runs the time is not known. `invalid`, `unread` and `merged` are as in
    `Points`; `grid` is as in `grid_size`.
    """

    configurations: int
    runs: int
    done: int = 0
    confirming: int = 0
    seconds: float = 0.0
    bytes: int = 0
    unknown: int = 0
    invalid: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    merged: int = 0
    grid: int | None = None

    @property
    def size_text(self) -> str:
        """`10 configurations, 20 runs; 0 of them done`."""
        confirming = f", and {self.confirming} that confirm the best" if self.confirming else ""
        runs = count(self.runs - self.confirming)
        configurations = (
            "1 configuration" if self.configurations == 1 else f"{count(self.configurations)} configurations"
        )
        return f"{configurations}, {runs} runs{confirming}; {count(self.done)} of them done"

    @property
    def cost_text(self) -> str:
        """`about 5 min on 2 cores, about 14 MB on disk`."""
        unknown = f" (of {self.unknown} runs the time is not known before their data are read)" if self.unknown else ""
        return f"{time_text(self.seconds)} on {cores()} cores{unknown}, about {bytes_text(self.bytes)} on disk"

    @property
    def left_out(self) -> list[str]:
        """As `left_out`."""
        return left_out(self.invalid, self.unread, self.merged)


def left_out(invalid: Sequence[str], unread: Sequence[str], merged: int) -> list[str]:
    """What became of points that are no configurations of their own, a sentence each; the arguments are as in `Points`."""
    sentences = []
    if merged or unread:
        why = "; ".join(unread)
        same = f": {count(merged)} points are the same as others and are trained once" if merged else ""
        sentences.append(f"{why or 'values repeat'}{same}")
    sentences += [f"left out: {sentence}" for sentence in invalid[:SHOWN]]
    if len(invalid) > SHOWN:
        sentences.append(f"left out: {len(invalid) - SHOWN} more that are not allowed")
    return sentences
