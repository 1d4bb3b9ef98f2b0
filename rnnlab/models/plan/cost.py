"""Estimate of a net's training time and memory, from its sizes and figures measured on one machine.

Seconds are those of one thread of the machine in the README (AMD EPYC, PyTorch 2.13), measured by `benchmarks/cost.py`; the speed
of another machine is taken from its own finished runs.
"""

from __future__ import annotations

import msgspec

from rnnlab.models.plan.net_plan import LayerPlan, NetPlan

BYTES = 4
"""Bytes of one number in single precision."""
OPERATIONS = 80e9
"""Multiplications and additions a second, in the matrix products of these nets."""
UPDATE = 500e-6
"""Seconds of an update however small the net: the batch, the kernels' start, the optimiser, the log."""
STEP, STEP_OF_MATRIX = 90e-6, 18e-6
"""Seconds of a step of one direction of a cell that PyTorch executes operation by operation, and those that each matrix adds."""


class Cost(msgspec.Struct, frozen=True):
    """Cost of one update: `seconds`, and `activations`, the bytes that are kept for the gradient."""

    seconds: float
    activations: int


def cost(plan: NetPlan, batch_size: int, mean_steps: float, longest: float) -> Cost:
    """Cost of an update on `batch_size` sequences of `mean_steps` on average and `longest` at most."""
    operations, seconds, kept = 0.0, UPDATE, 0.0
    mean, most = mean_steps, longest
    for front in plan.front:
        mean, most = mean / front.stride, most / front.stride
        operations += mean * front.kernel * front.input_size * front.channels
        kept += most * front.channels * 2
        mean, most = mean / front.pool, most / front.pool
    if plan.flattened_steps:
        mean = most = 1.0
    for layer in plan.layers:
        operations += mean * _products(layer)
        seconds += mean * layer.directions * _step(layer)
        kept += most * (_kept(layer) + (2 * layer.output_size if layer.norm else 0))
    outputs = mean if plan.readout == "steps" else 1.0
    if plan.readout == "attention":
        operations += mean * plan.head_input_size * plan.head_input_size
        kept += most * 2 * plan.head_input_size
    operations += outputs * plan.head_input_size * plan.outputs
    # Each product forwards makes two backwards, and is a multiplication and an addition.
    seconds += 6 * operations * batch_size / OPERATIONS
    return Cost(seconds, round(kept * batch_size * BYTES))


def _products(layer: LayerPlan) -> int:
    """Multiplications of one sequence at one step."""
    n, h, shape = layer.input_size, layer.hidden_size, layer.card.shape
    if shape is not None:
        return layer.directions * shape.weights(n, h)
    if layer.card.family == "causal convolution":
        return layer.kernel * (n + h) * h
    return layer.kernel * n * h


def _step(layer: LayerPlan) -> float:
    shape = layer.card.shape
    if shape is None:
        return 0.0
    measured = layer.card.step_seconds
    return STEP + STEP_OF_MATRIX * (shape.inputs + shape.states) if measured is None else measured


def _kept(layer: LayerPlan) -> int:
    """Numbers kept of one sequence at one step: the input, the gates, the states."""
    shape = layer.card.shape
    if shape is None:
        return layer.input_size + 2 * layer.hidden_size
    gates = max(shape.inputs, shape.states) * (3 if layer.card.step_seconds is None else 1)
    return layer.input_size + layer.directions * (gates + layer.card.n_states) * layer.hidden_size
