"""What a practised eye would notice at the end of a run, in words, with a remedy. A healthy run hears nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.config import RunConfig, advice
from rnnlab.config.selection import selected_figure
from rnnlab.runs.events import DataSummary, Diagnosed
from rnnlab.runs.verdict import best_baseline
from rnnlab.training.evaluation.evaluate import EvaluationResult


def diagnose(
    data: DataSummary, look: EvaluationResult, split: str, *, epoch: int, step: int, config: RunConfig | None = None
) -> Iterator[Diagnosed]:
    """What there is to say of the best weights' look at `split`: one answer to everything, no better than a baseline by the
    figure that chose the best epoch. `config` are the settings in force: nothing is advised that is set already.
    """
    config = config or RunConfig()
    one = one_answer(data, look)
    if one:
        yield Diagnosed(
            kind="one-class",
            epoch=epoch,
            step=step,
            message=f"the net answers {one} for everything in the {split} part: it has learned nothing that tells one input "
            "from another",
            remedy=advice.joined(
                "give it more updates (train.epochs), or another optim.lr, ten times as large or as small",
                advice.balance(config),
            ),
        )
    figure = selected_figure(config.train.select, data.metric)
    beaten = best_baseline(data, split, figure)
    if beaten is None or not look.finite:
        return
    name, baseline = beaten
    score = look.metrics.get(figure)
    if score is None or (score > baseline if data.higher_is_better else score < baseline):
        return
    yield Diagnosed(
        kind="below-baseline",
        epoch=epoch,
        step=step,
        message=f"no better than the baseline: {figure.replace('_', ' ')} {score:.4g} in the {split} part, "
        f"where {name} has {baseline:.4g}",
        remedy="see whether the training loss falls: where it does not, another optim.lr or more train.epochs; where it does, "
        f"the net learns by heart, and {advice.less_capacity(config)} may help",
    )


def one_answer(data: DataSummary, look: EvaluationResult) -> str:
    """The class that every row was answered with; empty where there were several, or where one class is all there is."""
    if look.confusion is None or len(look.confusion) < 2:
        return ""
    answered = [place for place, column in enumerate(zip(*look.confusion, strict=True)) if any(column)]
    asked = sum(any(row) for row in look.confusion)
    return data.classes[answered[0]] if len(answered) == 1 and asked > 1 else ""
