"""Inputs of a file, each with its place, its label where the file has one, or the reason why it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.encode import Encoded
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.labels import same_label
from rnnlab.tasks.own.tables.table import Table


@dataclass(frozen=True)
class InputFile:
    """A file or folder of inputs for a run of this configuration and data.

    `settings` are those that a person gives for this file (`--set`); the run's own say how it was trained.
    """

    path: Path
    config: RunConfig
    data: DataSummary
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def input_column(self) -> str:
        """Column of the inputs as a person names it for this file; empty: as the run was trained on."""
        return str(self.settings.get("data.input_column") or "")

    @property
    def target_column(self) -> str:
        """Column of the true labels as a person names it for this file; empty: as the run was trained on."""
        return str(self.settings.get("data.target_column") or "")

    def trained(self, role: str, named: str | None) -> tuple[str, ...]:
        """Titles of the columns with the role when the run was trained; `named` is what its configuration says."""
        return self.data.columns.get(role) or ((named,) if named else ())

    def config_of(self, **settings: object) -> RunConfig:
        """Configuration to read this file with: the run's, with the person's settings and these, `data__kind="series"`."""
        given = {key.replace("__", "."): value for key, value in settings.items()}
        found = self.config.flat() | {"data.path": str(self.path)} | given | dict(self.settings)
        return RunConfig.from_settings(found)


@dataclass(frozen=True)
class InputRow:
    """One input: `where` it stands in the file, `shown` for people, and `encoded` as the net reads it, or an `error`.

    `label` is the true class, `targets` the true numbers, where the file has them.
    """

    where: str
    shown: str = ""
    encoded: Encoded | None = None
    label: str = ""
    targets: tuple[float, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class InputRows:
    """All inputs of a file, in its order, with a sentence on each thing that a person should know."""

    rows: Sequence[InputRow]
    notes: tuple[str, ...] = ()


@dataclass
class CollectedFindings(Findings):
    """Findings that keep every row that cannot be read, and judge nothing: whatever can be read is predicted on."""

    lost: list[InputRow] = field(default_factory=list)

    def row(self, kind: str, where: str, message: str) -> None:
        """Notes a row that cannot be read."""
        self.lost.append(InputRow(where, error=message))

    def judge(self, read: int, noun: str = "rows") -> None:
        """Nothing: a file of damaged rows has answers for the others."""

    def stop(self, kind: str, message: str, where: str = "", count: int = 1, choices: object = ()) -> None:
        """Nothing: what prevents training, such as one class alone, prevents no prediction."""


def in_order(rows: Sequence[InputRow]) -> list[InputRow]:
    """The rows by their places, numbers in them as numbers: line 9 before line 10."""
    return sorted(rows, key=lambda row: [(not p.isdigit(), int(p) if p.isdigit() else p) for p in _parts(row.where)])


def _parts(where: str) -> list[str]:
    return [part for part in re.split(r"(\d+)", where.replace(",", "")) if part]


def class_of(label: str, classes: Sequence[str]) -> str:
    """Class that the label names, as same_label compares them; empty where it is none of the classes."""
    if label in classes:
        return label
    alike = same_label(label.strip())
    return next((name for name in classes if same_label(name) == alike), "")


def column_name(table: Table, title: str) -> str:
    """Name of the column for a setting that names several, with commas between: its title, or its number from 1."""
    return title if "," not in title else str(table.header.index(title) + 1)
