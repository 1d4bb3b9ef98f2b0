"""A recorded run once more, with other settings, data or figures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.codec import encode
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import Evaluated, Record, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records


def variant(
    source: Path,
    name: str,
    settings: Mapping[str, object],
    *,
    fingerprint: str = "",
    figures: Mapping[str, Number] = {},
    training_loss: float | None = None,
) -> Path:
    """Writes the run of the folder `source` beside it, its log sealed again; gives the new folder.

    `fingerprint` is that of its data where they are others, `figures` are put into every evaluation and result, `training_loss`
    into every evaluation of the training part.
    """
    run = source.parent / name
    shutil.copytree(source, run)
    config = RunConfig.from_settings(RunFolder(source).config().flat() | dict(settings))
    (run / "run.toml").write_text(to_toml(config), encoding="utf-8")
    records, _ = read_records(source / "events.jsonl")
    lines = []
    for record in records:
        event = record.data
        if isinstance(event, RunStarted):
            data = msgspec.structs.replace(event.data, fingerprint=fingerprint or event.data.fingerprint)
            event = msgspec.structs.replace(event, run=name, config=msgspec.to_builtins(config), data=data)
        elif isinstance(event, Evaluated):
            loss = training_loss if training_loss is not None and event.split == "train" else event.loss
            event = msgspec.structs.replace(event, metrics=event.metrics | dict(figures), loss=loss)
        elif isinstance(event, RunFinished) and figures:
            final = {part: held | dict(figures) for part, held in event.final.items()}
            event = msgspec.structs.replace(event, best=event.best | dict(figures), final=final)
        lines.append(encode(Record(record.seq, record.wall, record.mono, event)))
    (run / "events.jsonl").write_bytes(b"".join(lines))
    return run
