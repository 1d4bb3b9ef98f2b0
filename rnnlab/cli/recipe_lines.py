"""A recipe's size, and what came of it, as lines and for `--json`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnlab.cli.predicted import predicted
from rnnlab.cli.terminal import PIPED_WIDTH
from rnnlab.cores import cores
from rnnlab.recipes.outcome import Outcome, outcome_of_session
from rnnlab.recipes.recipe import Part
from rnnlab.recipes.size import Size
from rnnlab.runs.folders import Session
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.cost.estimate import cost_of
from rnnlab.sweeps.points import points_of
from rnnlab.sweeps.trials import search_trials
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.sections import paragraph
from rnnlab.text.table_lines import table_lines


def size_of(part: Part, quick: bool, slower: float) -> Size:
    """The size of a part; `slower` is as in `rnnlab.sweeps.cost.speed.pace`."""
    specification = part.specification(quick)
    points = points_of(specification, completer(part.task, specification.parameters)).points
    trials = search_trials(specification, points)
    cost = cost_of((trial.config for trial in trials), slower)
    return Size(len(trials), cost.seconds / min(cores(), max(1, len(trials))))


def outcome_lines(outcome: Outcome, palette: Palette, width: int | None) -> Lines:
    """The table of published and measured figures, its notes, and the reasons by number; sentences are wrapped in a pipe, too."""
    table, wide = outcome.table, width or PIPED_WIDTH
    lines = table_lines(replace(table, notes=()), palette, width)
    lines += paragraph(table.note, wide, palette.style("muted"))
    style = palette.style("text")
    for at, reason in enumerate(outcome.reasons, 1):
        lines += paragraph(f"({at}) {reason}", wide, style)
    return lines


def published_lines(session: Session, palette: Palette, width: int | None) -> Lines:
    """What was published of the experiment which the session repeats, beside its own figures; empty where it is of no recipe."""
    outcome = outcome_of_session(session, predicted)
    return [] if outcome is None else [[], *outcome_lines(outcome, palette, width)]


def published_document(session: Session) -> dict[str, Any]:
    """The same for `--json`."""
    outcome = outcome_of_session(session, predicted)
    if outcome is None:
        return {}
    return {"published": {"figures": outcome.table.values_by_name(), "reasons": outcome.reasons}}
