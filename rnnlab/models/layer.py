"""One layer of a net: a recurrent layer of one or two directions, or one of `rnnlab.models.feedforward`."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from rnnlab.models.cells import make_cell
from rnnlab.models.feedforward import CausalBlock, Convolution, Dense
from rnnlab.models.init import initialise
from rnnlab.models.kernels.c_kernels import Tree
from rnnlab.models.masking import SequenceMask
from rnnlab.models.plan.net_plan import LayerPlan, NetPlan
from rnnlab.models.recurrent.cell import RecurrentCell
from rnnlab.models.recurrent.torch_cell import TorchCell


class Layer(nn.Module):
    """One recurrent layer over (steps, batch, input_size): one direction, or two whose outputs are concatenated."""

    def __init__(self, plan: LayerPlan, net: NetPlan) -> None:
        super().__init__()
        both = plan.directions == 2
        self.forwards = _direction(plan, net)
        self.backwards = _direction(plan, net) if both else None
        self.state = _learned_state(plan) if plan.learned_state else None
        self.backwards_state = _learned_state(plan) if plan.learned_state and both else None
        self.hidden_size = plan.hidden_size

    @property
    def bptt_steps(self) -> int | None:
        """Most steps that the gradient goes back; None: all."""
        return self.forwards.bptt_steps

    @bptt_steps.setter
    def bptt_steps(self, steps: int | None) -> None:
        self.forwards.bptt_steps = steps
        if self.backwards is not None:
            self.backwards.bptt_steps = steps

    @property
    def reads_tokens(self) -> bool:
        """Whether every direction takes tokens as they are."""
        return self.forwards.reads_tokens and (self.backwards is None or self.backwards.reads_tokens)

    def forward(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The outputs at every step, (steps, batch, output_size)."""
        from_start: Tensor = self.forwards(steps, self.state)
        if self.backwards is None:
            return from_start
        from_end = self.backwards(mask.reversed(steps), self.backwards_state)
        return torch.cat((from_start, mask.reversed(from_end)), dim=2)

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The output of each direction when it has read the whole sequence, (batch, output_size)."""
        from_start = self.forwards.final_outputs(steps, mask.lengths, self.state)
        if self.backwards is None:
            return from_start
        from_end = self.backwards.final_outputs(mask.reversed(steps), mask.lengths, self.backwards_state)
        return torch.cat((from_start, from_end), dim=1)

    def read_tree(self, below: Tensor, tree: Tree) -> Tensor:
        """The outputs of a one-way layer at every node of a tree, (nodes, hidden_size).

        `below`: (nodes, input_size), or tokens (nodes,).
        """
        return cast("TorchCell", self.forwards).read_tree(below, tree, self.state)

    def read_last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The inputs of the steps whose outputs `last` returns, (batch, input_size), if the layer's output has the same size."""
        if self.backwards is None:
            return mask.last(steps)
        return torch.cat((mask.last(steps)[:, : self.hidden_size], steps[0][:, self.hidden_size :]), dim=1)


def make_layer(plan: LayerPlan, net: NetPlan) -> nn.Module:
    """A layer over (steps, batch, input_size), with `last`, and `read_last` where its input may be added to its output."""
    match plan.card.family:
        case "convolution":
            return Convolution(plan)
        case "causal convolution":
            return CausalBlock(plan, net.dropout)
        case "dense":
            return Dense(plan)
        case _:
            return Layer(plan, net)


def _direction(plan: LayerPlan, net: NetPlan) -> RecurrentCell:
    cell = make_cell(plan)
    initialise(cell, plan, net)
    return cell


def _learned_state(plan: LayerPlan) -> nn.Parameter:
    """The learned initial state: the tensors of the state end to end, zero to begin with."""
    return nn.Parameter(torch.zeros(sum(plan.state_sizes)))
