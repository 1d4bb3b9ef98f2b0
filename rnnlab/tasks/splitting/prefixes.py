"""Test sets of prefixes: the first steps of each test sequence, for the accuracy of an early decision.

A net reads a prefix as if the sequence ended there, so that the figure is that of a decision after so many steps, whatever
the net: one that reads both ways, or all steps at once, has not seen the rest either. A sequence that ends before is read
whole: its decision has been made.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.runs.normalised import PER_SEQUENCE
from rnnlab.tasks.splitting.normalise import normalised_each
from rnnlab.tasks.splitting.types import Split, Subset


def prefix_name(steps: int) -> str:
    """Name of the test set of prefixes of so many steps."""
    return "first step" if steps == 1 else f"first {steps} steps"


def with_prefixes(split: Split, config: RunConfig) -> Split:
    """The split with a further test set for each length of `data.test_prefixes`.

    Raises `ConfigError` where no test sequence is longer, and `UsageError` where the targets are no classes of whole
    sequences, or the inputs are companded, which takes the whole sequence.
    """
    asked = dict.fromkeys(config.data.test_prefixes or ())
    if not asked:
        return split
    longest = int(split.test.lengths.max())
    if split.card.problem != "classification":
        raise UsageError(
            "data.test_prefixes is of early decisions on the class of a sequence, and there is no number that a prefix "
            "has to predict; set it to none"
        )
    if config.data.compand:
        raise UsageError("data.test_prefixes needs data.compand = 0: companding takes the mean of the whole sequence")
    if whole := [steps for steps in asked if steps >= longest]:
        raise ConfigError(
            "data.test_prefixes",
            whole[0],
            f"below {longest}, the steps of the longest test sequence: that is no prefix",
        )
    each = PER_SEQUENCE in split.scale
    return replace(split, extra=split.extra | {prefix_name(k): prefixes(split.test, k, each=each) for k in asked})


def prefixes(subset: Subset, steps: int, *, each: bool = False) -> Subset:
    """The first `steps` steps of each row. `each`: the rows are normalised one by one, so that a prefix is once more.

    (Normalising is affine: a normalised row's prefix, normalised, is the prefix of the row as published, normalised.)
    """
    cut = replace(subset, inputs=subset.inputs[:, :steps].copy(), lengths=np.minimum(subset.lengths, steps))
    return normalised_each(cut) if each else cut
