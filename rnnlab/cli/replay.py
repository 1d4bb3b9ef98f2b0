"""`rnnlab replay`: a run's whole story again, from nothing but its log."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click
import msgspec
from rich.console import Console

from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import UsageError
from rnnlab.plots.frame import run_frame
from rnnlab.plots.lines import Block
from rnnlab.plots.palette import Palette, terminal_palette
from rnnlab.plots.report import run_report
from rnnlab.runs.course import course
from rnnlab.runs.events import Evaluated, Progress, Record, RunFailed, RunFinished
from rnnlab.runs.folders import RunFolder, find_run
from rnnlab.runs.log import LogCursor
from rnnlab.runs.state import RunState, initial_state, reduce

_PLAYED = 10.0
"""Seconds that a run is played in where no speed is given."""
_FRAME = 0.05
_LONGEST_GAP = 0.1
"""A pause is played in at most this share of the whole."""


@click.command("replay")
@click.argument("run", default="latest", metavar="[RUN]")
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), metavar="X", help="Play X times as fast as it was trained."
)
@click.option("--instant", is_flag=True, help="Print the report at once; so it is where output is no terminal.")
@click.option("--at", "epoch", type=int, metavar="EPOCH", help="The run as it was at the end of that epoch.")
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON, alone, with its status and digest.")
@click.option("--verify", "verified", is_flag=True, help="Train it again and compare every recorded number.")
def command(run: str, speed: float | None, instant: bool, epoch: int | None, as_json: bool, verified: bool) -> int:
    """Tell the story of RUN from its log: plots, tables, figures.

    RUN is a path, SESSION/RUN, a run's name or number in the latest session, or `latest`.
    """
    folder = find_run(run)
    log = LogCursor(folder.events_path)
    records: list[Record] = []
    while not log.caught_up:
        records += log.read(1 << 30, 60.0)
    if epoch is not None:
        records = until_epoch(records, epoch)
    state = initial_state()
    if as_json:
        for record in records:
            reduce(state, record)
        document = state_document(folder, state, log)
        code = 0
        if verified:
            code, document["verify"] = _verified_document(folder)
        click.echo(msgspec.json.encode(document))
        sys.stdout.flush()
        return code
    console, palette = out(), terminal_palette()
    interrupted = False
    if console.is_terminal and not instant and epoch is None and records:
        interrupted = _play(folder, records, console, palette, speed)
    for record in records:
        reduce(state, record)
    lines = run_report(
        state,
        report_width(console),
        palette,
        name=folder.name,
        damaged=log.damaged,
        unknown=log.unknown,
        torn=log.torn,
    )
    show(lines, console)
    if interrupted:
        return INTERRUPTED
    return _verify(folder) if verified else 0


def until_epoch(records: Sequence[Record], epoch: int) -> list[Record]:
    """The records up to the end of `epoch`: its evaluations and what was saved of it, nothing of the next one nor of the
    run's end. Raises `UsageError` where that epoch was not finished."""
    held = course(records)
    finished = sorted({r.data.epoch for r in held if isinstance(r.data, Evaluated) and not r.data.final})
    if epoch not in finished:
        there = (
            "it has not finished one"
            if not finished
            else f"it has epoch {finished[0]} alone"
            if len(finished) == 1
            else f"it has epochs {finished[0]} to {finished[-1]}"
        )
        raise UsageError(f"--at {epoch}: the run has no finished epoch {epoch}; {there}")
    last = records[0].seq
    for record in held:
        event = record.data
        if isinstance(event, RunFinished | RunFailed) or (isinstance(event, Evaluated) and event.final):
            break
        if isinstance(event, Progress) and event.steps and event.epoch > epoch:
            break
        if getattr(event, "epoch", 0) <= epoch:
            last = record.seq
    return [record for record in records if record.seq <= last]


def state_document(folder: RunFolder, state: RunState, log: LogCursor) -> dict[str, Any]:
    """The whole state as JSON takes it, its digest, and what the log could not tell."""
    document: dict[str, Any] = {
        "run": str(folder.path),
        "status": state.status,
        "digest": state.digest(),
        "damaged": log.damaged,
        "unknown": log.unknown,
        "torn": log.torn,
    }
    document.update(msgspec.to_builtins(state.shown()))
    return document


def moments(records: Sequence[Record]) -> list[float]:
    """When each record is played, in seconds of the run from its first. The clock never goes back, and no pause is longer
    than a tenth of the time trained."""
    gaps = [0.0]
    for before, after in pairwise(records):
        gaps.append(max(0.0, after.wall - before.wall))
    trained = max((r.data.seconds for r in records if isinstance(r.data, Progress | RunFinished)), default=0.0)
    longest = max(1.0, (trained or sum(gaps)) * _LONGEST_GAP)
    at, times = 0.0, []
    for gap in gaps:
        at += min(gap, longest)
        times.append(at)
    return times


def _play(
    folder: RunFolder, records: Sequence[Record], console: Console, palette: Palette, speed: float | None
) -> bool:
    """Draws the run in place as it went; whether Ctrl-C ended it."""
    from rich.live import Live

    times = moments(records)
    speed = speed or max(times[-1] / _PLAYED, 1e-9)
    state = initial_state()
    played = 0
    start = time.monotonic()
    # Under the picture stay two lines: rich ends with one of its own, and the ^C that a terminal echoes must not wrap.
    with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
        try:
            while played < len(records):
                due = (time.monotonic() - start) * speed
                while played < len(records) and times[played] <= due:
                    reduce(state, records[played])
                    played += 1
                width, height = console.size
                frame = run_frame(state, width=width, height=min(height - 2, 44), palette=palette, name=folder.name)
                live.update(Block([*frame, []]), refresh=True)
                if played < len(records):
                    wait = (times[played] - due) / speed
                    time.sleep(min(0.5, max(_FRAME, wait)))
        except KeyboardInterrupt:
            return True
    return False


def _verify(folder: RunFolder) -> int:
    """Trains the run again and says what came out."""
    report = _trained_again(folder)
    for note in report.notes:
        click.echo(f"note: {_plain(note)}")
    if report.ok:
        click.echo(f"every number matches ({report.compared:,} compared)")
        return 0
    click.echo(_plain(report.summary()))
    for mismatch in report.mismatches[:_SHOWN]:
        click.echo(f"  {_plain(str(mismatch))}")
    if len(report.mismatches) > _SHOWN:
        click.echo(f"  … and {len(report.mismatches) - _SHOWN:,} more")
    return 1


_SHOWN = 12


def _verified_document(folder: RunFolder) -> tuple[int, dict[str, Any]]:
    report = _trained_again(folder)
    return (0 if report.ok else 1), report.as_json()


def _trained_again(folder: RunFolder) -> Any:
    from rnnlab.training.verify import verify

    if not sys.stderr.isatty():
        return verify(folder)

    def progress(step: int, steps: int) -> None:
        click.echo(f"\r\x1b[2Ktraining it again: update {step:,} of {steps:,}", nl=False, err=True)

    try:
        return verify(folder, progress=progress)
    finally:
        click.echo("\r\x1b[2K", nl=False, err=True)


def _plain(text: str) -> str:
    from rnnlab.plots.plain import plain

    return plain(text)
