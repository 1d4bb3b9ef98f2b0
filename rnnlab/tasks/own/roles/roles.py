"""Roles of the columns of a table, given by what the columns are, and the kind of the table that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rnnlab.config import RunConfig
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.roles.column_roles import Layout, Roles
from rnnlab.tasks.own.roles.columns import (
    is_code,
    is_index,
    is_sentences,
    is_text,
    may_be_label,
    title_rank,
    titled,
)
from rnnlab.tasks.own.roles.cross_section import refuse_lists, refuse_sparse
from rnnlab.tasks.own.roles.date_roles import date_columns, unread_dates
from rnnlab.tasks.own.roles.layout_roles import layout_roles
from rnnlab.tasks.own.roles.named import named_column
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.series_roles import series_roles
from rnnlab.tasks.own.roles.table_layout import table_layout
from rnnlab.tasks.own.roles.text_roles import label_columns, text_roles
from rnnlab.tasks.own.roles.titles import DATE_TITLES, LABEL_TITLES, LABELS, TEXT_TITLES
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import Missing

__all__ = ["Roles", "TableKind", "assign_roles", "kind_of_table"]


_FEWEST_VALUES = 8
"""Minimum number of columns of numbers of which one may be a number to predict from the others in its row."""
_MOSTLY = 0.8
"""Share of the fields of a column that differ, from which on its words are texts and no classes."""
_FEW = 20
"""Maximum number of different whole numbers without a title that are labels of dated texts."""


class TableKind(NamedTuple):
    """Kind of a table, and the layout of one that holds many sequences."""

    kind: OwnKind
    layout: Layout | None = None


def kind_of_table(table: Table, profiles: Sequence[ColumnProfile], config: RunConfig, findings: Findings) -> TableKind:
    """Kind of the table, as `data.kind` says or as its columns are. Raises `Refusal` where that is a question."""
    kind = _set_kind(config)
    if kind != "text":
        refuse_sparse(table, findings.name)
    refuse_lists(table, profiles, config.data, findings.name)
    if kind in ("steps", "rows") or (kind is None and _may_be_many(table, profiles, config, findings)):
        layout = table_layout(table, profiles, config.data, findings.name)
        if layout is not None:
            return TableKind(layout.kind, layout)
    return TableKind(kind or _text_or_series(table, profiles, config, findings))


def assign_roles(
    table: Table,
    profiles: Sequence[ColumnProfile],
    kind: TableKind,
    config: RunConfig,
    findings: Findings,
    missing: Missing,
) -> Roles:
    """Roles of all columns of a table of this kind; they are added to the facts.

    Raises `Refusal`, with the settings that decide, where no reading is safe.
    """
    if kind.layout is not None:
        roles = layout_roles(table, profiles, kind.layout, config.data, findings)
    elif kind.kind == "series":
        roles = series_roles(table, profiles, config.data, findings)
    else:
        roles = text_roles(table, profiles, config.data, findings, missing)
    styles = {profile.index: profile.styles[0] for profile in profiles if profile.styles} | dict(roles.styles)
    roles = replace(roles, missing=missing, styles=styles)
    findings.facts |= roles.facts(table.header)
    return roles


def _set_kind(config: RunConfig) -> OwnKind | None:
    kinds: dict[str, OwnKind] = {"text": "text", "series": "series", "steps": "steps", "rows": "rows"}
    return kinds.get(config.data.kind)


def _may_be_many(table: Table, profiles: Sequence[ColumnProfile], config: RunConfig, findings: Findings) -> bool:
    """Whether the table may hold many sequences: it has no texts, and where it has dates, a column that is titled as labels."""
    if _has_texts(profiles):
        return False
    named = [profile for profile in profiles if profile.titled and profile.title.strip().lower() in LABELS]
    data = config.data
    if data.target_column and not data.group_column:
        target = profiles[named_column(table.header, data.target_column, "data.target_column", findings.name)]
        if not may_be_label(target) and sum(profile.numeric for profile in profiles) < _FEWEST_VALUES:
            return False  # a measurement to forecast, and no label
    if data.target_column or data.group_column or any(map(may_be_label, named)):
        return True
    return not date_columns(table, profiles, config.data, findings.name).columns


def _has_texts(profiles: Sequence[ColumnProfile]) -> bool:
    """Whether the table surely is one of texts with labels."""
    dated = any(profile.fits and not profile.fits[0].form.number for profile in profiles)

    def is_likely(profile: ColumnProfile) -> bool:
        # Beside dates, a number of which there are many is a measurement with a remark.
        few = profile.distinct <= _FEW or not dated or not profile.numeric or titled(profile, LABEL_TITLES)
        return few and may_be_label(profile) and not is_sentences(profile)

    if _are_named(profiles):
        return True
    return any(map(is_sentences, profiles)) and any(map(is_likely, profiles))


def _are_named(profiles: Sequence[ColumnProfile]) -> bool:
    """Whether a column titled as texts, nearly each of them once, stands beside a label of words and few numbers, undated.

    As in `Name,Gender,Count,Probability`: what is counted of a name says nothing of its order.
    """
    if sum(profile.numeric for profile in profiles) >= _FEWEST_VALUES or any(profile.fits for profile in profiles):
        return False
    texts = [each for each in profiles if is_text(each) and not each.numeric and each.distinct > _MOSTLY * each.filled]
    has_label = any(may_be_label(each) and not each.numeric for each in profiles)
    return has_label and any(title_rank(each, TEXT_TITLES) < len(TEXT_TITLES) for each in texts)


def _text_or_series(table: Table, profiles: Sequence[ColumnProfile], config: RunConfig, findings: Findings) -> OwnKind:
    """Kind of a table without many sequences. Raises `Refusal` where dates in it cannot be read."""
    if _has_texts(profiles):
        return "text"
    dates = date_columns(table, profiles, config.data, findings.name)
    numeric = [p for p in profiles if p.numeric and p.index not in dates.columns and not is_code(p)]
    measured = any(not is_index(profile) for profile in numeric)
    passed = dates.every
    words = [p for p in profiles if p.index not in passed and not _no_words(p)]
    if measured and dates.columns:
        return "series"
    if (numeric or (dates.columns and len(profiles) > 1)) and not words:
        return (
            "series"  # where there is not one value, a label that is missing everywhere would be the wrong thing to say
        )
    if measured and not _words_with_label(profiles):
        unread_dates(profiles, findings.name)
        # Words of which there are few, or times of day, are no texts: months, weekdays, names of what is measured.
        if all(profile.few or profile.fits for profile in words) and not any(map(is_sentences, words)):
            return "series"
    return "text"


def _no_words(profile: ColumnProfile) -> bool:
    return (profile.numeric and not is_code(profile)) or is_index(profile) or profile.nearly_empty


def _words_with_label(profiles: Sequence[ColumnProfile]) -> bool:
    """Whether a column of words stands beside one that may be its label: of fewer words."""
    words = [profile for profile in profiles if is_text(profile) and not profile.fits and not _dated(profile)]
    return any(
        profiles[label].distinct <= profile.distinct
        for profile in words
        for label in label_columns(profiles, profile.index)
    )


def _dated(profile: ColumnProfile) -> bool:
    return titled(profile, DATE_TITLES)
