"""Tables of many sequences to predict on: a step a row, or a sequence a row, with or without the column of labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from rnnlab.config import RunConfig
from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile, column_name
from rnnlab.tasks.inputs.texts import label_index, with_titles
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.layouts.row_table import read_rows
from rnnlab.tasks.own.layouts.steps_table import read_steps
from rnnlab.tasks.own.layouts.windowing import WindowSettings
from rnnlab.tasks.own.roles.profile import ColumnProfile, profile_table
from rnnlab.tasks.own.roles.roles import TableKind, assign_roles, kind_of_table
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table, open_table
from rnnlab.tasks.splitting.normalise import channels_read


@dataclass(frozen=True)
class _WithLabels(Table):
    """A table with a further column at the end, which stands for the labels that it lacks."""

    word: str = ""

    def blocks(self, findings: Findings, report: Report = quiet) -> Iterator[Block]:
        """Blocks of the table, with the column."""
        plain = {field.name: getattr(self, field.name) for field in fields(Table)}
        inner = Table(**plain | {"header": self.header[:-1]})
        for block in inner.blocks(findings, report):
            yield Block(block.lines, [*block.columns, [self.word] * len(block)])


def is_sequence_table(file: InputFile) -> bool:
    """Whether the run was trained on a table of many sequences."""
    return bool(file.data.columns.get("label")) or file.config_of().data.kind in ("steps", "rows")


def read_table(file: InputFile, findings: CollectedFindings) -> tuple[Sequences, bool]:
    """Sequences of the table, and whether they have true labels. Raises `Refusal` where its columns are not those of the run."""
    table = with_titles(open_table(file.path, findings), file)
    label = label_index(table, file, None)
    labelled = label is not None
    if label is None:
        table = _with_labels(table, file)
        label = table.columns - 1
    given = {"data__target_column": table.header[label]}
    if not file.input_column and (titles := file.data.columns.get("input")) and set(titles) <= set(table.header):
        given["data__input_column"] = ",".join(column_name(table, title) for title in titles)
    config = file.config_of(**given)
    profiles = profile_table(table, findings.missing, findings)
    kind = kind_of_table(table, profiles, config, findings)
    if kind.layout is None:
        # A label that is the same everywhere tells nothing of the layout; the channels of the net do.
        config, kind = _by_channels(table, profiles, file, given, findings)
    roles = assign_roles(table, profiles, kind, config, findings, findings.missing)
    if kind.kind == "rows":
        return read_rows(table, roles, config.data, findings, keep=True), labelled
    windows = WindowSettings.of(config.data)
    return read_steps(table, roles, config.data, windows, findings, keep=True).sequences, labelled


def _by_channels(
    table: Table, profiles: Sequence[ColumnProfile], file: InputFile, given: dict[str, str], findings: CollectedFindings
) -> tuple[RunConfig, TableKind]:
    """The kind with which the table has as many channels as the net reads, and its settings. Raises `Refusal`."""
    channels = channels_read(file.data.input_size, file.data.scale)
    for forced in ("steps", "rows"):
        config = file.config_of(**given, data__kind=forced)
        kind = kind_of_table(table, profiles, config, findings)
        if kind.layout is not None and len(kind.layout.grid) == channels:
            return config, kind
    raise Refusal("format", f"{findings.name} holds no sequences such as the net was trained on")


def _with_labels(table: Table, file: InputFile) -> Table:
    """The table with a column of one label, which is not shown to anybody."""
    word = file.data.classes[0] if file.data.classes else "0.5"
    title = next(iter(file.trained("label", file.config.data.target_column)), "label")
    title = title if title not in table.header else f"{title} (none)"
    plain = {field.name: getattr(table, field.name) for field in fields(Table)}
    plain |= {"header": (*table.header, title), "sample": tuple([*row, word] for row in table.sample)}
    return _WithLabels(**plain, word=word)
