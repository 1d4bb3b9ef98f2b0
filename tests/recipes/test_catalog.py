"""The recipes that ship with the package: their sweeps can be made, and each published figure has its runs."""

from __future__ import annotations

import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import UsageError
from rnnlab.recipes.catalog import all_recipes, recipe_called, recipe_names
from rnnlab.recipes.recipe import Part, Published
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.points import Point, points_of
from rnnlab.sweeps.specification import from_toml

PARTS = [(recipe, part) for recipe in all_recipes() for part in recipe.parts]
OF_SEVERAL = {"LSTMs, worst to best"}
"""Titles of figures that were published of several configurations together."""
COURSES = {
    "A": {"sinusoids", "vigenere"},
    "B": {"names", "har"},
    "C": {"names"},
    "D": {"binary", "overfit", "sales", "names"},
    "E": {"gestures"},
}
"""The tasks of each course report."""


def points_in(part: Part, quick: bool) -> tuple[Point, ...]:
    specification = part.specification(quick)
    found = points_of(specification, completer(part.task, specification.parameters))
    assert not found.invalid
    assert not found.unread
    return found.points


def those_of(points: tuple[Point, ...], settings: dict[str, object]) -> int:
    return sum(all(point.config.get(key) == value for key, value in settings.items()) for point in points)


def test_every_course_has_its_recipes() -> None:
    found: dict[str, set[str]] = {}
    for recipe in all_recipes():
        if recipe.letter:
            found.setdefault(recipe.letter, set()).update(recipe.tasks)
    assert found == COURSES


@pytest.mark.parametrize(("recipe", "part"), PARTS, ids=lambda each: each.name)
def test_each_published_figure_belongs_to_one_configuration(recipe: object, part: Part) -> None:
    full = points_in(part, quick=False)
    assert points_in(part, quick=True)
    for figure in part.published:
        number = those_of(full, dict(figure.runs))
        assert number == 1 or (figure.title in OF_SEVERAL and number > 1), figure.title
    assert len({figure.title for figure in part.published}) == len(part.published)


@pytest.mark.parametrize(("recipe", "part"), PARTS, ids=lambda each: each.name)
def test_what_stands_beside_a_figure_is_one_configuration_of_the_same_task(recipe: object, part: Part) -> None:
    (owner,) = [each for each in all_recipes() if part in each.parts]
    beside = owner.part_beside(part)
    wanted = [figure for figure in part.published if figure.ours]
    assert not wanted or beside is not None
    if beside is not None:
        assert beside.task == part.task
        points = points_in(beside, quick=False)
        assert all(those_of(points, dict(figure.ours)) == 1 for figure in wanted)


@pytest.mark.parametrize(("recipe", "part"), PARTS, ids=lambda each: each.name)
def test_a_number_that_was_published_says_how_it_was_obtained(recipe: object, part: Part) -> None:
    def explained(figure: Published) -> bool:
        return figure.low is None or bool(figure.how and figure.why)

    assert all(map(explained, part.published))


@pytest.mark.parametrize(("recipe", "part"), PARTS, ids=lambda each: each.name)
def test_a_session_keeps_the_sweep_and_whose_it_is(recipe: object, part: Part) -> None:
    for quick in (False, True):
        specification = part.specification(quick)
        assert from_toml(specification.to_toml(), "sweep.toml") == specification
        assert specification.recipe is not None
        assert specification.recipe.quick is quick


def test_no_recipe_is_called_like_a_task() -> None:
    assert not set(recipe_names()) & set(TASKS)


def test_a_name_that_is_none_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"there is no recipe 'cypher' \(did you mean cipher\?\)"):
        recipe_called("cypher")
