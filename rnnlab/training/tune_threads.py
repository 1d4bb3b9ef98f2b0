"""How many threads, and which batch size, train quickest here: measured for a second by training.

What is measured is the loop itself on the task's own batches, without evaluations of the validation part. Candidates take turns,
and each counts by the better of its turns: what else runs on the machine slows one turn and not the other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.thread_cache import measuring, remember, remembered
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.device import choose_device, use_threads
from rnnlab.training.loop import Training

TURNS = 2
CLEARLY = 1.1
"""More threads must be so much quicker: they take cores from other runs, and one thread is quick on a busy machine, too."""
_FAR = 1_000_000_000
"""An update that is never reached."""


@dataclass(frozen=True)
class Rate:
    """Examples a second of a batch size with a number of threads."""

    batch_size: int
    threads: int
    examples_per_second: float


def thread_counts(config: RunConfig) -> tuple[int, ...]:
    """The numbers of threads worth trying: 1, 2, 4 … and all cores; on another device than the CPU one."""
    if choose_device(config.runtime.device).type != "cpu":
        return (1,)
    most = cores()
    powers = [1 << exponent for exponent in range(most.bit_length())]
    return tuple(sorted({count for count in (*powers, most) if count <= most}))


def measure(
    config: RunConfig,
    split: Split,
    *,
    batch_sizes: Sequence[int],
    threads: Sequence[int],
    seconds: float = 1.0,
) -> Iterator[Rate]:
    """The rate of every pair, `seconds` each, one after the other. Sets PyTorch's threads and seed in this process."""
    summary = summarise_split(split, config)
    for batch_size in batch_sizes:
        trials = [_Trial(config, split, summary, batch_size, count) for count in threads]
        best = dict.fromkeys(threads, 0.0)
        for _ in range(TURNS):
            for trial in trials:
                best[trial.threads] = max(best[trial.threads], trial.turn(seconds / TURNS))
        for count, rate in best.items():
            yield Rate(batch_size, count, rate)


class _Trial:
    """A training that is resumed in turns, and thrown away."""

    def __init__(self, config: RunConfig, split: Split, summary: DataSummary, batch_size: int, threads: int) -> None:
        self.threads = threads
        replace = msgspec.structs.replace
        train = replace(
            config.train, batch_size=batch_size, epochs=100_000, updates=None, evaluate_every=_FAR, patience=None
        )
        # A rate that moves nothing: a turn shall not end because the loss did.
        optim = replace(config.optim, lr=1e-9, schedule="constant")
        config = replace(config, train=train, optim=optim, runtime=replace(config.runtime, threads=threads))
        self._training = Training(config, split, summary=summary)
        self._events = self._training.events()
        self._warm = False

    def turn(self, seconds: float) -> float:
        """Train on for so long; the examples a second. The first of all steps, which find memory and kernels, do not count."""
        use_threads(self.threads, self._training.net)
        meter = self._training.meter
        if not self._warm:
            self._warm = True
            began = time.perf_counter()
            while meter.examples == 0 or time.perf_counter() - began < 0.2 * seconds:
                next(self._events)
        seen, began = meter.examples, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            next(self._events)
        return (meter.examples - seen) / took


def quickest(rates: Sequence[Rate]) -> int:
    """The number of threads to train with: the fewest that no other number clearly beats. `rates` are of one batch size."""
    chosen = min(rates, key=lambda rate: rate.threads)
    for rate in sorted(rates, key=lambda rate: rate.threads):
        if rate.examples_per_second > CLEARLY * chosen.examples_per_second:
            chosen = rate
    return chosen.threads


def with_threads(config: RunConfig, split: Split) -> RunConfig:
    """The configuration with a number of threads.

    It is its own, else what is remembered of such runs here, else what a second of measuring finds, which is then remembered.
    On a machine that is busy now, one: threads that wait for one another while other processes have the cores were up to twenty
    times slower.
    """
    if config.runtime.threads is not None:
        return config
    held = remembered(config)
    threads = 1
    if held is None:
        with measuring():
            held = remembered(config)  # another run may have measured it while this one waited
            if held is None:
                threads = _measured(config, split)
    if held is not None and not _busy():
        threads = held.threads
    return msgspec.structs.replace(config, runtime=msgspec.structs.replace(config.runtime, threads=threads))


def _busy() -> bool:
    """Whether others have had half of the cores in the last minute."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > (os.cpu_count() or 1) / 2


def _measured(config: RunConfig, split: Split) -> int:
    counts = thread_counts(config)
    if len(counts) == 1:
        return counts[0]
    rates = list(
        measure(config, split, batch_sizes=[config.train.batch_size], threads=counts, seconds=1.0 / len(counts) + 0.2)
    )
    threads = quickest(rates)
    remember(config, threads, {rate.threads: rate.examples_per_second for rate in rates})
    return threads
