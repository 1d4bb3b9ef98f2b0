"""Common functions of generated tasks: random generators, keys, and test sets of other lengths.

The sequences of a task and a length are the same in every run; only the split depends on a seed, so that runs over
seeds are comparable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.encoding.tokens import shown_as_text
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset

TEST_ROWS = 1000
"""Number of sequences of each further test set."""
_MOST_STEPS = 200_000_000
"""Maximum steps of all sequences together: some gigabytes of arrays."""


def draws(task: str, *numbers: int) -> np.random.Generator:
    """Random generator of a task's sequences, by their length and number."""
    digest = hashlib.blake2b(f"{task} {numbers}".encode(), digest_size=8).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def check_size(config: RunConfig, least_steps: int, *, around: int = 0) -> None:
    """Raises `ConfigError` for a length below the least or an impossible number of steps in all.

    `around` is the number of steps that a sequence has beside those of `data.steps`.
    """
    data, task = config.data, config.task.name
    for key, steps in (("data.steps", data.steps), *(("data.test_steps", steps) for steps in data.test_steps or ())):
        if steps < least_steps:
            raise ConfigError(key, steps, f"at least {least_steps} for the task {task}")
    longest = max(data.steps, *(data.test_steps or (0,))) + around
    if max(data.rows, TEST_ROWS) * longest > _MOST_STEPS:
        raise UsageError(
            f"data.rows = {data.rows:,} sequences of up to {longest:,} steps are more than the "
            f"{_MOST_STEPS:,} steps that fit in memory; lower data.rows, data.steps or data.test_steps"
        )


def further_subsets(
    config: RunConfig, make: Callable[[np.random.Generator, int, int], Subset], named: str = "{} steps"
) -> dict[str, Subset]:
    """Further test sets of `TEST_ROWS` sequences, one for each length of `data.test_steps`, by name.

    `make(draw, rows, steps)` makes a subset; `named` is the pattern of its name.
    """
    return {
        named.format(steps): make(draws(config.task.name, steps, TEST_ROWS), TEST_ROWS, steps)
        for steps in dict.fromkeys(config.data.test_steps or ())
    }


def dataset_of_symbols(subset: Subset, symbols: str, classes: tuple[str, ...], further: dict[str, Subset]) -> Dataset:
    """Dataset of generated tokens: symbol i of `symbols` is token i + 1, 0 is padding; `further` are its other test sets."""
    return Dataset(
        inputs=subset.inputs,
        lengths=subset.lengths,
        targets=subset.targets,
        keys=array_keys(subset.inputs),
        input_size=len(symbols) + 1,
        outputs=len(classes),
        classes=classes,
        symbols=symbols,
        extra=further,
        show_input=shown_as_text(symbols),
    )


def array_keys(inputs: NDArray[np.float32] | NDArray[np.int32]) -> list[str]:
    """Key of each row, equal for equal rows: a digest of its bytes."""
    return [hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in np.ascontiguousarray(inputs)]
