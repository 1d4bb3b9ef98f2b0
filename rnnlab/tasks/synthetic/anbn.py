"""aⁿbⁿ: as many b as there were a, the simplest language that a machine without a counter cannot learn.

Gers and Schmidhuber 2001, LSTM recurrent networks learn simple context-free and context-sensitive languages, IEEE
Transactions on Neural Networks 12(6). A sequence starts with S; the target of each step is the next symbol of
a…a b…b T. After S the next is an a; while a are read it may be an a or a b, nobody can know, so these steps have no target
(the paper counts either as right); from the first b on everything is determined: n - 1 more b, then T. A net that repeats
its input is right at all of these but the last, whose target is T: the accuracy there is reported as `end`, that of the
others as `inside`. The paper accepts a sequence where both are right throughout.

The sequences of n = 1 … N are trained on (N is `data.steps`), those of the next half of N are validated on, and those of
the half after that are tested: a net that has memorised the training sequences fails there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import shown_as_text, tokens_of
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.tasks.synthetic.generate import check_size

SYMBOLS = "Sab"
CLASSES = ("a", "b", "T")
STEP_KINDS = ("inside", "end")
"""Steps whose target is an a or a b, and the one whose target is T."""
MOST = 2000


def make(counts: Sequence[int]) -> Subset:
    """Sequences of these n: tokens (rows, 1 + 2 n), the next symbol where it is determined, with the kinds of `STEP_KINDS`."""
    n = np.asarray(counts, dtype=np.int64)[:, None]
    step = np.arange(1 + 2 * int(n.max()))
    a, b, end = (step >= 1) & (step <= n), (step > n) & (step <= 2 * n), step > 2 * n
    inputs = np.select([a, b, end], [2, 3, 0], default=1).astype(np.int32)
    targets = np.select([step == 0, a, step < 2 * n, step == 2 * n], [0, -1, 1, 2], default=-1)
    step_kinds = np.where(step == 2 * n, STEP_KINDS.index("end"), STEP_KINDS.index("inside"))
    return Subset(inputs, 1 + 2 * n[:, 0], targets.astype(np.int64), step_kinds.astype(np.int8), rows=n[:, 0])


def load(config: RunConfig) -> Split:
    """Split with n = 1 … N for training, and larger n for validation, test and further tests. Raises `UsageError`."""
    check_size(config, least_steps=4)
    longest = config.data.steps
    if longest > MOST:
        raise ConfigError("data.steps", longest, f"at most {MOST} for the task anbn: all n up to it are trained on")
    validated = range(longest + 1, longest + longest // 2 + 1)
    tested = range(validated.stop, validated.stop + longest // 2)
    if known := [steps for steps in config.data.test_steps or () if steps < tested.stop]:
        raise UsageError(
            f"data.test_steps = {known[0]} is no longer test: n up to {tested.stop - 1} is trained, validated or tested on "
            "already"
        )
    return Split(
        card=TASKS["anbn"],
        train=make(range(1, longest + 1)),
        validation=make(validated),
        test=make(tested),
        input_size=len(SYMBOLS) + 1,
        outputs=len(CLASSES),
        classes=CLASSES,
        symbols=SYMBOLS,
        show_input=shown_as_text(SYMBOLS),
        step_kind_names=STEP_KINDS,
        extra={f"n = {n}": make([n]) for n in dict.fromkeys(config.data.test_steps or ())},
        notes=(
            f"trained on n = 1 to {longest}, validated on {validated.start} to {validated.stop - 1}, "
            f"tested on {tested.start} to {tested.stop - 1}",
        ),
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed beginning such as `Saaab`; the S may be left out. Raises `UsageError`."""
    typed = "".join(text.split())
    if not typed or set(typed.removeprefix("S")) - {"a", "b"}:
        raise UsageError(f"{text.strip()[:40]!r} is no beginning of a sequence; type some a and b, such as aaabb")
    return tokens_of("S" + typed.removeprefix("S"), summary.symbols)
