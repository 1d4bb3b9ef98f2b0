"""`rnnlab params`: a net's parameters counted, layer by layer, in PyTorch's convention and in the textbook's."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from rnnlab.cli.settings import assigned, field_options, set_option
from rnnlab.config import FIELDS, RunConfig, UsageError
from rnnlab.config.setting import Field, Setting
from rnnlab.config.tree import Model
from rnnlab.models.catalog import MODELS
from rnnlab.models.count import LayerCount, count_parameters, total
from rnnlab.models.plan import describe_net, plan_net

_INPUT = Field("--input", "int", None, Setting("Numbers a step holds: symbols or channels.", ge=1, le=1_000_000))
_CLASSES = Field("--classes", "int", None, Setting("Outputs of the head: classes or numbers.", ge=1, le=1_000_000))


@click.command("params")
@click.option("--input", "input_size", metavar="INT", required=True, help=_INPUT.setting.help)
@click.option("--classes", "--outputs", "classes", metavar="INT", required=True, help=_CLASSES.setting.help)
@click.option("--embedding", metavar="INT", help="Read symbols through a table of learned vectors of this width.")
@lambda command: set_option(field_options(command, group="model"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    input_size: str, classes: str, embedding: str | None, assignments: tuple[str, ...], as_json: bool, **flags: Any
) -> None:
    """Count the parameters of a net, layer by layer, without building it.

    PyTorch keeps two bias vectors a gate, the textbook one; both counts are given.
    """
    inputs = _INPUT.parse(input_size)
    outputs = _CLASSES.parse(classes)
    width = None if embedding is None else FIELDS["model.embedding"].parse(embedding)
    net = _net(assignments, flags)
    plan = plan_net(net, input_size=inputs, outputs=outputs, embedding=width)
    pytorch, textbook = count_parameters(plan), count_parameters(plan, "textbook")
    if as_json:
        document = {
            "model": net.name,
            "input": inputs,
            "hidden": list(net.hidden),
            "layers": len(plan.layers),
            "bidirectional": net.bidirectional,
            "bias": net.bias,
            "embedding": width,
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
        click.echo(msgspec.json.encode(document))
        return
    click.echo(f"{describe_net(net)}: {inputs:,} in, {outputs:,} out\n")
    click.echo(_table(pytorch, textbook))
    both = ", and as many again for the other direction" if plan.layers[0].directions == 2 else ""
    click.echo(
        f"\nA layer of h units that reads n numbers has {MODELS[net.name].formula} weights{both}.\n"
        + ("PyTorch keeps two bias vectors a gate, the textbook one." if net.bias else "The layers have no bias.")
    )


def _net(assignments: tuple[str, ...], flags: dict[str, Any]) -> Model:
    """The net of the flags and `--set`; what is not given is the field's default, not that of some task."""
    given = {name.replace("__", "."): value for name, value in flags.items() if value is not None}
    given |= assigned(assignments)
    for key in given:
        if FIELDS[key].group != "model":
            raise UsageError(f"{key} says nothing of a net; params takes the settings of model alone")
    defaults = {key: field.default for key, field in FIELDS.items() if field.group == "model"}
    return RunConfig.from_settings(defaults | given).model


def _table(pytorch: tuple[LayerCount, ...], textbook: tuple[LayerCount, ...]) -> str:
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
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])
