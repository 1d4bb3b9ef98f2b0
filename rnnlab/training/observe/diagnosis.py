"""Warnings about the best weights at the end of a run, each with a remedy. Of a healthy run there are none."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.config import RunConfig, advice
from rnnlab.config.objectives import selected_figure
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Diagnosed
from rnnlab.runs.verdict import BELOW_BASELINE, beats, best_baseline
from rnnlab.training.evaluation.evaluate import EvaluationResult


def diagnose(
    data: DataSummary, result: EvaluationResult, split: str, *, epoch: int, step: int, config: RunConfig | None = None
) -> Iterator[Diagnosed]:
    """Warnings about the evaluation of the best weights on `split`.

    They are: one class predicted for everything; no better than a baseline by the figure that chose the best epoch. `config`
    are the settings in force: nothing is advised that is set already.
    """
    config = config or RunConfig()
    single = only_class(data, result)
    if single:
        yield Diagnosed(
            kind="one-class",
            epoch=epoch,
            step=step,
            message=f"the net answers {single} for everything in the {split} part: it has learned nothing that tells one input "
            "from another",
            remedy=advice.joined(
                "give it more updates (train.epochs), or another optim.lr, ten times as large or as small",
                advice.balance(config),
            ),
        )
    figure = selected_figure(config.train.select, data.metric)
    beaten = best_baseline(data, split, figure)
    if beaten is None or not result.finite:
        return
    name, baseline = beaten
    score = result.metrics.get(figure)
    if score is None or beats(score, baseline, data.higher_is_better):
        return
    yield Diagnosed(
        kind=BELOW_BASELINE,
        epoch=epoch,
        step=step,
        message=f"no better than the baseline: {figure.replace('_', ' ')} {score:.4g} in the {split} part, "
        f"where {name} has {baseline:.4g}",
        remedy="see whether the training loss falls: where it does not, another optim.lr or more train.epochs; where it does, "
        f"the net learns by heart, and {advice.less_capacity(config)} may help",
    )


def only_class(data: DataSummary, result: EvaluationResult) -> str:
    """The class predicted for everything; empty where there were several, or where one class is all there is."""
    if result.confusion is None or len(result.confusion) < 2:
        return ""
    predicted = [index for index, column in enumerate(zip(*result.confusion, strict=True)) if any(column)]
    present = sum(any(row) for row in result.confusion)
    return data.classes[predicted[0]] if len(predicted) == 1 and present > 1 else ""
