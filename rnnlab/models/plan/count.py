"""Number of parameters of a net, part by part, computed without torch; tests compare it with the net itself."""

from __future__ import annotations

from typing import Literal

import msgspec

from rnnlab.models.plan.net_plan import LayerPlan, NetPlan

Convention = Literal["pytorch", "textbook"]
"""PyTorch keeps two bias vectors a gate (`b_ih` and `b_hh`), the textbook one; the functions are the same."""


class LayerCount(msgspec.Struct, frozen=True):
    """The parameters of one part of a net: `name`, its weights and its biases."""

    name: str
    weights: int
    biases: int

    @property
    def total(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases


def count_parameters(plan: NetPlan, convention: Convention = "pytorch") -> tuple[LayerCount, ...]:
    """The parameters of a net from input to head, in the order in which a sequence passes them.

    A recurrent layer with `h` units and `n` inputs has the parameters of its card's `Shape`, twice as many in two directions; the
    layer above then has `2h` inputs. `model.bias` is that of the layers; the head always has one.
    """
    counts = []
    if plan.embedding is not None:
        counts.append(LayerCount("embedding", plan.input_size * plan.embedding, 0))
    for index, front in enumerate(plan.front, start=1):
        counts.append(LayerCount(f"front {index}", front.kernel * front.input_size * front.channels, front.channels))
    for index, layer in enumerate(plan.layers, start=1):
        counts.append(LayerCount(f"{layer.name} {index}", *_layer(layer, convention)))
        if layer.learned_state:
            counts.append(LayerCount(f"state {index}", sum(layer.state_sizes) * layer.directions, 0))
        if layer.norm:
            counts.append(LayerCount(f"norm {index}", layer.output_size, layer.output_size))
    if plan.readout == "attention":
        counts.append(
            LayerCount(
                "attention", plan.head_input_size * plan.head_input_size + plan.head_input_size, plan.head_input_size
            )
        )
    counts.append(LayerCount("head", plan.head_input_size * plan.outputs, plan.outputs))
    return tuple(counts)


def total(counts: tuple[LayerCount, ...]) -> int:
    """Number of parameters of the whole net."""
    return sum(count.total for count in counts)


def _layer(layer: LayerPlan, convention: Convention) -> tuple[int, int]:
    """Weights and biases of the layer."""
    n, h = layer.input_size, layer.hidden_size
    family, shape = layer.card.family, layer.card.shape
    if family == "convolution":
        return layer.kernel * n * h, h if layer.bias else 0
    if family == "causal convolution":
        # Two weight-normalised convolutions: a length for each filter beside its direction.
        around, biases = (n * h, 3 * h) if n != h else (0, 2 * h)
        return layer.kernel * (n + h) * h + 2 * h + around, biases if layer.bias else 0
    if family == "dense":
        return n * h, h if layer.bias else 0
    assert shape is not None
    weights = 0
    if layer.card.equal_widths and n != h:
        weights, n = h * n, h
    weights += shape.weights(n, h)
    biases = (shape.biases if convention == "pytorch" else shape.textbook) * h if layer.bias else 0
    return weights * layer.directions, biases * layer.directions
