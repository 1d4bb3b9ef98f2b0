"""Nets for tests of exports: every architecture in the ways it can be set, and sequences to read."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnlab.config import RunConfig
from rnnlab.models.net import Net, build

torch.set_num_threads(1)  # on a busy machine two threads wait for each other

SYMBOLS, CHANNELS, OUTPUTS, LONGEST = 11, 3, 5, 9
TASK_OF = {"tokens": "surnames", "values": "sinusoids", "each step": "anbn"}
VARIED = ("elman", "lstm", "gru", "minlstm", "conv", "tcn", "dense", "linear", "tlstm", "taugru", "intersectionrnn")
"""Tried in every way: ONNX's own operators, one of each family, and traced cells with states of all kinds."""
STACK: dict[str, Any] = {
    "model.layers": 2,
    "model.layer_norm": True,
    "model.residual": True,
    "model.learned_state": True,
    "model.dropout": 0.3,
}
FRONT: dict[str, Any] = {"model.conv": (4, 3), "model.conv_kernel": 4, "model.conv_stride": 2, "model.conv_pool": 2}
WAYS: dict[str, dict[str, Any]] = {
    "stack": STACK,
    "both directions": STACK | {"model.bidirectional": True, "model.hidden": (4,), "model.layer_norm": False},
    "no bias, other sizes": {"model.bias": False, "model.hidden": (7, 5)},
    "mean": STACK | {"model.readout": "mean"},
    "max": {"model.readout": "max", "model.bidirectional": True},
    "attention": {"model.readout": "attention", "model.bidirectional": True},
    "front": FRONT,
    "front, mean": FRONT | {"model.readout": "mean"},
    "embedding": {"data.encoding": "embedding", "model.embedding": 6} | STACK,
    "relu": {"model.activation": "relu", "model.head_activation": "relu"},
    "softmax": {"model.head_activation": "softmax"},
}


def make(name: str, inputs: str = "tokens", **settings: Any) -> Net:
    """A net in evaluation, nothing of which is at its first value."""
    given = {"task.name": TASK_OF[inputs], "model.hidden": (6,), "model.layers": 1, "model.name": name} | settings
    config = RunConfig.from_settings(given)
    torch.manual_seed(3)
    size = CHANNELS if inputs == "values" else SYMBOLS
    net = build(config, input_size=size, outputs=OUTPUTS, longest=LONGEST).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return net


def rows(net: Net, lengths: list[int], seed: int = 5) -> tuple[Tensor, Tensor]:
    """Sequences of these lengths for the net, and the lengths; there are other numbers past their ends, which must not matter."""
    generator = torch.Generator().manual_seed(seed)
    steps = max(lengths)
    if net.tokens:
        return torch.randint(0, SYMBOLS, (len(lengths), steps), generator=generator), torch.tensor(lengths)
    return torch.randn(len(lengths), steps, CHANNELS, generator=generator), torch.tensor(lengths)


BATCHES = ([1], [9], [1, 9, 4, 4, 7, 2], [12, 3], [5] * 17)
"""Lengths of batches; the third is like those that nets see in training."""
