"""Reading of a table by the roles of its columns: a series, texts, or many sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.tasks.own.archives.arff_table import has_number, is_arff, label_of, open_arff, refuse_words
from rnnlab.tasks.own.archives.labels_beside import TableWithLabels, with_labels
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.layouts.marked_parts import TEST_WORDS, split_by_part
from rnnlab.tasks.own.layouts.row_table import read_rows
from rnnlab.tasks.own.layouts.steps_table import read_steps
from rnnlab.tasks.own.layouts.windowing import WindowSettings
from rnnlab.tasks.own.one_pass import OnePass, read_once
from rnnlab.tasks.own.result import Reading
from rnnlab.tasks.own.roles.column_roles import Layout
from rnnlab.tasks.own.roles.columns import is_part
from rnnlab.tasks.own.roles.cross_section import ask_label, ask_order, refuse_calendar
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.roles import Roles, assign_roles, kind_of_table
from rnnlab.tasks.own.roles.text_roles import refuse_numbers
from rnnlab.tasks.own.series import SeriesTable, read_series
from rnnlab.tasks.own.tables.number_titles import with_number_titles
from rnnlab.tasks.own.tables.paired_table import PairedTable, paired_table
from rnnlab.tasks.own.tables.pairs import ending, partner, warn_validation
from rnnlab.tasks.own.tables.table import Table, open_table
from rnnlab.tasks.own.tables.wide import refuse_wide, transposed, wide_columns
from rnnlab.tasks.own.text import Texts, read_texts


@dataclass(frozen=True)
class TableReader:
    """Reader of tables into `reading`; without `keep` the rows are checked and dropped."""

    reading: Reading
    config: RunConfig
    findings: Findings
    keep: bool
    report: Report

    def read(self, file: Path, *, alone: bool = False) -> None:
        """Reads the table in the file. Its test set is the file beside it, unless it is to be read `alone`. Raises `Refusal`."""
        train, beside = (file, None) if alone else partner(file)
        findings = self.findings
        if not alone:
            warn_validation(train, findings)
        table = _upright(_open(train, findings, self.report), self.reading.kind, findings, self.report)
        config = _as_written(table, self.config, findings)
        once = self._once(table, config, beside)
        profiles = once.profiles
        if not profiles or profiles[0].rows < 2:
            findings.judge(sum(len(block) for block in table.blocks(findings, self.report)))
            findings.raise_stop()
            raise Refusal("few rows", f"{findings.name} holds one row, and there is nothing to learn from one alone")
        kind = kind_of_table(table, profiles, config, findings)
        self.reading.kind = kind.kind
        roles = assign_roles(table, profiles, kind, config, findings, findings.missing)
        if roles.layout is not None:
            self._layout(table, roles, roles.layout, profiles, beside, config)
        elif roles.kind != "series":
            self._texts(table, roles, profiles, beside, config, once)
        elif train != file:  # a series is split by time: the file that is named is the one to read
            findings.facts.clear()
            self.read(file, alone=True)
        else:
            self._series(table, roles, profiles, beside, config, once)

    def _once(self, table: Table, config: RunConfig, beside: Path | None) -> OnePass[SeriesTable | Texts]:
        """Profiles of the columns, and the rows of a large table, read in the same pass where its beginning tells how."""
        missing = self.findings.missing

        def roles_of(profiles: tuple[ColumnProfile, ...], noted: Findings) -> Roles | None:
            kind = kind_of_table(table, profiles, config, noted)
            roles = assign_roles(table, profiles, kind, config, noted, missing)
            return roles if roles.layout is None and (beside is None or roles.kind == "series") else None

        def rows_of(table: Table, roles: Roles, noted: Findings) -> SeriesTable | Texts:
            read = read_series if roles.kind == "series" else read_texts
            return read(table, roles, noted, keep=self.keep)

        return read_once(table, self.findings, roles_of, rows_of, self.report)

    def _series(
        self,
        table: Table,
        roles: Roles,
        profiles: Sequence[ColumnProfile],
        beside: Path | None,
        config: RunConfig,
        once: OnePass[SeriesTable | Texts],
    ) -> None:
        findings = self.findings
        if config.data.kind == "auto":
            refuse_calendar(table, roles, findings)
            ask_order(table, profiles, roles, findings)
        if beside is not None:
            findings.warn("test file", f"{beside.name} beside it is not used: a series is split by time")
        series = once.result(roles, findings)
        series = series or read_series(table, roles, findings, keep=self.keep, report=self.report)
        assert isinstance(series, SeriesTable)
        self.reading.take_series(series, config, findings, self.keep)

    def _texts(
        self,
        table: Table,
        roles: Roles,
        profiles: Sequence[ColumnProfile],
        beside: Path | None,
        config: RunConfig,
        once: OnePass[SeriesTable | Texts],
    ) -> None:
        findings = self.findings
        assert roles.text is not None
        assert roles.label is not None
        refuse_words(table, findings)
        if config.data.kind == "auto" and config.data.target_column is None:
            ask_label(table, profiles, roles, findings)
        refuse_numbers(profiles[roles.label], findings.name)
        table, test = self._parts(table, profiles, roles, beside, (roles.text, roles.label))
        texts = once.result(roles, findings) if test is None else None
        texts = texts or read_texts(table, roles, findings, keep=self.keep, report=self.report, test=test)
        assert isinstance(texts, Texts)
        self.reading.take_texts(texts, config, findings, self.keep)

    def _layout(
        self,
        table: Table,
        roles: Roles,
        layout: Layout,
        profiles: Sequence[ColumnProfile],
        beside: Path | None,
        config: RunConfig,
    ) -> None:
        """Reads a table of many sequences; its columns are in the facts."""
        findings, reading, keep, titles = self.findings, self.reading, self.keep, table.header
        inputs = [index for channel in layout.grid for index in channel]
        table, test = self._parts(table, profiles, roles, beside, (layout.label, *inputs))
        findings.facts["target_column"] = titles[layout.label]
        findings.facts["group_column"] = titles[layout.person] if layout.person is not None else None
        findings.facts["date_column"] = titles[layout.time] if layout.time is not None else None
        findings.facts["input_columns"] = [titles[index] for index in inputs]
        if layout.kind == "rows":
            sequences = read_rows(table, roles, config.data, findings, keep=keep, report=self.report, test=test)
            group = titles[layout.person] if layout.person is not None else ""
            reading.take_sequences(sequences, findings, keep, group)
            return
        windows = WindowSettings.of(config.data, reading.given)
        cut = read_steps(table, roles, config.data, windows, findings, keep=keep, report=self.report, test=test)
        reading.take_cut(cut, findings, keep)

    def _parts(
        self,
        table: Table,
        profiles: Sequence[ColumnProfile],
        roles: Roles,
        beside: Path | None,
        needed: tuple[int, ...],
    ) -> tuple[Table, PairedTable | None]:
        """The rows to train on, and the test set: those of the file beside it, else those that a column marks as such."""
        if beside is not None:
            return table, paired_table(table, beside, needed, _open, self.findings)
        found = next((p for p in profiles if is_part(p) and p.index not in needed and type(table) is Table), None)
        if found is None:
            return table, None
        words = {word.strip().lower() for word in found.counts}
        if not words & TEST_WORDS:
            self.findings.warn(
                "parts",
                f"the column {found.title[:40]} marks rows as {', '.join(sorted(words))}, and none as test: it was left out, and "
                "the parts were drawn anew",
            )
            return table, None
        self.findings.warn(
            "parts",
            f"the rows that the column {found.title[:40]} marks as test are the test set; all others are trained on, and the "
            "validation part is drawn from these",
        )
        return split_by_part(table, found.index)


def _upright(table: Table, kind: OwnKind | None, findings: Findings, report: Report) -> Table:
    """The table, transposed where it is a series whose dates stand in the titles. Raises `Refusal` where that is not sure."""
    wide = wide_columns(table) if kind in (None, "series") else None
    if wide is None:
        return table
    if kind is None and wide.labelled:
        refuse_wide(table, wide, findings)
    return transposed(table, wide, findings, report)


def _as_written(table: Table, config: RunConfig, findings: Findings) -> RunConfig:
    """The configuration with the label, and the kind, that the file itself names. Raises `Refusal` where it names several."""
    data = config.data
    if data.target_column:
        return config
    named: dict[str, object] = {}
    if isinstance(table, TableWithLabels):
        named = {"data.target_column": next(title for title in table.header[::-1] if title.startswith("label"))}
        if any(title.startswith("subject") for title in table.header[-1:]):
            named["data.group_column"] = data.group_column or table.header[-1]
    elif table.class_names and len(set(table.column(table.columns - 1))) == len(table.class_names):
        named = {"data.target_column": str(table.columns)}
    elif (label := label_of(table, findings)) is not None:
        named = {"data.target_column": label}
        if not has_number(table):
            return RunConfig.from_settings(config.flat() | named)
    if named and data.kind == "auto":
        named["data.kind"] = "rows"
    return RunConfig.from_settings(config.flat() | named) if named else config


def _open(path: Path, findings: Findings, report: Report) -> Table:
    """The table in a file of any format, with the labels of the file beside it. Raises `Refusal`."""
    return with_labels(_open_alone(path, findings, report), path, _open_alone, findings)


def _open_alone(path: Path, findings: Findings, report: Report) -> Table:
    """The table in a file of any format. Raises `Refusal`."""
    if ending(path) == ".tsf":
        raise Refusal(
            "format",
            f"{findings.name} is a .tsf file of the Monash archive, which holds many series; save the one to forecast as a CSV "
            "with a column of dates and a column of values",
        )
    if is_arff(path):
        return open_arff(path, findings, report)
    table = with_number_titles(open_table(path, findings, report))
    findings.facts["header"] = table.titled
    return table
