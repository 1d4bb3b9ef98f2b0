"""Recorded runs for tests: whole run folders with realistic curves, from formulas and a frozen clock.

`record(folder, kind)` writes `folder/2026-01-15-names/runs/NNN-…/` as the real trainer would have. Every figure agrees with the
others (accuracy and macro F1 are those of the confusion counts), and the bytes are the same each time.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import CheckpointSaved, CommandApplied, LayerSummary, Progress, RunFailed, Sample, SubsetName
from tests.recorded_course import (
    WEIGHTS,
    Course,
    RecordedLog,
    apportion,
    started,
)
from tests.recorded_tasks import binary, sales, vigenere

Kind = Literal[
    "running", "finished", "failed", "diverged", "paused", "torn", "regression", "hostile", "loading", "forecast", "per-step",
    "leaky",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

SESSION = "2026-01-15-names"

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


def record(folder: Path, kind: Kind) -> Path:
    """Writes the run of this `kind` in a session under `folder`; gives the run's folder. Each kind has its own name."""
    session = folder / SESSION
    hidden = "gru-64" if kind in ("regression", "forecast", "per-step") else "lstm-128"
    run = session / "runs" / f"{KINDS.index(kind) + 1:03d}-{hidden}"
    run.mkdir(parents=True)
    (session / "session.toml").write_text('format = 1\nname = "names"\nnotes = ""\n', encoding="utf-8")
    config = _config(kind)
    (run / "run.toml").write_text(to_toml(config), encoding="utf-8")
    log = RecordedLog()
    makers = {"regression": binary, "forecast": sales, "per-step": vigenere}
    maker = makers.get(kind)
    best = maker(log, run.name, config) if maker else _names(log, run.name, config, kind)
    if best is not None:
        (run / "best.safetensors").write_bytes(WEIGHTS)
        (run / "last.safetensors").write_bytes(WEIGHTS)
    data = b"".join(log.lines)
    if kind == "torn":
        # One bit flipped in the middle, and the last line cut short.
        middle = len(b"".join(log.lines[: len(log.lines) // 2])) + 40
        data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 : -25]
    (run / "events.jsonl").write_bytes(data)
    return run


def _config(kind: Kind) -> RunConfig:
    name = {"regression": "binary", "forecast": "sales", "per-step": "vigenere"}.get(kind, "names")
    settings: dict[str, object] = {"task.name": name} if name in TASKS else {}
    if kind == "leaky":
        settings |= {"data.leaks": "allow"}
    if kind in ("regression", "forecast", "per-step"):
        settings |= {"model.name": "gru", "model.hidden": "64"}
    return RunConfig.from_settings({**settings, "train.epochs": 20, "optim.lr": 0.003, "runtime.device": "cpu"})


def _names(log: RecordedLog, run: str, config: RunConfig, kind: Kind) -> CheckpointSaved | None:
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
    log.say(started(run, config, data, (LayerSummary("lstm 1", 96_768), LayerSummary("head", 2_322)), steps))
    samples = _hostile_samples() if kind == "hostile" else _samples
    marks = {
        3 * steps + 70: CommandApplied(command="set", command_id="a", key="optim.lr", value=0.006, before=0.003),
        8 * steps + 20: CommandApplied(command="set", command_id="b", key="optim.lr", value=0.0015, before=0.006),
    }
    ends = {"running": 9.4, "torn": 9.4, "hostile": 9.4, "paused": 6.6, "failed": 6.3, "diverged": 4.2}
    last = int(ends.get(kind, 20) * steps)
    course = Course(
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
        wrong = apportion(rows[i] - right, weights)
        wrong[i] = right
        counts.append(tuple(wrong))
    correct = sum(counts[i][i] for i in range(len(labels)))
    f1 = []
    for i in range(len(labels)):
        answered = sum(row[i] for row in counts)
        f1.append(2 * counts[i][i] / (rows[i] + answered) if rows[i] + answered else 0.0)
    return {"accuracy": round(correct / total, 6), "macro_f1": round(sum(f1) / len(f1), 6)}, tuple(counts)


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
