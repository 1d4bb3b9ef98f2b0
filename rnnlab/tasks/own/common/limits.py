"""Limits on what is held in memory, with the sentences where they are exceeded."""

from __future__ import annotations

from rnnlab.tasks.own.common.findings import Findings

MOST_ROWS = 10_000_000
LONGEST_SERIES = 100_000
"""Maximum steps of one sequence of values."""
MOST_CHANNELS = 10_000
FEWEST_GROUPS = 3
"""Minimum number of folders above the labels' for a split by them; fewer are taken for mere order."""
LARGEST = 2 * 2**30
"""Maximum bytes of the inputs, each row padded to the longest."""
_WASTEFUL = 128 * 2**20
"""Bytes of inputs above which padding may be at most `_FEW` times the data."""
_FEW = 8


def cut_after(rows: int, tokens: int, most: int) -> int:
    """Tokens after which texts are cut: `most`, or fewer where a few long ones among many would make padding of nearly all.

    `tokens` counts those of all rows. Padded to it, the rows take 2 GiB and eight times the memory of their tokens, at most.
    """
    if rows * most * 4 <= _WASTEFUL:
        return most
    return max(1, min(most, _FEW * tokens // rows, LARGEST // (4 * rows)))


def check_tokens(findings: Findings, rows: int, longest: int, tokens: int) -> None:
    """Notes a stop where texts would have to be cut after less than they have on average; `longest` is that of `cut_after`."""
    if longest * rows < tokens:
        findings.stop(
            "large",
            f"{findings.name} holds {rows:,} texts of {tokens / rows:,.0f} words on average, more than {LARGEST // 2**30} GiB "
            "in memory, the most that can be trained on: take a sample",
        )


def check_padded(
    findings: Findings, rows: int, longest: int, steps: int, channels: int, longest_at: str, noun: str = "steps"
) -> None:
    """Notes a stop where the inputs, padded to the longest row, would not fit in memory. `steps` counts those of all rows."""
    size = rows * longest * channels * 4
    if size <= _WASTEFUL:
        return
    if size > _FEW * steps * channels * 4:
        findings.stop(
            "mixed lengths",
            f"{findings.name} has a row of {longest:,} {noun} where the average is {steps / rows:,.0f}; padded to that, "
            f"the rows would take {size / 2**30:,.1f} GiB: shorten it, or take it out",
            longest_at,
        )
    elif size > LARGEST:
        findings.stop(
            "large",
            f"{findings.name} would take {size / 2**30:,.1f} GiB in memory, {rows:,} rows of up to {longest:,} {noun}; "
            f"at most {LARGEST // 2**30} GiB can be trained on: take a sample",
        )
