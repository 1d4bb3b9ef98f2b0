"""Series to go on from: a table that is read as the one that the run was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.tasks.inputs.rows import InputFile, column_name
from rnnlab.tasks.own.common.findings import Findings, Refusal
from rnnlab.tasks.own.roles.named import named_column
from rnnlab.tasks.own.roles.profile import profile_table
from rnnlab.tasks.own.roles.roles import TableKind, assign_roles
from rnnlab.tasks.own.series import SeriesTable, read_series
from rnnlab.tasks.own.tables.table import Table, open_table
from rnnlab.tasks.own.values.date_steps import civil, continued, usual_step
from rnnlab.tasks.own.values.moments import stamps
from rnnlab.tasks.own.values.numbers import Missing

_EVEN = 0.9
"""Share of even steps below which the dates of a forecast are said to be doubtful."""


@dataclass(frozen=True)
class SeriesInput:
    """Series of a file, `values` (steps, channels) in its own units with the forecast channel first, and what stands after it."""

    values: NDArray[np.float64]
    column: str
    """Title of the column that is forecast."""
    last: str
    """Date of the last step, or its number."""
    step: str
    """Usual step between dates in words, such as 1 month; empty without dates."""
    moments: NDArray[np.float64]
    notes: tuple[str, ...]

    def labels_ahead(self, steps: int) -> list[str]:
        """Dates of the steps after the end, or their numbers."""
        if not len(self.moments):
            return [str(len(self.values) + step) for step in range(1, steps + 1)]
        step, _ = usual_step(self.moments)
        day = int(civil(self.moments)[1].max()) if step.months else 0
        return stamps(continued(float(self.moments[-1]), step, steps, day))


def read_series_to_go_on(file: InputFile) -> SeriesInput:
    """Series of the file, its columns those that the run was trained on.

    Raises `Refusal` where one of them is not there, too much of it cannot be read, or it is shorter than a window.
    """
    findings = Findings(file.path.name)
    table = open_table(file.path, findings)
    config = _config(table, file)
    missing = Missing.from_setting(config.data.missing)
    profiles = profile_table(table, missing, findings)
    roles = assign_roles(table, profiles, TableKind("series"), config, findings, missing)
    if len(roles.inputs) != file.data.input_size:
        titles = ", ".join(table.header[index][:40] for index in roles.inputs[:12])
        raise Refusal(
            "columns",
            f"the net reads {file.data.input_size} columns, and {len(roles.inputs)} of {findings.name} would go in ({titles}); "
            "name them with --set data.target_column=NAME and --set data.input_column=NAME,NAME",
        )
    series = read_series(table, roles, findings, keep=True, to_go_on=True)
    findings.raise_stop()
    if series.steps < config.data.window:
        raise Refusal(
            "short",
            f"{findings.name} has {series.steps:,} steps, and the net reads windows of {config.data.window:,} "
            "(data.window): give it the steps before, too",
        )
    return _input(series, findings)


def _input(series: SeriesTable, findings: Findings) -> SeriesInput:
    notes, step = findings.notes(), ""
    if len(series.moments):
        usual, even = usual_step(series.moments)
        step = usual.name
        if even < _EVEN:
            notes += (f"only {even:.0%} of the steps are the usual one, {step}; the dates of the forecast go on by it",)
    return SeriesInput(series.values, series.names[0], series.labels[-1], step, series.moments, notes)


def _config(table: Table, file: InputFile) -> RunConfig:
    """Configuration to read the table with: the columns are those of the training, by their titles."""
    target = file.target_column or next(iter(file.trained("forecast", file.config.data.target_column)), "")
    named = {}
    titles = {title.lower(): title for title in table.header}
    groups = [titles.get(title.lower(), "") for title in file.data.columns.get("group", ())]
    if groups and all(groups):
        named["data__group_column"] = ",".join(column_name(table, title) for title in groups)
    elif groups:
        named["data__series"] = "mean"  # one series alone needs no column that names it
    if target:
        named["data__target_column"] = table.header[
            named_column(table.header, target, "data.target_column", file.path.name)
        ]
    inputs = file.data.columns.get("input", ())
    if inputs and not file.input_column:
        places = [named_column(table.header, title, "data.input_column", file.path.name) for title in (target, *inputs)]
        named["data__input_column"] = ",".join(column_name(table, table.header[at]) for at in dict.fromkeys(places))
    elif target and not file.input_column and file.data.columns:
        named["data__input_column"] = column_name(table, named["data__target_column"])
    config = file.config_of(data__kind="series", **named)
    if "data__input_column" in named and file.target_column:
        return config
    return RunConfig.from_settings(config.flat() | {key.replace("__", "."): value for key, value in named.items()})
