"""`rnnlab train`: runs without the app. They are trained by the same runner, and watched through the same logs."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.cli.interrupts import Interrupts, counted_interrupts
from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.settings import assigned, config_from_options, setting_options, task_and_settings
from rnnlab.config import Field, RunConfig, Setting, UsageError
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.engines.slots import slots_problem
from rnnlab.engines.startable import check_startable
from rnnlab.logout import ends_at_logout
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.follow import RunLost, follow_all
from rnnlab.runs.outcome import outcome
from rnnlab.runs.repeats import parse_folds, parse_seeds, repeated
from rnnlab.runs.silence import SilenceWatch
from rnnlab.runs.state import RunState
from rnnlab.tasks.with_data import with_its_data

_LIVENESS = 1.0
"""Seconds between two checks that some process has the run."""


@click.command("train")
@click.argument("words", nargs=-1, metavar="[TASK] [KEY=VALUE]...", shell_complete=completion.tasks_and_settings)
@setting_options
@click.option(
    "--seeds",
    metavar="N|A,B,C",
    help="Train repeats side by side and show mean ± std: 5 is five seeds from train.seed on, 0,1,2 are these. They differ "
    "in weights, order and dropout and share the split that train.seed (or data.seed) draws.",
)
@click.option(
    "--folds",
    metavar="N",
    help="Cross-validation: part the sequences outside the test set into so many folds, train once a fold side by side, and "
    "show mean ± std; with --seeds once a fold and seed. One fold alone: --set data.folds=5 --set data.fold=2.",
)
@click.option(
    "--match-parameters",
    metavar="INT",
    help="Take the hidden size whose net has about so many parameters; model.hidden gives the proportions.",
)
@click.option("--vary-split", is_flag=True, help="With --seeds: let each seed draw a split of its own.")
@click.option(
    "--session",
    "session_name",
    metavar="NAME",
    help="The session to put the run in; default: today's.",
    shell_complete=completion.sessions,
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@click.option("--detach", is_flag=True, help="Queue the run, print its folder and return at once.")
@cells_option
def command(
    words: tuple[str, ...],
    config_file: Path | None,
    assignments: tuple[str, ...],
    seeds: str | None,
    folds: str | None,
    match_parameters: str | None,
    vary_split: bool,
    session_name: str | None,
    as_json: bool,
    detach: bool,
    **flags: Any,
) -> int:
    """Train TASK. Ctrl-C stops what was started cleanly and keeps it; a second Ctrl-C at once leaves it training.

    Any setting may follow by its key: rnnlab train names model.hidden=64 optim.lr=0.01. Defaults named below hold where the task
    or the architecture has none of its own; run.toml and the form show those in force.
    """
    task, bare = task_and_settings(words)
    if task is None and config_file is None:
        raise click.UsageError("Say which TASK, for example: rnnlab train surnames (`rnnlab data list` lists them)")
    if vary_split and seeds is None:
        raise click.UsageError("--vary-split needs --seeds: give how many seeds, too")
    assignments = (*bare, *assignments)
    if folds is not None:
        assignments = _with_folds(assignments, folds)
    config = with_its_data(config_from_options(task, config_file, assignments, flags))
    if match_parameters is not None:
        config = _matched(config, match_parameters)
    configs = [config]
    several = seeds is not None or folds is not None
    if several:
        chosen = (config.train.seed,) if seeds is None else parse_seeds(seeds, config.train.seed)
        configs = repeated(config, chosen, folds=config.data.folds if folds else None, vary_split=vary_split)
    session = create_session(session_name, config.task.name)
    check_startable(session)
    runs = [session.create_run(each) for each in configs]
    start_runner(session)
    if detach:
        mention_logout()
        queued: Any = {"run": str(runs[0].path), "session": str(session.path)}
        if several:
            queued = {"runs": [str(run.path) for run in runs], "session": str(session.path)}
        if as_json:
            echo_json(queued)
        else:
            echo(*(str(run.path) for run in runs))
        return 0
    return watch(runs[0], as_json) if not several else _watch_repeats(runs, configs, as_json)


def _with_folds(assignments: tuple[str, ...], folds: str) -> tuple[str, ...]:
    """`assignments` with the number of folds. Raises `UsageError` where they name the folds, or one of them, too."""
    for key in ("data.folds", "data.fold"):
        if key in assigned(assignments):
            raise UsageError(
                f"--folds trains every fold, so {key} cannot be set beside it; one fold alone is trained with "
                "--set data.folds=5 --set data.fold=2, without --folds"
            )
    # Of a configuration file that is of one fold, the fold is none of the command line's.
    return (*assignments, f"data.folds={parse_folds(folds)}", "data.fold=1")


def start_runner(session: Session) -> None:
    """Start the session's runner; what keeps it from sharing the cores stands on stderr. Raises `UsageError`."""
    ensure_runner(session)
    mention_slots(session)


def mention_slots(session: Session) -> None:
    """Print on stderr why the session does not take turns with others, where that is so."""
    if problem := slots_problem(session):
        echo(f"warning: {problem}", err=True)


def mention_logout() -> None:
    """Print on stderr that what goes on in the background ends with the logout, where that is so."""
    if problem := ends_at_logout():
        echo(f"warning: {problem}", err=True)


def _matched(config: RunConfig, parameters: str) -> RunConfig:
    """`config` with about so many parameters; prints what was found on stderr."""
    from rnnlab.models.plan.plan_for_task import matched_to

    field = Field("--match-parameters", "int", None, Setting("Parameters.", ge=1, le=10_000_000_000))
    target = field.parse(parameters)
    config, count = matched_to(config, target)
    hidden = ",".join(map(str, config.model.hidden))
    echo(f"{count:,} parameters come nearest to {target:,}: model.hidden = {hidden}", err=True)
    return config


class _StopCommand:
    """Sends `stop` to the runs once a Ctrl-C is to take effect."""

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        self._unsent = list(runs)
        """A full disk may have no room for a command, too."""

    def send(self) -> None:
        """Send it to the runs that could not be sent it yet."""
        for run in self._unsent.copy():
            with contextlib.suppress(OSError):
                run.send("stop")
                self._unsent.remove(run)


def _watched(runs: Sequence[RunFolder], interrupts: Interrupts) -> Iterator[list[RunState]]:
    """The runs' states until all have ended or Ctrl-C came twice, while somebody is seen to carry the runs out."""
    checked, command = time.monotonic(), _StopCommand(runs)
    for states in follow_all(runs):
        yield states
        if interrupts.count > 1:
            return
        if interrupts.stops:
            interrupts.acted = True
            command.send()
        if time.monotonic() - checked > _LIVENESS:
            checked = time.monotonic()
            # A runner that was killed leaves its trainers alone; one is needed to start what waits and to give a dead
            # trainer its last word.
            lying = any(
                not s.ended and run.path.is_dir() and not run_alive(run) for run, s in zip(runs, states, strict=True)
            )
            if lying and not runner_alive(runs[0].session):
                ensure_runner(runs[0].session)


def watch(
    run: RunFolder,
    as_json: bool,
    *,
    document: Callable[[RunFolder, RunState], object] = outcome,
    draw: Callable[[RunState], None] | None = None,
) -> int:
    """Show how the run gets on until it has ended. Returns the exit code that its outcome deserves.

    `document` makes of its last state what `--json` prints; `draw` shows it before the last words.
    """
    from rnnlab.cli.progress import ProgressLine

    line = ProgressLine(sys.stderr, quiet=as_json and not sys.stderr.isatty())
    silence = SilenceWatch()
    state: RunState | None = None
    try:
        with counted_interrupts() as interrupts:
            for (state,) in _watched([run], interrupts):
                line.show(run, state, notice=interrupts.notice, silence=silence.text(state))
    except RunLost as lost:
        line.end()
        return _report_lost(lost)
    assert state is not None
    line.end()
    if not state.ended:
        left = f"left training; watch it with: rnnlab, or rnnlab replay {run.path}"
        echo(f"it stops by itself; resume it with: rnnlab resume {run.path}" if interrupts.acted else left, err=True)
        return INTERRUPTED
    if as_json:
        echo_json(document(run, state))
    else:
        if draw is not None:
            draw(state)
        line.conclude(run, state)
    return _exit_code([state], interrupts, as_json)


def _watch_repeats(runs: Sequence[RunFolder], configs: Sequence[RunConfig], as_json: bool) -> int:
    from rnnlab.cli.repeats import ProgressLines, conclude, repeats_document

    lines = ProgressLines(runs, configs, sys.stderr, quiet=as_json and not sys.stderr.isatty())
    silences = [SilenceWatch() for _ in runs]
    states: list[RunState] = []
    try:
        with counted_interrupts() as interrupts:
            for states in _watched(runs, interrupts):
                texts = [silence.text(state) for silence, state in zip(silences, states, strict=True)]
                lines.show(states, notice=interrupts.notice, silences=texts)
    except RunLost as lost:
        lines.end()
        return _report_lost(lost)
    lines.end()
    if not all(state.ended for state in states):
        left = f"left training; watch them with: rnnlab, or rnnlab show {shlex.quote(runs[0].session.name)}"
        echo("they stop by themselves; resume one with: rnnlab resume RUN" if interrupts.acted else left, err=True)
        return INTERRUPTED
    if as_json:
        echo_json(repeats_document(runs, configs, states))
    else:
        conclude(runs)
    return _exit_code(states, interrupts, as_json)


def _report_lost(lost: RunLost) -> int:
    echo(f"rnnlab: {lost}; its trainer ends by itself, other runs train on", err=True)
    return 1


def _exit_code(states: Sequence[RunState], interrupts: Interrupts, as_json: bool) -> int:
    failed = next((state for state in states if state.failed), None)
    if failed is None:
        return INTERRUPTED if interrupts.count else 0
    if as_json:
        echo(f"rnnlab: {failed.message}" + (f"; {failed.hint}" if failed.hint else ""), err=True)
    return 2 if failed.kind in ("config", "data") else 1
