"""Whether a run that came to its end learned anything, judged from the records of its log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from rnnlab.config.objectives import CLASS_FIGURES
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.state import RunState

DIVERGED = 1.5
"""A last training loss, or error, so many times that of a net that knows nothing is that of a run that diverged."""


CONSTANT = "always "
"""What the name of a baseline begins with that predicts the same for every row."""
BELOW_BASELINE = "below-baseline"
"""Kind of the `Diagnosed` that says so of the best weights, at the end."""
FEW_UPDATES = 200
"""Updates that a net seldom learns from fewer of."""


class Verdict(msgspec.Struct, frozen=True):
    """What is wrong with the outcome: `label` in a table, `text` as the end of a sentence; both empty where nothing is."""

    label: str = msgspec.field(default="", name="word")
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.label)


class Standing(NamedTuple):
    """A run beside its baseline: `test accuracy .811, below logistic regression (.826)`; `worse`: it is no better."""

    text: str
    worse: bool


def verdict(
    data: DataSummary,
    status: str | None,
    best: Mapping[str, Number],
    last: Mapping[str, Number] | None,
    selected: str = "",
) -> Verdict:
    """The verdict on a run whose `status` is that it was trained to its end (`completed` or `early-stopped`).

    `best` are the validation figures of its best epoch, `last` the training figures of its last evaluation (None: unknown);
    `selected` is the figure that chose the best epoch, the task's metric where it is empty.

    Diverged: of classes, the last training loss is more than `DIVERGED` times log(classes), the cross-entropy of a net that
    gives each class the same probability (the focal loss is smaller still); of numbers, the last training figure is more than
    `DIVERGED` times the error of the best constant prediction, the training median or mean: a naive forecast knows the series,
    and a net that has not learned it is far above that. Either counts, too, where it is no number. A log without such a baseline
    leaves it open.
    Below its baseline: the figure that chose the best epoch is no better than the best baseline of that figure on the
    validation part; equal is no better, unless nothing is wrong (`beats`). Where no baseline of it is known, as of the loss, it
    is not judged.
    """
    if status not in ("completed", "early-stopped"):
        return Verdict()
    texts = []
    diverged = _diverged(data, last)
    if diverged:
        texts.append(diverged)
    figure = selected or data.metric
    baseline, score = best_baseline(data, "validation", figure), best.get(figure)
    below = False
    if baseline is not None and score is not None:
        name, value = baseline
        below = not beats(real(score), value, data.higher_is_better)
        if below:
            texts.append(f"never better than its baseline ({name}: {_short(value)})")
    return Verdict("diverged" if diverged else "below baseline" if below else "", "; ".join(texts))


def beats(score: float, baseline: float, higher_is_better: bool) -> bool:
    """Whether a figure is better than the baseline's; as good is good enough where nothing is wrong any more."""
    if higher_is_better:
        return score > baseline or score >= 1
    return score < baseline or score == 0


def verdict_of(state: RunState) -> Verdict:
    """The verdict on a run whose whole log was read."""
    if state.started is None or state.best is None:
        return Verdict()
    return verdict(state.started.data, state.status, state.best.metrics, state.latest.get("train"), state.selected)


def few_updates_text(state: RunState) -> str:
    """A sentence where a run that was trained to its end made few updates; empty where it made enough."""
    if state.best is None or state.status not in ("completed", "early-stopped") or state.step >= FEW_UPDATES:
        return ""
    made = "1 update was" if state.step == 1 else f"{state.step} updates were"
    limit = state.started.config.get("train", {}).get("updates") if state.started is not None else None
    by_limit = isinstance(limit, int) and 0 < limit <= state.step
    remedy = "raise train.updates" if by_limit else "raise train.epochs, or lower train.batch_size"
    return f"only {made} made; few nets learn from fewer than {FEW_UPDATES}: {remedy}"


def learned_baselines(data: DataSummary) -> dict[str, dict[str, float]]:
    """The scores of the baselines that are more than a constant: learned ones and naive forecasts, by name and split."""
    constant = data.baseline_name if data.classes else ""
    return {
        name: scores for name, scores in data.baselines.items() if name != constant and not name.startswith(CONSTANT)
    }


def against_baseline(state: RunState) -> Standing | None:
    """How the run compares with the best baseline that is more than a constant, on the test part where it was tested.

    None where there is none, or no figure yet.
    """
    if state.started is None or state.best is None or state.status not in ("completed", "early-stopped", "stopped"):
        return None
    data = state.started.data
    split = "test" if "test" in state.final else "validation"
    figures = state.final.get(split) or state.best.metrics
    scores = {name: held[split] for name, held in learned_baselines(data).items() if split in held}
    if not scores or data.metric not in figures:
        return None
    sign = 1 if data.higher_is_better else -1
    name = max(scores, key=lambda each: sign * scores[each])
    gain = sign * (real(figures[data.metric]) - scores[name])
    above, below = ("above", "below") if data.higher_is_better else ("better than", "worse than")
    relation = above if gain > 0 else "equal to" if gain == 0 else below
    own, theirs = _short(real(figures[data.metric])), _short(scores[name])
    return Standing(
        f"{split} {data.metric} {own}, {relation} {name} ({theirs})",
        not beats(real(figures[data.metric]), scores[name], data.higher_is_better),
    )


def best_baseline(data: DataSummary, split: str, figure: str = "") -> tuple[str, float] | None:
    """Name and score of the best baseline on that part, by `figure`, or by the task's metric where it is empty.

    None where no baseline of that figure is known.
    """
    if figure in CLASS_FIGURES and figure != data.metric:
        return _majority(data, split, figure)
    if figure not in ("", data.metric):
        return None
    known = {name: scores[split] for name, scores in data.baselines.items() if split in scores}
    if split in data.baseline:
        known.setdefault(data.baseline_name or "baseline", data.baseline[split])
    if not known:
        return None
    best = max(known, key=lambda name: known[name] if data.higher_is_better else -known[name])
    return best, known[best]


def _majority(data: DataSummary, split: str, figure: str) -> tuple[str, float] | None:
    """What the commonest class of the training rows scores by one of `CLASS_FIGURES`, predicted for everything."""
    trained, counts = data.counts_of("train"), data.counts_of(split)
    if not any(trained) or not any(counts):
        return None
    at = trained.index(max(trained))
    share = counts[at] / sum(counts)
    # Each class counts alike; one without rows is left out, as in `rnnlab.training.evaluation.metrics`.
    if figure == "macro_f1":
        present = sum(count > 0 or index == at for index, count in enumerate(counts))
        score = 2 * share / (1 + share) / present
    else:
        score = (counts[at] > 0) / sum(count > 0 for count in counts)
    return f"always {data.classes[at]}", score


def _diverged(data: DataSummary, last: Mapping[str, Number] | None) -> str:
    if last is None:
        return ""
    chance: float | None
    if data.problem.endswith("classification"):
        value, chance, name = last.get("loss"), math.log(max(2, data.outputs, len(data.classes))), "training loss"
    else:
        value, chance = last.get(data.metric), _constant_error(data)
        name = f"training {data.metric.replace('_', ' ')}"
    if value is None or chance is None or chance <= 0 or real(value) <= DIVERGED * chance:
        return ""
    return f"diverged: the {name} ended at {_short(real(value))}, where a net that knows nothing has {_short(chance)}"


def _constant_error(data: DataSummary) -> float | None:
    """The least error on the training rows of one constant prediction, as `rnnlab.tasks.describe.baselines` names them."""
    errors = [
        scores["train"]
        for name, scores in data.baselines.items()
        if name.startswith(CONSTANT)
        and name.endswith(("the training median", "the training mean"))
        and "train" in scores
    ]
    return min(errors, default=None)


def _short(value: float) -> str:
    """Three digits, without a leading zero: .47."""
    text = f"{value:.3g}"
    return text[1:] if text.startswith("0.") else text
