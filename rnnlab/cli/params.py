"""`rnnlab params`: a net's parameters counted, layer by layer, in PyTorch's convention and in the textbook's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import msgspec

from rnnlab.config import FIELDS, RunConfig
from rnnlab.config.setting import Field, Setting
from rnnlab.models.catalog import MODELS, LayerCount, count_parameters, describe_net

_INPUT = Field("--input", "int", None, Setting("Numbers a step holds: symbols or channels.", ge=1, le=1_000_000))
_CLASSES = Field("--classes", "int", None, Setting("Outputs of the head: classes or numbers.", ge=1, le=1_000_000))


def _help(key: str) -> str:
    return f"{FIELDS[key].setting.help} [default {FIELDS[key].text(FIELDS[key].default)}]"


@click.command("params")
@click.option("--model", metavar="|".join(MODELS), help=_help("model.name"))
@click.option("--input", "input_size", metavar="INT", required=True, help=_INPUT.setting.help)
@click.option("--hidden", metavar="INTS", help=_help("model.hidden"))
@click.option("--classes", "--outputs", "classes", metavar="INT", required=True, help=_CLASSES.setting.help)
@click.option("--layers", metavar="INT", help=_help("model.layers"))
@click.option("--bidirectional/--no-bidirectional", default=False, help=_help("model.bidirectional"))
@click.option("--bias/--no-bias", default=True, help=_help("model.bias"))
@click.option("--embedding", metavar="INT", help="Read symbols through a table of learned vectors of this width.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: str | None,
    input_size: str,
    hidden: str | None,
    classes: str,
    layers: str | None,
    bidirectional: bool,
    bias: bool,
    embedding: str | None,
    as_json: bool,
) -> None:
    """Count the parameters of a net, layer by layer, without building it.

    PyTorch keeps two bias vectors a gate, the textbook one; both counts are given.
    """
    inputs = _INPUT.parse(input_size)
    outputs = _CLASSES.parse(classes)
    width = None if embedding is None else FIELDS["model.embedding"].parse(embedding)
    given = {"model.name": model, "model.hidden": hidden, "model.layers": layers}
    # What is not given is the field's default, not that of some task.
    settings = {key: FIELDS[key].default if text is None else text for key, text in given.items()}
    net = RunConfig.from_settings({**settings, "model.bidirectional": bidirectional, "model.bias": bias}).model

    def counted(convention: Any) -> tuple[LayerCount, ...]:
        return count_parameters(
            net.name,
            input_size=inputs,
            hidden=net.hidden,
            layers=net.layers,
            bidirectional=bidirectional,
            bias=bias,
            outputs=outputs,
            embedding=width,
            convention=convention,
        )

    pytorch, textbook = counted("pytorch"), counted("textbook")
    if as_json:
        document = {
            "model": net.name,
            "input": inputs,
            "hidden": list(net.hidden),
            "layers": len(pytorch) - 1 - (width is not None),
            "bidirectional": bidirectional,
            "bias": bias,
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
            "total": {"pytorch": _total(pytorch), "textbook": _total(textbook)},
        }
        click.echo(msgspec.json.encode(document))
        return
    click.echo(f"{describe_net(net.name, net.hidden, net.layers, bidirectional)}: {inputs:,} in, {outputs:,} out\n")
    click.echo(_table(pytorch, textbook))
    gates = MODELS[net.name].gates
    click.echo(
        f"\nA layer of h units that reads n numbers has {'' if gates == 1 else f'{gates}·'}h·(n + h) weights"
        + (", and as many again for the other direction" if bidirectional else "")
        + ".\n"
        + ("PyTorch keeps two bias vectors a gate, the textbook one." if bias else "The recurrent layers have no bias.")
    )


def _total(counts: Sequence[LayerCount]) -> int:
    return sum(count.total for count in counts)


def _table(pytorch: Sequence[LayerCount], textbook: Sequence[LayerCount]) -> str:
    """A line a layer and one for the sum: weights, then biases and their sum with the weights, in both conventions."""
    rows: list[tuple[str, ...]] = [("layer", "weights", "biases", "PyTorch", "biases", "textbook")]
    for ours, theirs in zip(pytorch, textbook, strict=True):
        rows.append(
            (ours.name, *(f"{n:,}" for n in (ours.weights, ours.biases, ours.total, theirs.biases, theirs.total)))
        )
    sums = (
        sum(count.weights for count in pytorch),
        sum(count.biases for count in pytorch),
        _total(pytorch),
        sum(count.biases for count in textbook),
        _total(textbook),
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
