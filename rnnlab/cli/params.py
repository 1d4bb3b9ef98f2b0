"""`rnnlab params`: a net's parameters counted, layer by layer, in PyTorch's convention and in the textbook's."""

from __future__ import annotations

from typing import Any

import click

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.cli.settings import assigned, field_options, set_option
from rnnlab.config import FIELDS, RunConfig, UsageError
from rnnlab.config.model import Model
from rnnlab.config.net import describe_net
from rnnlab.config.setting import Field, Setting
from rnnlab.models.plan.count import LayerCount, count_parameters, total
from rnnlab.models.plan.match import matched
from rnnlab.models.plan.net_plan import NetPlan, plan_net

_INPUT = Field("--input", "int", None, Setting("Numbers a step holds: symbols or channels.", ge=1, le=1_000_000))
_CLASSES = Field("--classes", "int", None, Setting("Outputs of the head: classes or numbers.", ge=1, le=1_000_000))
_STEPS = Field("--steps", "int", None, Setting("Steps of the longest row.", ge=1, le=1_000_000))
_MATCH = Field("--match", "int", None, Setting("Parameters to come near to.", ge=1, le=10_000_000_000))


@click.command("params")
@click.option("--input", "input_size", metavar="INT", required=True, help=_INPUT.setting.help)
@click.option("--classes", "--outputs", "classes", metavar="INT", required=True, help=_CLASSES.setting.help)
@click.option("--embedding", metavar="INT", help="Read symbols through a table of learned vectors of this width.")
@lambda command: set_option(field_options(command, group="model"))
@click.option("--steps", metavar="INT", help="Steps of the longest row; dense and linear read them all at once.")
@click.option("--match", metavar="INT", help="Find the hidden size whose net has about so many parameters.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@cells_option
def command(
    input_size: str,
    classes: str,
    embedding: str | None,
    steps: str | None,
    match: str | None,
    assignments: tuple[str, ...],
    as_json: bool,
    **flags: Any,
) -> None:
    """Count the parameters of a net, layer by layer, without building it.

    PyTorch keeps two bias vectors a gate, the textbook one; both counts are given.
    """
    inputs = _INPUT.parse(input_size)
    outputs = _CLASSES.parse(classes)
    width = None if embedding is None else FIELDS["model.embedding"].parse(embedding)
    longest = 0 if steps is None else _STEPS.parse(steps)
    net = _net(assignments, flags)
    if not longest and MODELS[net.name].flattens:
        raise UsageError(f"{net.name} reads a sequence at once: give the length of the longest with --steps")

    def planned(model: Model) -> NetPlan:
        return plan_net(model, input_size=inputs, outputs=outputs, embedding=width, longest=longest)

    found = ""
    if match is not None:
        target = _MATCH.parse(match)
        net, count = matched(net, target, planned)
        found = f"{count:,} parameters come nearest to {target:,}: model.hidden = {','.join(map(str, net.hidden))}"
    plan = planned(net)
    pytorch, textbook = count_parameters(plan), count_parameters(plan, "textbook")
    if as_json:
        echo_json(_document(net, plan, pytorch, textbook, embedding=width, inputs=inputs, outputs=outputs))
        return
    if found:
        echo(found, "")
    echo(f"{describe_net(net)}: {inputs:,} in, {outputs:,} out", "", *_table(pytorch, textbook))
    if plan.layers:
        echo("", *_formulas(net, plan))


def _document(
    net: Model,
    plan: NetPlan,
    pytorch: tuple[LayerCount, ...],
    textbook: tuple[LayerCount, ...],
    *,
    embedding: int | None,
    inputs: int,
    outputs: int,
) -> dict[str, Any]:
    return {
        "model": net.name,
        "input": inputs,
        "hidden": list(net.hidden),
        "layers": len(plan.layers),
        "bidirectional": net.bidirectional,
        "bias": net.bias,
        "embedding": embedding,
        "outputs": outputs,
        "counts": [
            {
                "layer": ours.name,
                "weights": ours.weights,
                "biases": {"pytorch": ours.biases, "textbook": theirs.biases},
                "total": {"pytorch": ours.total, "textbook": theirs.total},
            }
            for ours, theirs in zip(pytorch, textbook, strict=True)
        ],
        "total": {"pytorch": total(pytorch), "textbook": total(textbook)},
    }


def _formulas(net: Model, plan: NetPlan) -> list[str]:
    """How many weights and biases a layer has, as sentences."""
    card = MODELS[net.name]
    both = ", and as many again for the other direction" if plan.layers[0].directions == 2 else ""
    weights = f"A layer of h units that reads n numbers has {card.formula} weights{both}."
    if not net.bias:
        return [weights, "The layers have no bias."]
    if card.shape is not None and card.shape.biases > card.shape.textbook:
        return [weights, "PyTorch keeps two bias vectors a gate, the textbook one."]
    return [weights, f"It has {card.bias_formula} biases."]


def _net(assignments: tuple[str, ...], flags: dict[str, Any]) -> Model:
    """The net of the flags and `--set`; what is not given is the field's default, not that of some task."""
    given = {name.replace("__", "."): value for name, value in flags.items() if value is not None}
    given |= assigned(assignments)
    for key in given:
        if FIELDS[key].group != "model":
            raise UsageError(f"{key} is no setting of a net; params takes the settings of model alone")
    defaults = {key: field.default for key, field in FIELDS.items() if field.group == "model"}
    return RunConfig.from_settings(defaults | given).model


def _table(pytorch: tuple[LayerCount, ...], textbook: tuple[LayerCount, ...]) -> list[str]:
    """A line a layer and one for the sum: weights, then biases and their sum with the weights, in both conventions."""
    rows: list[tuple[str, ...]] = [("layer", "weights", "biases", "PyTorch", "biases", "textbook")]
    for ours, theirs in zip(pytorch, textbook, strict=True):
        rows.append(
            (ours.name, *(f"{n:,}" for n in (ours.weights, ours.biases, ours.total, theirs.biases, theirs.total)))
        )
    sums = (
        sum(count.weights for count in pytorch),
        sum(count.biases for count in pytorch),
        total(pytorch),
        sum(count.biases for count in textbook),
        total(textbook),
    )
    rows.append(("total", *(f"{n:,}" for n in sums)))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = [
        row[0].ljust(widths[0])
        + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    rule = "─" * len(lines[0])
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]
