"""An `.arff` file as a table: its attributes name the columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rnnlab.tasks.own.archives.arff import (
    MOST_ATTRIBUTES,
    ArffHeader,
    count_text,
    data_lines,
    fields_of,
    read_header,
    read_relational,
)
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet, scan
from rnnlab.tasks.own.common.unpack import Stream
from rnnlab.tasks.own.tables.dialect import Dialect
from rnnlab.tasks.own.tables.pairs import ending, partner
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import MOST_COLUMNS, Table

_SAMPLE = 1000
_FIELDS = 500_000
"""Fields of a block."""


def is_arff(path: Path) -> bool:
    """Whether the file is called so, or begins as one."""
    if ending(path) == ".arff":
        return True
    try:
        with Stream(path) as stream:
            head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except (OSError, Refusal):
        return False
    lines = [line.strip().lower() for line in head.splitlines()]
    return next((line.startswith(b"@relation") for line in lines if line and not line.startswith(b"%")), False)


@dataclass(frozen=True)
class ArffTable(Table):
    """A table whose header is that of an `.arff` file."""

    arff: ArffHeader = field(default_factory=ArffHeader)

    def blocks(self, findings: Findings, report: Report = quiet) -> Iterator[Block]:
        """All rows with the right number of fields; the others are noted in `findings`."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        for number, line in data_lines(self.source, self.arff, findings, report):
            fields = fields_of(line, MOST_ATTRIBUTES)
            if len(fields) != self.columns:
                message = f"{count_text(fields)} fields where there are {self.columns} attributes"
                findings.row("ragged", f"line {number}", message)
                continue
            numbers.append(number)
            rows.append(fields)
            if len(rows) * self.columns >= _FIELDS:
                yield Block(numbers, list(zip(*rows, strict=True)))
                numbers, rows = [], []
        if rows:
            yield Block(numbers, list(zip(*rows, strict=True)))


def open_arff(path: Path, findings: Findings, report: Report = quiet) -> ArffTable:
    """The table of the file. Raises `Refusal` where it is none, or holds no row."""
    source = scan(path, findings, report)
    header = read_header(source, findings)
    width = len(header.attributes)
    if width > MOST_COLUMNS:
        raise Refusal("columns", f"{findings.name} has {width:,} attributes; at most {MOST_COLUMNS:,} can be read")
    lines = islice(data_lines(source, header, Findings(findings.name), quiet), _SAMPLE)
    sample = [fields for _, line in lines if len(fields := fields_of(line, width)) == width]
    if not sample:
        raise Refusal("empty", f"{findings.name} holds no row that can be read")
    findings.facts |= {"delimiter": "comma", "header": True, "columns": width}
    return ArffTable(
        source=source,
        dialect=Dialect(quote="'", comment="%"),
        header=_named(header),
        titled=True,
        first=header.first,
        decimal_comma=False,
        sample=tuple(sample),
        arff=header,
    )


def _named(header: ArffHeader) -> tuple[str, ...]:
    """The names of the attributes, each once."""
    names: list[str] = []
    taken: set[str] = set()
    for index, attribute in enumerate(header.attributes, start=1):
        names.append(attribute.name if attribute.name and attribute.name not in taken else f"column {index}")
        taken.add(names[-1])
    return tuple(names)


def refuse_words(table: Table, findings: Findings) -> None:
    """Raises `Refusal` where a table read as texts is an `.arff` file without texts: its words are features."""
    if isinstance(table, ArffTable) and not any(one.type == "string" for one in table.arff.attributes):
        raise Refusal(
            "columns",
            f"{findings.name} holds features that are words, and neither texts nor sequences of numbers; no net here reads them",
        )


def label_of(table: Table, findings: Findings) -> str | None:
    """Name of the attribute that holds the classes, where the others are numbers.

    Raises `Refusal` where each row has several labels.
    """
    if not isinstance(table, ArffTable) or (label := table.arff.label) is None:
        return None
    if table.arff.several_labels:
        names = ", ".join(attribute.name[:30] for attribute in table.arff.attributes[-2:])
        raise Refusal(
            "columns",
            f"{findings.name} has several attributes that may be the label, the last of them {names}; name one with "
            "data.target_column, and the inputs with data.input_column",
        )
    others = [one.type for index, one in enumerate(table.arff.attributes) if index != label]
    return table.header[label] if others and "string" not in others and "date" not in others else None


def has_number(table: Table) -> bool:
    """Whether the label of an `.arff` file is a number, to predict from two others at least."""
    if not isinstance(table, ArffTable) or (label := table.arff.label) is None:
        return False
    types = [one.type for one in table.arff.attributes]
    numbers = [kind == "numeric" for kind in types]
    return numbers[label] and sum(numbers) > 2


def read_relational_arff(path: Path, findings: Findings, *, keep: bool, report: Report = quiet) -> Sequences | None:
    """Every case of a file whose sequences stand in a relational attribute, and of its partner as the test set.

    None where it has no such attribute.
    """
    train, test = partner(path)
    sequences = Sequences(findings, classifies=True, keep=keep)
    for file, tested in ((train, False), (test, True)):
        if file is None:
            continue
        source = scan(file, findings, report)
        header = read_header(source, findings)
        if header.relational is None:
            return None
        read_relational(source, header, sequences, findings, report, tested=tested)
    findings.facts["train_file"] = train.name if test is not None else None
    findings.facts["test_file"] = test.name if test is not None else None
    sequences.finish("cases")
    return sequences
