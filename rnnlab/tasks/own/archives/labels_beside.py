"""Labels in a file beside that of the inputs: `y_train.txt`, and perhaps `subject_train.txt`, beside `X_train.txt`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table

Opener = Callable[[Path, Findings, Report], Table]
_INPUTS = re.compile(r"[xX](?=$|[_\-.]?(train|test)$)", re.IGNORECASE)
_PEOPLE = ("subject", "subjects", "groups", "group")
_MOST = 5_000_000


class TableWithLabels(Table):
    """A table whose last columns are read from files beside it: `label`, and `subject` where there is such a file."""


def is_inputs(path: Path) -> bool:
    """Whether the file is called as inputs are, with labels beside it."""
    return _INPUTS.match(path.stem) is not None and _beside(path, "y") is not None


def inputs_in(folder: Path) -> Path | None:
    """The file of the training inputs in a folder, or in its folder `train`; None where there is not one alone."""
    for place in (folder, folder / "train", folder / "Train"):
        found = [path for path in sorted(place.glob("[xX]*_[tT]rain.*")) if path.is_file() and is_inputs(path)]
        if len(found) == 1:
            return found[0]
    return None


def with_labels(table: Table, path: Path, opener: Opener, findings: Findings) -> Table:
    """The table with the labels of the file beside it. Raises `Refusal` where these are not as many as the rows."""
    labels = _beside(path, "y")
    if labels is None or not is_inputs(path):
        return table
    added = {"label": _words(labels, opener)}
    people = next((found for name in _PEOPLE if (found := _beside(path, name)) is not None), None)
    if people is not None:
        added["subject"] = _words(people, opener)
    inner = Findings(findings.name)
    rows = sum(len(block) for block in table.blocks(inner, quiet))
    _refuse_gaps(path, inner)
    for file, words in zip((labels, people), added.values(), strict=False):
        if file is not None and len(words) != rows:
            raise Refusal(
                "labels",
                f"{findings.name} has {rows:,} rows, and {file.name} beside it {len(words):,}: a row of each belongs together",
            )
    names = [f"{name} ({labels.name})" if name in table.header else name for name in added]
    findings.facts["labels_file"] = labels.name
    beside = f"{labels.name} and {people.name}" if people is not None else labels.name
    findings.warn("labels beside", f"the labels of {path.name} are read from {beside}, row by row")
    return _joined(table, names, list(added.values()))


def _joined(table: Table, names: list[str], added: list[list[str]]) -> TableWithLabels:
    plain = {field.name: getattr(table, field.name) for field in fields(Table)}

    def blocks(findings: Findings, report: Report) -> Iterator[Block]:
        done = 0
        for block in table.blocks(findings, report):
            more = [words[done : done + len(block)] for words in added]
            done += len(block)
            yield Block(block.lines, [*block.columns, *more])

    sample = tuple([*row, *words] for row, *words in zip(table.sample, *added, strict=False))
    return TableWithLabels(
        **plain | {"header": (*table.header, *names), "titled": True, "sample": sample, "stored": blocks}
    )


def _words(path: Path, opener: Opener) -> list[str]:
    """The fields of the one column of a file, or of its last where the first names the rows. Raises `Refusal`."""
    inner = Findings(path.name)
    table = opener(path, inner, quiet)
    if table.columns > 2:
        raise Refusal(
            "labels", f"{path.name} has {table.columns} columns, where one of labels stands beside the inputs"
        )
    words: list[str] = []
    for block in table.blocks(inner, quiet):
        words += block.columns[-1]
        if len(words) > _MOST:
            raise Refusal("large", f"{path.name} has more than {_MOST:,} rows; take a sample")
    _refuse_gaps(path, inner)
    return words


def _refuse_gaps(path: Path, findings: Findings) -> None:
    """Raises `Refusal` where a row was left out: every label after it would stand beside the wrong row."""
    if findings.left_out:
        where, message = next(problem.places[0] for problem in findings.problems.values() if problem.rows)
        raise Refusal(
            "labels",
            f"{path.name} cannot be read at {where} ({message}), so that rows and labels do not stand side by side: mend it",
            where,
        )


def _beside(path: Path, name: str) -> Path | None:
    """The file beside that of the inputs that is called `name` where that is called X."""
    match = _INPUTS.match(path.stem)
    if match is None:
        return None
    rest = path.name[match.end() :]
    wanted = {name + rest, name.upper() + rest, name.capitalize() + rest}
    return next((path.with_name(other) for other in sorted(wanted) if path.with_name(other).is_file()), None)
