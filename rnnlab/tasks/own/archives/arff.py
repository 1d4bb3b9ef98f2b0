r"""The `.arff` files of Weka and of the UCR and UEA archives: attributes with their types, then a case a line.

Described at https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/. A relational attribute holds a whole table
in one field, as in the multivariate sets of the archive: a line for each dimension, with `\n` between them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.labels import LONGEST_LABEL
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import Source, chunks, lines
from rnnlab.tasks.own.values.number_values import plain_numbers
from rnnlab.tasks.own.values.numbers import number_of

MOST_ATTRIBUTES = 110_000
_CLASSES = ("class", "target", "label")
_NUMERIC = frozenset(("numeric", "real", "integer"))
_ATTRIBUTE = re.compile(r"@attribute\s+('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s{]+)\s*(.*)", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\'\",]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Attribute:
    """One attribute: its name, its type (`numeric`, `nominal`, `string`, `date`, `relational`), and its classes."""

    name: str
    type: str
    classes: tuple[str, ...] = ()
    inner: tuple[Attribute, ...] = ()
    """Of a relational one: the attributes of its lines."""


@dataclass
class ArffHeader:
    """The attributes, and the line at which the data begin."""

    attributes: list[Attribute] = field(default_factory=list)
    first: int = 0

    @property
    def relational(self) -> int | None:
        """Index of the relational attribute, where there is one."""
        return next((index for index, one in enumerate(self.attributes) if one.type == "relational"), None)

    @property
    def label(self) -> int | None:
        """Index of the class: the attribute that is called so, or the last one where it is nominal."""
        named = [index for index, one in enumerate(self.attributes) if one.name.lower() in _CLASSES]
        if named:
            return named[-1]
        nominal = [index for index, one in enumerate(self.attributes) if one.type == "nominal"]
        return nominal[-1] if nominal and (len(nominal) == 1 or nominal[-1] == len(self.attributes) - 1) else None

    @property
    def several_labels(self) -> bool:
        """Whether the last attributes are labels of one row, each with the same classes."""
        last = self.attributes[-2:]
        return len(last) == 2 and last[0].type == last[1].type == "nominal" and last[0].classes == last[1].classes


def read_header(source: Source, findings: Findings) -> ArffHeader:
    """The header of the file. Raises `Refusal` where it is none."""
    header = ArffHeader()
    stack: list[list[Attribute]] = [header.attributes]
    names: list[str] = []
    for number, raw in lines(source, Findings(findings.name)):
        line = raw.strip()
        if not line or line.startswith("%") or line.lower().startswith("@relation"):
            continue
        lower = line.lower()
        if lower.startswith("@data"):
            header.first = number + 1
            break
        if lower.startswith("@end") and len(stack) > 1:
            inner = stack.pop()
            stack[-1].append(Attribute(names.pop(), "relational", inner=tuple(inner)))
            continue
        match = _ATTRIBUTE.match(line)
        if match is None:
            raise Refusal(
                "format", f"{findings.name} is not an .arff file: line {number} is no @attribute", f"line {number}"
            )
        name, kind = _unquoted(match[1]), match[2].strip()
        if kind.lower() == "relational":
            stack.append([])
            names.append(name)
            continue
        stack[-1].append(_attribute(name, kind))
        if len(stack[-1]) > MOST_ATTRIBUTES:
            raise Refusal("columns", f"{findings.name} has more than {MOST_ATTRIBUTES:,} attributes")
    if not header.first or not header.attributes:
        raise Refusal("format", f"{findings.name} is not an .arff file: it has no line @data below its attributes")
    return header


def _attribute(name: str, kind: str) -> Attribute:
    if kind.startswith("{"):
        return Attribute(name, "nominal", tuple(word.strip() for word in fields_of(kind.strip("{} \t"))))
    word = kind.split()[0].lower() if kind else "string"
    return Attribute(name, "numeric" if word in _NUMERIC else word if word == "date" else "string")


def _unquoted(word: str) -> str:
    return fields_of(word)[0] if word[:1] in "'\"" else word


def fields_of(line: str, most: int = sys.maxsize) -> list[str]:
    """Fields of a line, parted by commas; quoted ones may hold commas, and a backslash escapes the next character.

    Of a line of more than `most` fields, which is no row, one more than these.
    """
    if "'" not in line and '"' not in line and "\\" not in line:
        return [word.strip() for word in line.split(",")]
    found: list[str] = []
    word: list[str] = []
    quote, begun, position = "", False, 0
    while (match := _SPECIAL.search(line, position)) is not None:
        plain = line[position : match.start()]
        word.append(plain)
        begun = begun or bool(plain.strip())
        char, position = match.group(), match.end()
        if char == "\\":
            word.append(_ESCAPES.get(line[position : position + 1], line[position : position + 1]))
            begun = True
            position += 1
        elif quote:
            if char == quote:
                quote = ""
            else:
                word.append(char)
        elif char == ",":
            found.append("".join(word).strip())
            if len(found) > most:
                return found
            word, begun = [], False
        elif not begun:
            quote, word, begun = char, [], True
        else:
            word.append(char)
    word.append(line[position:])
    found.append("".join(word).strip())
    return found


def count_text(fields: Sequence[str]) -> str:
    """How many fields a line has, of which no more than `MOST_ATTRIBUTES` were parted."""
    return f"{len(fields):,}" if len(fields) <= MOST_ATTRIBUTES else f"over {MOST_ATTRIBUTES:,}"


def data_lines(source: Source, header: ArffHeader, findings: Findings, report: Report) -> Iterator[tuple[int, str]]:
    """The lines of the data with their numbers. Raises `Refusal` where they are sparse."""
    yield from _data(lines(source, findings, report), header, findings)


def _data(numbered: Iterable[tuple[int, str]], header: ArffHeader, findings: Findings) -> Iterator[tuple[int, str]]:
    """Those of the lines that hold data. Raises `Refusal` where they are sparse."""
    for number, raw in numbered:
        if number < header.first:
            continue
        line = raw.strip()
        if not line or line.startswith("%"):
            continue
        if line.startswith("{"):
            raise Refusal(
                "format",
                f"{findings.name} holds sparse data ({{index value, …}}), which are not read; save them in full, with Weka's "
                "filter SparseToNonSparse",
                f"line {number}",
            )
        yield number, line


def read_relational(
    source: Source, header: ArffHeader, sequences: Sequences, findings: Findings, report: Report, *, tested: bool
) -> None:
    """Adds every case of a file whose sequences stand in a relational attribute."""
    at, label_at = header.relational, header.label
    assert at is not None
    if label_at is None:
        raise Refusal("no target", f"{findings.name} has no nominal attribute, and so no classes")
    prefix = f"{source.path.name} " if tested else ""
    inner = header.attributes[at].inner
    across = _numbered([attribute.name for attribute in inner])
    batch = RowBatch(sequences, test=tested)
    for numbers, block in chunks(source, findings, report):
        try:
            for number, line in _data(zip(numbers, block, strict=True), header, findings):
                where = f"{prefix}line {number}"
                words = fields_of(line, MOST_ATTRIBUTES)
                whole = len(words) == len(header.attributes)
                label = words[label_at] if whole else ""
                values = _plain_bag(words[at], len(inner)) if whole and _is_label(label) else None
                if values is None:
                    values = _judged_bag(words, header.attributes, (at, label_at), batch, where)
                if values is not None:
                    batch.add(values.T if across else values, label, where)
        finally:
            batch.flush()


def _is_label(word: str) -> bool:
    return 0 < len(word) <= LONGEST_LABEL and word != "?"


def _judged_bag(
    words: list[str], attributes: list[Attribute], roles: tuple[int, int], batch: RowBatch, where: str
) -> NDArray[np.float64] | None:
    """Values (lines, attributes) of the relational field of a case; None, and noted, where the case cannot be read.

    `roles`: the indices of the relational attribute and of the class.
    """
    at, label_at = roles
    if len(words) != len(attributes):
        batch.row("ragged", where, f"{count_text(words)} fields where there are {len(attributes)} attributes")
        return None
    if not _is_label(words[label_at]):
        batch.row("label", where, "no label")
        return None
    return _bag(words[at], len(attributes[at].inner), batch, where)


def _numbered(names: list[str]) -> bool:
    """Whether the attributes are the steps of a dimension, numbered att0, att1, …, and not the channels of a step."""
    numbers = [re.search(r"(\d+)\D*$", name) for name in names]
    found = [int(match[1]) for match in numbers if match is not None and len(match[1]) < 9]
    return len(found) == len(names) > 3 and all(b == a + 1 for a, b in pairwise(found))


def _plain_bag(text: str, width: int) -> NDArray[np.float64] | None:
    """The lines of a relational field (lines, attributes), where they are whole and of plain numbers; else None."""
    rows = []
    for line in text.split("\n"):
        words = line.split(",")
        if len(words) != width or (numbers := plain_numbers(words)) is None:
            return None
        rows.append(numbers)
    return np.array(rows)


def _bag(text: str, width: int, batch: RowBatch, where: str) -> NDArray[np.float64] | None:
    """The lines of a relational field as numbers (lines, attributes); None, and noted, where they are none."""
    rows = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        words = line.split(",")
        if len(words) > width:
            batch.row("ragged", where, f"{len(words)} values where the relation has {width} attributes")
            return None
        numbers = [number_of(word) for word in words]
        wrong = next((index for index, value in enumerate(numbers) if value is None), None)
        if wrong is not None:
            batch.row("not a number", where, f"value {wrong + 1:,}, {words[wrong].strip()[:20]!r}, is not a number")
            return None
        rows.append(np.array([*numbers, *[np.nan] * (width - len(numbers))], dtype=np.float64))
    if not rows:
        batch.row("empty row", where, "there is no value")
        return None
    return np.stack(rows)
