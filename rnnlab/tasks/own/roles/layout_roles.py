"""Roles of the columns of a table that holds many sequences, as its layout says them."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.roles.column_roles import Layout, Roles
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.series_roles import number_styles_of, style_notes, warn_stand_ins
from rnnlab.tasks.own.tables.table import Table


def layout_roles(
    table: Table, profiles: Sequence[ColumnProfile], layout: Layout, data: Data, findings: Findings
) -> Roles:
    """Roles of the layout's columns. Raises `Refusal` where it is a question how the numbers are written."""
    inputs = tuple(index for channel in layout.grid for index in channel)
    person = () if layout.person is None else (layout.person,)
    time = () if layout.time is None else (layout.time,)
    profile = profiles[layout.time] if layout.time is not None else None
    styles = number_styles_of(profiles, inputs, data, table, findings.name)
    warn_stand_ins(profiles, inputs, findings)
    return Roles(
        layout.kind,
        dates=time,
        form=profile.form if profile is not None else None,
        label=layout.label,
        inputs=inputs,
        group=(*person, *layout.recording),
        left_out=layout.left_out,
        notes=style_notes(profiles, styles, {}, table),
        styles=styles,
        layout=layout,
    )
