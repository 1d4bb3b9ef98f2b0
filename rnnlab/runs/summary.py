"""A run in one row, from the two ends of its log: quick enough for a list of thousands."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import msgspec

from rnnlab.config.changed import changed_settings
from rnnlab.config.net import describe_net
from rnnlab.config.objectives import selected_figure
from rnnlab.errors import UsageError
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import (
    LOG_FORMAT,
    Evaluated,
    PredictionsSaved,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    SubsetName,
)
from rnnlab.runs.files import LINE_LIMIT, open_log
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.notes import readable_notes
from rnnlab.runs.state import Status
from rnnlab.runs.verdict import Verdict, learned_baselines, verdict

_HEAD = 16_384
_TAIL = 32_768
"""Bytes from the end: of most logs the last evaluations are among them, and a second look into the log costs more."""
WHOLE = ("completed", "early-stopped")
"""How a run has ended whose figures count."""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run in a list. `best` and `final` are as in `RunFinished`; `problem` is why a run could not be read."""

    path: str
    session: str
    name: str
    status: Status | None = None
    task: str = ""
    model: str = ""
    metric: str = ""
    epochs: int = 0
    epoch: int = 0
    best: dict[str, Number] = {}
    best_epoch: int = 0
    final: dict[str, dict[str, Number]] = {}
    extra: dict[str, dict[str, Number]] = {}
    """As in `RunFinished`."""
    baselines: dict[str, dict[str, Number]] = {}
    """Those that are more than a constant, by name and split; see `DataSummary`."""
    parameters: int = 0
    settings: dict[str, Any] = {}
    """Its settings by key, those that are at the field's own default left out."""
    fingerprint: str = ""
    """Of its rows and how they are split; see `DataSummary`."""
    evaluated: str = ""
    """Of what its figures are measured on; see `DataSummary`."""
    fold_set: str = ""
    """Of the folds of a cross-validation; see `DataSummary`."""
    leaks: dict[str, int] = {}
    """What its training has seen of the other parts; see `DataSummary`."""
    seconds: float = 0.0
    examples_per_second: float = 0.0
    started: float | None = None
    """Unix time of the first event."""
    message: str = ""
    paused_after: int = 0
    """As in `RunFinished`."""
    verdict: Verdict = Verdict()
    """What is wrong with an outcome that is called completed."""
    problem: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()

    @property
    def selected(self) -> str:
        """The validation figure by which the best epoch was chosen: the metric, unless `train.select` names another."""
        return selected_figure(self.settings.get("train.select"), self.metric)

    @property
    def is_range_test(self) -> bool:
        """Whether it is a learning-rate range test, which evaluates nothing."""
        return self.settings.get("optim.schedule") == "range"

    def figures(self, part: str) -> dict[str, Number]:
        """The figures of the best weights on a part of the split, or in a further test by its name; empty without any."""
        return self.final.get(part) or self.extra.get(part, {})


def summarise(run: RunFolder) -> RunSummary:
    """The run's row. Never raises for what stands in the folder: `problem` is what is wrong with it."""
    try:
        return _summarise(run)
    except Exception as error:
        # A folder from a stranger may hold anything; one run must not hide the others.
        problem = (
            str(error) if isinstance(error, UsageError) else f"it cannot be read ({type(error).__name__}: {error})"
        )
        return RunSummary(path=str(run.path), session=run.path.parent.parent.name, name=run.name, problem=problem)


def _summarise(run: RunFolder) -> RunSummary:
    names: dict[str, Any] = {"path": str(run.path), "session": run.path.parent.parent.name, "name": run.name}
    held = readable_notes(run)
    names |= {"notes": held.text, "tags": held.tags}
    try:
        head, tail = _ends(run)
    except FileNotFoundError:
        return _queued(run, names)
    except OSError as error:
        return RunSummary(**names, problem=f"its log cannot be read: {error.strerror}")
    first = next(_records(head[: head.find(b"\n") + 1] or head), None)
    if first is None:
        if head:
            return RunSummary(**names, problem="its log is damaged from the first line on")
        return _queued(run, names)
    if isinstance(first.data, Progress | RunFailed | RunFinished):
        # A run may be called off, and asked for again, before it begins.
        first = next((each for each in _records(head) if isinstance(each.data, RunStarted)), first)
    started = first.data if isinstance(first.data, RunStarted) else None
    if started is not None and started.log_format > LOG_FORMAT:
        return RunSummary(**names, problem=f"its log has format {started.log_format}, newer than this rnnlab reads")
    row: dict[str, Any] = {"started": first.wall}
    if started is not None:
        row |= _begun(started)
    elif not isinstance(first.data, Progress | RunFailed | RunFinished):
        return RunSummary(**names, problem="its log does not begin with the run's start")
    else:
        row |= _planned(run)
        if isinstance(first.data, Progress):
            row["status"] = first.data.phase
    asked = _fill_from_the_end(row, tail)
    row.setdefault("status", "training")  # it was called off more often than the head of its log holds, and began then
    if row.get("epoch", 0) > row["epochs"]:
        row["epochs"] = max(row["epoch"], _planned_epochs(run))  # it was given more
    if asked is not None:
        row |= {
            "status": "queued",
            "message": "",
            "paused_after": 0,
            "epochs": asked.changes.get("train.epochs", row["epochs"]),
        }
    if started is not None and row["epochs"] != started.epochs:
        # With more it is no longer the run that others repeat.
        row["settings"] = row["settings"] | {"train.epochs": row["epochs"]}
    if not row.get("final") and row["status"] not in ("completed", "stopped", "early-stopped"):
        row |= _best_so_far(run)
    if started is not None and row["status"] in WHOLE and row.get("best"):
        selected = selected_figure(started.config.get("train", {}).get("select"), started.data.metric)
        figures = _last_training_figures(run, tail)
        row["verdict"] = verdict(started.data, row["status"], row["best"], figures, selected)
    return RunSummary(**names, **row)


def _begun(started: RunStarted) -> dict[str, Any]:
    """What the first event of a run says of it."""
    return {
        "task": started.data.task,
        "metric": started.data.metric,
        "model": started.model,
        "epochs": started.epochs,
        "parameters": started.parameters,
        "baselines": learned_baselines(started.data),
        "leaks": started.data.leaks,
        "settings": changed_settings(started.config),
        "fingerprint": started.data.fingerprint,
        "evaluated": started.data.evaluated,
        "fold_set": started.data.fold_set,
        "status": "training",
    }


def _last_training_figures(run: RunFolder, tail: bytes) -> dict[str, Number] | None:
    """The training figures of the last evaluation, which stands near the end of the log where not in its tail."""
    figures = _first_training_figures(tail)
    try:
        if figures is None:
            with _mapped(run) as log:
                figures = _first_training_figures(log)
    except (OSError, ValueError):
        return None
    return figures


def _first_training_figures(log: bytes | mmap.mmap) -> dict[str, Number] | None:
    """Those that stand last in the bytes, without those of the final evaluation."""
    marked = _marked(log, b'"split":"train"', without=b'"final":true')
    return next((figures for record in marked if (figures := _training_figures(record)) is not None), None)


def _training_figures(record: Record) -> dict[str, Number] | None:
    event = record.data
    if isinstance(event, Evaluated) and event.split == "train" and not event.final:
        return {"loss": event.loss, **event.metrics}
    return None


def _best_so_far(run: RunFolder) -> dict[str, Any]:
    """The best evaluation of a run without a result: the last one that was marked the best, wherever it stands in the log."""
    try:
        with _mapped(run) as log:
            # What stands between a record and a later resumption from before it is void.
            resumed = [
                (r.seq, r.data.after) for r in _marked(log, b'"event":"RunResumed"') if isinstance(r.data, RunResumed)
            ]
            for record in _marked(log, b'"best":true'):
                event = record.data
                void = any(after < record.seq < seq for seq, after in resumed)
                if isinstance(event, Evaluated) and event.best and not void:
                    return {"best": {"loss": event.loss, **event.metrics}, "best_epoch": event.epoch}
    except (OSError, ValueError):
        pass  # an empty file cannot be mapped
    return {}


@contextmanager
def _mapped(run: RunFolder) -> Iterator[mmap.mmap]:
    """The log's bytes. Raises `OSError`, and `ValueError` where it is empty."""
    with (
        os.fdopen(open_log(run.events_path), "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log,
    ):
        yield log


def final_evaluations(run: RunFolder) -> list[Evaluated]:
    """The evaluations with the best weights at the run's end, by split, without further parts; empty where there is none."""
    found: dict[str, Evaluated] = {}
    try:
        with _mapped(run) as log:
            for record in _marked(log, b'"final":true'):
                event = record.data
                if isinstance(event, Evaluated) and event.final and not event.extra_test:
                    found.setdefault(event.split, event)  # what stands before a resumption was evaluated again
                if len(found) == len(get_args(SubsetName)):
                    break
    except (OSError, ValueError):
        return []  # an empty file cannot be mapped
    return list(found.values())


def saved_predictions(run: RunFolder) -> PredictionsSaved | None:
    """The record of the run's predictions; None where it has none that count."""
    try:
        with _mapped(run) as log:
            record = next(_marked(log, b'"event":"PredictionsSaved"'), None)
            if record is None or not isinstance(record.data, PredictionsSaved):
                return None
            # What stands between a record and a later resumption from before it is void.
            later = next(_marked(log, b'"event":"RunResumed"'), None)
            return None if later is not None and later.seq > record.seq else record.data
    except (OSError, ValueError):
        return None  # an empty file cannot be mapped


def _marked(log: bytes | mmap.mmap, mark: bytes, without: bytes = b"") -> Iterator[Record]:
    """The records whose lines hold the mark, and not `without`, the last one first."""
    at = log.rfind(mark)
    while at >= 0:
        start, end = log.rfind(b"\n", 0, at) + 1, log.find(b"\n", at) + 1
        if end - start <= LINE_LIMIT and not (without and log.find(without, start, end) >= 0):
            yield from _records(log[start:end])
        at = log.rfind(mark, 0, start)


def _fill_from_the_end(row: dict[str, Any], tail: bytes) -> ResumeAsked | None:
    """Add what the last records hold, as far back as needed; gives the request to resume where that is the last one."""
    asked: ResumeAsked | None = None
    for index, record in enumerate(_records_backwards(tail)):
        if index == 0 and isinstance(record.data, ResumeAsked):
            asked = record.data
        elif _fill(row, record):
            break
    return asked


def _fill(row: dict[str, Any], record: Record) -> bool:
    """Add what the record, read backwards from the end, holds; whether that is enough."""
    event = record.data
    match event:
        case RunFinished():
            row |= {
                "status": event.outcome,
                "message": event.message,
                "paused_after": event.paused_after,
                "epoch": event.epoch,
                "epochs": event.epochs or row["epochs"],
                "seconds": event.seconds,
                "best": event.best,
                "best_epoch": event.best_epoch,
                "final": event.final,
                "extra": event.extra,
                "examples_per_second": event.examples_per_second,
            }
            return True
        case RunFailed():
            row |= {"status": "failed", "message": event.message}
        case RunResumed():
            for name in ("epoch", "seconds"):
                row.setdefault(name, getattr(event, name))
            row["epochs"] = event.epochs
            return True  # what stands before it may be void
        case RunStarted():
            return True  # before it the run was called off
        case Progress():
            if row.get("status") == "training":
                row["status"] = event.phase
            row.setdefault("epoch", event.epoch)
            row.setdefault("seconds", event.seconds)
            row.setdefault("examples_per_second", event.examples_per_second)
        case Evaluated(split="validation", final=False):
            row.setdefault("epoch", event.epoch)
            row.setdefault("best", {"loss": event.loss, **event.metrics})
            row.setdefault("best_epoch", event.epoch)
    return {"best", "epoch", "seconds"} <= row.keys()


def _ends(run: RunFolder) -> tuple[bytes, bytes]:
    """The log's first and last bytes, cut to whole lines."""
    file = open_log(run.events_path)
    try:
        size = os.fstat(file).st_size
        head = os.pread(file, min(size, _HEAD), 0)
        if b"\n" not in head:
            head = os.pread(file, LINE_LIMIT, 0)
        start = max(0, size - _TAIL)
        tail = head[:size] if size <= len(head) else os.pread(file, _TAIL, start)
        # The last event carries every final figure and may be longer than that.
        if start > 0 and tail.find(b"\n") == tail.rfind(b"\n"):
            start = max(0, size - LINE_LIMIT)
            tail = os.pread(file, LINE_LIMIT, start)
    finally:
        os.close(file)
    return head[: head.rfind(b"\n") + 1] or head, tail


def _records_backwards(data: bytes) -> Iterator[Record]:
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end) + 1
        yield from _records(data[start:end])
        end = start - 1


def _records(data: bytes) -> Iterator[Record]:
    for line in data.split(b"\n"):
        if line:
            try:
                yield decode(line + b"\n")
            except (DamagedLine, UnknownEvent):
                continue


def _planned(run: RunFolder) -> dict[str, Any]:
    config = run.config()
    return {
        "task": config.task.name,
        "model": describe_net(config.model),
        "epochs": config.train.epochs,
        "settings": changed_settings(config),
    }


def _planned_epochs(run: RunFolder) -> int:
    try:
        return run.config().train.epochs
    except UsageError:
        return 0


def _queued(run: RunFolder, names: dict[str, Any]) -> RunSummary:
    try:
        return RunSummary(**names, status="queued", **_planned(run))
    except UsageError as error:
        return RunSummary(**names, problem=str(error))
