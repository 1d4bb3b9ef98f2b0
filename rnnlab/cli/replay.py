"""`rnnlab replay`: a run's whole story again, from nothing but its log."""

from __future__ import annotations

import sys
import time
from bisect import bisect_right
from itertools import islice
from typing import Any

import click
import msgspec
from rich.console import Console

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.consent import ask_to_train, yes_option
from rnnlab.cli.echo import echo, echo_json, redraw
from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.terminal import giving_back, out, report_width, show
from rnnlab.plots.run.frame import run_frame
from rnnlab.plots.run.report import run_report
from rnnlab.runs.demo import DEMO_SESSION, find_recorded
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.timeline import end_of_epoch, play_times
from rnnlab.text.lines import Block
from rnnlab.text.palette import Palette, terminal_palette

_PLAYED = 10.0
"""Seconds that a run is played in where no speed is given."""
_FRAME = 0.05


@click.command("replay")
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=completion.runs)
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), metavar="X", help="Play X times as fast as it was trained."
)
@click.option(
    "--instant", is_flag=True, help="Print the report at once, as is done where the output is not a terminal."
)
@click.option("--at", "epoch", type=int, metavar="EPOCH", help="The run as it was at the end of that epoch.")
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON, alone, with its status and digest.")
@click.option("--verify", "verified", is_flag=True, help="Train it again and compare every recorded number.")
@yes_option
@cells_option
def command(
    run: str, speed: float | None, instant: bool, epoch: int | None, as_json: bool, verified: bool, yes: bool
) -> int:
    """Replay RUN from its log: plots, tables, figures.

    RUN is a path, SESSION/RUN, a run's name or number in the latest session, or `latest`; `demo` is the run that comes with
    rnnlab, where no session of yours has that name.
    """
    folder = find_recorded(run)
    read_last(folder.events_path)  # a log of which nothing is left is no story of a run that waits
    if verified and not folder.path.is_relative_to(DEMO_SESSION):  # which is trusted as the code beside it
        ask_to_train(folder, yes)
    last = None if epoch is None else end_of_epoch(LogCursor(folder.events_path).stream(), epoch)
    log = LogCursor(folder.events_path)
    if as_json:
        state = _state_at(log, last)
        document = state_document(folder, state, log)
        code = 0
        if verified:
            code, document["verify"] = _verified_document(folder)
        echo_json(document)
        return code
    console, palette = out(), terminal_palette()
    interrupted = False
    if console.is_terminal and not instant and epoch is None:
        interrupted = _play(folder, console, palette, speed)
    state = _state_at(log, last)
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


def _state_at(log: LogCursor, last: int | None) -> RunState:
    """The state after record `last`; None: after all of them, read once."""
    return reduce_all(initial_state(), (record for record in log.stream() if last is None or record.seq <= last))


def state_document(folder: RunFolder, state: RunState, log: LogCursor) -> dict[str, Any]:
    """The whole state as JSON takes it, its digest, and what could not be read of the log."""
    document: dict[str, Any] = {
        "run": str(folder.path),
        "status": state.status,
        "digest": state.digest(),
        "damaged": log.damaged,
        "unknown": log.unknown,
        "torn": log.torn,
    }
    document.update(msgspec.to_builtins(state.without_savepoints()))
    return document


def _play(folder: RunFolder, console: Console, palette: Palette, speed: float | None) -> bool:
    """Draws the run in place as it went; whether Ctrl-C ended it."""
    from rich.live import Live

    times = play_times(LogCursor(folder.events_path).stream())
    if not times:
        return False
    speed = speed or max(times[-1] / _PLAYED, 1e-9)
    state = initial_state()
    records = LogCursor(folder.events_path).stream()
    played = 0
    start = time.monotonic()
    # Under the picture stay two lines: rich ends with one of its own, and the ^C that a terminal echoes must not wrap.
    with giving_back(), Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
        try:
            while played < len(times):
                due = (time.monotonic() - start) * speed
                ready = bisect_right(times, due, lo=played) - played
                reduce_all(state, islice(records, ready))
                played += ready
                width, height = console.size
                frame = run_frame(state, width=width, height=min(height - 2, 44), palette=palette, name=folder.name)
                live.update(Block([*frame, []]), refresh=True)
                if played < len(times):
                    wait = (times[played] - due) / speed
                    time.sleep(min(0.5, max(_FRAME, wait)))
        except KeyboardInterrupt:
            return True
    return False


def _verify(folder: RunFolder) -> int:
    """Train the run again and print whether its numbers are the same."""
    report = _trained_again(folder)
    for note in report.notes:
        echo(f"note: {note}")
    if report.ok:
        echo(f"every number matches ({report.compared:,} compared)")
        return 0
    echo(report.summary(), *(f"  {mismatch}" for mismatch in report.mismatches[:_SHOWN]))
    if len(report.mismatches) > _SHOWN:
        echo(f"  … and {len(report.mismatches) - _SHOWN:,} more")
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
        redraw(sys.stderr, f"training it again: update {step:,} of {steps:,}")

    try:
        return verify(folder, progress=progress)
    finally:
        redraw(sys.stderr)
