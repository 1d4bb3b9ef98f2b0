"""Files with cells of a person's own, for tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rnnlab.catalog.models import own_cells
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.paths import CELLS

PLAIN = '''
import torch
from torch import nn

import rnnlab


@rnnlab.cell(title="Plain", equations="h = tanh(W x + b + U h')", source="a test")
class PlainCell(nn.Module):
    """An Elman cell of linear layers."""

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.inputs = nn.Linear(input_size, hidden_size, bias=bias)
        self.recurrent = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward_step(self, x, h):
        return torch.tanh(self.inputs(x) + self.recurrent(h))

    def recurrent_matrices(self):
        return [self.recurrent.weight]
'''
"""A plain module with one state: 1·h·n + 1·h·h weights and h biases."""

TWO_STATES = """
import torch
from torch import nn
import rnnlab

@rnnlab.cell(name="two-states", states=2)
class Two(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.mix = nn.Linear(input_size + 2 * hidden_size, 2 * hidden_size)

    def forward_step(self, x, h, c):
        a, b = self.mix(torch.cat((x, h, c), 1)).chunk(2, 1)
        c = torch.sigmoid(a) * c + b
        return torch.tanh(c), c
"""

CONTRACT = """
from torch import nn
import rnnlab
from rnnlab.models.recurrent.cell import Gate, RecurrentCell

@rnnlab.cell(title="Input-gated", identity_init=True)
class Gated(RecurrentCell):
    def __init__(self, layer):
        super().__init__(layer)
        self.inputs = nn.Linear(layer.input_size, 2 * layer.hidden_size, bias=layer.bias)
        self.recurrent = nn.Linear(layer.hidden_size, layer.hidden_size, bias=False)

    def project(self, inputs):
        return self.inputs(inputs)

    def forward_step(self, inputs, state):
        gate, candidate = inputs.chunk(2, dim=-1)
        after = state[0].lerp((candidate + self.recurrent(state[0])).tanh(), gate.sigmoid())
        return after, (after,)

    def recurrent_matrices(self):
        return [self.recurrent.weight]

    def gate_values(self, inputs, before, after):
        return [Gate("update", inputs.chunk(2, dim=-1)[0].sigmoid())]
"""


def leaves_a_mark(source: str, mark: Path) -> str:
    """The source, which also leaves a file at `mark` when it is imported."""
    return f"open({os.fspath(mark)!r}, 'w').close()\n{source}"


@contextmanager
def cells_restored() -> Iterator[None]:
    """What was registered within is not registered any more afterwards."""
    kept = [(held, dict(held)) for held in (MODELS, own_cells.CHOSEN, own_cells._RECORDED)]
    try:
        yield
    finally:
        for held, before in kept:
            held.clear()
            held.update(before)  # type: ignore[arg-type]


@contextmanager
def catalogue_restored() -> Iterator[None]:
    """`cells_restored`, with no cell chosen by the environment."""
    with pytest.MonkeyPatch.context() as patch, cells_restored():
        patch.setenv(CELLS, "")
        yield
