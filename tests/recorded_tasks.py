"""Recorded runs of other tasks than names: a regression, a forecast, and a class at each step."""

from __future__ import annotations

import hashlib
import math
import random
from typing import Any

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import CheckpointSaved, Forecast, LayerSummary, Sample, SubsetName
from tests.recorded_course import Course, RecordedLog, apportion, started


def binary(log: RecordedLog, run: str, config: RunConfig) -> CheckpointSaved:
    """A regression run: eight bits to their number."""
    data = _numbers(
        task="binary",
        title="Bits → number",
        problem="regression",
        rows={"train": 3_200, "validation": 400, "test": 400},
        longest=8,
        scale={"target_scale": 255.0, "target_offset": 0.0},
        baseline={"train": 63.9, "validation": 64.2, "test": 63.7},
        baseline_name="mean",
    )
    log.at(0.1)
    log.say(started(run, config, data, (LayerSummary("gru 1", 12_864), LayerSummary("head", 65)), 50))

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

    course = Course(
        log=log, steps=50, steps_total=1000, last=1000, pace=0.004, batch=64, metric="mae", sign=-1,
        loss=lambda e: 2e-5 + 0.11 * math.exp(-e / 1.3),
        validation_loss=lambda e: 2.6e-5 + 0.1 * math.exp(-e / 1.3),
        evaluate=figures, samples=samples, marks={},
    )  # fmt: skip
    return _completed(course)


def sales(log: RecordedLog, run: str, config: RunConfig) -> CheckpointSaved:
    """A forecasting run: sales of the next day, with the week and the year in them."""
    baselines = {
        "last value": {"train": 6.1, "validation": 6.4, "test": 6.6},
        "7 steps ago": {"train": 3.2, "validation": 3.4, "test": 3.5},
    }
    data = _numbers(
        task="sales",
        title="Sales of tomorrow",
        problem="forecasting",
        rows={"train": 1_241, "validation": 182, "test": 366},
        longest=32,
        scale={"target_scale": 12.4, "target_offset": 52.2},
        baseline=baselines["7 steps ago"],
        baseline_name="7 steps ago",
        baselines=baselines,
        split="time",
        unit="items a day",
    )
    log.at(0.1)
    log.say(started(run, config, data, (LayerSummary("gru 1", 12_864), LayerSummary("head", 65)), 20))
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

    course = Course(
        log=log, steps=20, steps_total=400, last=400, pace=0.004, batch=64, metric="mae", sign=-1,
        loss=lambda e: 0.02 + 0.9 * math.exp(-e / 1.3),
        validation_loss=lambda e: 0.026 + 0.9 * math.exp(-e / 1.3),
        evaluate=figures, samples=samples, marks={}, forecast=forecast,
    )  # fmt: skip
    return _completed(course)


def vigenere(log: RecordedLog, run: str, config: RunConfig) -> CheckpointSaved:
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
    log.say(started(run, config, data, (LayerSummary("gru 1", 17_856), LayerSummary("head", 1_690)), 125))

    def figures(split: SubsetName, epoch: float) -> tuple[dict[str, float], tuple[tuple[int, ...], ...]]:
        rows = kept if split == "train" else held
        known = 1 - math.exp(-epoch / 3.1)
        counts = []
        for index, total in enumerate(rows):
            right = round(total * min(0.98, 0.05 + known * (0.95 - 0.1 * (index % 5))))
            wrong = apportion(total - right, [0.0 if other == index else s for other, s in enumerate(share)])
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

    course = Course(
        log=log, steps=125, steps_total=2500, last=2500, pace=0.009, batch=64, metric="accuracy", sign=1,
        loss=lambda e: 0.2 + 2.9 * math.exp(-e / 3.1),
        validation_loss=lambda e: 0.24 + 2.9 * math.exp(-e / 3.1),
        evaluate=figures, samples=samples, marks={},
        extra={"64 letters": {"loss": 0.9, "accuracy": 0.781, "macro_f1": 0.77, "balanced_accuracy": 0.772}},
    )  # fmt: skip
    return _completed(course)


def _numbers(*, task: str, **more: Any) -> DataSummary:
    """Data of one number a step, with one number to predict."""
    fingerprint = hashlib.sha256(task.encode()).hexdigest()
    return DataSummary(
        task=task, metric="mae", higher_is_better=False, input_size=1, outputs=1, fingerprint=fingerprint, **more
    )


def _completed(course: Course) -> CheckpointSaved:
    """The best checkpoint of the run, once it has gone its course."""
    best = course.train()
    course.finish("completed", "", final=True)
    assert best is not None
    return best
