"""A recorded run that came to its end and learned nothing: the finished one, with other figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from rnnlab.runs.codec import encode
from rnnlab.runs.events import Evaluated, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from tests.recorded import record

Change = Callable[[Any], Any]


def recorded_below(folder: Path) -> RunFolder:
    """No evaluation is better than the majority class, .518."""

    def below(event: Any) -> Any:
        if isinstance(event, RunFinished):
            return msgspec.structs.replace(event, best=event.best | {"accuracy": 0.5})
        if isinstance(event, Evaluated):
            return msgspec.structs.replace(event, metrics=event.metrics | {"accuracy": 0.5})
        return event

    return changed(folder, below)


def recorded_blown_up(folder: Path) -> RunFolder:
    """Well above its baseline at first; its last training loss is 40."""

    def blown_up(event: Any) -> Any:
        if isinstance(event, Evaluated) and event.split == "train" and not event.final and event.epoch == 20:
            return msgspec.structs.replace(event, loss=40.0)
        return event

    return changed(folder, blown_up)


def changed(folder: Path, change: Change) -> RunFolder:
    """The finished run, each event of its log as `change` makes it."""
    run = RunFolder(record(folder, "finished"))
    records = read_records(run.events_path)[0]
    assert isinstance(records[0].data, RunStarted)
    lines = (encode(msgspec.structs.replace(each, data=change(each.data))) for each in records)
    run.events_path.write_bytes(b"".join(lines))
    return run
