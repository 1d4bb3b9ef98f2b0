"""`rnnlab predict`: predictions of a trained net for typed inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.config.setting import Field, Setting
from rnnlab.runs.demo import find_recorded
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from rnnlab.training.evaluation.predict import Prediction

_TOP = Field("--top", "int", 3, Setting("Classes to show, the likeliest first.", ge=1, le=1000))
_BAR = 20
"""Width of the bar of a probability of one."""


class _NumbersToo(click.Command):
    """A command whose arguments may be numbers below zero, which look like options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A blank in front is what an input may have and an option has not.
        return super().parse_args(ctx, [f" {text}" if re.match(r"-\.?\d", text) else text for text in args])


@click.command("predict", cls=_NumbersToo)
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--top", metavar="INT", default=str(_TOP.default), show_default=True, help=_TOP.setting.help)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@cells_option
def command(run: str, inputs: tuple[str, ...], top: str, as_json: bool) -> None:
    """Predict each INPUT with the best weights of RUN.

    RUN is a run's folder, SESSION/RUN, a number in the latest session, or latest. An INPUT is what the task reads: a name,
    bits such as 11111111, numbers with commas between. Where the task has an answer at each step, they stand on a line.
    """
    shown = int(_TOP.parse(top))
    folder = find_recorded(run)
    from rnnlab.training.evaluation.predict import load_best

    trained = load_best(folder)
    if trained.note:
        echo(f"warning: {trained.note}", err=True)
    predictions = trained.predict([text.removeprefix(" ") if text.startswith(" -") else text for text in inputs])
    if as_json:
        answer = {
            "run": str(folder.path),
            "epoch": trained.epoch,
            "predictions": [_as_json(p, shown) for p in predictions],
        }
        echo_json(answer)
        return
    for prediction in predictions:
        echo(*_as_text(prediction, shown))


def _as_json(prediction: Prediction, top: int) -> dict[str, Any]:
    if prediction.numbers:
        numbers = list(prediction.numbers)
        return {"input": prediction.input, "answer": numbers[0] if len(numbers) == 1 else numbers}
    if prediction.steps:
        steps = [{"class": name, "probability": share} for name, share in prediction.steps]
        return {"input": prediction.input, "answer": prediction.text, "steps": steps}
    ranked = [{"class": name, "probability": share} for name, share in prediction.ranked[:top]]
    return {
        "input": prediction.input,
        "answer": ranked[0]["class"],
        "probability": ranked[0]["probability"],
        "top": ranked,
    }


def _as_text(prediction: Prediction, top: int) -> list[str]:
    """The input on a line, and under it the classes with their probabilities; a number stands on the same line."""
    given = plain(prediction.input, 60)
    if prediction.numbers:
        return [f"{given} → {', '.join(f'{number:.4g}' for number in prediction.numbers)}"]
    if prediction.steps:
        return [f"{prediction.input} →", prediction.text]
    ranked = [(plain(name, 40), share) for name, share in prediction.ranked[:top]]
    width = max(len(name) for name, _ in ranked)
    lines = [f"  {name:<{width}}  {share:6.1%}  {'━' * round(share * _BAR)}".rstrip() for name, share in ranked]
    return [given, *lines]
