"""Questions about nets: where their parameters are, when an LSTM wins, what a convolution of width one is."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.plots.run.figures import title_of
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.choose import as_chosen
from rnnlab.reports.material.material import Group, Material
from rnnlab.reports.questions.confounded import confounded
from rnnlab.reports.questions.question import begun_rows, figure_text, states_of
from rnnlab.runs.grouping import best_by
from rnnlab.text.numbers import duration, whole

_CELLS = ("elman", "lstm", "gru")


def parameters(material: Material, group: Group) -> Iterator[Element]:
    """The parameters of each net, layer by layer."""
    seen: dict[str, tuple[tuple[str, int], ...]] = {}
    for chosen in begun_rows(group):
        states = states_of(material, chosen)
        if states and states[0].started is not None:
            layers = tuple((layer.name, layer.parameters) for layer in states[0].started.layers)
            seen.setdefault(states[0].started.model, layers)
    lines = [
        (model, ", ".join(f"{name} {whole(count)}" for name, count in layers), whole(sum(count for _, count in layers)))
        for model, layers in seen.items()
        if layers
    ]
    if lines:
        yield TableElement(
            simple_table("Parameters", (("net", True), ("of each layer", True), ("in all", False)), lines)
        )


def cells(_material: Material, group: Group) -> Iterator[Element]:
    """The best setting of each recurrent cell, where there is more than one."""
    comparison = group.comparison
    if "model.name" not in comparison.differing:
        return
    grouped, tried = best_by(comparison, ("model.name",))
    rows = [
        (str(comparison.setting(row, "model.name")), as_chosen(group, row))
        for row in grouped.rows
        if tried.counts[row.runs]
    ]
    rows = [(name, chosen) for name, chosen in rows if name in _CELLS]
    if len(rows) < 2:
        return
    figure = comparison.ranked_by
    yield TableElement(
        simple_table(
            f"The best setting of each cell by {title_of(figure)}",
            (
                ("cell", True),
                ("validation", False),
                ("test", False),
                ("weights", False),
                ("time", False),
                ("of", False),
            ),
            [
                (
                    chosen.label,
                    figure_text(chosen, "validation", figure),
                    figure_text(chosen, "test", figure),
                    whole(chosen.row.parameters),
                    duration(chosen.row.seconds),
                    whole(tried.counts[chosen.row.runs]),
                )
                for _, chosen in rows
            ],
            [
                "of: how many settings of that cell were tried; whether the difference is more than chance say the statistics"
            ],
        )
    )
    yield from confounded(comparison, ("model.name",), [name for name, _ in rows])


def convolutions(material: Material, group: Group) -> Iterator[Element]:
    """What a one-dimensional convolution is, counted in the layers of the runs that have one."""
    for chosen in begun_rows(group):
        states = states_of(material, chosen)
        started = states[0].started if states else None
        if started is None or started.config.get("model", {}).get("name") != "conv" or not started.layers:
            continue
        kernel, bias = (started.config.get("model", {}).get(key) for key in ("kernel", "bias"))
        inputs, layer = started.data.input_size, started.layers[0]
        if not isinstance(kernel, int) or not inputs or started.data.reads_tokens:
            continue  # characters are embedded or spread first
        outputs = layer.parameters // (kernel * inputs + bool(bias))
        if outputs * (kernel * inputs + bool(bias)) != layer.parameters:
            continue
        plus = " + 1" if bias else ""
        alone = whole(outputs * (kernel + bool(bias)))
        yield Paragraph(
            f"{chosen.label}: {layer.name}, its first layer, has {whole(layer.parameters)} = "
            f"{outputs} × ({kernel} × {inputs}{plus}) parameters: each of {outputs} outputs weighs {kernel} steps of all "
            f"{inputs} channels at once. A Conv2d over images one wide, with the same channels and a kernel of {kernel} × 1, "
            "is the same sum with the same parameters. It is another net only where the channels are made the width of an "
            f"image of one channel: with a kernel of {kernel} × {inputs} it is that sum again, with {kernel} × 1 it has "
            f"{outputs} × ({kernel}{plus}) = "
            f"{alone} parameters, which all channels share, and mixes none of them before the next layer."
        )
        return
