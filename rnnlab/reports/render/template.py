"""The specification that is written for a session: headings, places for a person's sentences, and the blocks that suit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnlab.plots.comparison.columns import short_key
from rnnlab.plots.comparison.grid import offers_grid
from rnnlab.plots.comparison.over import numeric_keys
from rnnlab.reports.material.material import Group, Material
from rnnlab.reports.render.fill import MAKERS
from rnnlab.runs.state import RunState
from rnnlab.text.markdown import escape

_FEW = 3
"""Rows of a table from which on they are drawn over their settings."""
_SIDE_BY_SIDE = 2


def specification_text(material: Material) -> str:
    """The Markdown of a specification that fits the runs: what they predict, how many there are, in what they differ."""
    return "\n".join(_lines(material)).rstrip() + "\n"


def title_of_runs(material: Material) -> str:
    """A title: the data, and what was varied."""
    titles = dict.fromkeys(
        state.started.data.title for group in material.groups if (state := _state(material, group)).started is not None
    )
    varied = dict.fromkeys(
        short_key(key) for group in material.groups for key in group.comparison.differing if key != "train.test"
    )
    names = dict.fromkeys(source.session.name for source in material.sources)
    title = ", ".join(titles) or ", ".join(names) or "Report"
    return f"{title}: {', '.join(varied)}" if varied else title


def _state(material: Material, group: Group) -> RunState:
    """The state of a run that has begun, where there is one."""
    names = [name for row in group.comparison.rows for name in row.runs]
    states = [material.state(group, name) for name in names[:1]]
    states += (state for name in names[1:] if (state := material.state(group, name)).started is not None)
    return next((state for state in states if state.started is not None), states[0])


def _lines(material: Material) -> Iterator[str]:
    states = [_state(material, group) for group in material.groups]
    problems = {state.started.data.problem for state in states if state.started is not None}
    classes = any("classification" in problem for problem in problems)
    rows = max((len(group.comparison.rows) for group in material.groups), default=0)
    yield f"# {escape(title_of_runs(material))}"
    yield from _slot("Your name, the course, the date.")
    yield "## What was asked"
    yield from _slot("What did you want to find out, and what did you expect?")
    yield from _block("overview")
    yield "## The data"
    yield from _slot("What is there to know of the data? What makes them hard?")
    yield from _block("data")
    yield "## Results"
    yield from _slot("What does the table show?")
    yield from _block("table")
    if any(source.specification is not None and source.specification.recipe is not None for source in material.sources):
        yield from _block("published")
    if any(offers_grid(group.comparison) is not None for group in material.groups):
        yield from _block("table", grid=True)
    if any(_can_be_drawn(group) for group in material.groups):
        yield from _block("over")
    yield from _block("statistics")
    yield "## Learning curves"
    yield from _slot("Did training converge? Where does validation part from training?")
    if rows == 1:
        yield from _block("curves", figure="loss", part="both")
        yield from _block("curves", part="both")
    else:
        yield from _block("curves", figure="loss")
        yield from _block("curves")
    if classes:
        yield "## Mistakes"
        yield from _slot("Which classes are confused, and why might that be?")
        two = _two(material) if rows > 1 else {}
        yield from _block("confusion", **two)
        yield from _block("classes", **two)
        yield from _block("errors")
    else:
        yield "## Predictions"
        yield from _slot("Where is the net far off?")
        if any("forecast" in problem for problem in problems):
            yield from _block("forecast")
        yield from _block("errors")
    if any(row.extra for group in material.groups for row in group.comparison.rows):
        yield "## Other lengths, and the first steps alone"
        yield from _slot("What does the net do on sequences that it was not trained on? How early can it tell?")
        yield from _block("further")
    yield "## Questions"
    yield from _slot("Keep those that your course asks; the lab answers only what these runs show.")
    yield from _block("questions")
    yield "## What went wrong"
    yield from _block("warnings")
    yield "## Exact configuration"
    yield from _block("config")
    yield "## How to repeat it"
    yield from _block("repeat")


def _can_be_drawn(group: Group) -> bool:
    """Whether a drawing over the settings shows more than the table: over one number, or two settings with a full table."""
    comparison = group.comparison
    if len(comparison.rows) < _FEW:
        return False
    return offers_grid(comparison) is not None or (
        len(comparison.differing) == 1 and len(numeric_keys(comparison)) == 1
    )


def _two(material: Material) -> dict[str, Any]:
    """Which two rows stand side by side: the best two, or the best of each of two models."""
    for group in material.groups:
        differing = group.comparison.differing
        models = {group.comparison.setting(row, "model.name") for row in group.comparison.rows}
        if "model.name" in differing and len(models) == _SIDE_BY_SIDE:
            return {"by": "model.name"}
    return {"runs": "top 2"}


def _slot(text: str) -> Iterator[str]:
    """A place for a person's sentences: a line that no reader of the report sees."""
    yield from ("", f'[//]: # "{text}"', "")


def _block(kind: str, **options: Any) -> Iterator[str]:
    if kind not in MAKERS:
        return
    yield f"```rnnlab {kind}"
    yield from (f"{name} = {_toml(value)}" for name, value in options.items())
    yield from ("```", "")


def _toml(value: bool | str | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else "[" + ", ".join(f'"{each}"' for each in value) + "]"
