"""One update of the weights: forward, loss, backward, clip, optimiser step."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.optim import Optimizer

from rnnlab.config.optim import UNCLIPPED, Optim
from rnnlab.config.train import Train
from rnnlab.config.tree import GRAPHED
from rnnlab.models.net import Net
from rnnlab.training.data.batches import Batch
from rnnlab.training.step.cuda_graphs import Capturer, Graphs
from rnnlab.training.step.interruptible import Interruptible
from rnnlab.training.step.loss import Objective
from rnnlab.training.step.optimiser import clip_on_device, clip_on_host, make_optimiser
from rnnlab.training.step.result import StepResult
from rnnlab.training.step.single_sequence import single_sequence_step


class Update:
    """Moves the weights of `net` by a batch. `clip_norm`, `clip_value` and `dropout` may be changed while a run trains.

    With a `capturer`, updates on a device are launched as graphs where they can be and that is quicker. On the host the gradient
    is computed within `interruptible`: nothing that outlasts the update has changed then but the random state.
    """

    def __init__(
        self,
        net: Net,
        objective: Objective,
        optim: Optim,
        parameters: Sequence[Parameter],
        train: Train,
        device: torch.device,
        *,
        capturer: Capturer | None = None,
        interruptible: Interruptible | None = None,
    ) -> None:
        self.net = net
        self.interruptible = interruptible or Interruptible()
        self._draws = any(isinstance(module, nn.Dropout) for module in net.modules())
        self.drawn: Tensor | None = None
        """The random state before the update under way, where there is one that draws."""
        self.objective = objective
        self.parameters = parameters
        clipped = optim.name not in UNCLIPPED
        self.clip_norm = optim.clip_norm if clipped else None
        self.clip_value = optim.clip_value if clipped else None
        self.on_host = device.type == "cpu"
        self.optimiser = make_optimiser(optim, parameters, device, hidden_matrices(net))
        self._groups = self.optimiser.param_groups
        many = optim.name == "lbfgs"
        parts = 1 if many else train.accumulate
        self.sequences = train.batch_size * parts
        """Of one update."""
        self._part_size = train.batch_size
        self.manual_backward = (
            single_sequence_step(net, objective, train.batch_size) if parts == 1 and not many else None
        )
        self._learn = (
            self._learn_in_many_passes
            if many
            else self._learn_in_parts
            if parts > 1
            else self._learn_manually
            if self.manual_backward is not None
            else self._learn_at_once
        )
        graphed = optim.name in GRAPHED
        # As it stands in a graph, so that a run is the same with graphs as without.
        self._rate_in_float32 = graphed and (device.type == "cuda" or capturer is not None)
        self.graphs: Graphs | None = None
        """Launches updates as graphs where that is quicker; None: each is launched kernel by kernel."""
        if capturer is not None and graphed and parts == 1:
            self.graphs = Graphs(self._learn_on_device, self._learn_at, capturer, device)
        self._fresh = copy.deepcopy(self.state_dict()["optimiser"])

    def __call__(self, batch: Batch, lr: float) -> StepResult:
        """Learn from the batch with that rate. On the host a loss that is no number moves nothing: its norm is nan."""
        if self._rate_in_float32:
            lr = float(np.float32(lr))
        for group in self._groups:
            group["lr"] = lr
        if self.graphs is None:
            self.drawn = torch.get_rng_state() if self._draws and self.on_host else None
            result = self._learn(batch)
            self.drawn = None
        else:
            result = self.graphs(batch, lr, (self.clip_norm, self.clip_value, self.dropout))
        for parameter in self.parameters:
            parameter.grad = None
        return result

    @property
    def warning(self) -> str:
        """Why updates are not launched as graphs, where they were to be; empty: they are, or were not to be."""
        return self.graphs.warning if self.graphs is not None else ""

    @property
    def dropout(self) -> float:
        """Share of activations dropped while learning."""
        return self.net.dropout.p if self.net.dropout is not None else 0.0

    @dropout.setter
    def dropout(self, rate: float) -> None:
        self.net.dropout = nn.Dropout(rate) if rate else None
        self._draws = self._draws or rate > 0
        if self.manual_backward is not None:
            self.manual_backward.dropout = rate

    def reset(self) -> None:
        """Set the optimiser's state back to what it was before the first update."""
        self.load_state_dict(self.state_dict() | {"optimiser": copy.deepcopy(self._fresh)})

    def state_dict(self) -> dict[str, Any]:
        """What the next update depends on beside the weights."""
        # Without the wrapper that serves `torch.compile`: it would import `torch._dynamo`, a second or more.
        state = inspect.unwrap(Optimizer.state_dict)(self.optimiser)
        return {
            "optimiser": state,
            "clip_norm": self.clip_norm,
            "clip_value": self.clip_value,
            "dropout": self.dropout,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state; graphs are captured anew."""
        inspect.unwrap(Optimizer.load_state_dict)(self.optimiser, state["optimiser"])
        self._groups = self.optimiser.param_groups
        if self.graphs is not None:
            self.graphs.forget()
        self.clip_norm, self.clip_value = state["clip_norm"], state["clip_value"]
        if state["dropout"] != self.dropout:
            self.dropout = state["dropout"]

    def _learn_manually(self, batch: Batch) -> StepResult:
        manual = self.manual_backward
        assert manual is not None
        with self.interruptible:
            outputs, loss = manual.forward(batch)
            if not math.isfinite(loss):
                return StepResult(outputs, loss, math.nan)
            manual.backward()
        norm = manual.clip(self.clip_norm, self.clip_value)
        self.optimiser.step()
        return StepResult(outputs, loss, norm)

    def _learn_at_once(self, batch: Batch) -> StepResult:
        return self._learn_on_host(batch) if self.on_host else self._learn_on_device(batch)

    def _learn_on_host(self, batch: Batch) -> StepResult:
        with self.interruptible:
            outputs = self.net(batch.inputs, batch.lengths)
            loss = self.objective.loss(outputs, batch.targets)
            value = loss.item()
            if not math.isfinite(value):
                return StepResult(outputs.detach(), value, math.nan)
            loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_on_host(self.parameters, self.clip_norm, self.clip_value)
        self.optimiser.step()
        return StepResult(outputs.detach(), value, norm)

    def _learn_on_device(self, batch: Batch) -> StepResult:
        # No figure is fetched here: that would wait for the device at every step.
        outputs = self.net(batch.inputs, batch.lengths)
        loss = self.objective.loss(outputs, batch.targets)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_on_device(self.parameters, self.clip_norm, self.clip_value)
        self.optimiser.step()
        return StepResult(outputs.detach(), loss.detach(), norm)

    def _learn_at(self, batch: Batch, rate: Tensor) -> StepResult:
        """As `_learn_on_device`, at the rate that stands in a tensor (), which a graph reads anew each time."""
        before = [dict(group) for group in self._groups]
        for group in self._groups:
            group["lr"] = rate
            if "capturable" in group:
                group["capturable"] = True  # or its step refuses to be captured
        try:
            return self._learn_on_device(batch)
        finally:
            for group, kept in zip(self._groups, before, strict=True):
                group.update(kept)
            for parameter in self.parameters:
                parameter.grad = None

    def _learn_in_parts(self, batch: Batch) -> StepResult:
        """The gradient of the whole batch, gathered from parts that are gone through one after the other.

        Each adds the gradient of its sum; the whole is divided at the end, so that a part that is smaller, or whose classes
        weigh more, counts for what it is.
        """
        outputs: list[Tensor] = []
        sums: list[Tensor] = []
        weights: list[Tensor] = []
        with self.interruptible if self.on_host else nullcontext():
            for first in range(0, len(batch), self._part_size):
                part = slice(first, first + self._part_size)
                part_outputs = self.net(batch.inputs[part], None if batch.lengths is None else batch.lengths[part])
                loss, weight = self.objective.sum(part_outputs, batch.targets[part])
                loss.backward()  # type: ignore[no-untyped-call]
                outputs.append(part_outputs.detach())
                sums.append(loss.detach())
                weights.append(weight)
        weight = torch.stack(weights).sum()
        loss = torch.stack(sums).sum() / weight
        joined = torch.cat(outputs)
        if self.on_host and not math.isfinite(loss.item()):
            return StepResult(joined, loss.item(), math.nan)
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad.div_(weight)
        if self.on_host:
            norm: float | Tensor = clip_on_host(self.parameters, self.clip_norm, self.clip_value)
        else:
            norm = clip_on_device(self.parameters, self.clip_norm, self.clip_value)
        self.optimiser.step()
        return StepResult(joined, loss.item() if self.on_host else loss, norm)

    def _learn_in_many_passes(self, batch: Batch) -> StepResult:
        """L-BFGS: each pass over the batch gives loss and gradient at other weights. Those of the first are returned.

        Nothing is clipped: a gradient that is not the loss's own would spoil the line search and the curvature. Dropout
        drops the same in every pass, so that all passes see one function.
        """
        generator = torch if self.on_host else torch.get_device_module(batch.inputs.device)
        drawn = generator.get_rng_state()
        outputs, loss = self._forward_backward(batch)
        first = loss.item()
        if not math.isfinite(first):
            return StepResult(outputs, first if self.on_host else loss, math.nan if self.on_host else loss)
        norm = clip_on_host(self.parameters, None) if self.on_host else clip_on_device(self.parameters, None)
        passes = iter([loss])

        def again() -> Tensor:
            if (first_loss := next(passes, None)) is not None:
                return first_loss
            generator.set_rng_state(drawn)
            for parameter in self.parameters:
                parameter.grad = None
            return self._forward_backward(batch)[1]

        self.optimiser.step(again)  # type: ignore[arg-type]  # PyTorch takes `float(…)` of it
        return StepResult(outputs, first if self.on_host else loss, norm)

    def _forward_backward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The raw outputs and the loss of a batch, both detached; every parameter has its gradient."""
        outputs = self.net(batch.inputs, batch.lengths)
        loss = self.objective.loss(outputs, batch.targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return outputs.detach(), loss.detach()


def hidden_matrices(net: Net) -> list[Parameter]:
    """The matrices of the layers between input and head: those for which Muon is made."""
    return [parameter for parameter in net.layers.parameters() if parameter.ndim == 2]
