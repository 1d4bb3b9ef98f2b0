"""Resuming a run that was killed, stopped or given more epochs, to the bit as if it had never been interrupted.

Between two updates, where a window of `Progress` has just ended, everything that the next updates depend on is written
to `resume.safetensors`: the weights, the optimiser's state, the schedule, the random state, the figures gathered since the
last evaluation, the best and the last weights, how long there was nothing better. The order of the sequences needs nothing: it is
drawn from (seed, epoch), and where in the epoch the run is follows from the number of updates. A later process loads that and
trains on; the commands that had been given beyond the point are given again after the same updates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnlab.config import RunConfig, UsageError
from rnnlab.config.files import to_toml
from rnnlab.runs.checkpoint_file import read_checked
from rnnlab.runs.events import CheckpointSaved, CommandApplied, Event, Record, RunResumed, RunStarted
from rnnlab.runs.files import write_atomically
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import changes_now, course
from rnnlab.runs.reduce import SAVEPOINTS
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.commands import CommandSource, LiveCommands, RecordedCommands, ReplayedCommands
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.insist import Insist, once
from rnnlab.training.persist.state_file import DamagedState, unpack
from rnnlab.training.range_test import loop_for
from rnnlab.training.update_loop import UpdateLoop


def start_or_resume(
    run: RunFolder,
    config: RunConfig,
    split: Split,
    commands: LiveCommands,
    records: Sequence[Record],
    insist: Insist = once,
) -> tuple[UpdateLoop, Iterator[Event]]:
    """The training of `run`, from the first weights where its log is empty, else from where it was, and its events.

    `insist` carries out each write to the disk.

    Raises `UsageError` where the state is missing or damaged, or the data are others than at first.
    """
    held = course(records)
    started = next((record for record in held if isinstance(record.data, RunStarted)), None)
    state, after = None, -1
    source: CommandSource = commands
    if started is not None:
        after, state = _last_state(run, held) or (started.seq, None)
        source = ReplayedCommands(RecordedCommands(_ahead(records, after)), commands)
    training = loop_for(config)(config, split, run=run.name, checkpoints=CheckpointStore(run, insist), commands=source)
    if started is None:
        return training, training.events()
    assert isinstance(started.data, RunStarted)
    if training.summary.fingerprint != started.data.data.fingerprint:
        raise UsageError(
            "the data are not those that this run was begun with, so it cannot go on with them; train it again"
        )
    changes = changes_now(records)
    if changes:
        data = to_toml(config).encode()
        insist(lambda: write_atomically(run.config_path, data))  # so that it makes this run again
    return training, training.resumed(after, changes, state)


def _last_state(run: RunFolder, held: Sequence[Record]) -> tuple[int, dict[str, Any]] | None:
    """The state in the run's folder and the number of the record of its saving; None where none was saved yet."""
    points = {
        record.seq: record.data
        for record in held
        if isinstance(record.data, CheckpointSaved) and record.data.kind == "resume"
    }
    if not points or (len(points) == 1 and not run.resume_path.exists()):
        return None  # a process killed at its first one has recorded a file that was never put in place
    last = dict(list(points.items())[-SAVEPOINTS:])
    try:
        data, saved = read_checked(run.resume_path, list(last.values()))
        return max(seq for seq, point in last.items() if point == saved), unpack(data)
    except DamagedState as error:
        raise UsageError(f"{run.resume_path} cannot be read: {error}") from None


def _ahead(records: Sequence[Record], after: int) -> list[CommandApplied]:
    """The commands that the run was given and that, resumed after record `after`, it has yet to be given."""
    applied: dict[tuple[str, int, str, str], tuple[int, CommandApplied]] = {}
    ahead: dict[tuple[str, int, str, str], CommandApplied] = {}

    def go_back(to: int) -> None:
        for name in [name for name, (seq, _) in applied.items() if seq > to]:
            ahead[name] = applied.pop(name)[1]

    for record in records:
        event = record.data
        if isinstance(event, RunResumed):
            go_back(event.after)
        elif isinstance(event, CommandApplied):
            name = (event.command_id, event.step, event.command, event.key)
            applied[name] = record.seq, event
            ahead.pop(name, None)
    go_back(after)
    return sorted(ahead.values(), key=lambda event: event.step)
