"""About how long a net trains and how much memory that takes: sizes, and figures measured on one machine.

Seconds are those of one thread of the machine in the README (AMD EPYC, PyTorch 2.13), measured by `benchmarks/cost.py`; how much
quicker or slower another one is, its own finished runs tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.models.plan.net_plan import LayerPlan, NetPlan

BYTES = 4
"""Of one number in single precision."""
OPERATIONS = 80e9
"""Multiplications and additions a second, in the matrix products of these nets."""
UPDATE = 500e-6
"""Seconds that an update takes however small the net: the batch, the kernels' start, the optimiser, the log."""
STEP = {
    "lstm": 1.3e-6,
    "gru": 0.8e-6,
    "elman": 0.6e-6,
    "elman-linear": 30e-6,
    "mingru": 7e-6,
    "minlstm": 7e-6,
}
"""Seconds that a step of one direction takes however small the layer, forwards and backwards; of the first three, compiled."""
PUBLISHED_STEP, PUBLISHED_BLOCK = 90e-6, 18e-6
"""The same of a cell that PyTorch carries out operation by operation, and what each of its matrices adds."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one update: `seconds`, and `activations`, the bytes that are kept for the gradient."""

    seconds: float
    activations: int


def cost(plan: NetPlan, batch_size: int, mean_steps: float, longest: float) -> Cost:
    """What an update on `batch_size` rows costs; rows of `mean_steps` on average, `longest` at most (bytes are of such)."""
    operations, seconds, kept = 0.0, UPDATE, 0.0
    mean, most = mean_steps, longest
    for front in plan.front:
        mean, most = mean / front.stride, most / front.stride
        operations += mean * front.kernel * front.width * front.channels
        kept += most * front.channels * 2
        mean, most = mean / front.pool, most / front.pool
    if plan.laid_out:
        mean = most = 1.0
    for layer in plan.layers:
        operations += mean * _products(layer)
        seconds += mean * layer.directions * _step(layer)
        kept += most * (_kept(layer) + (2 * layer.gives if layer.norm else 0))
    answers = mean if plan.readout == "steps" else 1.0
    if plan.readout == "attention":
        operations += mean * plan.width * plan.width
        kept += most * 2 * plan.width
    operations += answers * plan.width * plan.outputs
    # Each product forwards makes two backwards, and is a multiplication and an addition.
    seconds += 6 * operations * batch_size / OPERATIONS
    return Cost(seconds, round(kept * batch_size * BYTES))


def _products(layer: LayerPlan) -> int:
    """Multiplications of one row at one step."""
    n, h, shape = layer.width, layer.size, layer.card.shape
    if shape is not None:
        return layer.directions * shape.weights(n, h)
    if layer.card.family == "causal convolution":
        return layer.kernel * (n + h) * h
    return layer.kernel * n * h


def _step(layer: LayerPlan) -> float:
    shape = layer.card.shape
    if shape is None:
        return 0.0
    return STEP.get(layer.name, PUBLISHED_STEP + PUBLISHED_BLOCK * (shape.inputs + shape.states))


def _kept(layer: LayerPlan) -> int:
    """Numbers kept of one row at one step: what was read, the gates, the states."""
    shape = layer.card.shape
    if shape is None:
        return layer.width + 2 * layer.size
    gates = max(shape.inputs, shape.states) * (1 if layer.name in STEP else 3)
    return layer.width + layer.directions * (gates + layer.card.memory) * layer.size
