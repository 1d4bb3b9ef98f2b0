"""`rnnlab train`: one run without the app. It is trained by the same runner, and watched through the same log."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import click
import msgspec

from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.settings import config_from_options, setting_options
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.follow import follow
from rnnlab.runs.outcome import outcome
from rnnlab.runs.state import RunState
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.folders import locate

_LIVENESS = 1.0
"""Seconds between two looks whether anybody carries the run out."""


@click.command("train")
@click.argument("task", required=False)
@setting_options
@click.option("--session", "session_name", metavar="NAME", help="The session to put the run in; default: today's.")
@click.option("--json", "as_json", is_flag=True, help="Print what it came to as JSON, alone, on stdout.")
@click.option("--detach", is_flag=True, help="Queue the run, print its folder and return at once.")
def command(
    task: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    session_name: str | None,
    as_json: bool,
    detach: bool,
    **flags: Any,
) -> int:
    """Train TASK. Ctrl-C stops the run cleanly and keeps it; a second Ctrl-C leaves it training and returns."""
    if task is None and config_file is None:
        raise click.UsageError("Say which TASK, for example: rnnlab train surnames (`rnnlab data list` lists them)")
    config = config_from_options(task, config_file, assignments, flags)
    card = TASKS[config.task.name]
    if card.found_by:
        locate(card, config)  # says what is missing, before a run is made of it
    if card.name == "own":
        from rnnlab.tasks.own.detect import own_path

        # Who carries the run out, or verifies it, may stand in another folder.
        config = RunConfig.from_settings(config.flat() | {"data.path": str(own_path(config).resolve())})
    session = create_session(session_name, config.task.name)
    run = session.create_run(config)
    ensure_runner(session)
    if detach:
        click.echo(
            msgspec.json.encode({"run": str(run.path), "session": str(session.path)}) if as_json else str(run.path)
        )
        return 0
    return _watch(run, as_json)


class _Interrupts:
    """Counts Ctrl-C; the first sends `stop`, the second ends the watching."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.count = 0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            self.run.send("stop")


def _watch(run: RunFolder, as_json: bool) -> int:
    from rnnlab.cli.progress import ProgressLine

    interrupts = _Interrupts(run)
    before = signal.signal(signal.SIGINT, interrupts)
    line = ProgressLine(sys.stderr, quiet=as_json and not sys.stderr.isatty())
    state: RunState | None = None
    looked = time.monotonic()
    try:
        for state in follow(run):
            line.show(run, state, stopping=interrupts.count > 0)
            if interrupts.count > 1:
                line.end()
                click.echo(f"left training; watch it with: rnnlab, or rnnlab replay {run.path}", err=True)
                return INTERRUPTED
            if time.monotonic() - looked > _LIVENESS:
                looked = time.monotonic()
                # A runner that was killed leaves its trainers alone; one is needed to give a dead trainer its last word.
                if not state.ended and not run_alive(run) and not runner_alive(run.session):
                    ensure_runner(run.session)
    finally:
        signal.signal(signal.SIGINT, before)
    assert state is not None
    line.end()
    if as_json:
        click.echo(msgspec.json.encode(outcome(run, state)))
    else:
        line.conclude(run, state)
    if state.failed:
        if as_json:
            click.echo(f"rnnlab: {state.message}" + (f"; {state.hint}" if state.hint else ""), err=True)
        return 2 if state.kind in ("config", "data") else 1
    return INTERRUPTED if interrupts.count else 0
