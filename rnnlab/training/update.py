"""One update of the weights: answers, loss, gradient, clipping, the optimiser's step."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from rnnlab.config.tree import Optim
from rnnlab.models.build import Net
from rnnlab.training.batches import Batch
from rnnlab.training.objective import Objective
from rnnlab.training.one_row import one_row_step
from rnnlab.training.optimiser import clip_on_device, clip_on_host, make_optimiser


class Updated(NamedTuple):
    """What an update found on its way: the net's raw answers (detached), the batch's mean loss and the gradient's norm
    before clipping. On the host the figures are floats; on a device tensors, which nothing waits for."""

    outputs: Tensor
    loss: float | Tensor
    norm: float | Tensor


class Update:
    """Moves the weights of `net` by a batch. `clip_norm` may be changed while a run trains."""

    def __init__(
        self,
        net: Net,
        objective: Objective,
        optim: Optim,
        parameters: Sequence[Parameter],
        batch_size: int,
        device: torch.device,
    ) -> None:
        self.net = net
        self.objective = objective
        self.parameters = parameters
        self.clip_norm = optim.clip_norm
        self.on_host = device.type == "cpu"
        self.optimiser = make_optimiser(optim, parameters, device)
        self._group = self.optimiser.param_groups[0]
        self.by_hand = one_row_step(net, objective, batch_size)

    def __call__(self, batch: Batch, lr: float) -> Updated:
        """Learn from the batch with that rate. On the host a loss that is no number moves nothing: its norm is nan."""
        self._group["lr"] = lr
        if self.by_hand is not None:
            updated = self._learn_by_hand(batch)
        elif self.on_host:
            updated = self._learn_on_host(batch)
        else:
            updated = self._learn_on_device(batch)
        for parameter in self.parameters:
            parameter.grad = None
        return updated

    def state_dict(self) -> dict[str, Any]:
        """What the next update depends on beside the weights."""
        # Without the wrapper that serves `torch.compile`: it would import `torch._dynamo`, a second or more.
        state = inspect.unwrap(Optimizer.state_dict)(self.optimiser)
        return {"optimiser": state, "clip_norm": self.clip_norm}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        inspect.unwrap(Optimizer.load_state_dict)(self.optimiser, state["optimiser"])
        self._group = self.optimiser.param_groups[0]
        self.clip_norm = state["clip_norm"]

    def _learn_by_hand(self, batch: Batch) -> Updated:
        by_hand = self.by_hand
        assert by_hand is not None
        outputs, loss = by_hand.look(batch)
        if not math.isfinite(loss):
            return Updated(outputs, loss, math.nan)
        by_hand.learn()
        norm = by_hand.clip(self.clip_norm)
        self.optimiser.step()
        return Updated(outputs, loss, norm)

    def _learn_on_host(self, batch: Batch) -> Updated:
        outputs = self.net(batch.inputs, batch.lengths)
        loss = self.objective.loss(outputs, batch.targets)
        value = loss.item()
        if not math.isfinite(value):
            return Updated(outputs.detach(), value, math.nan)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_on_host(self.parameters, self.clip_norm)
        self.optimiser.step()
        return Updated(outputs.detach(), value, norm)

    def _learn_on_device(self, batch: Batch) -> Updated:
        # No figure is fetched here: that would wait for the device at every step.
        outputs = self.net(batch.inputs, batch.lengths)
        loss = self.objective.loss(outputs, batch.targets)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_on_device(self.parameters, self.clip_norm)
        self.optimiser.step()
        return Updated(outputs.detach(), loss.detach(), norm)
