"""The training process: one run's folder in, its log out. `python -m rnnlab.training RUNFOLDER`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import boot_id, host
from rnnlab.runs.commands import make_room_for_commands
from rnnlab.runs.events import Event, Record, ResumeAsked, RunFailed, RunFinished, RunResumed, RunStarted
from rnnlab.runs.files import sweep_temporaries
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import LAST_WORDS, config_now, waits
from rnnlab.runs.log import LogBusy, LogLost, LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.pruning import FINAL, Keep, remove_weights
from rnnlab.runs.queue_entry import QueueEntry, is_queued_as, read_entry
from rnnlab.training.commands import LiveCommands
from rnnlab.training.failures import explain
from rnnlab.training.persist.disk import DiskGuard, StoppedWhileFull
from rnnlab.training.persist.giving_up import SignalWatch

if TYPE_CHECKING:
    from rnnlab.config import RunConfig
    from rnnlab.tasks.splitting.types import Split
    from rnnlab.training.persist.recorder import Recorder
    from rnnlab.training.update_loop import UpdateLoop

NICENESS = 10
"""A screen that trains a net on every core must still be quick to type on."""

DONE, FAILED, USAGE, NOT_MINE = 0, 1, 2, 3


def main(arguments: list[str], load: Callable[[RunConfig], Split] | None = None) -> int:
    """Train the run in the folder named, on what `load` gives; None: `rnnlab.tasks.load.load`.

    Returns 0 when it ended by itself or by a command, 1 when it failed, 3 when another process trains it, it does not wait for
    one, or it was not queued here by this person.
    """
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
        _print(f"{run.events_path} cannot be written: {error.strerror}\n")
        return FAILED
    with log:
        if not waits(log.last):
            return NOT_MINE
        # Ctrl-C is for the program in front; it sends `stop` if it means us.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        commands = LiveCommands(run.commands_path)
        with SignalWatch(commands.request_stop, lambda: _end_before_start(run, log)) as watch:
            return _train(run, log, commands, watch, load)


def _train(
    run: RunFolder,
    log: LogWriter,
    commands: LiveCommands,
    watch: SignalWatch,
    load: Callable[[RunConfig], Split] | None,
) -> int:
    loading = False
    training: UpdateLoop | None = None
    records: list[Record] = []
    guard = DiskGuard(log, commands)
    try:
        if not log.empty:
            records = read_records(run.events_path)[0]
        if records and isinstance(records[-1].data, ResumeAsked):
            commands.skip(records[-1].data.commands)  # before a full disk has them read
        config = config_now(run, records)
        entry = read_entry(run.path)
        if entry is None or not is_queued_as(entry, config):
            # The runner asked the same, but since then somebody may have put other settings there.
            _print(f"{run.path} was queued elsewhere, or its settings were changed since: it is not trained\n")
            return NOT_MINE
        if MODELS[config.model.name].file:
            from rnnlab.models.own.cell_of_run import import_queued

            import_queued(run, entry, _start_of(records))
        sweep_temporaries(run.path)
        guard.insist(log.reserve)
        make_room_for_commands(run.commands_path)
        be_nice()
        _set_threads(config.runtime.threads)
        loading = True
        from rnnlab.tasks.load import load as load_anew

        split = (load or load_anew)(config)
        loading = False
        if config.runtime.threads is None:
            from rnnlab.training.tune_threads import with_threads

            config = with_threads(config, split)
        from rnnlab.training.persist.recorder import Recorder
        from rnnlab.training.resume import start_or_resume

        training, events = start_or_resume(run, config, split, commands, records, guard.insist)
        training.pause_after = entry.pause_after
        guard.meter = training.meter
        with Recorder(log, training.meter, guard) as recorder:
            watch.let_finish(
                partial(_give_up, training, recorder),
                partial(_abandon, run, training, recorder),
                lambda: training.saver.seconds,
            )
            for event in events:
                if isinstance(event, RunFinished):
                    recorder.end(event)
                    _keep_only(run, config, event)
                else:
                    recorder.append(with_origin(event, entry, records))
        return DONE
    except StoppedWhileFull as full:
        if training is None:
            event = RunFinished(outcome="stopped", message=f"stopped before it began, while {full}")
            _write_last(log, _last_event_before(records, event))
        else:
            _write_last(log, training.finished("stopped", f"stopped while {full}; {_kept(training.saver.step)}"))
        return DONE
    except Exception as error:
        if lost := _lost(log):
            # Without an event in the log: nobody reads this one, and another process may write the one in its place.
            _print(f"{lost.filename}: {lost.strerror}: training ends\n")
            return FAILED
        failure = explain(error, loading=loading)
        _write_last(log, failure)
        _print(failure.detail)
        return FAILED


def _keep_only(run: RunFolder, config: RunConfig, last: RunFinished) -> None:
    """Remove the weights that `runtime.keep` does not keep, once the last event is safe; what cannot be removed stays."""
    if last.outcome not in FINAL:
        return  # stopped: it can be resumed
    try:
        remove_weights(run, cast("Keep", config.runtime.keep), "runtime.keep")
    except OSError as error:
        _print(f"{error.filename or run.path}: {error.strerror}: rnnlab prune removes it\n")


def _lost(log: LogWriter) -> LogLost | None:
    """Why the log is not this process's any more; None where it is."""
    try:
        log.check_in_place()
    except LogLost as lost:
        return lost
    return None


def with_origin(event: Event, entry: QueueEntry, records: Sequence[Record]) -> Event:
    """A start, with the machine it is on, what it was queued by, and why it is resumed; other events as they are."""
    if not isinstance(event, RunStarted | RunResumed):
        return event
    event = msgspec.structs.replace(event, host=host(), boot=boot_id(), argv=entry.argv, commit=entry.commit)
    before = _start_of(records)
    if isinstance(event, RunResumed) and before is not None and before.cell is not None and entry.cell is not None:
        changed = entry.cell.sha256 != before.cell.sha256
        event = msgspec.structs.replace(event, cell_sha256=entry.cell.sha256 if changed else "")
    asked = records[-1].data if records else None
    if isinstance(event, RunResumed) and isinstance(asked, ResumeAsked):
        event = msgspec.structs.replace(event, attempt=asked.attempt)
    return event


def _start_of(records: Sequence[Record]) -> RunStarted | None:
    return next((record.data for record in records if isinstance(record.data, RunStarted)), None)


def _write_last(log: LogWriter, event: Event) -> None:
    """Record in the log how it ended; where not even that can be written, on stderr, and the runner records it."""
    try:
        log.append(event)
        log.sync()
    except OSError as refusal:
        _print(f"the log cannot be written: {refusal.strerror}\n")


def _give_up(training: UpdateLoop, recorder: Recorder, patience: float) -> bool:
    """End the run without what it computes now, with the state of the last update; False where that cannot be had."""
    if not training.interruptible.take_over(patience):
        return False
    try:
        for event in training.given_up():
            if isinstance(event, RunFinished):
                recorder.end(event, min(patience, 1.0))
            else:
                recorder.append(event)
    except (OSError, StoppedWhileFull):
        return False
    return True


def _abandon(run: RunFolder, training: UpdateLoop, recorder: Recorder) -> None:
    """End the run as it is: what was saved last is kept, and what was being written is taken away."""
    message = f"stopped by a signal during an operation that takes long; {_kept(training.saver.step)}"
    recorder.end(training.finished("stopped", message), 0.4)
    sweep_temporaries(run.path)


def _kept(step: int) -> str:
    """What there is to resume from, where the state was saved last after update `step` (-1: never)."""
    if step < 0:
        return "nothing was saved before, so rnnlab resume begins anew"
    return f"rnnlab resume goes on from what was saved after update {step:,}"


def _end_before_start(run: RunFolder, log: LogWriter) -> None:
    """A signal while the data are loaded, or threads are measured: nothing has happened yet."""
    records = [] if log.empty else read_records(run.events_path)[0]
    _write_last(log, _last_event_before(records, RunFinished(outcome="stopped", message="stopped before it began")))


def _last_event_before(records: Sequence[Record], event: RunFinished) -> RunFinished | RunFailed:
    """The last event of a run that was to be resumed; `event` where it was to begin."""
    endings = [record.data for record in records if isinstance(record.data, LAST_WORDS)]
    return endings[-1] if endings else event


def _print(text: str) -> None:
    with contextlib.suppress(OSError):  # trainer.log may be on the disk that is full
        sys.stderr.write(text)
        sys.stderr.flush()


def be_nice() -> None:
    """Yield to what a person does at the screen."""
    if hasattr(os, "getpriority"):
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        os.nice(max(0, NICENESS - niceness))


def _set_threads(threads: int | None) -> None:
    """Set PyTorch's number of threads where it is known: before it is imported, or in a process forked since."""
    if threads is None:
        return
    os.environ["OMP_NUM_THREADS"] = str(threads)
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
