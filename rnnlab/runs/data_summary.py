"""Summary of a run's data: all that is needed to draw it and to predict with it, without the data set."""

from __future__ import annotations

from typing import Literal

import msgspec

from rnnlab.runs.event_numbers import Count, Real


class ExtraTest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A further test set: sequences of another length, or the first steps of each test sequence (a prefix).

    `steps` is that length as `data.test_steps` counts it, or the number of first steps read.
    """

    kind: Literal["length", "prefix"]
    steps: Count
    rows: Count
    trained: Count = 0
    """Of a length: how many of its sequences are among the training sequences, too."""
    outside: Count = 0
    """Of a length: how many of its targets lie outside the range of the training targets, so that the output must extrapolate."""
    ended: Count = 0
    """Of prefixes: how many of the test sequences have ended by then, and are read whole."""
    baseline: Real | None = None
    """Score of the best constant prediction on it, fitted on the training rows, under the task's metric."""


class DataSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The data of a run: all that is needed to draw it and to predict with it, without the data set.

    `rows` counts the rows of each split, `class_counts` those of each class in each split. `baseline` is the score of the
    simplest baseline on each split under the task's metric (majority class; the mean), `baseline_name` its name. `symbols` are
    the characters of the alphabet: symbol i is token i + 1, token 0 is anything else; of texts read word by word there is a
    `vocabulary` in their place, of which logs of older versions have none. `scale` holds what numbers were divided
    by or shifted with, by name.
    """

    task: str
    title: str
    problem: str
    metric: str
    higher_is_better: bool
    classes: tuple[str, ...] = ()
    rows: dict[str, Count] = {}
    class_counts: dict[str, tuple[Count, ...]] = {}
    longest: Count = 0
    input_size: Count = 0
    outputs: Count = 0
    symbols: str = ""
    vocabulary: tuple[str, ...] = ()
    scale: dict[str, Real] = {}
    baseline: dict[str, Real] = {}
    baseline_name: str = ""
    baselines: dict[str, dict[str, Real]] = {}
    """All baselines, by name and split, `baseline` among them."""
    extra: dict[str, ExtraTest] = {}
    """The further test sets, by name; logs of older versions have none."""
    split: str = ""
    """How the rows were split, as in `data.split`."""
    leaks: dict[str, Count] = {}
    """What training shares with validation and test, by kind (`rows`, `people`, `windows`, `future`); only what is there."""
    notes: tuple[str, ...] = ()
    """What the loader did that a person should know."""
    columns: dict[str, tuple[str, ...]] = {}
    """Titles of the columns of a person's own table, by their role (text, label, date, input, forecast), so that another file
    is read as this one was; logs of older versions have none."""
    unit: str = ""
    fingerprint: str = ""
    """SHA-256 of the arrays: two runs with the same one saw the same rows in the same splits."""
    evaluated: str = ""
    """SHA-256 of the classes and of the targets of validation and test: equal for two runs whose figures compare."""
    fold_set: str = ""
    """SHA-256 of the rows and the folds they are in: equal for the runs of one cross-validation; empty without folds."""

    @property
    def reads_tokens(self) -> bool:
        """Whether the net reads tokens, characters or words, and no values."""
        return bool(self.symbols or self.vocabulary)

    def counts_of(self, subset: str) -> tuple[int, ...]:
        """The sequences of each class in a subset; empty where there is not one count for each class, as in a stranger's log."""
        counts = self.class_counts.get(subset, ())
        return counts if len(counts) == len(self.classes) else ()
