"""Asking for a run that has ended to be resumed: it is queued again, by one event at the end of its log."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from rnnlab.catalog.models.own_cells import difference
from rnnlab.config import FIELDS, UsageError, advice
from rnnlab.config.tree import RunConfig
from rnnlab.engines.final_event import failure_of
from rnnlab.engines.local import ensure_runner
from rnnlab.engines.startable import check_startable
from rnnlab.runs.commands import size_of
from rnnlab.runs.events import Record, ResumeAsked
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import LAST_WORDS, changes_now, config_now, recorded_cell, waits
from rnnlab.runs.liveness import config_to_train, queued_here, standing
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.pruning import pruned_text
from rnnlab.runs.queue_entry import cell_of, write_entry
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state

_PATIENCE = 10.0
"""Seconds for which a process may hold a log after it wrote the last event: on a busy machine it takes a while to end."""

GIVEN_MORE = {"train.epochs": "--epochs", "train.updates": "--updates", "train.patience": "--patience"}
"""The settings that a resumed run may be given more of, and their flags."""


def resume(run: RunFolder, more: Mapping[str, int] | None = None) -> str:
    """Queue `run` to be resumed, as `queue_again` does, and see that a runner trains it.

    Returns how the file of a person's own cell differs from the one that the run was made with, empty where it does not.
    Raises as `check_startable` does, before anything is queued, and as `queue_again` does.
    """
    check_startable(run.session)
    queue_again(run, more)
    cell = recorded_cell(run)
    ensure_runner(run.session)
    return difference(cell) if cell is not None else ""


def queue_again(run: RunFolder, more: Mapping[str, int] | None = None, *, pause_after: int = 0) -> None:
    """Queue `run` to be resumed, with `more` of the settings in `GIVEN_MORE`; `pause_after` as in `QueueEntry`.

    A run that waits already is left as it is, but for what it is given more of. Raises `UsageError` where it is being
    trained, where there is nothing to resume, and where `more` is not more.

    From then on it counts as queued here by this person: who calls this has asked them.
    """
    more = {key: int(FIELDS[key].check(value)) for key, value in (more or {}).items()}
    try:
        if where := standing(run).host:
            raise UsageError(f"{run.name} is being trained on {where}: there is nothing to resume")
        with _ended_log(run) as log:
            if not waits(log.last) or more:
                records, _ = read_records(run.events_path)
                changes = changes_now(records) | more
                check_resumable(run, records, more)
                cell_of(config_now(run, records))
                if not waits(log.last) and not isinstance(log.last and log.last.data, LAST_WORDS):
                    log.append(failure_of(run, None))
                log.append(ResumeAsked(changes=changes, commands=size_of(run.commands_path)))
                log.sync()
            before, after = config_to_train(run, None), config_to_train(run, log.last)
            write_entry(run.path, after, before=before, pause_after=pause_after)
        # A runner that lives polls ended runs again when this changes; and the session is the one last worked in.
        os.utime(run.session.runs_path)
    except LogBusy:
        raise UsageError(f"{run.name} is being trained: there is nothing to resume") from None
    except OSError as error:
        raise UsageError(f"{error.filename or run.path} cannot be written ({error.strerror})") from None


def _ended_log(run: RunFolder) -> LogWriter:
    """The log of a run that nobody trains. Raises `LogBusy`; a process that wrote the last event is about to let go of it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return LogWriter(run.events_path)
        except LogBusy:
            last = read_last(run.events_path)
            if last is None or not isinstance(last.data, LAST_WORDS) or time.monotonic() > deadline:
                raise


def is_ours(run: RunFolder) -> bool:
    """Whether this person queued the run on this machine with the settings it has, so that they need not be asked."""
    try:
        return queued_here(run, standing(run).last)
    except OSError:
        return False


def allow(run: RunFolder) -> None:
    """Count the run as queued here by this person, who was asked, with the settings it has now. Raises `UsageError`."""
    try:
        stands = standing(run)
        if stands.problem:
            raise UsageError(stands.problem)
        write_entry(run.path, config_to_train(run, stands.last))
    except OSError as error:
        raise UsageError(f"{error.filename or run.path} cannot be written ({error.strerror})") from None


def start(run: RunFolder) -> None:
    """Have a run that waits trained here, though it was queued elsewhere. Raises `UsageError`."""
    check_startable(run.session)
    allow(run)
    try:
        os.utime(run.session.runs_path)  # a runner that lives polls its runs again
    except OSError as error:
        raise UsageError(f"{run.session.runs_path} cannot be written ({error.strerror})") from None
    ensure_runner(run.session)


def check_resumable(run: RunFolder, records: Sequence[Record], more: Mapping[str, int]) -> None:
    """Raise `UsageError` where the run cannot be resumed: it was pruned, it diverged, or all of its training is done."""
    if why := pruned_text(run, run.resume_path.name):
        raise UsageError(why)
    state = reduce_all(initial_state(), records)
    if state.started is None:
        return
    before = config_now(run, records)
    after = RunConfig.from_settings(before.flat() | dict(more))
    per_epoch = state.started.steps_per_epoch
    planned, was_planned = _updates(after, per_epoch), _updates(before, per_epoch)
    if state.status == "diverged":
        raise UsageError(
            f"{run.name} diverged, and resuming would only repeat it; train it anew with {advice.smaller_rate(before)}"
        )
    if planned <= state.step and (planned != was_planned or state.status == "completed"):
        raise UsageError(_no_more(run, state, after))
    patience = before.train.patience
    if patience is not None and (after.train.patience or 0) <= patience and state.status == "early-stopped":
        raise UsageError(
            f"{run.name} was stopped early, as train.patience = {patience} says; give it more with --patience"
        )


def _updates(config: RunConfig, per_epoch: int) -> int:
    updates = config.train.epochs * per_epoch
    return updates if config.train.updates is None else min(updates, config.train.updates)


def _no_more(run: RunFolder, state: RunState, config: RunConfig) -> str:
    updates = config.train.updates
    per_epoch = state.started.steps_per_epoch if state.started else 0
    if updates is not None and updates <= config.train.epochs * per_epoch:
        return (
            f"{run.name} has made {state.step:,} updates and train.updates = {updates:,}; give it more with --updates"
        )
    return f"{run.name} has trained {state.epoch} of {config.train.epochs} epochs; give it more with --epochs"
