"""Recipes beyond the courses': other lengths, early decisions, cells of equal size, and their baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.recipes.catalog import all_recipes, recipe_called
from rnnlab.recipes.outcome import outcome_of
from rnnlab.recipes.recipe import parse_recipe
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_state
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.points import points_of
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore

BEYOND = (
    "long-lag-adding",
    "copy-memory",
    "sequential-digits",
    "length-generalisation",
    "early-decision",
    "cell-zoo",
)


@pytest.mark.parametrize("name", BEYOND)
def test_each_published_figure_belongs_to_a_configuration_that_is_tried(name: str) -> None:
    recipe = recipe_called(name)
    for part in recipe.parts:
        tried = points_of(part.full, completer(part.task, part.full.parameters)).points
        for figure in part.published:
            assert any(all(point.config.get(key) == value for key, value in figure.runs.items()) for point in tried), (
                f"{part.name}: {figure.title}"
            )
            if figure.extra:
                lengths = {
                    f"{steps}" for each in ("data.test_steps", "data.test_prefixes")
                    for steps in tried[0].config.get(each) or ()
                }  # fmt: skip
                assert lengths & set(figure.extra.split()), f"{figure.title} is measured in a further test that is made"


def test_a_recipe_on_names_stands_beside_logistic_regression_on_ngrams() -> None:
    parts = [part for recipe in all_recipes() for part in recipe.parts if part.task == "names"]
    assert parts
    for part in parts:
        assert part.full.settings.get("data.baseline") == "ngrams", part.title


SMALL = """
title = "Small"
[[sweep]]
name = "one"
title = "one net"
settings = { "task.name" = "adding", "data.rows" = 60, "data.steps" = 6, "data.test_steps" = [12], "train.epochs" = 1 }
[[sweep.published]]
title = "at the length trained at"
figure = "rmse"
value = 0.4
[[sweep.published]]
title = "at twice the length"
figure = "rmse"
extra = "12 steps"
value = 0.4
"""


def test_a_figure_of_a_further_test_is_measured_there(tmp_path: Path) -> None:
    recipe = parse_recipe(SMALL, "small", "small.toml")
    (part,) = recipe.parts
    session = create_session(recipe.session_name(part, quick=False), root=tmp_path)
    run = session.create_run(points_of(part.full, completer(part.task, part.full.parameters)).points[0].config)
    with LogWriter(run.events_path) as log:
        for event in Training(
            run.config(), load(run.config()), run=run.name, checkpoints=CheckpointStore(run)
        ).events():
            log.append(event)
    state, _ = read_state(run.events_path)
    rows = outcome_of(recipe, quick=False, root=tmp_path).table.rows
    measured = [row[2].values[0] for row in rows[:2]]
    assert measured == [float(state.final["test"]["rmse"]), float(state.extra["12 steps"]["rmse"])]


def test_a_further_test_has_no_last_epoch() -> None:
    with pytest.raises(UsageError, match="extra = '12 steps' is tested at the end alone"):
        parse_recipe(SMALL.replace('extra = "12 steps"', 'extra = "12 steps"\nepoch = "last"'), "small", "small.toml")
