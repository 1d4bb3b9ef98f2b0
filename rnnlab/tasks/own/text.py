"""A table of texts and labels: one text a row, and the class it belongs to."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnlab.tasks.own.common.findings import Findings, Report
from rnnlab.tasks.own.common.labels import LONGEST_LABEL, Labels, first_rows
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.roles.column_roles import Roles
from rnnlab.tasks.own.tables.paired_table import PairedTable
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.text_tokens import FEWEST_WORDS, blanks_of

LONGEST_TEXT = 10_000
"""Maximum characters of a text; a longer one is cut."""


@dataclass
class Texts:
    """Texts as read: `texts` and `labels` row by row where they are kept, and the counts of all rows in any case."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rows: int = 0
    words: int = 0
    """Blank-separated words of all rows."""
    sentences: int = 0
    """Rows with `FEWEST_WORDS` of them."""
    fewest_words: int = 0
    most_words: int = 0
    characters: int = 0
    shortest: int = 0
    longest: int = 0
    longest_at: str = ""
    """Its place in the file."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows of each class."""
    tested: int = 0
    """Rows of the test set that comes with the data; they are the last."""
    only_tested: tuple[str, ...] = ()
    """Classes of that test set that the training rows lack."""


def read_texts(
    table: Table,
    roles: Roles,
    findings: Findings,
    *,
    keep: bool,
    report: Report = quiet,
    test: PairedTable | None = None,
) -> Texts:
    """All rows with a text and a label, and after them those of `test`, the test set that comes with the data."""
    assert roles.text is not None
    assert roles.label is not None
    findings.facts |= {"input_column": table.header[roles.text], "target_column": table.header[roles.label]}
    reader = _Reader(roles, findings, keep)
    for block in table.blocks(findings, report):
        reader.add(block.lines, block.columns[roles.text], block.columns[roles.label])
    if test is not None:
        reader.begin_test(test.name)
        for block in test.blocks(findings, report):
            reader.add(block.lines, block.columns[roles.text], block.columns[roles.label])
    return reader.finish()


class _Reader:
    """Reader of texts and labels, block by block."""

    def __init__(self, roles: Roles, findings: Findings, keep: bool) -> None:
        self._roles = roles
        self._findings = findings
        self._keep = keep
        self._texts: list[str] = []
        self._labels = Labels()
        self._judged: dict[str, str] = {}
        """Why a word is no label, of each that was met; empty where it is one."""
        self._seen = array("q")
        self._read = Texts()
        self._trained: int | None = None
        """Rows before those of the test set."""
        self._prefix = ""

    def begin_test(self, name: str) -> None:
        """What is added from here on is the test set, in the file `name`."""
        self._trained = self._read.rows
        self._prefix = f"{name} "

    def add(self, lines: Sequence[int], texts: Sequence[str], labels: Sequence[str]) -> None:
        """Takes the fields of one block of rows."""
        texts, labels = list(map(str.strip, texts)), list(map(str.strip, labels))
        for word in set(labels).difference(self._judged):
            self._judged[word] = self._no_label(word)
        wrong = {word for word, reason in self._judged.items() if reason}
        if (wrong and not wrong.isdisjoint(labels)) or not all(texts):
            lines, texts, labels = self._without(lines, texts, labels, wrong)
        if not texts:
            return
        lengths = list(map(len, texts))
        if max(lengths) > LONGEST_TEXT:
            self._cut(lines, texts, lengths)
        read = self._read
        read.rows += len(texts)
        read.characters += sum(lengths)
        blanks = Counter(blanks_of(texts))
        read.words += sum(count * rows for count, rows in blanks.items()) + len(texts)
        read.sentences += sum(rows for count, rows in blanks.items() if count >= FEWEST_WORDS - 1)
        read.fewest_words = min(read.fewest_words or LONGEST_TEXT, min(blanks) + 1)
        read.most_words = max(read.most_words, max(blanks) + 1)
        read.shortest = min(read.shortest or LONGEST_TEXT, *lengths, LONGEST_TEXT)
        if (longest := max(lengths)) > read.longest:
            read.longest, read.longest_at = longest, f"{self._prefix}line {lines[lengths.index(longest)]}"
        numbers = self._labels.add_all(labels)
        # Python's own hash, 64 bits: ten million rows share one by chance once in a hundred thousand files.
        self._seen.extend(map(hash, zip(texts, numbers, strict=True)))
        if self._keep:
            self._texts += texts

    def _no_label(self, word: str) -> str:
        if not self._roles.is_label(word):
            return "the label is missing"
        if len(word) > LONGEST_LABEL:
            return f"a label of {len(word):,} characters, {word[:20]!r}…; at most {LONGEST_LABEL} can be one"
        return ""

    def _without(
        self, lines: Sequence[int], texts: Sequence[str], labels: Sequence[str], wrong: set[str]
    ) -> tuple[list[int], list[str], list[str]]:
        """The rows that have a text and a label; the others are noted."""
        kept: list[tuple[int, str, str]] = []
        for line, text, label in zip(lines, texts, labels, strict=True):
            if not text:
                self._findings.row("missing", f"{self._prefix}line {line}", "the text is missing")
            elif label in wrong:
                reason = self._judged[label]
                kind = "label" if reason.startswith("a label") else "missing"
                self._findings.row(kind, f"{self._prefix}line {line}", reason)
            else:
                kept.append((line, text, label))
        return [row[0] for row in kept], [row[1] for row in kept], [row[2] for row in kept]

    def _cut(self, lines: Sequence[int], texts: list[str], lengths: list[int]) -> None:
        """Cuts the texts that are too long."""
        for row, length in enumerate(lengths):
            if length > LONGEST_TEXT:
                message = f"a text of {length:,} characters was cut after {LONGEST_TEXT:,}"
                self._findings.note_at("long", f"{self._prefix}line {lines[row]}", message)
                texts[row], lengths[row] = texts[row][:LONGEST_TEXT], LONGEST_TEXT

    def finish(self) -> Texts:
        """The texts read, once all rows are checked."""
        read, findings = self._read, self._findings
        findings.judge(read.rows)
        first = first_rows(np.frombuffer(self._seen, dtype=np.int64) if self._seen else np.zeros(0, np.int64))
        self._labels.judge(first, findings)
        repeats = read.rows - int(np.count_nonzero(first))
        read.counts = self._labels.counts()
        if self._trained is not None:
            self._judge_test(self._trained)
        if self._keep:
            names = list(self._labels.names)
            read.texts = self._texts
            read.labels = [names[number] for number in self._labels.numbers().tolist()] if self._fits() else []
        if repeats:
            findings.warn(
                "duplicates",
                f"{repeats:,} of {read.rows:,} rows repeat an earlier one, with the same text and label",
                count=repeats,
            )
        return read

    def _judge_test(self, trained: int) -> None:
        """Notes what is wrong with a test set that comes with the data."""
        read, findings = self._read, self._findings
        read.tested = read.rows - trained
        seen = np.frombuffer(self._seen, dtype=np.int64)
        tested = np.arange(read.rows) >= trained
        if not trained:
            findings.stop("few rows", f"{findings.name} has test rows alone, and nothing to train on")
        shared = int(np.isin(seen[:trained], seen[trained:]).sum())
        if shared:
            findings.warn("leak", f"{shared:,} training rows are test rows too, and are not trained on", count=shared)
        if 0 < trained < read.rows:
            read.only_tested = self._labels.only_among(tested)

    def _fits(self) -> bool:
        """Whether all classes have a name; of far too many they have not, and nothing is trained on."""
        return len(self._labels.numbers()) == 0 or int(self._labels.numbers().max()) < len(self._labels.names)
