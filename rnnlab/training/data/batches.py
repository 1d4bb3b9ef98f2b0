"""Batches of a split's sequences, of near-equal lengths, resident on the device.

Everything is uploaded once. An epoch's order is drawn on the host from (seed, epoch) alone, so a run that is resumed
at a cursor sees the very batches it would have seen. No batch asks the device for a number: what decides its shape is
known on the host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnnlab.models.prefix_tree import SLICE, Prefixes, by_beginning, prefixes
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.data.augmentation import Augmentation

MOST_SORTED = 100
"""Batches that are sorted by length together. names, batch 64, where sequences have 7.31 symbols on average: 7.44 steps a batch,
and 88 % of the batches without padding; with 32, 7.62 and 70 %; with 8, 8.30; unsorted, 12.8. Over seeds the accuracy
after 15 epochs was the same with 8, 32 and 100 to within their noise (0.01)."""


SHARED_SEQUENCES = 16 * SLICE
"""Sequences that are read as trees at once: of names 2,048, some nine thousand nodes, which LSTM 128 reads in 10 ms."""
SHARED_UP_TO = 128
"""Steps of sequences that are compared for common prefixes; longer texts share little of what they are."""
SHARED_SHARE = 0.8
"""Of the steps may be left, at most, for sequences to be read as trees."""


Drawing = Literal["none", "oversample", "batches"]
"""How sequences of small classes are drawn."""


def drawn_evenly(balance: str) -> Drawing:
    """What `data.balance` means for the drawing of sequences; `weights` concerns the loss alone."""
    return "oversample" if balance == "oversample" else "batches" if balance == "batches" else "none"


def sorted_together(bucketing: str, split: Split) -> int:
    """Batches that are sorted by length together, as `data.bucketing` says; 1: none, plain shuffling.

    `auto` sorts tokens and shuffles measurements: there a recording's length goes with what it is of, and nets learn worse from
    batches of one length. gestures by recording, GRU 64, 16 epochs, rate .001, five seeds, test accuracy: a hundred batches
    sorted together .821 ± .042, eight .856 ± .027, four .844 ± .036, two .882 ± .021, shuffled .882 ± .026. names, LSTM
    128, 8 epochs: .797 ± .004, .801 ± .005 (eight), .799 ± .002 (two), .799 ± .006 (shuffled), which would be 1.7 times
    the steps. `benchmarks/bucketing.py` measures it.
    """
    if bucketing == "auto":
        bucketing = "full" if split.card.inputs == "tokens" else "off"
    return MOST_SORTED if bucketing == "full" else 1


class Batch(NamedTuple):
    """Sequences that are read together, cut to the longest of them; all on the device.

    `inputs`: tokens (batch, steps) or values (batch, steps, channels). `lengths`: int64 (batch,), or None where every
    sequence fills all steps; hand it to the net as it is. `targets`: int64 (batch,) or (batch, steps), -1 where nothing is
    asked; or float32 (batch, outputs). `indices`: int64 (batch,), their indices in the part, on the host. `step_kinds`: int8
    (batch, steps), the kind of each step, where the part distinguishes them.
    """

    inputs: Tensor
    lengths: Tensor | None
    targets: Tensor
    indices: NDArray[np.int64]
    step_kinds: Tensor | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def put_to(self, net: nn.Module) -> Tensor:
        """The net's raw outputs for the batch."""
        outputs: Tensor = net(self.inputs, self.lengths)
        return outputs


class SharedBatch(NamedTuple):
    """Sequences of tokens that are read together as prefix trees; `targets` and `indices` as a `Batch` has them."""

    prefixes: Prefixes
    targets: Tensor
    indices: NDArray[np.int64]
    step_kinds: None = None

    def __len__(self) -> int:
        return len(self.indices)

    def put_to(self, net: nn.Module) -> Tensor:
        """The raw outputs of the net, which must be one that `reads_prefixes`."""
        outputs: Tensor = net(self.prefixes)
        return outputs


class Batches:
    """One part of a split as batches. `len()` is the number of batches an epoch.

    `balance` is for the training part of a classification: `oversample` repeats the sequences of each class until it has as many
    as the largest; `batches` draws as many sequences of each class for each batch, an epoch being as many batches as without.
    `augmentation` changes the inputs of an epoch's batches, and of no others.
    """

    def __init__(
        self,
        part: Subset,
        batch_size: int,
        seed: int = 0,
        device: torch.device | str = "cpu",
        *,
        balance: Drawing = "none",
        bucketing: int = MOST_SORTED,
        augmentation: Augmentation | None = None,
    ) -> None:
        if not len(part):
            raise ValueError("a part without sequences has no batches")
        self.batch_size = batch_size
        self.seed = seed
        self.device = torch.device(device)
        self._lengths_here = np.asarray(part.lengths, dtype=np.int64)
        self._inputs = torch.from_numpy(np.ascontiguousarray(part.inputs)).to(self.device)
        self._lengths = torch.from_numpy(self._lengths_here).to(self.device)
        targets = torch.from_numpy(np.ascontiguousarray(part.targets))
        if self.device.type == "mps" and targets.dtype == torch.float64:
            targets = targets.float()  # Metal has no double precision, in which targets far from zero stand
        self._targets = targets.to(self.device)
        self._step_kinds = (
            None if part.step_kinds is None else torch.from_numpy(np.ascontiguousarray(part.step_kinds)).to(self.device)
        )
        # A class at each step is cut to length with the inputs; numbers (sequences, outputs) are not.
        self._per_step = part.targets.ndim == 2 and part.targets.dtype.kind == "i"
        self._balance = balance
        self.bucketing = bucketing
        self._augmentation = augmentation or None
        labels = part.targets if balance != "none" else np.zeros(0, dtype=np.int64)
        self._members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self._one_length = bool((self._lengths_here == self._lengths_here[0]).all())

    def __len__(self) -> int:
        return -(-self.sequences_per_epoch // self.batch_size)

    @property
    def sequences_per_epoch(self) -> int:
        """Sequences drawn an epoch: more than there are where small classes are repeated."""
        if self._balance == "oversample":
            return len(self._members) * max(map(len, self._members))
        return self.sequences

    @property
    def sequences(self) -> int:
        """Sequences in the part."""
        return len(self._lengths_here)

    def epoch(self, number: int, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from batch `start` on, in an order made of the seed and `number`.

        Each sequence comes once, but for `balance`. Sequences are shuffled, each pool of `bucketing` batches is sorted by
        length, and the batches are shuffled again: lengths in a batch are then near-equal, and neither sequences nor lengths
        come in a pattern.
        """
        batches = self._cut(self._epoch_order(number)[start:])
        change = self._augmentation
        if change is None:
            yield from batches
            return
        for index, batch in enumerate(batches, start):
            inputs = change.apply(batch.inputs, batch.lengths, number, index)
            yield Batch(inputs, batch.lengths, batch.targets, batch.indices, batch.step_kinds)

    def ordered(self, batch_size: int = 512) -> Iterator[Batch]:
        """Every sequence once, shortest first, always in the same order: for evaluation, in large batches."""
        order = np.argsort(self._lengths_here, kind="stable")
        yield from self._cut([order[first : first + batch_size] for first in range(0, len(order), batch_size)])

    def shared(self) -> list[SharedBatch]:
        """Every sequence once, as trees; none where they share too little to be worth it."""
        lengths, longest = self._lengths_here, int(self._lengths_here.max())
        if self.device.type != "cpu" or self._inputs.dim() != 2 or self._inputs.is_floating_point():
            return []
        if self._per_step or longest > SHARED_UP_TO:
            return []
        tokens = self._inputs.numpy()[:, :longest]
        order = by_beginning(tokens, lengths)
        batches: list[SharedBatch] = []
        for first in range(0, len(order), SHARED_SEQUENCES):
            indices = order[first : first + SHARED_SEQUENCES]
            tree = prefixes(tokens[indices], lengths[indices])
            if len(tree.tokens) > SHARED_SHARE * lengths[indices].sum():
                return []
            batches.append(SharedBatch(tree, self._targets[torch.from_numpy(indices)], indices))
        return batches

    def take(self, indices: NDArray[np.int64]) -> Batch:
        """The batch of just these sequences, in this order."""
        return next(self._cut([np.asarray(indices, dtype=np.int64)]))

    def _epoch_order(self, number: int) -> list[NDArray[np.int64]]:
        generator = np.random.default_rng((self.seed, number))
        size = self.batch_size
        if self._balance == "batches":
            return self._balanced_batches(generator)
        if self._balance == "oversample":
            most = max(map(len, self._members))
            order = generator.permutation(
                np.concatenate([_repeated(indices, most, generator) for indices in self._members])
            )
        else:
            order = generator.permutation(self.sequences)
        if not self._one_length and size > 1 and self.bucketing > 1:
            together = self.bucketing * size
            for first in range(0, len(order), together):
                pool = order[first : first + together]
                # Stable: sequences of one length stay shuffled.
                order[first : first + together] = pool[np.argsort(self._lengths_here[pool], kind="stable")]
        batches = [order[first : first + size] for first in range(0, len(order), size)]
        return [batches[index] for index in generator.permutation(len(batches))]

    def _balanced_batches(self, generator: np.random.Generator) -> list[NDArray[np.int64]]:
        """Batches with equally many sequences of each class; where that leaves a remainder, of classes drawn at random."""
        classes, batches, size = len(self._members), len(self), self.batch_size
        quota = np.full((batches, classes), size // classes)
        rest = np.arange(classes) < size % classes
        quota += generator.permuted(np.tile(rest, (batches, 1)), axis=1)
        queues = [
            np.split(_repeated(indices, int(wanted.sum()), generator), np.cumsum(wanted)[:-1])
            for indices, wanted in zip(self._members, quota.T, strict=True)
        ]
        return [generator.permutation(np.concatenate(parts)) for parts in zip(*queues, strict=True)]

    def _cut(self, batches: list[NDArray[np.int64]]) -> Iterator[Batch]:
        """The batches of these sequences; what they need from the host is computed and uploaded for all of them at once."""
        if not batches:
            return
        order = np.concatenate(batches)
        ends = np.cumsum([len(indices) for indices in batches])
        starts = ends - [len(indices) for indices in batches]
        lengths = self._lengths_here[order]
        longest = np.maximum.reduceat(lengths, starts).tolist()
        shortest = np.minimum.reduceat(lengths, starts).tolist()
        uploaded = torch.from_numpy(order).to(self.device)
        for indices, start, end, most, least in zip(
            batches, starts.tolist(), ends.tolist(), longest, shortest, strict=True
        ):
            index = uploaded[start:end]
            targets = self._targets[:, :most] if self._per_step else self._targets
            yield Batch(
                inputs=self._inputs[:, :most].index_select(0, index),
                lengths=None if most == least else self._lengths.index_select(0, index),
                targets=targets.index_select(0, index),
                indices=indices,
                step_kinds=None if self._step_kinds is None else self._step_kinds[:, :most].index_select(0, index),
            )


def _repeated(indices: NDArray[np.int64], wanted: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """`wanted` indices: each equally often, but for the last round, in which some are left out; each round shuffled."""
    rounds = max(1, -(-wanted // len(indices)))
    return np.concatenate([generator.permutation(indices) for _ in range(rounds)])[:wanted]
