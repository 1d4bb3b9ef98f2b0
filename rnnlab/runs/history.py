"""The course of a run that was killed, or ended, and resumed: its log without what is void."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from rnnlab.catalog.models import own_cells
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import FIELDS, ConfigError, RunConfig
from rnnlab.runs.events import CommandApplied, Record, ResumeAsked, RunFailed, RunFinished, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.starts import starts_of

LAST_WORDS = (RunFinished, RunFailed)


def course(records: Iterable[Record]) -> list[Record]:
    """The records that hold, in order.

    Those between a point and the `RunResumed` that went back to it are void, and so is a `stop` that was followed by a resume.
    A run never interrupted has gone through all of its records.
    """
    kept: list[Record] = []
    for record in records:
        event = record.data
        if isinstance(event, RunResumed):
            kept = [each for each in kept if each.seq <= event.after and not _stops(each)]
        kept.append(record)
    return kept


def as_resumed(started: RunStarted, resumed: RunResumed) -> RunStarted:
    """What was decided before the first step, with what the run was given more of, and the process that has it now."""
    config = {group: dict(members) for group, members in started.config.items()}
    for key, value in resumed.changes.items():
        group, _, name = key.partition(".")
        config.setdefault(group, {})[name] = value
    cell = started.cell
    if cell is not None and resumed.cell_sha256:
        cell = msgspec.structs.replace(cell, sha256=resumed.cell_sha256)
    return msgspec.structs.replace(
        started,
        config=config,
        cell=cell,
        epochs=resumed.epochs,
        steps_total=resumed.steps_total,
        pid=resumed.pid,
        host=resumed.host,
        boot=resumed.boot,
    )


def recorded_config(started: RunStarted, run: RunFolder) -> RunConfig:
    """The configuration that the log holds; `run.toml` where the log's has other fields than this version knows.

    Raises `ConfigError` for a value that is not allowed, and `UsageError` as `RunFolder.config` does.
    """
    if started.cell is not None:
        own_cells.record(started.cell)
    elif started.config.get("model", {}).get("name", RunConfig().model.name) not in MODELS:
        run.config()  # which knows the cell
    written = {group: dict(members) for group, members in started.config.items()}
    for field in FIELDS.values():
        if field.setting.earlier:
            written.setdefault(field.group, {}).setdefault(field.name, field.setting.earlier[0])
    try:
        config = msgspec.convert(written, RunConfig)
    except msgspec.ValidationError:
        return run.config()
    try:
        for key, field in FIELDS.items():
            field.check(config.get(key))
    except ConfigError as error:
        raise error.located(str(run.events_path)) from None
    return config


def recorded_cell(run: RunFolder) -> own_cells.OwnCell | None:
    """The cell of a person's own that the run was trained with last, or is to be; None where its cell comes with rnnlab.

    Raises `UsageError` where neither its log nor `run.toml` can be read.
    """
    starts = starts_of(run.events_path)
    if starts.started is None:
        return run.cell()
    started = starts.started if starts.resumed is None else as_resumed(starts.started, starts.resumed)
    return started.cell


def changes_now(records: Sequence[Record]) -> dict[str, int]:
    """The settings, by key, that are no longer what `RunStarted` says, with what is asked for at the end of the log."""
    changes: dict[str, int] = {}
    for record in records:
        if isinstance(record.data, RunResumed):
            changes = record.data.changes
    if records and isinstance(records[-1].data, ResumeAsked):
        changes = changes | records[-1].data.changes
    return changes


def config_now(run: RunFolder, records: Sequence[Record]) -> RunConfig:
    """The configuration to train the run with, which has this log. Raises `UsageError` where none can be read."""
    started = next((record.data for record in records if isinstance(record.data, RunStarted)), None)
    config = run.config() if started is None else recorded_config(started, run)
    changes = changes_now(records)
    return RunConfig.from_settings(config.flat() | changes) if changes else config


def waits(record: Record | None) -> bool:
    """Whether a log that ends with this record is one of a run that waits for a trainer."""
    return record is None or isinstance(record.data, ResumeAsked)


def _stops(record: Record) -> bool:
    return isinstance(record.data, CommandApplied) and record.data.command == "stop"
