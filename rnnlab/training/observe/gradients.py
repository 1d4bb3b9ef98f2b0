"""Inspection of the net while it trains: gradients layer by layer and step by step, gates, and how far an update moves.

It is made on the same few training sequences each time, without dropout, and leaves no trace: no weight, no gradient and no
random state is other than before, so a run is bit for bit the one it would be without.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.config.train import Train
from rnnlab.models.layer_parameters import layer_parameters
from rnnlab.models.net import Net
from rnnlab.models.recurrent.cell import Gate, RecurrentCell
from rnnlab.models.stepwise import traced
from rnnlab.runs.event_numbers import Number, number
from rnnlab.runs.events import GateUse, GradientFlow, Inspected, LayerFigures
from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.data.batches import Batch, Batches
from rnnlab.training.step.loss import Objective

SEQUENCES = 16
"""Training sequences that are inspected: a gradient that fades does so in each."""
LONGEST = 256
"""Steps of a sequence that are inspected: the last ones, or the first where each step has a target. No screen shows more."""
STUCK = 0.05
"""A gate is shut or open when it is no farther than this from its least or greatest value."""
SHARE = 0.002
"""Of the time of a run, that inspections may take by the estimate: measured, it is at most one in three hundred."""
_UNWATCHED = nullcontext()


class GradientInspector:
    """Inspects `net` at some of the evaluations, which come every `every` updates.

    Which ones follows from the number of the update alone, so that a run that is resumed or trained again is inspected at
    the same ones. `watched` is the number of updates after which the next one is watched: call `before` and `after` it.
    """

    def __init__(
        self, net: Net, objective: Objective, part: Subset, train: Train, every: int, device: torch.device
    ) -> None:
        self.watched = -1
        self._net = net
        self._objective = objective
        self._parts = layer_parameters(net)
        self._weights: dict[str, list[Tensor]] = {}
        self._moved: dict[str, float] = {}
        self._every = every
        self.interval = 0
        """Updates between two inspections; 0: there are none."""
        if train.inspect == "off":
            return
        self._batch = _few_sequences(part, train.seed, objective.per_step, device)
        often = train.inspect == "each"
        self.interval = every * (1 if often else _evaluations_between(net, part, self._batch, train.batch_size, every))

    def plan(self, step: int) -> None:
        """Find the next update to watch, after `step` of them."""
        if self.interval:
            due = self._every if step < self._every else (step // self.interval + 1) * self.interval
            self.watched = due - 1

    def watching(self, step: int) -> AbstractContextManager[object]:
        """The context of the update that follows `step` updates: it is measured where it is to be watched."""
        return self if step == self.watched else _UNWATCHED

    def __enter__(self) -> None:
        self.before()

    def __exit__(self, *_: object) -> None:
        self.after()

    def before(self) -> None:
        """Keep the weights as they are."""
        self._weights = {name: [p.detach().clone() for p in layer] for name, layer in self._parts.items()}

    def after(self) -> None:
        """Measure how far the watched update moved them."""
        for name, layer in self._parts.items():
            before = self._weights[name]
            delta = [(p.detach() - b) for p, b in zip(layer, before, strict=True)]
            length = _norm(before)
            self._moved[name] = _norm(delta) / length if length else math.inf
        self._weights = {}

    def state_dict(self) -> dict[str, Any]:
        """How far the watched update moved the weights, by layer, until an inspection reports it."""
        return {"moved": self._moved}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state."""
        self._moved = dict(state["moved"])

    def inspect(self, epoch: int, step: int) -> Iterator[Inspected | GradientFlow]:
        """The figures after `step` updates, where an inspection is due; the net must be in evaluation mode."""
        if not self.interval or (step != self._every and step % self.interval):
            return
        moved, self._moved = self._moved, {}
        found = self._gradients()
        layers = []
        for name, norm in found.by_layer.items():
            uses = tuple(_use(gate, found.lengths) for gate in found.gates.get(name, ()))
            distance = _rounded(moved[name]) if name in moved else None
            layers.append(LayerFigures(name=name, gradient=_rounded(norm), moved=distance, gates=uses))
        yield Inspected(epoch=epoch, step=step, layers=tuple(layers))
        for name, norms in found.by_state.items():
            flow = tuple(map(_rounded, aligned(norms, found.lengths)))
            yield GradientFlow(epoch=epoch, step=step, layer=name, norms=flow)
        self.plan(step)

    @torch.enable_grad()
    def _gradients(self) -> _Found:
        batch = self._batch
        parameters = [p for layer in self._parts.values() for p in layer]
        with traced(self._net) as stand_ins, _lengths_behind_front(self._net, batch.lengths) as lengths:
            outputs = self._net(batch.inputs, batch.lengths)
            loss = self._objective.loss(outputs, batch.targets)
            traces = {name: cell.trace_of_pass for name, cell in stand_ins.items()}
            states = [state for trace in traces.values() for state in trace.states]
            gradients = torch.autograd.grad(loss, [*parameters, *states], allow_unused=True)
            by_parameter = dict(zip(parameters, gradients, strict=False))
            by_layer = {
                name: _norm([g for p in layer if (g := by_parameter[p]) is not None])
                for name, layer in self._parts.items()
            }
            by_state, first = {}, len(parameters)
            for name, trace in traces.items():
                part = gradients[first : first + len(trace.states)]
                first += len(trace.states)
                norms = trace.flow(part).norm(dim=2)
                # The loss is a mean over the sequences; the flow is that of each one's own loss.
                by_state[name] = norms.cpu().double().numpy() * len(batch)
            gates: dict[str, list[Gate]] = {}
            for name, trace in traces.items():
                gates.setdefault(name.removesuffix(" backwards"), []).extend(trace.gates())
        return _Found(by_layer, by_state, {name: _both_ways(each) for name, each in gates.items()}, lengths[-1])


class _Found(NamedTuple):
    by_layer: dict[str, float]
    by_state: dict[str, NDArray[np.float64]]
    """(steps, sequences), in the order of reading."""
    gates: dict[str, list[Gate]]
    lengths: Tensor | None
    """Steps of each sequence as the recurrent layers see them."""


@contextmanager
def _lengths_behind_front(net: Net, lengths: Tensor | None) -> Iterator[list[Tensor | None]]:
    """The lengths of the sequences, the last of them as the layers see them: a convolution in front shortens them."""
    seen = [lengths]
    if net.front is None:
        yield seen
        return
    hook = net.front.register_forward_hook(lambda _module, _given, out: seen.append(out[1].lengths))
    try:
        yield seen
    finally:
        hook.remove()


def aligned(norms: NDArray[np.float64], lengths: Tensor | None) -> NDArray[np.float64]:
    """(steps, sequences) → (steps,): the mean over the sequences that are so long, aligned at their ends."""
    steps = len(norms)
    if lengths is None:
        mean: NDArray[np.float64] = norms.mean(axis=1)
        return mean
    ends = lengths.cpu().numpy()
    total, counted = np.zeros(steps), np.zeros(steps)
    for index, end in enumerate(ends):
        total[steps - end :] += norms[:end, index]
        counted[steps - end :] += 1
    return (total / np.maximum(counted, 1))[steps - ends.max() :]


def _few_sequences(part: Subset, seed: int, per_step: bool, device: torch.device) -> Batch:
    """The sequences to inspect, the same in every run with that seed, cut to `LONGEST` steps."""
    chosen = np.sort(np.random.default_rng((seed, 0)).choice(len(part), min(SEQUENCES, len(part)), replace=False))
    lengths = np.minimum(part.lengths[chosen], LONGEST)
    starts = np.zeros_like(lengths) if per_step else part.lengths[chosen] - lengths
    steps = starts[:, np.newaxis] + np.arange(lengths.max())
    steps = np.minimum(steps, part.inputs.shape[1] - 1)
    rows = chosen[:, np.newaxis]
    targets = part.targets[rows, steps] if per_step else part.targets[chosen]
    few = Subset(part.inputs[rows, steps], lengths, targets)
    return Batches(few, len(chosen), device=device).take(np.arange(len(chosen)))


def _evaluations_between(net: Net, part: Subset, batch: Batch, batch_size: int, every: int) -> int:
    """Every how many-th evaluation may be followed by an inspection, if these are to take `SHARE` of the time.

    From sizes alone, not from a clock, so that it comes out the same again. The times are of one thread of the machine in
    the README, taken so that inspections come out too dear rather than too cheap: `benchmarks/inspection.py` measures the share.
    """
    cells = [cell for cell in net.modules() if isinstance(cell, RecurrentCell)]
    kernels = len(cells) or len(net.layers)
    quick = bool(cells) and all(cell.is_compiled(tokens=False) for cell in cells)
    weights = sum(p.numel() for p in net.parameters())
    a_weight = 6 / 30e9  # forwards and backwards, for one sequence at one step: six operations
    trained_weight = 6 / 60e9 if net.is_compiled else a_weight
    steps, seen = float(part.lengths.mean()), batch.inputs.shape[1]
    inspection = 2e-3 + seen * (kernels * (10e-6 if quick else 400e-6) + len(batch) * weights * a_weight)
    update = 300e-6 + steps * (kernels * 20e-6 + batch_size * weights * trained_weight)
    evaluation = 2e-3
    return max(1, math.ceil(inspection / (SHARE * (every * update + evaluation))))


def _both_ways(gates: Sequence[Gate]) -> list[Gate]:
    """The gates of one direction, or of two set side by side."""
    by_name: dict[str, list[Gate]] = {}
    for gate in gates:
        by_name.setdefault(gate.name, []).append(gate)
    return [each[0]._replace(values=torch.cat([gate.values for gate in each], dim=2)) for each in by_name.values()]


def _use(gate: Gate, lengths: Tensor | None) -> GateUse:
    values = gate.values
    true = torch.ones(values.shape[:2], dtype=torch.bool, device=values.device)
    if lengths is not None:
        true = torch.arange(len(values), device=values.device).unsqueeze(1) < lengths
    seen = values[true]
    if gate.name == "units":
        return GateUse(gate.name, shut=_share((seen == 0).all(dim=0)))
    return GateUse(gate.name, shut=_share(seen < gate.low + STUCK), open=_share(seen > gate.high - STUCK))


def _share(true: Tensor) -> float:
    return round(true.cpu().double().mean().item(), 4)  # Metal has no double


def _norm(tensors: Sequence[Tensor]) -> float:
    return math.hypot(*(torch.linalg.vector_norm(tensor).item() for tensor in tensors))


def _rounded(value: float) -> Number:
    """Four digits are enough to draw and to compare, and keep the log short."""
    return number(float(f"{value:.4g}"))
