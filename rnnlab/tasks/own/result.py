"""Result of reading a user's own file: what it holds, and the function that splits it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from rnnlab.config import RunConfig
from rnnlab.tasks.encoding.words import LONGEST_WORDS
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.common.limits import check_padded, check_tokens, cut_after
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.layouts.windowing import CutSequences, Windowing
from rnnlab.tasks.own.series import SeriesTable, check_windows
from rnnlab.tasks.own.splits import sequence_split, series_split, text_split
from rnnlab.tasks.own.text import Texts
from rnnlab.tasks.own.text_tokens import TokenKind, token_kind
from rnnlab.tasks.splitting.types import TEST, TRAIN, VALIDATION, Split


@dataclass
class Reading:
    """Result of reading a file. `make` builds the split; `kind` is known even where the rest is not."""

    given: frozenset[str] = frozenset()
    """Keys of the settings that a person has set, as far as they are known."""
    kind: OwnKind | None = None
    problem: str = ""
    """`classification`, `regression` or `forecasting`, once the targets are read."""
    rows: int = 0
    tested: int = 0
    """Rows of the test set that comes with the file."""
    validated: int = 0
    """Rows of the validation set that comes with it."""
    classes: Counter[str] = field(default_factory=Counter)
    only_tested: tuple[str, ...] = ()
    """Classes of those sets that the training rows lack."""
    channels: int = 0
    """Numbers at each step of sequences of measurements."""
    shortest: int = 0
    longest: int = 0
    mean: float = 0.0
    window: Windowing | None = None
    """Windows that were cut from longer recordings."""
    suiting_tokens: TokenKind | Literal[""] = ""
    """What would be chosen for texts, whatever `data.tokens` says."""
    tokens: TokenKind | Literal[""] = ""
    """What a net reads of texts; empty for all else."""
    sequences: Sequences | None = None
    """The sequences that were read, where they are kept."""
    make: Callable[[RunConfig], Split] | None = None

    def take_texts(self, texts: Texts, config: RunConfig, findings: Findings, keep: bool) -> None:
        """Take texts with their labels."""
        self.tested = texts.tested
        self.only_tested = texts.only_tested
        self.problem = "classification"
        self.rows, self.classes = texts.rows, texts.counts
        rows = max(1, texts.rows)
        self.tokens = tokens = token_kind(config.data.tokens, texts.rows, texts.sentences)
        self.suiting_tokens = token_kind("auto", texts.rows, texts.sentences)
        words = texts.words / rows
        findings.facts["tokens"] = {"kind": tokens, "words": round(words, 2), "chosen": config.data.tokens == "auto"}
        if tokens == "words":
            longest = min(texts.most_words, cut_after(rows, texts.words, LONGEST_WORDS))
            self.shortest, self.longest, self.mean = texts.fewest_words, longest, words
            check_tokens(findings, rows, longest, texts.words)
        else:
            self.shortest, self.longest, self.mean = texts.shortest, texts.longest, texts.characters / rows
            check_padded(findings, rows, texts.longest, texts.characters, 1, texts.longest_at, "characters")
        if keep:
            self.make = lambda config: text_split(texts, tokens, findings, config)

    def take_series(self, series: SeriesTable, config: RunConfig, findings: Findings, keep: bool) -> None:
        """Take a series to forecast."""
        data = config.data
        self.problem = "forecasting"
        if data.problem == "classes":
            findings.stop(
                "target",
                f"data.problem = classes does not suit {findings.name}, a series whose next values are forecast; set it to auto",
            )
        if data.folds is not None:
            findings.stop(
                "split",
                f"data.folds = {data.folds} does not suit {findings.name}, a series whose next values are forecast and which is "
                "split by time; set it to none",
            )
        self.rows = self.shortest = self.longest = series.steps
        self.mean = float(series.steps)
        check_windows(findings, series.steps, series.channels, data)
        if keep:
            self.make = lambda config: series_split(series, findings, config)

    def take_sequences(self, sequences: Sequences, findings: Findings, keep: bool, group: str = "") -> None:
        """Take sequences with their targets; `group` is what their groups are."""
        self.problem = "classification" if sequences.classifies else "regression"
        self.rows, self.classes = sequences.rows, sequences.labels.counts()
        self.tested, self.validated = sequences.count(TEST), sequences.count(VALIDATION)
        held_out = self.tested + self.validated
        if sequences.classifies and 0 < held_out < sequences.rows:
            self.only_tested = sequences.labels.only_among(np.frombuffer(sequences.given, dtype=np.int8) != TRAIN)
        self.channels = sequences.channels
        self.shortest, self.longest = sequences.shortest, sequences.longest
        self.mean = sequences.steps / sequences.rows if sequences.rows else 0.0
        if keep:
            self.sequences = sequences
            self.make = lambda config: sequence_split(sequences, findings, config, group, self.kind or "arrays")

    def take_cut(self, cut: CutSequences, findings: Findings, keep: bool) -> None:
        """Take whole recordings, or windows of them."""
        self.window = cut.windows
        self.take_sequences(cut.sequences, findings, keep, cut.group)
