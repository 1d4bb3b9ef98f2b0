"""The gradient's flow back in time: what is drawn of it, and in sentences how much of it reaches the first step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.plots.run.gradients import greatest_norm, step_norms, thinned_flows
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import GradientFlow
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.sanitise import plain

LAYERS = 4
"""Layers that are drawn, from the input on."""
EPOCHS = 8
STEPS = 48
"""Rows and columns of a map: of more a choice, the first and the last epoch in it, and the greatest of neighbouring steps."""


class Flow(NamedTuple):
    """The map of a layer: the epochs, the norms of each in columns, and the greatest of all."""

    layer: str
    epochs: list[int]
    norms: list[list[float | None]]
    steps: int
    greatest: float


Held = list[tuple[str, Sequence[GradientFlow]]]
"""The inspections of each layer."""


def flows_by_layer(state: RunState) -> Held:
    """What was inspected of each layer that was, from the input on."""
    return [(layer, kept.all()) for layer, kept in state.flows.items() if kept.last is not None]


def drawn_flows(held: Held) -> list[Flow]:
    """The maps of the first layers; a layer without any gradient has none."""
    return [flow for layer, each in held[:LAYERS] if (flow := _flow(layer, each)) is not None]


def _flow(layer: str, flows: Sequence[GradientFlow]) -> Flow | None:
    shown = thinned_flows(flows, EPOCHS)
    steps, greatest = max((len(flow.norms) for flow in shown), default=0), greatest_norm(shown)
    if not steps or greatest <= 0:
        return None
    columns = min(steps, STEPS)
    return Flow(
        layer, [flow.epoch for flow in shown], [step_norms(flow, steps, columns) for flow in shown], steps, greatest
    )


def describe_flow(flow: Flow) -> str:
    """How much is left at the first step, in the first and the last epoch shown."""
    shares = []
    for epoch, norms in list(dict(zip(flow.epochs, flow.norms, strict=True)).items())[:: max(1, len(flow.epochs) - 1)]:
        known = [norm for norm in norms if norm is not None and norm >= 0]
        share = known[0] / max(known) if known and max(known) > 0 else 0.0
        shares.append(f"{numbers.figure(real(share), 2)} at epoch {epoch}")
    return (
        f"{plain(flow.layer, 40)}: of {flow.steps} steps the first gets {', '.join(shares)} of the greatest gradient."
    )
