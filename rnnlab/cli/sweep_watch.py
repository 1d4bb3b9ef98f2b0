"""Carrying out a sweep from the command line: begun or resumed, watched, stopped; and what it would cost."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from rnnlab.cli.echo import echo, echo_json, erase, write_lines
from rnnlab.cli.engine_options import choose_engine, job_lines, jobs_document, pilot_lines
from rnnlab.cli.interrupts import STOPPING, Interrupts, counted_interrupts
from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.sweep_table import confirmed_lines, sweep_lines
from rnnlab.cli.train import mention_logout, mention_slots
from rnnlab.cores import cores
from rnnlab.engines.clusters.dispatch import cancel_waiting, cluster_of, has_pilots
from rnnlab.engines.local import call_off_waiting, ensure_runner, runner_alive
from rnnlab.engines.startable import check_startable
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session, create_session, is_session
from rnnlab.sweeps.cost.dry_run import DryRun, left_out
from rnnlab.sweeps.cost.stand_text import counts_text, seconds_left
from rnnlab.sweeps.decide import ETA, halves, rungs_of
from rnnlab.sweeps.kept import KeptSweep, allow, is_stopped, mark_stopped, rest
from rnnlab.sweeps.method import grid_size
from rnnlab.sweeps.points import Points
from rnnlab.sweeps.processes.controller import controller_alive, ensure_controller, stop_controller
from rnnlab.sweeps.specification import ASKED_FROM, Specification, keep, specification_of
from rnnlab.sweeps.sweep import Stand, Sweep, deciding
from rnnlab.sweeps.trials import Carried
from rnnlab.text.numbers import count

EVERY = 0.5
"""Seconds between two drawings of the table, at least."""
_LIVENESS = 2.0
"""Seconds between two checks that a runner, and the controller where one is needed, carry the sweep out."""
_FAILED = ("failed", "diverged")
_SHOWN = 5
"""Sentences of a kind that are printed; the rest is counted."""


def check_allowed(sweep: Sweep) -> None:
    """Raise `UsageError` where none of the sweep's configurations is allowed: no session is made for it."""
    if sweep.points.invalid and not sweep.points.points:
        raise UsageError(f"none of the configurations is allowed: {sweep.points.invalid[0]}")


def carry_out(sweep: Sweep, options: Mapping[str, Any]) -> int:
    """Do to the sweep in its session what the command line asks for. Returns the exit code; raises `UsageError`."""
    stand = sweep.stand()
    if options["status"]:
        return _print_status(sweep, stand, options["as_json"])
    if options["stop"]:
        return _stop(sweep)
    _say_points(sweep.points)
    _say_halving(sweep)
    _ask(sum(each.run is None for each in stand.trials), options["yes"])
    if not is_session(sweep.session):
        create_session(sweep.session.name)
    queued = 0
    choose_engine(sweep.session, options)
    if not options["attach"]:
        with deciding(sweep.session):
            queued = _queue(sweep, options)
    _ensure(sweep, stand := sweep.stand())
    if cluster_of(sweep.session) is None:
        mention_slots(sweep.session)
        if options["detach"]:
            mention_logout()
    if options["detach"]:
        if options["as_json"]:
            echo_json({"session": str(sweep.session.path), "runs": len(stand.trials), "queued": queued})
        else:
            echo(str(sweep.session.path))
        return 0
    return watch(sweep, options["as_json"])


def _queue(sweep: Sweep, options: Mapping[str, Any]) -> int:
    """Keep the specification, queue what is new, and resume what was stopped; how many are new. Raises `UsageError`."""
    session = sweep.session
    before = specification_of(session)
    if before != sweep.specification:
        keep(session, sweep.specification)
        if before is not None:
            echo(f"the sweep of {session.name} was changed: what is new is added", err=True)
    check_startable(session)
    again = ("stopped", *_FAILED) if options["retry"] else ("stopped",)
    for problem in sweep.again(sweep.stand().trials, again)[:_SHOWN]:
        echo(f"warning: {problem}", err=True)
    stand = sweep.stand()  # only now: what was stopped is not over, so that nothing can be concluded from the rest
    allow(session)
    sweep.carry_out(stand.step)
    return sum(each.run is None for each in stand.trials)


def _ensure(sweep: Sweep, stand: Stand) -> None:
    """See that somebody trains the runs, and that somebody decides where there is something to decide."""
    if stand.over or is_stopped(sweep.session):
        return
    if not runner_alive(sweep.session):
        ensure_runner(sweep.session)
    if sweep.specification.adaptive and cluster_of(sweep.session) is None:  # pilots decide by themselves
        ensure_controller(sweep.session)


def _ask(new: int, agreed: bool) -> None:
    if new <= ASKED_FROM or agreed:
        return
    sentence = f"that is {new:,} runs to queue"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{sentence}; if that is what you want, say so with --yes (--dry-run says what they cost)")
    if not click.confirm(f"{sentence[0].upper()}{sentence[1:]}. Go on?", default=False, err=True):
        raise click.Abort


def _say_points(points: Points) -> None:
    """What became of points that are no configurations of their own, on stderr."""
    for sentence in left_out(points.invalid, points.unread, points.merged):
        echo(sentence, err=True)


def _say_halving(sweep: Sweep) -> None:
    specification = sweep.specification
    if specification.halving == "auto" and not halves(specification):
        echo(
            "runs are not paused at rungs, as the learning rate, its schedule or the number of layers varies, and of these the "
            "best is often slow at first; --halving always pauses them all the same",
            err=True,
        )
    elif specification.halving != "off" and not any(
        rungs_of(specification, each.config) for each in sweep.points.points
    ):
        echo(f"runs are not paused at rungs, as they are shorter than {ETA} epochs", err=True)


def watch(sweep: Sweep, as_json: bool) -> int:
    """Show how the sweep gets on until it is over. Returns the exit code that its outcome deserves."""
    table = _Table(sweep, quiet=as_json and not sys.stderr.isatty())
    checked = -_LIVENESS
    stopping = False
    kept, made = KeptSweep(sweep.session, sweep), set[str]()
    with counted_interrupts() as interrupts:
        while True:
            began = time.monotonic()
            sweep = kept.sweep()
            stand = sweep.stand(made)
            stopping = stopping or is_stopped(sweep.session)  # from another terminal, too
            table.show(stand, STOPPING if stopping else interrupts.notice)
            if stand.over or (stopping and all(each.ended or each.status == "new" for each in stand.trials)):
                break
            if interrupts.count > 1:
                table.end()
                _say_left(sweep, stopping)
                return INTERRUPTED
            if interrupts.stops and not stopping:
                stopping = True
                stop(sweep)
            if not stopping and began - checked > _LIVENESS:
                checked = began
                _ensure(sweep, stand)
            _sleep(rest(time.monotonic() - began, EVERY if table.live else 1.0), interrupts)
    table.end()
    return _conclude(sweep, stand, as_json, interrupted=stopping)


def _say_left(sweep: Sweep, stopping: bool) -> None:
    """What becomes of the sweep that is no longer watched: once its runs were told to stop, they do."""
    name = shlex.quote(sweep.session.name)
    if stopping:
        echo(f"its runs stop by themselves; the sweep is resumed with: rnnlab sweep {name}", err=True)
    else:
        echo(f"left training; watch it with: rnnlab sweep {name} --attach", err=True)


def _sleep(seconds: float, interrupts: Interrupts) -> None:
    """Sleep, but not through a Ctrl-C, nor through the moment at which it takes effect."""
    until, before = time.monotonic() + seconds, (interrupts.count, interrupts.stops)
    while (left := until - time.monotonic()) > 0 and (interrupts.count, interrupts.stops) == before:
        time.sleep(min(left, 0.1))


class _Table:
    """The table, redrawn in place on a terminal; elsewhere a line whenever the counts change."""

    def __init__(self, sweep: Sweep, quiet: bool) -> None:
        self.sweep = sweep
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self._drawn = 0
        self._said = ""
        self._named = False

    def show(self, stand: Stand, notice: str) -> None:
        """Draw the sweep as it stands; `notice`: what a Ctrl-C does to it."""
        if self.quiet:
            return
        if not self._named:
            self._named = True
            keys = ", ".join(self.sweep.specification.keys) or "seeds"
            write_lines(sys.stderr, f"{self.sweep.session.path} · {count(stand.planned)} runs over {keys}")
        if not self.live:
            done = sum(each.ended for each in stand.trials)
            text = counts_text(stand)
            key = f"{done} {len(stand.trials)}"
            if key != self._said and not stand.over:  # the conclusion counts them, too
                self._said = key
                write_lines(sys.stderr, text)
            return
        columns, lines = shutil.get_terminal_size()
        shown = sweep_lines(stand, list(self.sweep.specification.keys), max(0, min(5, lines - 6)))
        shown[1:1] = pilot_lines(self.sweep.session)
        if notice:
            shown[:1] = [counts_text(stand, with_time=False), notice]
        self._clear()
        write_lines(sys.stderr, *shown, width=columns - 1)
        self._drawn = len(shown)

    def end(self) -> None:
        """Take the table away."""
        self._clear()

    def _clear(self) -> None:
        if self._drawn:
            erase(sys.stderr, self._drawn)
            self._drawn = 0


def stop(sweep: Sweep) -> int:
    """Stop the sweep's runs cleanly, those that wait as well. Returns how many were asked to stop."""
    with contextlib.suppress(OSError):  # on a disk that is full
        mark_stopped(sweep.session)
    stop_controller(sweep.session)
    asked = 0
    with deciding(sweep.session):  # who queues runs now has queued them before
        for each in sweep.stand().trials:
            if each.run is not None and not each.ended:
                with contextlib.suppress(OSError):
                    each.run.send("stop")
                    asked += 1
    if cluster_of(sweep.session) is not None:
        cancel_waiting(sweep.session)
        if not has_pilots(sweep.session):
            call_off_waiting(each.run for each in sweep.stand().trials if each.run is not None and not each.ended)
    return asked


def _stop(sweep: Sweep) -> int:
    asked = stop(sweep)
    if asked and cluster_of(sweep.session) is None and not runner_alive(sweep.session):
        ensure_runner(sweep.session)  # who waits is called off by a runner
    name = shlex.quote(sweep.session.name)
    echo(
        f"{count(asked)} runs are stopped; the sweep is resumed with: rnnlab sweep {name}"
        if asked
        else "no run is under way"
    )
    return 0


def _print_status(sweep: Sweep, stand: Stand, as_json: bool) -> int:
    if as_json:
        echo_json(document(sweep, stand))
        return 0
    alive = runner_alive(sweep.session) or (sweep.specification.adaptive and controller_alive(sweep.session))
    lines = sweep_lines(stand, list(sweep.specification.keys))
    lines[1:1] = [*pilot_lines(sweep.session), *job_lines(sweep.session)]
    if not alive and (not stand.over or any(each.called_off for each in stand.trials)):
        lines[0] += f" · nobody carries it out now; resume it with: rnnlab sweep {shlex.quote(sweep.session.name)}"
    echo(*lines)
    return 0


def document(sweep: Sweep, stand: Stand) -> dict[str, Any]:
    """For `--json`: the session, how many runs are in which state, and each run with its values and its figures."""
    return {
        "session": str(sweep.session.path),
        "over": list(sweep.specification.keys),
        "runs": [
            {
                "run": None if each.run is None else str(each.run.path),
                "status": each.status,
                "values": dict(each.trial.point.values),
                "seed": each.trial.config.train.seed,
                "confirms": each.trial.confirms,
                "best": {} if each.summary is None else each.summary.best,
                "final": {} if each.summary is None else each.summary.final,
                "paused_after": 0 if each.summary is None else each.summary.paused_after,
            }
            for each in stand.trials
        ],
        **jobs_document(sweep.session),
        "invalid": list(sweep.points.invalid),
        "ended": stand.over,
    }


def _conclude(sweep: Sweep, stand: Stand, as_json: bool, *, interrupted: bool) -> int:
    failed = [each for each in stand.trials if each.status in (*_FAILED, "unreadable")]
    name = shlex.quote(sweep.session.name)
    if as_json:
        echo_json(document(sweep, stand))
    else:
        keys = list(sweep.specification.keys)
        lines = sweep_lines(stand, keys)
        lines += confirmed_lines(stand, keys)
        lines += [f"{each.run.name if each.run else ''}: {_reason(each)}" for each in failed[:_SHOWN]]
        if failed:
            lines.append(f"train those that failed again with: rnnlab sweep {name} --retry failed")
        if stand.gone:
            lines.append(
                f"{count(stand.gone)} runs were deleted or moved away meanwhile; train them again with: rnnlab sweep {name}"
            )
        if interrupted or any(each.called_off for each in stand.trials):
            lines.append(f"the sweep is resumed with: rnnlab sweep {name}")
        write_lines(sys.stderr, *lines, f"as a table: rnnlab compare {name}")
    if interrupted:
        return INTERRUPTED
    return 1 if failed or stand.gone else 0


def _reason(each: Carried) -> str:
    if each.summary is None:
        return each.status
    return each.summary.problem or f"{each.status}: {each.summary.message}"


def dry_run(session: Session, specification: Specification, as_json: bool) -> int:
    """What the sweep would cost: runs, minutes, disk; what is invalid, and what is done. Queues nothing."""
    from rnnlab.sweeps.cost.estimate import cost_of

    sweep = Sweep(session, specification)
    stand = sweep.stand()
    left = [each for each in stand.trials if not each.ended]
    cost = cost_of(each.trial.config for each in left)
    confirming = stand.planned - len(stand.trials) if specification.confirm and not stand.confirming else 0
    found = DryRun(
        configurations=len(sweep.points.points),
        runs=len(stand.trials) + confirming,
        done=len(stand.trials) - len(left),
        confirming=confirming,
        seconds=seconds_left(stand.trials) or cost.seconds / min(cores(), max(1, len(left))),
        bytes=cost.bytes,
        unknown=cost.unknown,
        invalid=sweep.points.invalid,
        unread=sweep.points.unread,
        merged=sweep.points.merged,
        grid=grid_size(specification.over),
    )
    if as_json:
        echo_json(found)
        return 0
    _say_points(sweep.points)
    _say_halving(sweep)
    echo(found.size_text, found.cost_text)
    return 0
