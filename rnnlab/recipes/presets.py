"""Presets: settings for one run on a task, taken from the recipes, each with the figure that was published for it.

Nothing is measured or guessed here: where no figure was published, the preset says so, and "best known" is not offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, RunConfig, UsageError
from rnnlab.config.net import describe_net
from rnnlab.config.plain import PLAIN, plain_text
from rnnlab.models.plan.count import count_parameters
from rnnlab.models.plan.plan_for_task import matched_to, plan_for
from rnnlab.recipes.catalog import all_recipes
from rnnlab.recipes.recipe import Part, Published, Recipe
from rnnlab.sweeps.space import Choices
from rnnlab.text.numbers import figure as figure_text
from rnnlab.text.numbers import probability

OWN, PLAINLY, BEST, SMALLEST = "own settings", "plain", "best known", "smallest that works"
_SETS = {"train": "training", "validation": "validation", "test": "test"}
NEAR_SHARE, NEAR_ERROR = 0.9, 2.0
"""A smaller net works where it has nine tenths of the best published share, or at most twice the least published error."""
_SHARES, _ERRORS = ("accuracy", "balanced_accuracy", "macro_f1"), ("mae", "rmse")
"""Figures that say how well a net does; a loss depends on how it is defined."""


@dataclass(frozen=True)
class Preset:
    """Settings of one run, by key, and where they are from.

    `title`: the net. `figure`: what was published for it, in words. `source`: who published it. `notes`: how the figure was
    obtained and why another one is to be expected here. `parameters`: of its net; 0: known only with the data.
    """

    name: str
    title: str
    settings: Mapping[str, Any]
    figure: str
    source: str = ""
    notes: tuple[str, ...] = ()
    parameters: int = 0
    recipe: str = ""


@dataclass(frozen=True)
class _Candidate:
    """A configuration that a figure was published for."""

    recipe: Recipe
    part: Part
    published: Published
    config: RunConfig
    settings: Mapping[str, Any]
    parameters: int

    @property
    def value(self) -> float:
        """The published value, of a span its middle."""
        low, high = self.published.low, self.published.high
        return ((low or 0.0) + (high or 0.0)) / 2

    @property
    def scored(self) -> bool:
        """Whether a number says how well the net does on whole sequences that it was not trained on."""
        published = self.published
        held_out = published.subset != "train" and not published.extra
        return published.low is not None and held_out and published.figure in (*_SHARES, *_ERRORS)


def presets_of(task: str) -> list[Preset]:
    """The presets of a task: its own settings, plain ones, and what its recipes published."""
    card = TASKS[task]
    defaults = RunConfig.from_settings({"task.name": task})
    found = [
        Preset(OWN, _net(defaults), {}, "the lab's own choice for this task", parameters=_parameters(defaults, card)),
        *_published_presets(card),
    ]
    plainly = {key: value for key, value in PLAIN.items() if defaults.applies(key)}
    title = f"{_net(defaults)}, as a first course would train it"
    return [
        *found,
        Preset(PLAINLY, title, plainly, "no figure", notes=(plain_text(),), parameters=_parameters(defaults, card)),
    ]


def _published_presets(card: TaskCard) -> Iterator[Preset]:
    candidates = list(_candidates(card))
    scored = [each for each in candidates if each.scored]
    best = smallest = None
    if scored:
        by_metric = [each for each in scored if each.published.figure == card.metric]
        figure = card.metric if by_metric else Counter(each.published.figure for each in scored).most_common(1)[0][0]
        alike = [each for each in scored if each.published.figure == figure]
        error = figure in _ERRORS
        best = (min if error else max)(alike, key=lambda each: each.value)
        limit = best.value * (NEAR_ERROR if error else NEAR_SHARE)
        works = [each for each in alike if (each.value <= limit if error else each.value >= limit) and each.parameters]
        smallest = min(works, key=lambda each: each.parameters, default=None)
        few = f"of {len(alike)} published figure{'s' if len(alike) > 1 else ''} of {figure.replace('_', ' ')}"
        yield _preset(BEST, best, few)
    if (typical := _typical(candidates)) is not None and (best is None or typical.config != best.config):
        name = "as in the tutorial" if "tutorial" in typical.recipe.source else "as in the course"
        yield _preset(name if typical.recipe.letter else "as published", typical)
    if best is not None and smallest is not None and smallest.parameters < best.parameters:
        near = f"at most {NEAR_ERROR:g} times the best" if error else f"at least {NEAR_SHARE:g} of the best"
        yield _preset(SMALLEST, smallest, f"the fewest parameters {few} with {near}")


def _typical(candidates: Sequence[_Candidate]) -> _Candidate | None:
    """A configuration as it was first published: of a tutorial, else of a course, else of anybody."""

    def rank(each: _Candidate) -> tuple[bool, ...]:
        named, first = "model.name" in each.settings, each.settings == each.part.full.settings
        return "tutorial" not in each.recipe.source, not each.recipe.letter, not named, not first, not each.scored

    return min(candidates, key=rank, default=None)


def _candidates(card: TaskCard) -> Iterator[_Candidate]:
    for recipe in all_recipes():
        for part in recipe.parts:
            if part.task != card.name:
                continue
            for published in part.published:
                for settings in _settings_of(part, published):
                    try:
                        config = RunConfig.from_settings(settings)
                        if part.full.parameters:
                            config, _ = matched_to(config, part.full.parameters, card)
                            settings = {**settings, "model.hidden": config.model.hidden}
                    except UsageError:
                        continue
                    yield _Candidate(recipe, part, published, config, settings, _parameters(config, card))


def _settings_of(part: Part, published: Published) -> Iterator[dict[str, Any]]:
    """The settings of the runs that the figure belongs to, where they are one configuration."""
    specification = part.full
    if specification.method != "one-at-a-time" and not specification.over.keys() <= published.runs.keys():
        return
    listed = [
        point
        for point in specification.listed
        if all(point.get(key, value) == value for key, value in published.runs.items())
    ]
    if specification.listed and len(listed) != 1:
        return
    point = listed[0] if listed else {}
    if not all(isinstance(dimension, Choices) for dimension in specification.over.values()):
        return
    yield {**specification.settings, **point, **published.runs}


def _preset(name: str, of: _Candidate, note: str = "") -> Preset:
    published = of.published
    notes = (note, f"{of.part.title}: {published.title}", published.how, published.why)
    return Preset(
        name,
        _net(of.config),
        {key: value for key, value in of.settings.items() if key != "task.name"},
        _figure(published),
        of.recipe.source,
        tuple(each for each in notes if each),
        of.parameters,
        of.recipe.name,
    )


def _figure(published: Published) -> str:
    """`accuracy .805 on the test set, published`."""
    name = published.figure.replace("_", " ") + (f" for {published.input}" if published.input else "")
    if published.low is None or published.high is None:
        return f"{name}: {published.words}" if published.words not in ("", "none") else "no figure"
    share = published.figure.startswith("accuracy") or published.figure in _SHARES
    low, high = (probability(value, 3) if share else figure_text(value) for value in (published.low, published.high))
    value = low if low == high else f"{low} to {high}"
    at = "" if published.epoch == "best" else ", after the last epoch"
    on = "" if published.input else f" on the {_SETS[published.subset]} set"
    return f"{name} {value}{on}{at}, published"


def _net(config: RunConfig) -> str:
    return f"{describe_net(config.model)}, {FIELDS['optim.name'].text(config.optim.name)} {config.optim.lr:g}"


def _parameters(config: RunConfig, card: TaskCard) -> int:
    """Parameters of the net; 0 where they are known only with the data."""
    plan = plan_for(config, card)
    return 0 if plan is None else sum(layer.total for layer in count_parameters(plan))
