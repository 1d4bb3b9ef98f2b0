"""The specification that is written for a session: headings, places for a person's sentences, and the blocks that suit it."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.plots.comparison.columns import short_key
from rnnlab.plots.comparison.grid import offers_grid
from rnnlab.plots.comparison.over import numeric_keys
from rnnlab.reports.blocks.notes import has_notes
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.data_summary import DataSummary
from rnnlab.text.markdown import escape

_FEW = 3
"""Rows of a table from which on they are drawn over their settings."""
_SIDE_BY_SIDE = 2


def specification_text(material: Material) -> str:
    """The Markdown of a specification that fits the runs: what they predict, how many there are, in what they differ."""
    return "\n".join(_lines(material)).rstrip() + "\n"


def title_of_runs(material: Material) -> str:
    """A title: the data, and what was varied."""
    titles = dict.fromkeys(data.title for data in _data(material))
    varied = [short_key(key) for key in material.differing if key != "train.test"]
    names = dict.fromkeys(source.session.name for source in material.sources)
    title = ", ".join(titles) or ", ".join(names) or "Report"
    return f"{title}: {', '.join(varied)}" if varied else title


def _data(material: Material) -> Iterator[DataSummary]:
    """The data of each group of which a run has begun."""
    states = map(material.begun, material.groups)
    return (state.started.data for state in states if state is not None and state.started is not None)


def _lines(material: Material) -> Iterator[str]:
    yield f"# {escape(title_of_runs(material))}"
    yield from _slot("Your name, the course, the date.")
    yield from _section("What was asked", "What did you want to find out, and what did you expect?", _block("overview"))
    if has_notes(material):
        yield from _section("Notes", "", _block("notes"))
    yield from _section("The data", "What is there to know of the data? What makes them hard?", _block("data"))
    yield from _section("Results", "What does the table show?", *_results(material))
    yield from _section(
        "Learning curves", "Did training converge? Where does validation part from training?", *_curves(material)
    )
    problems = {data.problem for data in _data(material)}
    if any("classification" in problem for problem in problems):
        two = _two(material) if _most_rows(material) > 1 else {}
        yield from _section(
            "Mistakes",
            "Which classes are confused, and why might that be?",
            *(_block("confusion", **two), _block("classes", **two), _block("errors")),
        )
    else:
        drawn = [_block("forecast")] if any("forecast" in problem for problem in problems) else []
        yield from _section("Predictions", "Where is the net far off?", *drawn, _block("errors"))
    if any(row.extra for group in material.groups for row in group.comparison.rows):
        yield from _section(
            "Other lengths, and the first steps alone",
            "What does the net do on sequences that it was not trained on? How early can it tell?",
            _block("further"),
        )
    yield from _section(
        "Questions", "Keep those that your course asks; the lab answers only what these runs show.", _block("questions")
    )
    yield from _section("What went wrong", "", _block("warnings"))
    yield from _section("Exact configuration", "", _block("config"))
    yield from _section("How to repeat it", "", _block("repeat"))


def _results(material: Material) -> Iterator[Iterator[str]]:
    yield _block("table")
    if any(source.specification is not None and source.specification.recipe is not None for source in material.sources):
        yield _block("published")
    if any(offers_grid(group.comparison) is not None for group in material.groups):
        yield _block("table", grid=True)
    if any(_can_be_drawn(group) for group in material.groups):
        yield _block("over")
    yield _block("statistics")


def _curves(material: Material) -> Iterator[Iterator[str]]:
    both = {"part": "both"} if _most_rows(material) == 1 else {}
    yield _block("curves", figure="loss", **both)
    yield _block("curves", **both)


def _most_rows(material: Material) -> int:
    return max((len(group.comparison.rows) for group in material.groups), default=0)


def _can_be_drawn(group: Group) -> bool:
    """Whether a drawing over the settings shows more than the table: over one number, or two settings with a full table."""
    comparison = group.comparison
    if len(comparison.rows) < _FEW:
        return False
    return offers_grid(comparison) is not None or (
        len(comparison.differing) == 1 and len(numeric_keys(comparison)) == 1
    )


def _two(material: Material) -> dict[str, str]:
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


def _section(title: str, slot: str, *blocks: Iterator[str]) -> Iterator[str]:
    yield f"## {title}"
    if slot:
        yield from _slot(slot)
    for lines in blocks:
        yield from lines


def _block(kind: str, **options: bool | str) -> Iterator[str]:
    yield f"```rnnlab {kind}"
    yield from (f"{name} = {_toml(value)}" for name, value in options.items())
    yield from ("```", "")


def _toml(value: bool | str) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'
