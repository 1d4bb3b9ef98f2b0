"""Truncated backpropagation through time: a layer's values are unchanged, its gradient is cut every few steps.

Williams and Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories. The
steps are read piece by piece; each piece starts from the final state of the piece before, through which no gradient flows.
Pieces are counted from the last step back, where the loss of a whole sequence is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

State = tuple[Tensor, ...]


def forward_in_pieces(
    forward: Callable[[Tensor, State], tuple[Tensor, State]], inputs: Tensor, first: State, bptt_steps: int
) -> Tensor:
    """The outputs at every step, (steps, batch, hidden_size), of `inputs` (steps, batch, input_size).

    `forward`: outputs and final state of a piece. `first`: the state before the first step.
    """
    outputs: list[Tensor] = []
    state = first
    for start, end in pieces(inputs.shape[0], bptt_steps):
        piece, after = forward(inputs[start:end], state)
        outputs.append(piece)
        state = tuple(part.detach() for part in after)
    return torch.cat(outputs)


def pieces(steps: int, bptt_steps: int) -> Iterator[tuple[int, int]]:
    """First step of each piece and the step after its last; all pieces but the first have `bptt_steps` steps."""
    start = 0
    for end in range(steps - (steps - 1) // bptt_steps * bptt_steps, steps + 1, bptt_steps):
        yield start, end
        start = end
