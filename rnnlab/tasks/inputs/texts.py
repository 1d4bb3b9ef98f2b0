"""Texts to predict on: a column of a table, or one a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlab.config import UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.encode import encode_each
from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile, InputRow, InputRows, class_of, in_order
from rnnlab.tasks.own.common.findings import Refusal
from rnnlab.tasks.own.common.source import lines, scan
from rnnlab.tasks.own.roles.named import named_column
from rnnlab.tasks.own.roles.profile import profile_table
from rnnlab.tasks.own.roles.text_roles import text_column
from rnnlab.tasks.own.roles.titles import TEXT_TITLES
from rnnlab.tasks.own.tables.table import Table, open_table
from rnnlab.tasks.own.values.numbers import AUTO

_TABLES = frozenset(("csv", "tsv", "tab", "psv", "json", "jsonl", "ndjson", "parquet"))
"""Endings of the names of tables; the lines of any other file are texts."""
_NEARLY_ALL = 0.9


def read_texts(file: InputFile) -> InputRows:
    """Texts of the file, encoded for the net. Raises `Refusal` where it is no text file, or its column of texts is unclear."""
    path, data = file.path, file.data
    findings = CollectedFindings(path.name)
    if not _is_table(file):
        read = [(f"line {number}", line.strip(), "") for number, line in lines(scan(path, findings), findings)]
        read = [row for row in read if row[1]]
    else:
        read = _of_table(open_table(path, findings), file, findings)
    if not read and not findings.lost:
        raise Refusal("empty", f"{path.name} holds no input")
    rows = encoded_rows(read, data)
    return InputRows(in_order([*rows, *findings.lost]) if findings.lost else rows, findings.notes())


def encoded_rows(read: Sequence[tuple[str, str, str]], data: DataSummary) -> list[InputRow]:
    """Rows of places, texts and labels, each encoded, or with the reason why it cannot be."""
    rows: list[InputRow] = []
    for (where, text, label), encoded in zip(read, encode_each(data, [text for _, text, _ in read]), strict=True):
        if isinstance(encoded, UsageError):
            rows.append(InputRow(where, text, label=label, error=str(encoded)))
        else:
            rows.append(InputRow(where, text, encoded, label))
    return rows


def _is_table(file: InputFile) -> bool:
    endings = {ending.lower().lstrip(".") for ending in file.path.suffixes[-2:]}
    return bool(endings & _TABLES) or bool(file.input_column or file.target_column)


def _of_table(table: Table, file: InputFile, findings: CollectedFindings) -> list[tuple[str, str, str]]:
    """Place, text and label of each row of the table."""
    table = with_titles(table, file)
    text = _text_index(table, file, findings)
    label = label_index(table, file, text)
    findings.warn(
        "columns",
        f"the column {table.header[text][:40]} was read"
        + (f", and {table.header[label][:40]} as the true label" if label is not None else ""),
    )
    read: list[tuple[str, str, str]] = []
    for block in table.blocks(findings):
        labels = block.columns[label] if label is not None else [""] * len(block)
        for line, word, name in zip(block.lines, block.columns[text], labels, strict=True):
            read.append((f"line {line}", word.strip(), name.strip()))
    return read


def with_titles(table: Table, file: InputFile) -> Table:
    """The table with its first row as titles, where a column is named in it that is asked for, or was trained on.

    A few rows of texts alone do not show that the first is a header.
    """
    if table.titled or not table.sample:
        return table
    titles = tuple(word.strip() for word in table.sample[0])
    trained = (title for names in file.data.columns.values() for title in names)
    asked = {name.strip().lower() for name in (file.input_column, file.target_column, *trained)} - {""}
    if len(set(titles)) < len(titles) or asked.isdisjoint(title.lower() for title in titles):
        return table
    return replace(table, header=titles, titled=True, first=table.first + 1, sample=table.sample[1:])


def _text_index(table: Table, file: InputFile, findings: CollectedFindings) -> int:
    """Index of the column of texts: as set, as the run was trained on, or the one that holds texts. Raises `Refusal`."""
    if file.input_column:
        return named_column(table.header, file.input_column, "data.input_column", findings.name)
    folded = [title.strip().lower() for title in table.header]
    trained = [title.strip().lower() for title in file.trained("text", file.config.data.input_column)]
    for title in (*trained, *(TEXT_TITLES if len(folded) > 1 else ())):
        if title in folded:
            return folded.index(title)
    if len(folded) == 1:
        return 0
    found = text_column(profile_table(table, AUTO, findings))
    if found is None:
        titles = ", ".join(title[:40] for title in table.header[:12])
        message = f"{findings.name}: none of its columns holds texts ({titles}); name the one to predict on with --set"
        raise Refusal("columns", f"{message} data.input_column=NAME")
    return found


def label_index(table: Table, file: InputFile, but: int | None) -> int | None:
    """Index of the column of true labels: as set, as the run was trained on, or one of nothing but the run's classes."""
    if file.target_column:
        return named_column(table.header, file.target_column, "data.target_column", file.path.name)
    folded = [title.strip().lower() for title in table.header]
    for title in file.trained("label", file.config.data.target_column):
        if title.strip().lower() in folded:
            return folded.index(title.strip().lower())
    for index in range(len(folded)):
        words = {word.strip() for word in table.column(index)} - {""}
        known = sum(bool(class_of(word, file.data.classes)) for word in words) if len(words) <= 2000 else 0
        if index != but and words and known >= _NEARLY_ALL * len(words):
            return index
    return None
