"""Profile of each column of a table, over the whole file: what it is made of, from which its role follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ne

from rnnlab.tasks.own.common.findings import TOLERATED, Findings, Report
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.roles.column_counts import FormCount, FormFit, StyleCount
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.cell_numbers import CellNumbers, cell_numbers
from rnnlab.tasks.own.values.dates import DateForm, dated, tell_apart
from rnnlab.tasks.own.values.numbers import Missing, NumberStyle, number_styles

MOST_COUNTED = 2000
"""Maximum number of different words of a column that are counted; of one with more only that is known."""
_SAMPLE = 1000
"""Maximum fields of the first block by which forms of numbers and dates are proposed."""
_MOST_FORMS = 3
_EXAMPLES = 3
_LONGEST_PROFILED = 200
"""Maximum characters of a field that is tried as a number or a date."""


@dataclass(frozen=True)
class ColumnProfile:
    """What a column holds. `rows` are all its fields, `missing` those that are empty or stand for no value."""

    index: int
    title: str
    titled: bool
    """Whether the title is the file's own."""
    rows: int
    missing: int
    empty: int
    counts: Mapping[str, int]
    """Rows of each word, without blanks around it; of a column with more than `MOST_COUNTED` words empty."""
    distinct: int
    """Number of different words, at most `MOST_COUNTED` + 1."""
    unique: bool
    """Whether no word stands twice (in a block of rows)."""
    runs: int
    """Number of runs of equal words; 0 where words are too many to be counted."""
    styles: tuple[NumberStyle, ...]
    """Every style in which nearly all words are numbers, the likeliest first."""
    not_number: str
    """First word that is no number in the likeliest style, where most are; empty where there is none."""
    not_number_line: int
    numbers: int
    """Words of the sample that are numbers in some style."""
    fits: tuple[FormFit, ...]
    """Forms in which nearly all words are dates, the likeliest first."""
    form: DateForm | None
    """The one form of the dates; None where there is none, and where it is a question which of `fits` it is."""
    whole: bool
    low: float
    high: float
    rising: bool
    """Whether each number is at least the one before, and the last is above the first."""
    up: float
    """Share of numbers that are above the one before."""
    falls: int
    """Numbers that are below the one before."""
    steady: bool
    """Whether the steps upwards are of nearly one size: half of them at least, a gap or a jitter of others left aside."""
    step: float
    """Step by which each number is above the one before, where that is the same everywhere; else 0."""
    letters: float
    """Share of words with letters."""
    digits: float
    """Share of words that hold a digit."""
    length: float
    """Mean characters of a word."""
    words: float
    """Mean number of parts of a field that blanks separate."""
    coded: bool
    """Whether whole numbers begin with zeros, as codes do."""
    examples: tuple[str, ...]
    sample: tuple[str, ...]
    """Words of the first rows, spread over them, in the same rows of each column."""
    standing: tuple[tuple[float, int], ...] = ()
    """Numbers that seem to stand for a missing value, and how often each does."""
    cells: CellNumbers | None = None
    """Numbers of which each field holds many; None where a field is one value."""

    @property
    def example(self) -> str:
        """A field with a value; empty where only rare ones, which were not kept, have any."""
        return self.examples[0] if self.examples else ""

    @property
    def filled(self) -> int:
        """Number of fields with a value."""
        return self.rows - self.missing

    @property
    def numeric(self) -> bool:
        """Whether the column is made of numbers."""
        return bool(self.styles) and self.filled > 0

    @property
    def counter(self) -> bool:
        """Whether each number is one more than the one before."""
        return self.numeric and self.whole and self.step == 1 and not self.missing and self.rows > 2

    @property
    def clock(self) -> bool:
        """Whether numbers rise by even steps, as a clock does."""
        return self.numeric and self.step > 0 and not self.missing and self.rows > 4

    @property
    def nearly_empty(self) -> bool:
        """Whether hardly any field has a value."""
        return self.filled <= 0.05 * self.rows

    @property
    def few(self) -> bool:
        """Whether words are few enough to be labels."""
        return 1 < self.distinct <= max(20, min(MOST_COUNTED, self.filled // 3))


def profile_table(
    table: Table, missing: Missing, findings: Findings, report: Report = quiet
) -> tuple[ColumnProfile, ...]:
    """Profiles of all columns, from one reading of the whole file.

    Nothing is noted: what is wrong is found again, and noted, when the rows are read.
    """
    profiler = Profiler(table, missing)
    for block in table.blocks(Findings(findings.name), report):
        profiler.add(block)
    return profiler.profiles()


class Profiler:
    """Accumulator of the profiles of all columns, block by block."""

    def __init__(self, table: Table, missing: Missing) -> None:
        self._columns = [_Column(index, table, missing) for index in range(table.columns)]

    def add(self, block: Block) -> None:
        """Takes one block of rows."""
        for column in self._columns:
            column.add(block)

    def profiles(self) -> tuple[ColumnProfile, ...]:
        """The profiles of all that was added."""
        return tuple(column.profile() for column in self._columns)


class _Column:
    """Accumulator of one column's profile, block by block."""

    def __init__(self, index: int, table: Table, missing: Missing) -> None:
        self.index = index
        self.title = table.header[index]
        self.titled = table.titled
        self._missing = missing
        self._rows = self._absent = self._empty = self._runs = 0
        self._counts: Counter[str] | None = Counter()
        self._distinct = 0
        self._unique = True
        self._last_word: str | None = None
        self._styles: list[StyleCount] = []
        self._forms: list[FormCount] = []
        self._sample: list[str] = []

    def add(self, block: Block) -> None:
        """Takes the fields of one block of rows."""
        words = block.columns[self.index]
        if not words:
            return
        if not self._rows:
            self._begin(block)
        self._rows += len(words)
        self._count(words)
        for style in self._styles:
            style.add(block, self.index)
        for form in self._forms:
            form.add(block, self.index)

    def _begin(self, block: Block) -> None:
        """Forms are proposed by words spread over the first block."""
        words = block.columns[self.index]
        spread = words[:: max(1, len(words) // _SAMPLE)]
        self._sample = [word.strip() for word in spread]
        short = [word if len(word) <= _LONGEST_PROFILED else "x" for word in self._sample]
        title = self.title if self.titled else ""
        styles = number_styles(short, self._missing)[:2]
        # Of two readings the one that is quick to make is made of every word, the other of some.
        first = min(styles, key=lambda style: bool(style.thousands or style.unit), default=None)
        self._styles = [StyleCount(style, self._missing, whole=style == first) for style in styles]
        found = dated(short, title)[:_MOST_FORMS]
        self._forms = [FormCount(form, self._missing, keep=len(found) > 1) for form, _ in found]
        if found and len(found[0][1]) == len(words) and short == list(words):
            # What is proposed by all words of the block has read them all.
            block.memo |= {(self.index, form): (moments, []) for form, moments in found}

    def _count(self, words: Sequence[str]) -> None:
        if self._counts is None:
            if self._unique:
                self._unique = len(set(words)) == len(words)
            return
        before = len(self._counts)
        self._counts.update(words)
        self._unique = self._unique and len(self._counts) - before == len(words)
        self._runs += sum(map(ne, words, words[1:])) + (words[0] != self._last_word)
        self._last_word = words[-1]
        self._distinct = len(self._counts)
        if self._distinct > MOST_COUNTED:
            # What follows tells only how many are empty, of which the numbers' own count knows.
            self._absent, self._empty = self._absences(self._counts)
            self._counts = None
            self._runs = 0

    def _absences(self, counts: Mapping[str, int]) -> tuple[int, int]:
        # Those of a column of numbers are counted where its numbers are read.
        absent = 0 if self._styles else sum(n for word, n in counts.items() if self._missing.is_missing(word))
        return absent, sum(rows for word, rows in counts.items() if not word or word.isspace())

    def _named(self, counts: Mapping[str, int]) -> list[str]:
        """Words that are not missing, of a column of whose sample all are."""
        return [word for word in counts if not self._missing.is_missing(word)][:_EXAMPLES]

    def profile(self) -> ColumnProfile:
        """The profile of all that was added."""
        counts: dict[str, int] = {}
        absent, empty = self._absent, self._empty
        if self._counts is not None:
            absent, empty = self._absences(self._counts)
            for word, rows in self._counts.items():
                counts[word.strip()] = counts.get(word.strip(), 0) + rows
            counts.pop("", None)
        elif self._sample:
            # Only a share of the column was searched for missing values; the sample tells the rest.
            share = sum(map(self._missing.is_missing, self._sample)) / len(self._sample)
            absent = max(absent, round(share * self._rows))
        first = next((style for style in self._styles if style.every), None)
        if first is not None:
            absent = first.missing
        filled = max(1, self._rows - absent)
        styles = [style for style in self._styles if style.failed <= TOLERATED * max(1, style.words)]
        numbers = first if first in styles else next(iter(styles), None)
        forms = [form for form in self._forms if form.failed <= TOLERATED * filled]
        present = [word for word in self._sample if not self._missing.is_missing(word)]
        return ColumnProfile(
            index=self.index,
            title=self.title,
            titled=self.titled,
            rows=self._rows,
            missing=absent,
            empty=empty,
            counts=dict(sorted(counts.items(), key=lambda pair: -pair[1])),
            distinct=len(counts) if self._counts is not None else MOST_COUNTED + 1,
            unique=self._unique and self._rows > 1,
            runs=self._runs,
            styles=tuple(style.style for style in styles),
            not_number=first.word if first else "",
            not_number_line=first.line if first else 0,
            numbers=sum(any(map(str.isdigit, word)) for word in present),
            fits=tuple(form.fit() for form in forms),
            form=tell_apart(
                [form.form for form in forms], [form.moments() for form in forms] if len(forms) > 1 else []
            ),
            whole=numbers.whole if numbers else False,
            low=numbers.low if numbers else 0.0,
            high=numbers.high if numbers else 0.0,
            rising=numbers.rising if numbers else False,
            up=numbers.up if numbers else 0.0,
            falls=numbers.falls if numbers else 0,
            steady=bool(numbers and numbers.steady),
            step=numbers.even_step if numbers else 0.0,
            letters=_share(present, str.isalpha),
            digits=_share(present, str.isdigit),
            length=sum(map(len, present)) / max(1, len(present)),
            words=sum(len(word.split()) for word in present) / max(1, len(present)),
            coded=_coded(present),
            examples=tuple(dict.fromkeys(present or self._named(counts)))[:_EXAMPLES],
            sample=tuple(self._sample),
            standing=numbers.stand_ins() if numbers else (),
            cells=cell_numbers(present),
        )


def _share(words: Sequence[str], kind: object) -> float:
    """Share of the words that hold a character of a kind."""
    test = kind if callable(kind) else str.isalpha
    return sum(any(map(test, word[:_LONGEST_PROFILED])) for word in words) / len(words) if words else 0.0


def _coded(words: Sequence[str]) -> bool:
    """Whether digits alone are written with zeros before them: `007`, `0110`."""
    return any(len(word) > 1 and word[0] == "0" and word.isdigit() for word in words) and all(map(str.isdigit, words))
