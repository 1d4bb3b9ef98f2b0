"""Logs of sound lines with values that no trainer writes, and commands that nobody gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rnnlab.runs.checksum_line import seal
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import (
    AnyEvent,
    CommandApplied,
    Diagnosed,
    Evaluated,
    Forecast,
    GateUse,
    GradientFlow,
    Inspected,
    LayerFigures,
    Progress,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    Sample,
)
from tests.hostile_files import PAYLOAD, Spoil, write


def line(seq: int, event: Any, *, wall: Any = 1.7e9, mono: Any = 5e3) -> bytes:
    """A sound line of values that need not be right."""
    return seal(msgspec.json.encode({"seq": seq, "wall": wall, "mono": mono, "data": event}))


def _raw(event: AnyEvent, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return fields | changes


DATA = DataSummary(
    task="surnames", title="Surnames", problem="classification", metric="accuracy", higher_is_better=True,
    classes=("a", "b"), rows={"train": 10, "validation": 4, "test": 4}, longest=5, input_size=1, outputs=2, symbols="ab",
)  # fmt: skip
START = RunStarted(
    run="x", config={"model": {"hidden": (8,)}}, data=DATA, model="LSTM 8", epochs=3, steps_per_epoch=5, steps_total=15
)
LARGE = 2**53


def events() -> Iterator[tuple[str, Spoil]]:
    """Sound lines with values that no trainer writes."""
    start = _raw(START)
    data = start["data"]
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    progress = _raw(Progress(epoch=1, step=5, steps=5, loss=1.0, loss_low=0.5, loss_high=2.0, seconds=1.0))
    evaluated = _raw(Evaluated(split="validation", epoch=1, step=5, metrics={"accuracy": 0.5}, best=True))
    long = int("9" * 400)
    begins: dict[str, list[Any]] = {
        "task-unknown": [start | {"data": data | {"task": "no such task"}}],
        "problem-unknown": [start | {"data": data | {"problem": "no such problem"}}],
        "metric-escape": [start | {"data": data | {"metric": PAYLOAD}}, evaluated | {"metrics": {PAYLOAD: 0.5}}],
        "metric-long": [start | {"data": data | {"metric": "m" * 100_000}}],
        "model-unknown": [start | {"config": {"model": {"name": "no such model", "hidden": "x"}, "task": {"name": "?"}}}],
        "model-huge": [start | {"config": {"model": {"name": "lstm", "hidden": [10**9], "layers": 10}}}],
        "input-huge": [start | {"data": data | {"input_size": LARGE, "outputs": LARGE, "longest": LARGE, "symbols": ""}}],
        "config-deep": [start | {"config": {"model": {"hidden": deep}}}],
        "config-list": [start | {"config": [1]}],
        "config-long-number": [start | {"config": {"train": {"epochs": long}}}],
        "config-strange": [start | {"config": {"": {}, "a.b": {"c.d": None}, "train": {"epochs": "many", "seed": [1]}}}],
        "classes-many": [start | {"data": data | {"classes": [str(n) for n in range(100_000)]}}],
        "classes-ragged": [start | {"data": data | {"class_counts": {"train": [1], "?": [1, 2, 3], "test": []}}}],
        "layers-many": [start | {"layers": [{"name": PAYLOAD, "parameters": LARGE}] * 5_000}],
        "counts-large": [start | {"epochs": LARGE, "steps_per_epoch": LARGE, "steps_total": LARGE, "parameters": LARGE}],
        "counts-none": [start | {"epochs": 0, "steps_per_epoch": 0, "steps_total": 0}, progress | {"step": LARGE}],
        "epochs-negative": [start | {"epochs": -1}],
        "pid-large": [start | {"pid": 10**18}],
        "pid-one": [start | {"pid": 1}],
        "versions": [start | {"versions": {PAYLOAD: PAYLOAD}, "device": PAYLOAD, "device_name": PAYLOAD}],
        "loss-large": [start, *(progress | {"loss": v, "loss_low": -v, "loss_high": v} for v in (1e100, 1e300, 1e308))],
        "loss-text": [start, progress | {"loss": "many"}],
        "steps-equal": [start, *[progress] * 50],
        "steps-back": [start, *(progress | {"step": 50 - n, "seconds": -n} for n in range(50))],
        "seconds-large": [start, progress | {"seconds": 1e11, "eta": 1e11}, progress | {"seconds": 1e300, "eta": 1e300}],
        "rates": [start, progress | {"rates": [1e100, -1e100, 0.0] * 50, "losses": ["nan", "inf", 1e100] * 60}],
        "confusion-ragged": [start, evaluated | {"confusion": [[1], [2, 3]]}],
        "confusion-other": [start, evaluated | {"confusion": [[1] * 5] * 5}],
        "confusion-large": [start, evaluated | {"confusion": [[LARGE] * 2] * 2}],
        "confusion-none": [start, evaluated | {"confusion": []}],
        "confusion-negative": [start, evaluated | {"confusion": [[-1, 2], [3, 4]]}],
        "confusion-wide": [start, evaluated | {"confusion": [[1] * 900] * 900}],
        "metrics-strange": [start, evaluated | {"metrics": {"": "nan", PAYLOAD: "inf", "accuracy": -1e100}}],
        "samples": [start, evaluated | {"samples": [_raw_sample()] * 2_000}],
        "split-unknown": [start, evaluated | {"split": "no such part"}],
        "part": [start, evaluated | {"part": PAYLOAD, "final": True}],
        "forecast": [start, evaluated | {"forecast": _forecast(5)}, evaluated | {"forecast": _forecast(50_000)}],
        "forecast-uneven": [start, evaluated | {"forecast": _forecast(5) | {"rolling": [1.0], "one_step": []}}],
        "flow": [start, _raw(GradientFlow(epoch=1, step=5, layer=PAYLOAD, norms=(1e100, "nan", "inf", 0.0, -1.0)))],
        "flow-long": [start, _raw(GradientFlow(epoch=1, step=5, layer="x", norms=(1.0,) * 200_000))],
        "flow-layers": [start, *(_raw(GradientFlow(epoch=1, step=5, layer=f"{n}", norms=(1.0, 2.0))) for n in range(500))],
        "inspected": [start, _raw(_inspected(1)), _raw(_inspected(500))],
        "checkpoint-out": [start, _saved("best", "../../../outside/passwd"), _finished()],
        "checkpoint-absolute": [start, _saved("best", "/etc/passwd"), _finished()],
        "checkpoint-device": [start, _saved("best", "/dev/zero"), _saved("resume", "/dev/zero"), _finished()],
        "predictions-out": [start, _predictions("../../../outside/passwd"), _finished()],
        "predictions-device": [start, _predictions("/dev/zero"), _finished()],
        "predictions-strange": [start, _predictions(PAYLOAD) | {"rows": {PAYLOAD: LARGE}}, _finished()],
        "checkpoint-escape": [start, _saved("best", PAYLOAD), _finished()],
        "command": [start, _raw(CommandApplied(command="set", key=PAYLOAD, value=1e100, error=PAYLOAD, step=3))],
        "diagnosed": [start, *[_raw(Diagnosed(kind=PAYLOAD, epoch=1, step=1, message=PAYLOAD * 50, remedy=PAYLOAD))] * 200],
        "resume-asked": [start, _raw(ResumeAsked(changes={"train.epochs": LARGE, PAYLOAD: 1}, commands=LARGE))],
        "resume-first": [_raw(ResumeAsked())],
        "resumed-first": [_raw(RunResumed(after=LARGE))],
        "resumed-often": [start, *(_raw(RunResumed(after=0, epoch=1, step=1)) for _ in range(500))],
        "resumed-ahead": [start, _raw(RunResumed(after=LARGE, changes={PAYLOAD: 1}, epochs=LARGE))],
        "finished-first": [_finished()],
        "finished-large": [start, _finished() | {"epoch": LARGE, "epochs": LARGE, "seconds": 1e11, "best_epoch": LARGE}],
        "finished-strange": [start, _finished() | {"final": {PAYLOAD: {PAYLOAD: "nan"}}, "best": {}, "extra": {PAYLOAD: {}}}],
        "finished-unknown": [start, _finished() | {"outcome": "no such outcome"}],
        "failed": [start, _raw(RunFailed(kind=PAYLOAD, message=PAYLOAD, hint=PAYLOAD, detail=PAYLOAD * 1_000))],
        "failed-first": [_raw(RunFailed(kind="x", message="y" * 1_000_000))],
        "event-unknown": [start, {"event": "NoSuchEvent", "x": deep}],
        "event-unknown-first": [{"event": "NoSuchEvent"}],
        "event-missing": [start, {}, {"event": None}, {"event": 5}],
        "format-newer": [start | {"log_format": 99}],
        "format-large": [start | {"log_format": long}],
        "leaks": [start | {"data": data | {"leaks": {PAYLOAD: LARGE, "rows": 0}, "notes": [PAYLOAD] * 300}}],
        "baseline": [start | {"data": data | {"baseline": {PAYLOAD: 1e100}, "baselines": {PAYLOAD: {PAYLOAD: 1e100}}}}],
    }  # fmt: skip
    for name, events in begins.items():
        yield f"event-{name}", write("events.jsonl", b"".join(line(seq, event) for seq, event in enumerate(events)))
    walls: dict[str, tuple[Any, Any]] = {
        "wall-large": (1e300, 5.0), "wall-negative": (-1e300, 5.0), "wall-long": (long, 5.0), "mono-large": (1.7e9, 1e300),
        "wall-text": ("noon", 5.0), "wall-past": (-1e11, -1e11), "wall-future": (1e11, 1e11),
    }  # fmt: skip
    for name, (wall, mono) in walls.items():
        yield (
            f"event-{name}",
            write("events.jsonl", line(0, start, wall=wall, mono=mono) + line(1, progress, wall=wall)),
        )
    yield "event-seq-large", write("events.jsonl", line(LARGE, start) + line(LARGE, progress))
    yield "event-seq-negative", write("events.jsonl", line(-5, start) + line(-4, progress))
    yield "event-seq-long", write("events.jsonl", line(long, start))
    yield (
        "event-deep",
        write("events.jsonl", line(0, start) + seal(b'{"seq":1,"data":' + b"[" * 1_000 + b"]" * 1_000 + b"}")),
    )
    yield "event-very-deep", write("events.jsonl", seal(b'{"seq":0,"data":' + b"[" * 500_000 + b"]" * 500_000 + b"}"))


def _raw_sample() -> dict[str, Any]:
    sample = Sample(input=PAYLOAD, target=PAYLOAD, prediction="", correct=False, probability=1e100)
    fields: dict[str, Any] = msgspec.to_builtins(sample)
    return fields


def _forecast(length: int) -> dict[str, Any]:
    values: tuple[Number, ...] = (1e100, "nan", 0.0, "inf", -1e100) * (length // 5)
    forecast = Forecast(
        first=PAYLOAD, last=PAYLOAD, truth=values, one_step=values, rolling=values, baselines={PAYLOAD: values}
    )
    fields: dict[str, Any] = msgspec.to_builtins(forecast)
    return fields


def _inspected(layers: int) -> Inspected:
    gates = (GateUse(name=PAYLOAD, shut=1e100, open=-1.0),) * 5
    return Inspected(
        epoch=1, step=1, layers=(LayerFigures(name=PAYLOAD, gradient="nan", moved=1e100, gates=gates),) * layers
    )


def _saved(kind: str, path: str) -> dict[str, Any]:
    return {"event": "CheckpointSaved", "kind": kind, "path": path, "sha256": "0" * 64, "epoch": 1, "step": 5}


def _predictions(path: str) -> dict[str, Any]:
    return {"event": "PredictionsSaved", "path": path, "sha256": "0" * 64, "rows": {"validation": 4, "test": 4}}


def _finished() -> dict[str, Any]:
    return _raw(RunFinished(outcome="completed", epoch=3, step=15, best_epoch=1, best={"accuracy": 0.5, "loss": 1.0}))


def commands() -> Iterator[tuple[str, Spoil]]:
    """Commands that nobody here gave."""
    stop = msgspec.json.encode({"id": "x" * 100_000, "wall": 1e300, "command": "stop", "key": PAYLOAD, "value": 1e308})
    yield "commands-stop", write("commands.jsonl", seal(stop))
    yield "commands-many", write("commands.jsonl", seal(b'{"id":"x","wall":1,"command":"pause"}') * 20_000)
    yield "commands-deep", write("commands.jsonl", seal(b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
