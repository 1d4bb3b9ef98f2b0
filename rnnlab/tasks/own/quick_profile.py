"""Profile of each column of a table, over the whole file."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnlab.tasks.own.column_blocks import column_blocks, numbers_of
from rnnlab.tasks.own.findings import Findings, Report
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.words import is_missing

MOST_COUNTED = 2000


@dataclass
class ColumnProfile:
    """What a column holds."""

    index: int
    title: str
    rows: int = 0
    missing: int = 0
    not_numbers: int = 0
    runs: int = 0
    words_found: set[str] | None = field(default_factory=set)
    unique: bool = True
    whole: bool = True
    rising: bool = True
    step_one: bool = True
    letters_found: int = 0
    length_found: int = 0
    last: float = float("-inf")
    last_word: str = ""

    @property
    def distinct(self) -> int:
        """Number of different words, at most `MOST_COUNTED` + 1."""
        return MOST_COUNTED + 1 if self.words_found is None else len(self.words_found)

    @property
    def filled(self) -> int:
        """Number of fields with a value."""
        return self.rows - self.missing

    @property
    def numeric(self) -> bool:
        """Whether the column is made of numbers."""
        return self.filled > 0 and self.not_numbers <= 0.05 * self.filled

    @property
    def counter(self) -> bool:
        """Whether the column counts the rows."""
        return self.numeric and self.whole and self.step_one and not self.missing and self.rows > 2

    @property
    def letters(self) -> float:
        """Share of words with letters."""
        return self.letters_found / max(1, self.rows)

    @property
    def length(self) -> float:
        """Mean characters of a word."""
        return self.length_found / max(1, self.rows)

    @property
    def few(self) -> bool:
        """Whether words are few enough to be labels."""
        return 1 < self.distinct <= max(20, min(MOST_COUNTED, self.filled // 3))

    def add(self, words: list[str], decimal_comma: bool) -> None:
        """The next rows' fields."""
        self.rows += len(words)
        different = set(words)
        self.missing += sum(map(is_missing, words))
        self.unique = self.unique and len(different) == len(words)
        if self.words_found is not None:
            self.words_found |= {word.strip() for word in different if not is_missing(word)}
            if len(self.words_found) > MOST_COUNTED:
                self.words_found = None
        self.runs += sum(a != b for a, b in zip([self.last_word, *words[:-1]], words, strict=True))
        self.last_word = words[-1]
        self.letters_found += sum(any(c.isalpha() for c in word) for word in words)
        self.length_found += sum(map(len, words))
        values, wrong = numbers_of(words, decimal_comma)
        self.not_numbers += len(wrong)
        known = values[~np.isnan(values)]
        if not len(known):
            return
        self.whole = self.whole and bool((known == np.floor(known)).all())
        steps = np.diff(np.concatenate(([self.last], known))) if np.isfinite(self.last) else np.diff(known)
        self.rising = self.rising and bool((steps >= 0).all())
        self.step_one = self.step_one and bool((steps == 1).all())
        self.last = float(known[-1])


def profile_table(table: Table, findings: Findings, report: Report = quiet) -> tuple[ColumnProfile, ...]:
    """Profiles of all columns, from one reading of the whole file."""
    columns = [ColumnProfile(index, title) for index, title in enumerate(table.header)]
    for block in column_blocks(table, Findings(findings.name), report):
        for column, words in zip(columns, block.columns, strict=True):
            column.add(list(words), table.decimal_comma)
    return tuple(columns)
