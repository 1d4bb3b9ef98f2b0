"""The first weights of a recurrent layer, where they are not to be those that PyTorch draws."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.plan.net_plan import LayerPlan, NetPlan


@torch.no_grad()
def initialise(cell: nn.Module, layer: LayerPlan, net: NetPlan) -> None:
    """Change the weights of one direction of a layer to what `model.init` and `model.forget_bias` ask for."""
    if net.init == "orthogonal":
        for matrix in recurrent_matrices(cell, layer):
            matrix.copy_(nn.init.orthogonal_(torch.empty_like(matrix)))
    elif net.init == "identity":
        _as_identity(cell, layer)
    if net.forget_bias is not None:
        parameters = dict(cell.named_parameters())
        value = net.forget_bias
        for name, block in layer.card.forget:
            parameters[name].view(-1, layer.size)[block] = value
            value = 0.0


def recurrent_matrices(cell: nn.Module, layer: LayerPlan) -> list[Tensor]:
    """The matrices (size, size) through which a state reaches the next one, each a view of the parameter that holds it."""
    assert layer.card.shape is not None
    if not layer.card.shape.states:
        return []
    named = dict(cell.named_parameters())
    if "step.weight" in named:  # one linear layer over input and state side by side
        return [named["step.weight"][:, -layer.size :]]
    parameters = {name.rpartition(".")[2]: p for name, p in named.items()}
    own = [p for name, p in parameters.items() if name[:9] not in ("weight_ih", "weight_re", "weight")]
    square = [p for p in own if p.ndim == 2 and p.shape[1] == layer.size]
    return [block for parameter in square for block in torch.split(parameter, layer.size)]


def _as_identity(cell: nn.Module, layer: LayerPlan) -> None:
    """Le, Jaitly and Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, section 3:

    the state is passed on as it is, biases are zero, the other weights Gaussian with a standard deviation of 0.001.
    """
    for parameter in cell.parameters():
        if parameter.ndim == 1:
            parameter.zero_()
        else:
            parameter.normal_(0.0, 0.001)
    for matrix in recurrent_matrices(cell, layer):
        matrix.copy_(torch.eye(layer.size))
