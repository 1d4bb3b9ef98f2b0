"""Recorded runs for tests: whole run folders with realistic curves, from formulas and a frozen clock.

`record(folder, kind)` writes `folder/2026-01-15-names/runs/NNN-…/` as the real trainer would have. Every figure agrees with the
others (accuracy and macro F1 are those of the confusion counts), and the bytes are the same each time.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.codec import encode
from rnnlab.runs.event_numbers import number
from rnnlab.runs.events import (
    AnyEvent,
    CheckpointSaved,
    CommandApplied,
    DataSummary,
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
    RunFailed,
    RunFinished,
    RunStarted,
    Sample,
    SubsetName,
)

Kind = Literal[
    "running", "finished", "failed", "diverged", "paused", "torn", "regression", "hostile", "loading", "forecast", "per-step",
    "leaky",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

SESSION = "2026-01-15-names"
WALL = 1_768_471_200.0
"""2026-01-15 10:00 UTC: when every recorded run begins."""
MONO = 5_000.0

LANGUAGES = {
    "Arabic": 108, "Chinese": 246, "Czech": 503, "Dutch": 286, "English": 3668, "French": 273, "German": 706, "Greek": 193,
    "Irish": 226, "Italian": 701, "Japanese": 990, "Korean": 94, "Polish": 138, "Portuguese": 74, "Russian": 9342,
    "Scottish": 100, "Spanish": 297, "Vietnamese": 70,
}  # fmt: skip
"""Classes and rows, like those of the names data set with its repeats dropped."""

# Where the mistakes of a class go; the rest of them go to the large classes.
_LIKE = {
    "Chinese": "Korean", "Korean": "Chinese", "Vietnamese": "Chinese", "Czech": "Polish", "Polish": "Czech", "Dutch": "German",
    "German": "Dutch", "French": "English", "Irish": "English", "Scottish": "English", "Spanish": "Portuguese",
    "Portuguese": "Spanish", "Italian": "Spanish", "Greek": "Italian", "Japanese": "Italian", "Arabic": "Russian",
    "Russian": "Czech", "English": "German",
}  # fmt: skip

_HOSTILE = (
    "[/red]", "[@click=app.quit]x[/]", "\x1b]52;c;cHduZWQ=\x07", "\u202egnirts\u202c", "\x9b2J", "[bold", "back\\", "new\nline",
    "名前前前前前前前前", "\U0001f1eb\U0001f1f7 flag", "e\u0301\u0301\u0301", "", " ", "tab\tbed", "a" * 300, "\x00",
    "{0}%s$PATH", "$(reboot)",
)  # fmt: skip
"""Eighteen labels that a careless screen would obey, or break on."""

_SAMPLES = (
    ("Navratil", "Czech", "Czech", 0.91), ("Rousses", "Greek", "French", 0.55), ("Takahashi", "Japanese", "Japanese", 0.99),
    ("O'Shea", "Irish", "Irish", 0.97), ("Abreu", "Portuguese", "English", 0.41), ("Sokolovsky", "Russian", "Russian", 0.98),
    ("Lestrange", "French", "English", 0.62), ("Nguyen", "Vietnamese", "Vietnamese", 0.88),
)  # fmt: skip


@dataclass
class _Log:
    """The lines of a log in the making, on a clock that only `at` moves."""

    lines: list[bytes] = field(default_factory=list)
    now: float = 0.0

    def at(self, seconds: float) -> None:
        self.now = max(self.now, seconds)

    def say(self, event: AnyEvent) -> None:
        seq = len(self.lines)
        self.lines.append(encode(Record(seq, round(WALL + self.now, 3), round(MONO + self.now, 3), event)))


def record(folder: Path, kind: Kind) -> Path:
    """Writes the run of this `kind` in a session under `folder`; gives the run's folder. Each kind has its own name."""
    session = folder / SESSION
    hidden = "gru-64" if kind in ("regression", "forecast", "per-step") else "lstm-128"
    run = session / "runs" / f"{KINDS.index(kind) + 1:03d}-{hidden}"
    run.mkdir(parents=True)
    (session / "session.toml").write_text('format = 1\nname = "names"\nnotes = ""\n', encoding="utf-8")
    config = _config(kind)
    (run / "run.toml").write_text(to_toml(config), encoding="utf-8")
    log = _Log()
    makers = {"regression": _binary, "forecast": _sales, "per-step": _vigenere}
    maker = makers.get(kind)
    best = maker(log, run.name, config) if maker else _names(log, run.name, config, kind)
    if best is not None:
        (run / "best.safetensors").write_bytes(_WEIGHTS)
        (run / "last.safetensors").write_bytes(_WEIGHTS)
    data = b"".join(log.lines)
    if kind == "torn":
        # One bit flipped in the middle, and the last line cut short.
        middle = len(b"".join(log.lines[: len(log.lines) // 2])) + 40
        data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 : -25]
    (run / "events.jsonl").write_bytes(data)
    return run


_WEIGHTS = (8).to_bytes(8, "little") + b"{}      "
"""A sound safetensors file that holds nothing."""
_SHA256 = hashlib.sha256(_WEIGHTS).hexdigest()


def _config(kind: Kind) -> RunConfig:
    name = {"regression": "binary", "forecast": "sales", "per-step": "vigenere"}.get(kind, "names")
    settings: dict[str, object] = {"task.name": name} if name in TASKS else {}
    if kind == "leaky":
        settings |= {"data.leaks": "allow"}
    if kind in ("regression", "forecast", "per-step"):
        settings |= {"model.name": "gru", "model.hidden": "64"}
    return RunConfig.from_settings({**settings, "train.epochs": 20, "optim.lr": 0.003, "runtime.device": "cpu"})


def _settings(config: RunConfig, task: str) -> dict[str, Any]:
    nested: dict[str, Any] = msgspec.to_builtins(config)
    nested["task"]["name"] = task
    return nested


def _started(
    run: str, config: RunConfig, data: DataSummary, layers: tuple[LayerSummary, ...], steps: int
) -> RunStarted:
    return RunStarted(
        run=run,
        config=_settings(config, data.task),
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


def _names(log: _Log, run: str, config: RunConfig, kind: Kind) -> CheckpointSaved | None:
    """A classification run of 18 classes; `kind` says how it goes and where it ends."""
    labels = _HOSTILE if kind == "hostile" else tuple(LANGUAGES)
    if kind == "loading":
        log.say(Progress(phase="loading"))
        log.at(1.0)
        log.say(Progress(phase="loading"))
        return None
    rows = list(LANGUAGES.values())
    held = [max(1, round(n / 10)) for n in rows]
    kept = [n - 2 * h for n, h in zip(rows, held, strict=True)]
    steps = math.ceil(sum(kept) / 64)
    data = DataSummary(
        task="names",
        title="Surnames → language" if kind != "hostile" else "[/red]\x1b]0;title\x07",
        problem="classification",
        metric="accuracy",
        higher_is_better=True,
        classes=labels,
        rows={"train": sum(kept), "validation": sum(held), "test": sum(held)},
        class_counts={"train": tuple(kept), "validation": tuple(held), "test": tuple(held)},
        longest=19,
        input_size=59,
        outputs=18,
        symbols="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;'-",
        baseline={
            split: round(max(n) / sum(n), 6) for split, n in (("train", kept), ("validation", held), ("test", held))
        },
        baseline_name="majority class",
        fingerprint=hashlib.sha256(b"names").hexdigest(),
    )
    if kind == "leaky":
        data = msgspec.structs.replace(
            data,
            split="random",
            leaks={"rows": 1480, "people": 1},
            baselines={
                data.baseline_name: data.baseline,
                "nearest centroid": {"train": 0.641, "validation": 0.612, "test": 0.608},
            },
            notes=("2 rows of names/Czech.txt are not UTF-8 and were left out",),
        )
    log.at(1.2)
    log.say(_started(run, config, data, (LayerSummary("lstm 1", 96_768), LayerSummary("head", 2_322)), steps))
    samples = _hostile_samples() if kind == "hostile" else _samples
    marks = {
        3 * steps + 70: CommandApplied(command="set", command_id="a", key="optim.lr", value=0.006, before=0.003),
        8 * steps + 20: CommandApplied(command="set", command_id="b", key="optim.lr", value=0.0015, before=0.006),
    }
    ends = {"running": 9.4, "torn": 9.4, "hostile": 9.4, "paused": 6.6, "failed": 6.3, "diverged": 4.2}
    last = int(ends.get(kind, 20) * steps)
    course = _Course(
        log=log, steps=steps, steps_total=20 * steps, last=last, pace=0.0128, batch=64, metric="accuracy", sign=1,
        loss=(lambda e: _diverging(e)) if kind == "diverged" else lambda e: 0.34 + 1.95 * math.exp(-e / 2.1),
        validation_loss=lambda e: 0.66 + 1.6 * math.exp(-e / 1.9) + 0.0009 * max(0.0, e - 9) ** 2,
        evaluate=lambda split, e: _classified(labels, kept if split == "train" else held, split, e),
        samples=samples, marks=marks if kind != "diverged" else {}, overfits=True,
    )  # fmt: skip
    best = course.train()
    if kind == "paused":
        log.say(CommandApplied(command="pause", command_id="c", epoch=7, step=course.step, seconds=course.seconds))
        log.at(log.now + 1)
        log.say(
            Progress(
                phase="paused", epoch=7, step=course.step, examples=course.step * 64, seconds=course.seconds, lr=0.006
            )
        )
    elif kind == "failed":
        log.say(
            RunFailed(
                kind="memory",
                message="The GPU ran out of memory: 1.2 GiB more was wanted, 0.4 GiB was free.",
                hint="Set train.batch_size to 32, or runtime.device to cpu.",
                detail="torch.OutOfMemoryError: CUDA out of memory",
            )
        )
    elif kind == "diverged":
        bad = course.step + 1
        log.say(
            Progress(
                epoch=5, step=bad, examples=bad * 64, seconds=course.seconds, steps=1, loss="nan", loss_low="nan",
                loss_high="nan", lr=0.003, grad_norm="nan", examples_per_second=5_000.0,
            )
        )  # fmt: skip
        course.step = bad
        course.finish("diverged", "The loss is no longer a finite number; the best weights are kept.", final=False)
    elif kind in ("finished", "leaky"):
        course.finish("completed", "", final=True)
    return best


def _diverging(epoch: float) -> float:
    return 0.5 + 1.8 * math.exp(-epoch / 1.5) if epoch < 4 else 0.63 * math.exp((epoch - 4) * 180)


def _binary(log: _Log, run: str, config: RunConfig) -> CheckpointSaved:
    """A regression run: eight bits to their number."""
    data = DataSummary(
        task="binary",
        title="Bits → number",
        problem="regression",
        metric="mae",
        higher_is_better=False,
        rows={"train": 3_200, "validation": 400, "test": 400},
        longest=8,
        input_size=1,
        outputs=1,
        scale={"target_scale": 255.0, "target_offset": 0.0},
        baseline={"train": 63.9, "validation": 64.2, "test": 63.7},
        baseline_name="mean",
        fingerprint=hashlib.sha256(b"binary").hexdigest(),
    )
    log.at(0.1)
    log.say(_started(run, config, data, (LayerSummary("gru 1", 12_864), LayerSummary("head", 65)), 50))

    def figures(split: SubsetName, epoch: float) -> tuple[dict[str, float], None]:
        mae = (
            0.31 + 61 * math.exp(-epoch / 2.4) + (0.05 if split != "train" else 0.0) + 0.12 * math.sin(epoch * 2.3) ** 2
        )
        return {"mae": round(mae, 6), "rmse": round(mae * 1.31, 6)}, None

    rows = ((0b11111111, 254.6), (0b00000001, 1.3), (0b10101010, 170.2), (0b01100100, 99.1), (0b11110000, 243.8))

    def samples(epoch: float) -> tuple[Sample, ...]:
        return tuple(
            Sample(input=f"{value:08b}", target=str(value), prediction=f"{answer:.1f}", correct=abs(answer - value) < 2)
            for value, answer in rows
        )

    course = _Course(
        log=log, steps=50, steps_total=1000, last=1000, pace=0.004, batch=64, metric="mae", sign=-1,
        loss=lambda e: 2e-5 + 0.11 * math.exp(-e / 1.3),
        validation_loss=lambda e: 2.6e-5 + 0.1 * math.exp(-e / 1.3),
        evaluate=figures, samples=samples, marks={},
    )  # fmt: skip
    best = course.train()
    course.finish("completed", "", final=True)
    assert best is not None
    return best


def _sales(log: _Log, run: str, config: RunConfig) -> CheckpointSaved:
    """A forecasting run: sales of the next day, with the week and the year in them."""
    baselines = {
        "last value": {"train": 6.1, "validation": 6.4, "test": 6.6},
        "7 steps ago": {"train": 3.2, "validation": 3.4, "test": 3.5},
    }
    data = DataSummary(
        task="sales",
        title="Sales of tomorrow",
        problem="forecasting",
        metric="mae",
        higher_is_better=False,
        rows={"train": 1_241, "validation": 182, "test": 366},
        longest=32,
        input_size=1,
        outputs=1,
        scale={"target_scale": 12.4, "target_offset": 52.2},
        baseline=baselines["7 steps ago"],
        baseline_name="7 steps ago",
        baselines=baselines,
        split="time",
        unit="items a day",
        fingerprint=hashlib.sha256(b"sales").hexdigest(),
    )
    log.at(0.1)
    log.say(_started(run, config, data, (LayerSummary("gru 1", 12_864), LayerSummary("head", 65)), 20))
    noise = random.Random(3)
    week = (0.78, 0.92, 0.93, 0.99, 1.06, 1.12, 1.2)

    def day(at: int) -> float:
        return 52 * week[at % 7] * (1 + 0.28 * math.sin(at / 58.1)) * (1 + 0.02 * noise.gauss(0, 1))

    history = [day(at) for at in range(189)]
    truth = history[7:]

    def forecast(epoch: float) -> Forecast:
        off = random.Random(5)
        wrong = 9 * math.exp(-epoch / 3) + 1.3
        rolling = [v * (1 - 0.0008 * at) + off.gauss(0, 1.4 * wrong) for at, v in enumerate(truth)]
        return Forecast(
            first="2016-07-03",
            last="2016-12-31",
            truth=tuple(round(v, 2) for v in truth),
            one_step=tuple(round(v + off.gauss(0, wrong), 2) for v in truth),
            rolling=tuple(round(v, 2) for v in rolling),
            baselines={
                "last value": tuple(round(v, 2) for v in history[6:-1]),
                "7 steps ago": tuple(round(v, 2) for v in history[:-7]),
            },
        )

    def figures(split: SubsetName, epoch: float) -> tuple[dict[str, float], None]:
        mae = 1.9 + 24 * math.exp(-epoch / 2.4) + (0.3 if split != "train" else 0.0) + 0.12 * math.sin(epoch * 2.3) ** 2
        return {"mae": round(mae, 6), "rmse": round(mae * 1.31, 6)}, None

    def samples(epoch: float) -> tuple[Sample, ...]:
        return tuple(
            Sample(
                input=f"… {truth[at - 1]:.0f}",
                target=f"{truth[at]:.1f}",
                prediction=f"{truth[at] + 1:.1f}",
                correct=True,
            )
            for at in (7, 8, 9, 10)
        )

    course = _Course(
        log=log, steps=20, steps_total=400, last=400, pace=0.004, batch=64, metric="mae", sign=-1,
        loss=lambda e: 0.02 + 0.9 * math.exp(-e / 1.3),
        validation_loss=lambda e: 0.026 + 0.9 * math.exp(-e / 1.3),
        evaluate=figures, samples=samples, marks={}, forecast=forecast,
    )  # fmt: skip
    best = course.train()
    course.finish("completed", "", final=True)
    assert best is not None
    return best


def _vigenere(log: _Log, run: str, config: RunConfig) -> CheckpointSaved:
    """A run with an answer at each step, two kinds of steps, and lengths it was not trained at."""
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    share = [1 + 9 / (1 + index % 7) for index in range(26)]
    kept = [round(800 * s) for s in share]
    held = [round(100 * s) for s in share]
    data = DataSummary(
        task="vigenere",
        title="Secret text → clear text",
        problem="per-step classification",
        metric="accuracy",
        higher_is_better=True,
        classes=letters,
        rows={"train": 8_000, "validation": 1_000, "test": 1_000},
        class_counts={"train": tuple(kept), "validation": tuple(held), "test": tuple(held)},
        longest=32,
        input_size=28,
        outputs=26,
        symbols="".join(letters) + "-",
        baseline={"train": 0.083, "validation": 0.082, "test": 0.084},
        baseline_name="always e",
        fingerprint=hashlib.sha256(b"vigenere").hexdigest(),
    )
    log.at(0.1)
    log.say(_started(run, config, data, (LayerSummary("gru 1", 17_856), LayerSummary("head", 1_690)), 125))

    def figures(split: SubsetName, epoch: float) -> tuple[dict[str, float], tuple[tuple[int, ...], ...]]:
        rows = kept if split == "train" else held
        known = 1 - math.exp(-epoch / 3.1)
        counts = []
        for index, total in enumerate(rows):
            right = round(total * min(0.98, 0.05 + known * (0.95 - 0.1 * (index % 5))))
            wrong = _apportion(total - right, [0.0 if other == index else s for other, s in enumerate(share)])
            wrong[index] = right
            counts.append(tuple(wrong))
        correct = sum(row[index] for index, row in enumerate(counts))
        f1 = [2 * row[i] / (sum(row) + sum(other[i] for other in counts)) for i, row in enumerate(counts)]
        balanced = sum(row[i] / sum(row) for i, row in enumerate(counts)) / 26
        accuracy = correct / sum(rows)
        return {
            "accuracy": round(accuracy, 6),
            "macro_f1": round(sum(f1) / 26, 6),
            "balanced_accuracy": round(balanced, 6),
            **({"accuracy_clean": round(accuracy + 0.03, 6), "accuracy_replaced": 0.412} if split == "test" else {}),
        }, tuple(counts)

    def samples(epoch: float) -> tuple[Sample, ...]:
        right = "the old sailor painted our little"
        said = right if epoch > 8 else "the eee eeeeee eeeeeee eee eeeeee"
        return (Sample(input="gax kcu wofstjkf", target=right, prediction=said, correct=right == said),)

    course = _Course(
        log=log, steps=125, steps_total=2500, last=2500, pace=0.009, batch=64, metric="accuracy", sign=1,
        loss=lambda e: 0.2 + 2.9 * math.exp(-e / 3.1),
        validation_loss=lambda e: 0.24 + 2.9 * math.exp(-e / 3.1),
        evaluate=figures, samples=samples, marks={},
        extra={"64 letters": {"loss": 0.9, "accuracy": 0.781, "macro_f1": 0.77, "balanced_accuracy": 0.772}},
    )  # fmt: skip
    best = course.train()
    course.finish("completed", "", final=True)
    assert best is not None
    return best


@dataclass
class _Course:
    """How a run goes: the steps, aggregated as the trainer does (at most ten a second), and a look at the splits each epoch."""

    log: _Log
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
                kind="best", path="best.safetensors", sha256=_SHA256, epoch=epoch, step=self.step
            )
            self._say(self.saved)
        self._say(CheckpointSaved(kind="last", path="last.safetensors", sha256=_SHA256, epoch=epoch, step=self.step))
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


def _classified(
    labels: Sequence[str], rows: Sequence[int], split: SubsetName, epoch: float
) -> tuple[dict[str, float], tuple[tuple[int, ...], ...]]:
    """Accuracy, macro F1 and the confusion counts after `epoch`: large classes are learned first, small ones late."""
    names = list(LANGUAGES)
    total = sum(rows)
    counts = []
    for i, name in enumerate(names):
        share = rows[i] / total
        ceiling = 0.45 + 0.5 * min(1.0, share * 9) ** 0.35 - (0.0 if split == "train" else 0.07)
        start = 0.9 if name == "Russian" else 0.0
        recall = start + (ceiling - start) * (1 - math.exp(-epoch * (0.35 + 2 * share)))
        recall += 0.03 * math.sin(1.7 * epoch + i + (split == "test")) * (0.3 if split == "train" else 1.0)
        recall -= 0.0 if split == "train" else 0.0006 * max(0.0, epoch - 9) ** 1.5
        right = round(rows[i] * min(0.99, max(0.0, recall)))
        weights = [
            0.0 if j == i else 0.02 + rows[j] / total + (0.6 if _LIKE[name] == names[j] else 0)
            for j in range(len(names))
        ]
        wrong = _apportion(rows[i] - right, weights)
        wrong[i] = right
        counts.append(tuple(wrong))
    correct = sum(counts[i][i] for i in range(len(labels)))
    f1 = []
    for i in range(len(labels)):
        answered = sum(row[i] for row in counts)
        f1.append(2 * counts[i][i] / (rows[i] + answered) if rows[i] + answered else 0.0)
    return {"accuracy": round(correct / total, 6), "macro_f1": round(sum(f1) / len(f1), 6)}, tuple(counts)


def _apportion(whole: int, weights: Sequence[float]) -> list[int]:
    """`whole` in integer parts as `weights`: the largest remainders get what is left over."""
    total = sum(weights)
    exact = [whole * w / total for w in weights]
    parts = [int(x) for x in exact]
    order = sorted(range(len(weights)), key=lambda k: parts[k] - exact[k])
    for k in order[: whole - sum(parts)]:
        parts[k] += 1
    return parts


def _samples(epoch: float) -> tuple[Sample, ...]:
    rows = []
    for name, target, answer, probability in _SAMPLES:
        # In the first epochs the net says what is most frequent.
        said, sure = (answer, probability) if epoch > 2 else ("Russian", 0.46)
        rows.append(Sample(input=name, target=target, prediction=said, correct=said == target, probability=sure))
    return tuple(rows)


def _hostile_samples() -> Callable[[float], tuple[Sample, ...]]:
    rows = tuple(
        Sample(input=text, target=text, prediction=_HOSTILE[-1 - i], correct=i % 2 == 0, probability=0.5)
        for i, text in enumerate(_HOSTILE[:9])
    )
    return lambda epoch: rows
