"""Choosing rows of the runs' tables for a block: the best, all, the best of each value of a setting, or runs by name."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rnnlab.errors import UsageError
from rnnlab.plots.run.figures import is_share
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.options import names_of
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.comparison import Compared
from rnnlab.runs.event_numbers import real
from rnnlab.runs.grouping import best_by

_TOP = re.compile(r"top (\d{1,4})")
_MOST_SETTINGS = 2
_LISTED = 8
"""Runs that a sentence names."""


@dataclass(frozen=True)
class Chosen:
    """Runs of one group that are shown as one: `names` are those of a row, or one run by itself."""

    group: Group
    row: Compared
    label: str
    names: tuple[str, ...]


def chosen_rows(material: Material, block: Block) -> list[list[Chosen]]:
    """What a block is to show, group by group, groups without any left out.

    Raises `UsageError` naming the block for a run, a setting or a wish that there is not.
    """
    wanted, by = block.options.get("runs", "all"), settings_in(material, block)
    if by:
        found = [_of_each(group, by) for group in material.groups]
    elif isinstance(wanted, list):
        found = _named(material, wanted, block.where)
    else:
        found = [_wished(group, wanted, block.where) for group in material.groups]
    return [each for each in found if each]


def settings_in(material: Material, block: Block) -> tuple[str, ...]:
    """The settings of a block's option `by`. Raises `UsageError` naming the block where the runs of no group differ in them."""
    by = names_of(block.options.get("by", ""))
    if by and (
        len(by) > _MOST_SETTINGS or not any(set(by) <= set(each.comparison.differing) for each in material.groups)
    ):
        raise UsageError(
            f"{block.where}: by = {', '.join(by)!r} is not allowed; it must be one or two of the settings in which the runs "
            f"differ: {', '.join(material.differing) or 'there are none'}"
        )
    return by


def as_chosen(group: Group, row: Compared) -> Chosen:
    """A row with all of its runs."""
    return Chosen(group, row, group.label(row), row.runs)


def _wished(group: Group, wanted: str, where: str) -> list[Chosen]:
    rows = group.comparison.rows
    if wanted == "all":
        return [as_chosen(group, row) for row in rows]
    if wanted == "best":
        begun = [row for row in rows if any(group.summaries[name].epoch for name in row.runs)]
        best = [row for row in rows if row.best] or begun
        return [as_chosen(group, row) for row in best[:1]]
    if (match := _TOP.fullmatch(wanted)) is not None and int(match[1]):
        return [as_chosen(group, row) for row in rows[: int(match[1])]]
    raise UsageError(
        f'{where}: runs = {wanted!r} is not allowed; it must be "best", "all", "top 3", or a list of runs such as ["1", "4"]'
    )


def _of_each(group: Group, by: Sequence[str]) -> list[Chosen]:
    if not set(by) <= set(group.comparison.differing):
        return []
    grouped, tried = best_by(group.comparison, by)
    return [as_chosen(group, row) for row in grouped.rows if tried.counts[row.runs]]


def _named(material: Material, wanted: Sequence[str], where: str) -> list[list[Chosen]]:
    found: list[list[Chosen]] = [[] for _ in material.groups]
    for text in wanted:
        at, row, name = _found(material, text, f"{where}: runs")
        group = material.groups[at]
        label = group.label(row)
        found[at].append(Chosen(group, row, f"{name} ({label})" if label != name else name, (name,)))
    return found


def references(material: Material, text: str, where: str) -> tuple[str, ...]:
    """For each group the run that its rows are compared with: the one that `text` names by name, number or SESSION/RUN.

    Empty for groups of other sessions, whose runs may have the same name. Raises `UsageError` naming `where`.
    """
    at, row, name = _found(material, text, f"{where}: against")
    if not row.validation and not row.test:
        raise UsageError(f"{where}: against: {name} has no figures of its end yet; choose a run that was completed")
    session = material.groups[at].session.path
    return tuple(name if group.session.path == session else "" for group in material.groups)


def _found(material: Material, text: str, where: str) -> tuple[int, Compared, str]:
    """The index of the group, the row and the name of a run."""
    session, _, name = text.rpartition("/")
    number = re.compile(rf"0*{re.escape(name.lstrip('0') or '0')}-.*")
    every = [
        (at, row, each)
        for at, group in enumerate(material.groups)
        for row in group.comparison.rows
        for each in row.runs
        if session in ("", group.session.name)
    ]
    matches = [match for match in every if match[2] == name] or [match for match in every if number.fullmatch(match[2])]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(f"{material.groups[at].session.name}/{each}" for at, _, each in matches[:5])
        raise UsageError(f"{where}: {text!r} names {len(matches)} runs ({names}); give SESSION/RUN")
    known = sorted(each for _, _, each in every)
    more = ", …" if len(known) > _LISTED else ""
    raise UsageError(
        f"{where}: there is no run {text!r} in this report; there are {', '.join(known[:_LISTED]) or 'none'}{more}"
    )


def best_run(chosen: Chosen) -> str:
    """The run of a row that did best on the validation part, by the figure that ranks the table; its first where none did."""
    comparison = chosen.group.comparison
    figure = comparison.ranked_by
    values = chosen.row.each.get("validation", {}).get(figure, {})
    scored = [
        (real(values[name]), name) for name in chosen.names if name in values and math.isfinite(real(values[name]))
    ]
    if not scored:
        return chosen.names[0]
    best = max(scored)[0] if is_share(figure) else min(scored)[0]
    return min(name for score, name in scored if score == best)


def run_to_verify(group: Group) -> str | None:
    """The run that is trained again to compare its log: the first of the best row, else of any row, that has ended."""
    rows = [row for row in group.comparison.rows if row.best] or [row for row in group.comparison.rows if row.counted]
    return next((name for row in rows for name in row.runs if group.summaries[name].final), None)
