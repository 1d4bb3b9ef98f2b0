"""The first weights of a recurrent layer, where they are not to be those that its class draws."""

from __future__ import annotations

import torch
from torch import nn

from rnnlab.models.plan.net_plan import LayerPlan, NetPlan
from rnnlab.models.recurrent.cell import RecurrentCell


@torch.no_grad()
def initialise(cell: RecurrentCell, layer: LayerPlan, net: NetPlan) -> None:
    """Change the weights of one direction of a layer to those of `model.init` and `model.forget_bias`."""
    if net.init == "orthogonal":
        for matrix in cell.recurrent_matrices():
            matrix.copy_(nn.init.orthogonal_(torch.empty_like(matrix)))
    elif net.init == "identity":
        _as_identity(cell)
    if net.forget_bias is not None:
        parameters = dict(cell.named_parameters())
        value = net.forget_bias
        for name, block in layer.card.forget:
            parameters[name].view(-1, layer.hidden_size)[block] = value
            value = 0.0


def _as_identity(cell: RecurrentCell) -> None:
    """IRNN: the state is passed on unchanged, biases are zero, the other weights Gaussian with a standard deviation of 0.001.

    Le, Jaitly and Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, section 3.
    """
    for parameter in cell.parameters():
        if parameter.ndim == 1:
            parameter.zero_()
        else:
            parameter.normal_(0.0, 0.001)
    for matrix in cell.recurrent_matrices():
        matrix.copy_(torch.eye(cell.hidden_size))
