"""The log of a recorded run in the making, and its course: the steps, the evaluations, the end."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from rnnlab.config import RunConfig
from rnnlab.runs.codec import encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import number
from rnnlab.runs.events import (
    AnyEvent,
    CheckpointSaved,
    CommandApplied,
    Diagnosed,
    Evaluated,
    Forecast,
    GateUse,
    GradientFlow,
    Inspected,
    LayerFigures,
    LayerSummary,
    Progress,
    Record,
    RunFinished,
    RunStarted,
    Sample,
    SubsetName,
)

WALL = 1_768_471_200.0
"""2026-01-15 10:00 UTC: when every recorded run begins."""
MONO = 5_000.0

WEIGHTS = (8).to_bytes(8, "little") + b"{}      "
"""A sound safetensors file that holds nothing."""
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


@dataclass
class RecordedLog:
    """The lines of a log in the making, on a clock that only `at` moves."""

    lines: list[bytes] = field(default_factory=list)
    now: float = 0.0

    def at(self, seconds: float) -> None:
        self.now = max(self.now, seconds)

    def say(self, event: AnyEvent) -> None:
        seq = len(self.lines)
        self.lines.append(encode(Record(seq, round(WALL + self.now, 3), round(MONO + self.now, 3), event)))


@dataclass
class Course:
    """How a run goes: the steps, aggregated as the trainer does (at most ten a second), and a look at the splits each epoch."""

    log: RecordedLog
    steps: int
    steps_total: int
    last: int
    pace: float
    """Seconds a step."""
    batch: int
    metric: str
    sign: int
    loss: Callable[[float], float]
    validation_loss: Callable[[float], float]
    evaluate: Callable[[SubsetName, float], tuple[dict[str, float], tuple[tuple[int, ...], ...] | None]]
    samples: Callable[[float], tuple[Sample, ...]]
    marks: dict[int, CommandApplied]
    forecast: Callable[[float], Forecast] | None = None
    extra: dict[str, dict[str, float]] = field(default_factory=dict)
    overfits: bool = False
    step: int = 0
    seconds: float = 0.0
    lr: float = 0.003
    best: Evaluated | None = None
    saved: CheckpointSaved | None = None
    random: random.Random = field(default_factory=lambda: random.Random(7))

    def train(self) -> CheckpointSaved | None:
        while self.step < self.last:
            chunk = max(1, min(int(0.1 / self.pace), self.last - self.step, self.steps - self.step % self.steps))
            self._steps(chunk)
            if self.step % self.steps == 0:
                self._evaluate(self.step // self.steps)
        return self.saved

    def _steps(self, chunk: int) -> None:
        losses = []
        for _ in range(chunk):
            self.step += 1
            losses.append(self.loss(self.step / self.steps) * math.exp(self.random.gauss(0, 0.16)))
            mark = self.marks.get(self.step)
            if mark is not None:
                self.lr = mark.value or self.lr
                self._say(msgspec.structs.replace(mark, epoch=self.epoch, step=self.step, seconds=self.seconds))
        self.seconds = round(self.seconds + chunk * self.pace, 6)
        rate = self.batch / self.pace * (1 + 0.03 * math.sin(self.step / 97))
        self._say(
            Progress(
                epoch=self.epoch,
                step=self.step,
                examples=self.step * self.batch,
                seconds=self.seconds,
                steps=chunk,
                loss=number(round(sum(losses) / chunk, 6)),
                loss_low=number(round(min(losses), 6)),
                loss_high=number(round(max(losses), 6)),
                lr=self.lr,
                grad_norm=number(
                    round(0.4 + 1.6 * math.exp(-self.step / self.steps / 3) + 0.1 * self.random.random(), 6)
                ),
                examples_per_second=round(rate, 1),
                eta=round((self.steps_total - self.step) * self.pace, 3),
            )
        )

    @property
    def epoch(self) -> int:
        return (self.step - 1) // self.steps + 1

    def _say(self, event: AnyEvent) -> None:
        self.log.at(1.2 + self.seconds)
        self.log.say(event)

    def _look(self, split: SubsetName, epoch: int, *, best: bool = False, final: bool = False) -> Evaluated:
        metrics, confusion = self.evaluate(split, epoch)
        loss = self.loss(epoch) if split == "train" else self.validation_loss(epoch) * (1.02 if split == "test" else 1)
        return Evaluated(
            split=split,
            epoch=epoch,
            step=self.step,
            seconds=self.seconds,
            loss=number(round(loss, 6)),
            metrics={name: number(value) for name, value in metrics.items()},
            confusion=confusion,
            samples=self.samples(epoch) if split == "validation" and not final else (),
            forecast=self.forecast(epoch) if self.forecast and split == ("test" if final else "validation") else None,
            running=split == "train" and not final,
            final=final,
            best=best,
        )

    def _evaluate(self, epoch: int) -> None:
        self._say(self._look("train", epoch))
        validation = self._look("validation", epoch)
        better = self.best is None or self._score(validation) > self._score(self.best)
        validation = msgspec.structs.replace(validation, best=better)
        self._say(validation)
        self._say_inside(epoch)
        if better:
            self.best = validation
            self.saved = CheckpointSaved(
                kind="best", path="best.safetensors", sha256=SHA256, epoch=epoch, step=self.step
            )
            self._say(self.saved)
        self._say(CheckpointSaved(kind="last", path="last.safetensors", sha256=SHA256, epoch=epoch, step=self.step))
        if epoch == 8 and self.overfits:
            self._say(
                Diagnosed(
                    kind="overfitting",
                    epoch=epoch,
                    step=self.step,
                    message="overfitting: the gap between train and validation grew from .04 to .09 since epoch 4",
                    remedy="Try model.dropout 0.2, or a smaller model.hidden.",
                )
            )

    def _say_inside(self, epoch: int) -> None:
        """A look into the net: over the epochs the gradient reaches farther back."""
        fades = 0.45 + 0.4 * (1 - math.exp(-epoch / 5))
        gates = tuple(
            GateUse(name, round(0.002 * epoch, 4), round(0.004 * epoch, 4)) for name in ("input", "forget", "output")
        )
        moved = round(0.02 * math.exp(-epoch / 12), 5)
        layers = (
            LayerFigures(name="lstm 1", gradient=round(0.3 + 1 / epoch, 4), moved=moved, gates=gates),
            LayerFigures(name="head", gradient=round(0.2 + 0.6 / epoch, 4), moved=moved),
        )
        self._say(Inspected(epoch=epoch, step=self.step, layers=layers))
        norms = tuple(float(f"{0.6 * fades ** (18 - t):.4g}") for t in range(19))
        self._say(GradientFlow(epoch=epoch, step=self.step, layer="lstm 1", norms=norms))

    def _score(self, look: Evaluated) -> float:
        return self.sign * float(look.metrics[self.metric])

    def finish(self, outcome: Literal["completed", "diverged"], message: str, *, final: bool) -> None:
        assert self.best is not None
        looks: Sequence[Evaluated] = ()
        if final:
            splits: tuple[SubsetName, ...] = ("train", "validation", "test")
            looks = [self._look(split, self.best.epoch, final=True) for split in splits]
            for look in looks:
                self._say(look)
            for part, figures in self.extra.items():
                given = {name: number(value) for name, value in figures.items() if name != "loss"}
                self._say(
                    Evaluated(
                        split="test",
                        extra_test=part,
                        epoch=self.best.epoch,
                        step=self.step,
                        loss=figures["loss"],
                        metrics=given,
                        final=True,
                    )
                )
        self._say(
            RunFinished(
                outcome=outcome,
                message=message,
                epoch=self.epoch,
                step=self.step,
                seconds=self.seconds,
                examples_per_second=round(self.batch / self.pace, 1),
                best_epoch=self.best.epoch,
                best_step=self.best.step,
                best={"loss": self.best.loss, **self.best.metrics},
                final={look.split: {"loss": look.loss, **look.metrics} for look in looks},
                extra={part: dict(figures) for part, figures in self.extra.items()},
            )
        )


def recorded_settings(config: RunConfig, task: str) -> dict[str, Any]:
    nested: dict[str, Any] = msgspec.to_builtins(config)
    nested["task"]["name"] = task
    return nested


def started(run: str, config: RunConfig, data: DataSummary, layers: tuple[LayerSummary, ...], steps: int) -> RunStarted:
    return RunStarted(
        run=run,
        config=recorded_settings(config, data.task),
        data=data,
        model="LSTM 128" if data.problem == "classification" else "GRU 64",
        layers=layers,
        parameters=sum(layer.parameters for layer in layers),
        device="cpu",
        device_name="2 cores",
        versions={"rnnlab": "0.1.0", "torch": "2.13.0", "python": "3.11.7"},
        pid=4242,
        epochs=20,
        steps_per_epoch=steps,
        steps_total=20 * steps,
    )


def apportion(whole: int, weights: Sequence[float]) -> list[int]:
    """`whole` in integer parts as `weights`: the largest remainders get what is left over."""
    total = sum(weights)
    exact = [whole * w / total for w in weights]
    parts = [int(x) for x in exact]
    order = sorted(range(len(weights)), key=lambda k: parts[k] - exact[k])
    for k in order[: whole - sum(parts)]:
        parts[k] += 1
    return parts
