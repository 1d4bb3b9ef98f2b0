"""The training process: one run's folder in, its log out. `python -m rnnlab.training RUNFOLDER`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rnnlab.config.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import boot_id, host
from rnnlab.runs.course import config_now, waits
from rnnlab.runs.events import Event, Record, ResumeAsked, RunFinished, RunResumed, RunStarted
from rnnlab.runs.files import sweep_temporaries
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogBusy, LogWriter, read_records
from rnnlab.runs.queue_entry import QueueEntry, digest, read_entry
from rnnlab.training.failures import explain
from rnnlab.training.orders import LiveOrders

NICENESS = 10
"""A screen that trains a net on every core must still be quick to type on."""

DONE, FAILED, USAGE, NOT_MINE = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Train the run in the folder named. Returns 0 when it ended by itself or by a person's word, 1 when it failed,
    3 when another process trains it, it does not wait for one, or it was not queued here by this person."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.training RUNFOLDER\n")
        return USAGE
    keep_others_from_writing()
    run = RunFolder(Path(arguments[0]))
    # Held before anything slow is imported: from here on nobody else starts the run, and everybody sees that it lives.
    try:
        log = LogWriter(run.events_path)
    except LogBusy:
        return NOT_MINE
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_MINE
    except OSError as error:
        sys.stderr.write(f"{run.events_path} cannot be written: {error.strerror}\n")
        return FAILED
    with log:
        if not waits(log.last):
            return NOT_MINE
        return _train(run, log)


def _train(run: RunFolder, log: LogWriter) -> int:
    orders = LiveOrders(run.commands_path)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program in front; it sends `stop` if it means us
    signal.signal(signal.SIGTERM, lambda _number, _frame: orders.request_stop())
    loading = False
    try:
        records = [] if log.empty else read_records(run.events_path)[0]
        config = config_now(run, records)
        entry = read_entry(run.path)
        if entry is None or entry.config != digest(config):
            # The runner asked the same, but since then somebody may have put other settings there.
            sys.stderr.write(
                f"{run.path} was queued elsewhere, or its settings were changed since: it is not trained\n"
            )
            return NOT_MINE
        sweep_temporaries(run.path)
        _before_torch(config.runtime.threads)
        loading = True
        from rnnlab.tasks.load import load

        split = load(config)
        loading = False
        if config.runtime.threads is None:
            from rnnlab.training.tuning import with_threads

            config = with_threads(config, split)
        from rnnlab.training.continuing import go_on
        from rnnlab.training.recorder import Recorder

        training, events = go_on(run, config, split, orders, records)
        last: Event | None = None
        with Recorder(log, training.meter) as recorder:
            for event in events:
                if isinstance(event, RunFinished):
                    last = event
                else:
                    recorder.append(with_origin(event, entry, records))
        if last is not None:
            log.append(last)
            log.sync()
        return DONE
    except Exception as error:
        return _fail(error, log, loading)


def with_origin(event: Event, entry: QueueEntry, records: Sequence[Record]) -> Event:
    """A start, with the machine it is on, what it was queued by, and why it is gone on with; other events as they are."""
    if not isinstance(event, RunStarted | RunResumed):
        return event
    event = msgspec.structs.replace(event, host=host(), boot=boot_id(), argv=entry.argv, commit=entry.commit)
    asked = records[-1].data if records else None
    if isinstance(event, RunResumed) and isinstance(asked, ResumeAsked):
        event = msgspec.structs.replace(event, attempt=asked.attempt)
    return event


def _fail(error: Exception, log: LogWriter, loading: bool) -> int:
    """Say in the log what happened; where not even that can be written, on stderr, and the runner says it."""
    failure = explain(error, loading=loading)
    sys.stderr.write(failure.detail)
    try:
        log.append(failure)
        log.sync()
    except OSError as refusal:
        sys.stderr.write(f"the log cannot be written: {refusal.strerror}\n")
    return FAILED


def _before_torch(threads: int | None) -> None:
    """What has to be said before PyTorch is imported; how many threads it shall have, where that is known."""
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)
    if hasattr(os, "getpriority"):
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        os.nice(max(0, NICENESS - niceness))
