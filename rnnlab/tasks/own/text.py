"""A table of texts and labels: one text a row, and the class it belongs to."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from rnnlab.tasks.own.columns import text_columns
from rnnlab.tasks.own.findings import Findings, Report
from rnnlab.tasks.own.labels import LONGEST_LABEL, Labels, first_indices
from rnnlab.tasks.own.limits import MOST_ROWS, check_padded
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.words import is_missing

LONGEST_TEXT = 10_000
"""Maximum characters of a text; a longer one is cut."""


@dataclass
class Texts:
    """Texts as read: `texts` and `labels` row by row where they are kept, and the counts of all rows in any case."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rows: int = 0
    characters: int = 0
    shortest: int = 0
    longest: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """Rows of each class."""


def read_texts(
    table: Table,
    input_column: str | None,
    target_column: str | None,
    findings: Findings,
    *,
    keep: bool,
    report: Report = quiet,
) -> Texts:
    """All rows with a text and a label. Raises `Refusal` where the columns are not found."""
    text_at, label_at = text_columns(table, input_column, target_column, findings.name)
    findings.facts |= {"input_column": table.header[text_at], "target_column": table.header[label_at]}
    read = Texts()
    labels = Labels()
    seen = array("q")
    rows = characters = longest = longest_at = 0
    shortest = LONGEST_TEXT
    for number, fields in table.rows(findings, report):
        text, label = fields[text_at].strip(), fields[label_at].strip()
        if not text or (label not in labels.names and not _is_label(label, number, findings)):
            if not text:
                findings.row("missing", f"line {number}", "the text is missing")
            continue
        if rows >= MOST_ROWS:
            message = (
                f"{findings.name} has more than {MOST_ROWS:,} rows, the most that can be trained on; take a sample"
            )
            findings.stop("large", message)
            break
        length = len(text)
        if length > LONGEST_TEXT:
            message = f"a text of {length:,} characters was cut after {LONGEST_TEXT:,}"
            findings.note_at("long", f"line {number}", message)
            text, length = text[:LONGEST_TEXT], LONGEST_TEXT
        rows += 1
        characters += length
        if length < shortest:
            shortest = length
        if length > longest:
            longest, longest_at = length, number
        # Python's own hash, 64 bits: ten million rows share one by chance once in a hundred thousand files.
        seen.append(hash((text, label)))
        labels.add(label)
        if keep:
            read.texts.append(text)
            read.labels.append(label)
    read.rows, read.characters, read.longest = rows, characters, longest
    read.shortest = shortest if rows else 0
    findings.judge(read.rows)
    first = first_indices(np.frombuffer(seen, dtype=np.int64) if seen else np.zeros(0, np.int64))
    labels.judge(first, findings)
    read.counts = labels.counts()
    if read.rows > len(first):
        findings.warn(
            "duplicates",
            f"{read.rows - len(first):,} of {read.rows:,} rows repeat an earlier one, with the same text and label",
            count=read.rows - len(first),
        )
    check_padded(findings, rows, longest, characters, 1, f"line {longest_at}", "characters")
    return read


def _is_label(word: str, number: int, findings: Findings) -> bool:
    """Whether a new text can be a label; where not, it is noted."""
    if is_missing(word):
        findings.row("missing", f"line {number}", "the label is missing")
        return False
    if len(word) > LONGEST_LABEL:
        message = f"a label of {len(word):,} characters, {word[:20]!r}…; at most {LONGEST_LABEL} can be one"
        findings.row("label", f"line {number}", message)
        return False
    return True
