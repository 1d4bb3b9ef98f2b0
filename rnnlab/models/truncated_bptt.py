"""Truncated backpropagation through time: the values of a layer as ever, its gradient cut every few steps.

Williams and Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories. The
steps are read piece by piece; each piece starts from the state that the one before ended with, through which no gradient
goes. Pieces are counted from the last step back, as that is where the loss of a whole sequence stands.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

CELLS = ("elman", "lstm", "gru")
"""The architectures whose gradient can be cut."""


def read_in_pieces(cell: nn.RNNBase, steps: Tensor, first: tuple[Tensor, ...], reach: int) -> Tensor:
    """What `cell` says at every step: (steps, batch, width) → (steps, batch, size), and back through at most `reach` steps.

    `first` is the state before the first step, (1, batch, size); of an LSTM two of them.
    """
    said: list[Tensor] = []
    state = first
    for start, end in pieces(steps.shape[0], reach):
        answers, after = cell(steps[start:end], state if len(state) == 2 else state[0])
        said.append(answers)
        state = tuple(part.detach() for part in (after if isinstance(after, tuple) else (after,)))
    return torch.cat(said)


def pieces(steps: int, reach: int) -> Iterator[tuple[int, int]]:
    """First and end of each piece; all but the first one are `reach` long."""
    start = 0
    for end in range(steps - (steps - 1) // reach * reach, steps + 1, reach):
        yield start, end
        start = end
