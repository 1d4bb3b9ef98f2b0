"""Small runs with a folder of their own: recorded, killed at any event, resumed, compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Evaluated,
    Event,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
)
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import config_now, course
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.tasks.load import load
from rnnlab.training.commands import CommandSource, LiveCommands
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.state_saver import StateSaver
from rnnlab.training.range_test import loop_for
from rnnlab.training.resume import start_or_resume
from rnnlab.training.verify import verify
from tests.training.small import small_config

TIMES = ("seconds", "examples_per_second", "eta", "pid")


def recorded(folder: Path, commands: CommandSource | None = None, **settings: object) -> RunFolder:
    run = create_session("lab", root=folder).create_run(small_config(**settings))  # type: ignore[arg-type]
    config = run.config()
    training = loop_for(config)(config, load(config), run=run.name, checkpoints=CheckpointStore(run), commands=commands)
    with LogWriter(run.events_path) as log:
        for event in training.events():
            log.append(event)
    return run


class Seldom(StateSaver):
    """Saves the state at every fourth opportunity, so that a kill costs some updates."""

    asked = 0

    @property
    def due(self) -> bool:
        self.asked += 1
        return self.asked % 4 == 0


def begun(folder: Path, commands: CommandSource | None = None, **settings: Any) -> tuple[RunFolder, Iterator[Event]]:
    run = create_session("lab", root=folder).create_run(small_config(**settings))
    config = run.config()
    training = loop_for(config)(config, load(config), run=run.name, checkpoints=CheckpointStore(run), commands=commands)
    training.saver = Seldom(run)
    return run, training.events()


def lived(run: RunFolder, events: Iterator[Event]) -> None:
    with LogWriter(run.events_path) as log:
        for event in events:
            log.append(event)


def resumed(run: RunFolder, **changes: int) -> Iterator[Event]:
    """The events of the run gone on with; the log gets what stands before them."""
    with LogWriter(run.events_path) as log:
        assert log.last is not None
        if not isinstance(log.last.data, RunFinished | RunFailed):
            log.append(RunFailed(kind="killed", message="the training process is gone without a word"))
        log.append(ResumeAsked(changes={key.replace("__", "."): value for key, value in changes.items()}))
    records, _ = read_records(run.events_path)
    config = config_now(run, records)
    commands = LiveCommands(run.commands_path)
    if records and isinstance(records[-1].data, ResumeAsked):
        commands.skip(records[-1].data.commands)
    return start_or_resume(run, config, load(config), commands, records)[1]


def killed_anywhere(run: RunFolder, events: Iterator[Event], folder: Path) -> list[RunFolder]:
    """What a kill would leave of the folder at each event after the last command, the last word not counted."""
    left: list[RunFolder] = []
    with LogWriter(run.events_path) as log:
        for event in events:
            log.append(event)
            if isinstance(event, CommandApplied):
                left.clear()  # what is killed before a command is given never hears of it
            if not isinstance(event, RunFinished):
                copy = folder / f"{log.next_seq:04}" / "runs" / run.name
                shutil.copytree(run.path, copy)
                left.append(RunFolder(copy))
    return left


def some(runs: Sequence[RunFolder], number: int) -> list[RunFolder]:
    return [runs[place * (len(runs) - 1) // (number - 1)] for place in range(number)]


def comparable(records: Sequence[Record]) -> list[object]:
    """What a run came to go through, without times and what depends on them."""
    kept = [r.data for r in course(records) if isinstance(r.data, Evaluated | CommandApplied | RunFinished)]
    kept = [
        event for event in kept if not (isinstance(event, CommandApplied) and (event.error or event.command == "stop"))
    ]
    return [
        (type(event).__name__, {name: getattr(event, name) for name in event.__struct_fields__ if name not in TIMES})
        for event in kept
    ]


def weights(run: RunFolder) -> dict[str, bytes]:
    return {name: (run.path / f"{name}.safetensors").read_bytes() for name in ("best", "last", "predictions")}


def check_alike(run: RunFolder, reference: RunFolder) -> None:
    records, damaged = read_records(run.events_path)
    assert damaged == 0
    assert comparable(records) == comparable(read_records(reference.events_path)[0])
    assert weights(run) == weights(reference)
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])


def without_times(events: list[Event]) -> list[object]:
    """The events that do not depend on how quick the machine was."""
    kept = [event for event in events if not isinstance(event, Progress | CheckpointSaved)]
    return [
        (type(event).__name__, {name: getattr(event, name) for name in event.__struct_fields__ if name not in TIMES})
        for event in kept
    ]
