"""The parts of a net from input to head, named as `rnnlab.models.plan.count.count_parameters` names them."""

from __future__ import annotations

from typing import NamedTuple

from torch import nn

from rnnlab.models.net import Net


class ParameterCount(NamedTuple):
    """One part of a net, by the name that is shown, and its number of parameters."""

    name: str
    parameters: int


def parameter_counts(net: Net) -> tuple[ParameterCount, ...]:
    """Number of parameters of each part of the net, from input to head."""
    parts = layer_parameters(net).items()
    return tuple(ParameterCount(name, sum(p.numel() for p in parameters)) for name, parameters in parts)


def layer_parameters(net: Net) -> dict[str, list[nn.Parameter]]:
    """The parameters of each part of the net, from input to head: `embedding`, `lstm 1`, `norm 1`, `head`."""
    parts: dict[str, list[nn.Parameter]] = {}
    if net.embedding is not None:
        parts["embedding"] = list(net.embedding.parameters())
    if net.front is not None:
        for index, convolution in enumerate(net.front.convolutions, start=1):
            parts[f"front {index}"] = list(convolution.parameters())
    for index, (layer, norm, plan) in enumerate(zip(net.layers, net.norms, net.plan.layers, strict=True), start=1):
        states = [p for name, p in layer.named_parameters() if name in ("state", "backwards_state")]
        parts[f"{net.cell} {index}"] = [p for p in layer.parameters() if not any(p is state for state in states)]
        if plan.learned_state:
            parts[f"state {index}"] = states
        if plan.norm:
            parts[f"norm {index}"] = list(norm.parameters())
    if net.attention is not None:
        parts["attention"] = list(net.attention.parameters())
    parts["head"] = list(net.head.parameters())
    return parts
