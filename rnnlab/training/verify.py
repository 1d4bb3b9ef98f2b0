"""Train a run again from its configuration, and compare every number that its log recorded.

What a person did while it ran is done again after the same update, and the windows of `Progress` end at the same steps.
Nothing is written. On the machine, with the versions and the number of threads of the first time, a run on the CPU comes
out bit for bit; elsewhere the notes say what differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rnnlab.config import RunConfig, UsageError
from rnnlab.models.own.cell_of_run import require_cell
from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Evaluated,
    Event,
    GradientFlow,
    Inspected,
    PredictionsSaved,
    Progress,
    Record,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    SubsetName,
)
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import as_resumed, course, recorded_config
from rnnlab.runs.log_reader import read_records
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.training.commands import RecordedCommands
from rnnlab.training.device import choose_device
from rnnlab.training.range_test import loop_for
from rnnlab.training.update_loop import UpdateLoop

# What is not compared of each event; events that are not here are not compared at all: a `Diagnosed` follows from the other
# figures, by the rules of the version that trained the run.
_NOT_NUMBERS = {
    RunStarted: (
        "run",
        "config",
        "log_format",
        "device",
        "device_name",
        "threads",
        "versions",
        "pid",
        "host",
        "boot",
        "argv",
        "commit",
        "cell",
    ),
    Progress: ("phase", "seconds", "examples_per_second", "eta"),
    Evaluated: ("seconds",),
    CommandApplied: ("seconds", "command_id"),
    RunFinished: ("seconds", "examples_per_second", "message"),
    CheckpointSaved: (),
    PredictionsSaved: (),
    GradientFlow: (),
    Inspected: (),
}
"""The fields of each kind of event that no second training can repeat: times, locations, and what the notes are about."""

_ADDED = tuple(
    map(re.compile, (r"\.plain_loss$", r"^gradient flow of ", r"\.gates\[", r"^predictions ", r"^start data\.extra\."))
)
"""Figures that logs of older versions lack, all of them or none."""
_ADDED_METRICS = re.compile(r"[ .](metrics|best|final\.\w+|extra\..*)\.(top[25]_accuracy|r2|smape)$")
"""Metrics that logs of older versions lack: they are compared where the log has them. A run that was begun by an older version
and resumed has them in its later evaluations alone, and in the last event where its best one is among these."""


@dataclass(frozen=True)
class Mismatch:
    """One figure that came out otherwise. `where` says which; None stands for a figure that is not there."""

    where: str
    recorded: object
    again: object

    def __str__(self) -> str:
        return f"{self.where}: recorded {_text(self.recorded)}, again {_text(self.again)}"


@dataclass
class VerifyReport:
    """Result of a verification: `ok` where every recorded number came out the same."""

    run: str
    compared: int = 0
    """Values that were compared, one by one."""
    mismatches: list[Mismatch] = field(default_factory=list)
    """In the log's order; the first is where the two trainings part."""
    notes: list[str] = field(default_factory=list)
    """What differs between then and now, and what could not be compared."""

    @property
    def ok(self) -> bool:
        """Whether something was compared, and nothing differed."""
        return not self.mismatches and self.compared > 0

    def summary(self) -> str:
        """The outcome in one sentence."""
        if self.ok:
            return f"every number matches: {self.compared:,} compared"
        if not self.compared:
            return "there was nothing to compare"
        return f"{len(self.mismatches):,} of {self.compared:,} numbers differ, the first at {self.mismatches[0]}"

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `--json`."""
        return {
            "run": self.run,
            "ok": self.ok,
            "compared": self.compared,
            "mismatches": [{"where": m.where, "recorded": m.recorded, "again": m.again} for m in self.mismatches],
            "notes": self.notes,
        }


def verify(run: RunFolder, *, progress: Callable[[int, int], None] | None = None) -> VerifyReport:
    """Train `run` again and compare. `progress(step, steps)` is called now and then.

    Sets PyTorch's seed and threads in this process. Raises `UsageError` where the run has not begun, its data are not
    here, or its configuration cannot be read.
    """
    records, damaged = read_records(run.events_path)
    events, plans = _uninterrupted(records)
    report = VerifyReport(run.name)
    started = next((event for event in events if isinstance(event, RunStarted)), None)
    if started is None:
        raise UsageError(f"{run.path} has no training to compare with: its log holds no RunStarted")
    if damaged:
        report.notes.append(f"{damaged} damaged lines of the log were skipped; what they held cannot be compared")
    report.notes += _notes_on_cell(started, records)
    config = recorded_config(started, run)
    _note_config(run.config(), config, report)
    config = _on_the_same_device(config, started, report)
    split = load(config)
    summary = summarise_split(split, config)
    if summary.fingerprint != started.data.fingerprint:
        # First: with other data, every figure after it differs for this reason.
        report.notes.insert(0, _other_data(split, started))
    if not started.data.evaluated:  # a log of before it was recorded
        summary = msgspec.structs.replace(summary, evaluated="")
    training = loop_for(config)(
        config,
        split,
        run=started.run,
        summary=summary,
        commands=RecordedCommands(event for event in events if isinstance(event, CommandApplied)),
        boundaries=_window_ends(events),
        plans=plans,
    )
    training.pause_after = next((event.paused_after for event in reversed(events) if isinstance(event, RunFinished)), 0)
    again = _train_again(training, events, report, progress)
    _compare(events, again, report, incomplete=bool(damaged) or not _ended(events))
    return report


def _notes_on_cell(started: RunStarted, records: list[Record]) -> list[str]:
    """How the file of a person's own cell differs now, and whether it changed while the run was interrupted.

    Raises `UsageError` where it was not given.
    """
    notes = [other] if (other := require_cell(started)) else []
    first = next(record.data for record in records if isinstance(record.data, RunStarted))
    if first.cell is not None and started.cell is not None and first.cell.sha256 != started.cell.sha256:
        notes.append(
            f"the run was begun with another {first.cell.file} (SHA-256 {first.cell.sha256[:12]}…) than it was resumed with"
        )
    return notes


def _uninterrupted(records: list[Record]) -> tuple[list[Event], list[tuple[int, int]]]:
    """The log's events as those of a run that was never interrupted.

    The second are pairs of an update and how many updates were planned from it on, where the run was given more.
    """
    events: list[Event] = []
    plans: list[tuple[int, int]] = []
    for record in course(records):
        event = record.data
        if isinstance(event, RunStarted):
            plans.append((0, event.steps_total))
        elif isinstance(event, RunResumed):
            plans.append((event.step, event.steps_total))
            events = [as_resumed(each, event) if isinstance(each, RunStarted) else each for each in events]
        events.append(event)
    return events, plans if len(plans) > 1 else []


def _train_again(
    training: UpdateLoop, events: list[Event], report: VerifyReport, progress: Callable[[int, int], None] | None
) -> list[Event]:
    """The events of the second training, as far as the first one got."""
    ended = _ended(events)
    reached = max((event.step for event in events if isinstance(event, Progress | Evaluated)), default=0)
    if not ended:
        failure = next((event for event in events if isinstance(event, RunFailed)), None)
        reason = "it failed" if failure else "it has not ended yet"
        report.notes.append(f"{reason}: compared as far as update {reached:,}")
    again: list[Event] = []
    for event in training.events():
        if isinstance(event, RunStarted):
            _note_machine(event, events, report)
        again.append(event)
        if progress is not None and isinstance(event, Progress | Evaluated):
            progress(training.step, training.steps_total)
        if not ended and training.step > reached:
            break
    return again


def _window_ends(events: Iterable[Event]) -> list[int]:
    """The updates after which windows ended. A window has where the one before it ended, should that line be damaged."""
    ends: set[int] = set()
    for event in events:
        if isinstance(event, Progress) and event.steps:
            ends |= {event.step - event.steps, event.step}
    return sorted(ends - {0})


def _ended(events: Iterable[Event]) -> bool:
    return any(isinstance(event, RunFinished) for event in events)


def _compare(events: list[Event], again: list[Event], report: VerifyReport, *, incomplete: bool) -> None:
    """Every figure of the log against the same one of the second training.

    Where the log is whole, a figure that only the second training has is a mismatch too.
    """
    recorded, repeated = _figures(events), _figures(again)
    for where, value in recorded.items():
        report.compared += 1
        if where not in repeated or repeated[where] != value:
            report.mismatches.append(Mismatch(where, value, repeated.get(where)))
    if not incomplete:
        report.mismatches += [
            Mismatch(where, None, value)
            for where, value in repeated.items()
            if where not in recorded and not _is_newer(where, recorded)
        ]


def _is_newer(where: str, recorded: Iterable[str]) -> bool:
    """Whether it is a figure that the version which wrote the log did not record."""
    if _ADDED_METRICS.search(where):
        return True
    added = next((pattern for pattern in _ADDED if pattern.search(where)), None)
    return added is not None and not any(map(added.search, recorded))


def _figures(events: Iterable[Event]) -> dict[str, object]:
    """Every value in the events that a second training must repeat, by its location."""
    figures: dict[str, object] = {}
    saved: dict[str, CheckpointSaved] = {}
    for event in events:
        left_out = _NOT_NUMBERS.get(type(event))
        if left_out is None or (isinstance(event, Progress) and not event.steps):
            continue
        if isinstance(event, CommandApplied) and (event.error or event.command in ("pause", "resume")):
            continue
        if isinstance(event, CheckpointSaved):
            if event.kind != "resume":
                saved[event.kind] = event  # those between depend on the disk's time; the last of each kind does not
            continue
        _put(figures, _location(event), event, left_out)
    if any(isinstance(event, RunFinished) for event in events):
        for kind, event in saved.items():
            _put(figures, f"{kind} weights", event, ())
    return figures


def _put(figures: dict[str, object], location: str, event: Event, left_out: tuple[str, ...]) -> None:
    for name in event.__struct_fields__:
        if name not in left_out:
            figures.update(_leaves(f"{location} {name}", msgspec.to_builtins(getattr(event, name))))


def _location(event: Event) -> str:
    """Location of an event in the run; no two compared ones share it."""
    match event:
        case Progress():
            return f"update {event.step}"
        case Evaluated():
            kind = "final" if event.final else "running" if event.running else "evaluated"
            return f"{kind} {event.extra_test or _part(event.split)} at update {event.step}"
        case CommandApplied():
            return f"command {event.command} {event.key} {event.command_id} after update {event.step}".replace(
                "  ", " "
            )
        case GradientFlow():
            return f"gradient flow of {event.layer} at update {event.step}"
        case Inspected():
            return f"inspection at update {event.step}"
        case PredictionsSaved():
            return "predictions"
        case RunStarted():
            return "start"
        case _:
            return "end"


def _part(split: SubsetName) -> str:
    return {"train": "training", "validation": "validation", "test": "test"}[split]


def _leaves(where: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(f"{where}.{key}", member)
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            yield from _leaves(f"{where}[{index}]", member)
    else:
        yield where, value


def _note_config(config: RunConfig, recorded: RunConfig, report: VerifyReport) -> None:
    now, then = config.flat(), recorded.flat()
    if now["runtime.threads"] is None:
        now["runtime.threads"] = then["runtime.threads"]  # the log holds the number that was found out
    if changed := [key for key in now if now[key] != then[key]]:
        report.notes.append(
            f"run.toml was changed after the run ({', '.join(changed)}); the configuration in the log was trained again"
        )


def _on_the_same_device(config: RunConfig, started: RunStarted, report: VerifyReport) -> RunConfig:
    """The configuration, with the device that the run had where it is here."""
    wish = started.device.partition(":")[0]
    try:
        choose_device(wish)
    except UsageError:
        report.notes.append(f"it ran on {started.device}, which is not here: numbers will differ in their last digits")
        wish = "cpu"
    return msgspec.structs.replace(config, runtime=msgspec.structs.replace(config.runtime, device=wish))


def _note_machine(now: RunStarted, events: list[Event], report: VerifyReport) -> None:
    then = next(event for event in events if isinstance(event, RunStarted))
    versions_then = dict(then.versions)
    if versions_then.get("kernels") == "none":  # as logs of rnnlab .1 call NumPy's
        versions_then["kernels"] = "numpy"
    differences = [
        f"{what} {before or '?'} then, {after or '?'} now"
        for what, before, after in (
            *((name, versions_then.get(name), now.versions.get(name)) for name in now.versions),
            ("device", then.device_name, now.device_name),
            ("threads", str(then.threads), str(now.threads)),
        )
        if before != after
    ]
    if differences:
        report.notes.append(
            f"equal numbers are promised only for equal machines and versions; here: {'; '.join(differences)}"
        )


def _other_data(split: Split, started: RunStarted) -> str:
    then, now = started.data.rows, {name: len(split.subset(name)) for name in SUBSET_NAMES}
    rows = ", ".join(f"{name} {then.get(name, 0):,} then, {now[name]:,} now" for name in SUBSET_NAMES)
    return f"the data are not those of the run (rows: {rows}), so no figure can be expected to match"


def _text(value: object) -> str:
    return "nothing" if value is None else repr(value)
