"""Outputs of a net after each step of one sequence, as if it ended there, and states and gates on the way.

Where nothing later reaches a step (one-way layers), one pass gives all of them: the readout is computed over each prefix.
Elsewhere each prefix is read anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.models.feedforward import CausalBlock, Dense
from rnnlab.models.layer import Layer
from rnnlab.models.masking import SequenceMask
from rnnlab.models.net import Net
from rnnlab.models.stepwise import traced

HIDDEN = "hidden state"
CELL = "cell state"
_SAME = ("state", "units")
"""Names of gates that are the hidden state itself, as an Elman cell has them."""


class Recorded(NamedTuple):
    """Values of a state or of a gate at each step, (steps, batch, cells), between `low` and `high`.

    These are None where the values have no bounds. After convolutions there are fewer steps than in the input.
    """

    layer: str
    name: str
    values: Tensor
    low: float | None
    high: float | None


def is_causal(net: Net) -> bool:
    """Whether the layers' outputs at a step depend on nothing after it, so that one pass gives those of every prefix."""
    if net.front is not None or net.plan.flattened_steps:
        return False
    return all(
        isinstance(layer, CausalBlock | Dense) or (isinstance(layer, Layer) and layer.backwards is None)
        for layer in net.layers
    )


@torch.no_grad()
def prefix_outputs(net: Net, inputs: Tensor, ends: Sequence[int]) -> Tensor:
    """The net's outputs for the first `ends` steps of one sequence, (prefixes, outputs).

    `inputs`: tokens (1, steps) or values (1, steps, channels). Of a net with an output at each step those of the whole sequence
    at these steps, which in a net that reads both ways depend on later steps, too.
    """
    last = torch.tensor(ends) - 1
    if net.readout == "steps":
        outputs: Tensor = net(inputs)[0]
        return outputs[last]
    if not is_causal(net):
        longest = int(last.max()) + 1
        every: Tensor = net(inputs[:, :longest].expand(len(ends), *inputs[0, :longest].shape).contiguous(), last + 1)
        return every
    with _every_step(net):
        steps = net.summary(inputs)[0]
    return net.read_out(_prefix_summaries(net, steps)[last])


def _prefix_summaries(net: Net, steps: Tensor) -> Tensor:
    """The head's inputs after each step, (steps, features), of the top layer's outputs (steps, features)."""
    if net.attention is not None:
        exact = steps.double()
        scores = (torch.tanh(net.attention.key(steps)) @ net.attention.question).double()
        weights = (scores - scores.max()).exp().unsqueeze(1)
        return ((weights * exact).cumsum(0) / weights.cumsum(0)).to(steps.dtype)
    if net.readout == "mean":
        count = torch.arange(1, len(steps) + 1, dtype=torch.double).unsqueeze(1)
        return (steps.double().cumsum(0) / count).to(steps.dtype)
    return steps.cummax(0).values if net.readout == "max" else steps


@contextmanager
def _every_step(net: Net) -> Iterator[None]:
    """`net` without its readout: its summary is the top layer's outputs at every step."""
    readout, attention = net.readout, net.attention
    try:
        net.readout, net.attention = "steps", None
        yield
    finally:
        net.readout, net.attention = readout, attention


@torch.no_grad()
def recorded_states(net: Net, inputs: Tensor, lengths: Tensor | None = None) -> list[Recorded]:
    """Hidden states, cell states and gates of each direction of each recurrent layer, the first layer first; of some sequences.

    `inputs` and `lengths` as `Net.forward` takes them; without `lengths` all sequences fill all steps, as they must in a net
    with convolutions before its layers. Empty for a net without recurrent layers.
    """
    found = []
    with traced(net) as stand_ins:
        net(inputs, lengths)
        for layer, cell in stand_ins.items():
            trace = cell.trace_of_pass
            gates = [gate for gate in trace.gates() if gate.name not in _SAME]
            every = [Recorded(layer, HIDDEN, trace.outputs, None, None)]
            others = trace.cell_states()
            every += [
                Recorded(layer, CELL if len(others) == 1 else f"{CELL} {number}", values, None, None)
                for number, values in enumerate(others, start=1)
            ]
            every += [Recorded(layer, f"{gate.name} gate", gate.values, gate.low, gate.high) for gate in gates]
            if layer.endswith(" backwards"):
                mask = SequenceMask(trace.outputs.shape[0], trace.outputs.shape[1], lengths)
                every = [each._replace(values=mask.reversed(each.values)) for each in every]
            found += every
    return found
