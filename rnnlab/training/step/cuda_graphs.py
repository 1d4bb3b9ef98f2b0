"""Updates as CUDA graphs: captured once a shape of batch, launched as one from then on, where that is measured to be quicker.

A small net's update is hundreds of kernels of a few microseconds, and the host needs longer to launch them one by one than
the device needs to carry them out. A graph is launched as a whole. What it computes is what the kernels compute that were
captured, on the same places in memory: batches are copied to where they were read from, the rate lies on the device, dropout
draws on from the generator's state. So a run comes out the same to the bit, whichever way each of its updates went.

Never run on a device yet: the tests marked `gpu` say what is to hold there, `benchmarks/gpu.py` measures it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Hashable
from typing import Protocol

import torch
from torch import Tensor

from rnnlab.config import RunConfig
from rnnlab.training.data.batches import Batch
from rnnlab.training.step.result import StepResult

WARM_UP = 3
"""Updates of a shape before it is captured: libraries choose their kernels in the first, the optimiser makes its state."""
TRIES = 5
"""Updates of a shape that are timed either way, in turn."""
MOST = 32
"""Shapes that are held as graphs; names, batch 64, has about as many. The rest is launched kernel by kernel."""
LOST = 3
"""Shapes that lose against their kernels, without one that wins, after which no more are tried."""

_FAILED: list[torch.cuda.CUDAGraph] = []

Learn = Callable[[Batch], StepResult]
Replay = Callable[[], StepResult]


class Capturer(Protocol):
    """What a device must be able to do for `Graphs`."""

    def warm_up(self, work: Replay) -> StepResult:
        """Do the work on the stream on which it is captured."""

    def capture(self, work: Replay) -> Replay:
        """Record what `work` would do, without doing it: what is returned does it.

        It returns the same tensors each time. Raises `RuntimeError`, after which all is as it was.
        """

    def wait(self) -> None:
        """Until everything is done."""


class CudaCapturer:
    """Captures on a stream of its own of `device`; all graphs share one pool of memory, as no two are ever under way."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def warm_up(self, work: Replay) -> StepResult:
        """Do the work on the stream on which it is captured."""
        here = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(here)
        with torch.cuda.stream(self._stream):
            result = work()
        here.wait_stream(self._stream)
        return result

    def capture(self, work: Replay) -> Replay:
        """Record the kernels of `work` as a graph; what is returned launches it. Raises `RuntimeError`."""
        here = torch.cuda.current_stream(self._device)
        generator = torch.cuda.default_generators[self._device.index or 0]
        drawn = generator.get_state()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
                result = work()
        except RuntimeError:
            # A capture that fails leaves its stream as the current one, the generator, in some versions of PyTorch, as one
            # that may not be drawn from any more, and in the allocator a pointer to the graph, which must live on.
            _FAILED.append(graph)
            torch.cuda.set_stream(here)
            fresh = torch.Generator(self._device)
            fresh.set_state(drawn)
            generator.graphsafe_set_state(fresh)
            raise

        def replay() -> StepResult:
            graph.replay()
            return result

        return replay

    def wait(self) -> None:
        """Until the device is done."""
        torch.cuda.synchronize(self._device)


def capturer_for(device: torch.device, config: RunConfig) -> CudaCapturer | None:
    """What captures updates as graphs, where they are wanted and the device has them."""
    wanted = config.runtime.graphs == "auto" and config.applies("runtime.graphs")
    return CudaCapturer(device) if wanted and device.type == "cuda" else None


class TimingComparison:
    """Compares two ways to do the same: each is timed `tries` times, in turn, and the medians count."""

    def __init__(self, tries: int = TRIES) -> None:
        self._tries = tries
        self._seconds: tuple[list[float], list[float]] = [], []

    @property
    def turn(self) -> int:
        """Which way is to be timed next: 0 or 1."""
        first, second = self._seconds
        return 0 if len(first) <= len(second) else 1

    def note(self, seconds: float) -> None:
        """What the way took whose turn it was."""
        self._seconds[self.turn].append(seconds)

    @property
    def winner(self) -> int | None:
        """The quicker way, the first one where both are; None until both were timed often enough."""
        first, second = self._seconds
        if len(second) < self._tries:
            return None
        return 1 if statistics.median(second) < statistics.median(first) else 0


class Captured:
    """The update of batches of one shape, and the places that it reads them from."""

    def __init__(self, batch: Batch, learn: Learn, capturer: Capturer) -> None:
        self._inputs = batch.inputs.clone()
        self._lengths = None if batch.lengths is None else batch.lengths.clone()
        self._targets = batch.targets.clone()
        held = Batch(self._inputs, self._lengths, self._targets, batch.indices)
        self._replay = capturer.capture(lambda: learn(held))

    def __call__(self, batch: Batch) -> StepResult:
        """Learn from `batch`, which must be of that shape."""
        self._inputs.copy_(batch.inputs)
        if self._lengths is not None and batch.lengths is not None:
            self._lengths.copy_(batch.lengths)
        self._targets.copy_(batch.targets)
        result = self._replay()
        # The next update writes to where these stand, and they are read later.
        outputs, loss, norm = (torch.as_tensor(figure).clone() for figure in result)
        return result._replace(outputs=outputs, loss=loss, norm=norm)


class _Shape:
    """What is known of the batches of one shape."""

    def __init__(self) -> None:
        self.seen = 0
        self.captured: Captured | None = None
        self.timing = TimingComparison()


class Graphs:
    """Learns from batches, from those of each shape the way that is quicker: `learn`, or a graph of `at_rate`.

    `learn` carries out an update at the rate that the optimiser has; `at_rate` the same, at the one in a tensor. Each of the
    updates that are timed is one of the run's own, so nothing is computed for the timing alone. Where capturing fails there
    are no graphs from then on, and `warning` says why.
    """

    def __init__(
        self,
        learn: Learn,
        at_rate: Callable[[Batch, Tensor], StepResult],
        capturer: Capturer,
        device: torch.device,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.warning = ""
        self._learn = learn
        self._at_rate = at_rate
        self._capturer = capturer
        self._clock = clock
        self._rate = torch.zeros((), device=device)
        self._rate_now = 0.0
        self._shapes: dict[Hashable, _Shape] = {}
        self.held = 0
        """Shapes that are held as graphs."""
        self._constants: Hashable = None
        self._over = False
        self._won = self._lost = 0

    def forget(self) -> None:
        """Capture everything anew: the optimiser's state lies elsewhere now, or what was a constant has changed."""
        self._shapes = {}
        self.held = 0

    def __call__(self, batch: Batch, lr: float, constants: Hashable) -> StepResult:
        """Learn from the batch. `constants` are what goes into an update as a constant."""
        if constants != self._constants:
            self._constants = constants
            self.forget()
        if self._over:
            return self._learn(batch)
        name = shape_of(batch)
        shape = self._shapes.get(name) or self._shapes.setdefault(name, _Shape())
        if shape.seen < WARM_UP:
            shape.seen += 1
            return self._capturer.warm_up(lambda: self._learn(batch))
        winner = shape.timing.winner
        if winner == 0 or (shape.captured is None and not self._captures(shape, batch)):
            return self._learn(batch)
        assert shape.captured is not None
        if winner == 1:
            return self._replayed(shape.captured, batch, lr)
        return self._timed(shape, shape.captured, batch, lr)

    def _captures(self, shape: _Shape, batch: Batch) -> bool:
        """Whether there is a graph of the shape now."""
        if self._lost >= LOST and not self._won:
            self._over = True
            self.forget()
            return False
        if self.held >= MOST:
            return False
        try:
            shape.captured = Captured(batch, lambda held: self._at_rate(held, self._rate), self._capturer)
        except RuntimeError as error:
            self._over = True
            self.forget()
            reason = str(error.__context__ or error).strip().splitlines() or [type(error).__name__]
            self.warning = (
                f"the update cannot be captured as a CUDA graph, so its kernels are launched one by one: {reason[0]}"
            )
            return False
        self.held += 1
        return True

    def _timed(self, shape: _Shape, captured: Captured, batch: Batch, lr: float) -> StepResult:
        """Learn, in the way whose turn it is, and note how long it takes until the device is done."""
        self._capturer.wait()
        began = self._clock()
        result = self._replayed(captured, batch, lr) if shape.timing.turn else self._learn(batch)
        self._capturer.wait()
        shape.timing.note(self._clock() - began)
        if shape.timing.winner == 1:
            self._won += 1
        elif shape.timing.winner == 0:
            self._lost += 1
            self.held -= 1
            shape.captured = None
        return result

    def _replayed(self, captured: Captured, batch: Batch, lr: float) -> StepResult:
        if lr != self._rate_now:
            self._rate.fill_(lr)
            self._rate_now = lr
        return captured(batch)


def shape_of(batch: Batch) -> Hashable:
    """Batches of which this is equal go through the same kernels: nothing else of a batch is known on the host."""
    return batch.inputs.shape, batch.inputs.dtype, batch.lengths is None, batch.targets.shape, batch.targets.dtype
