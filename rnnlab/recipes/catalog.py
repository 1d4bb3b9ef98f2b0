"""The recipes that ship with the package, by name."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from rnnlab.config import UsageError
from rnnlab.recipes.recipe import Recipe, parse_recipe

_FOLDER = Path(__file__).parent / "files"


@cache
def recipe_names() -> tuple[str, ...]:
    """The names of all recipes, by alphabet; no file is read."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def recipe_called(name: str) -> Recipe:
    """The recipe of that name. Raises `UsageError`, naming the nearest one."""
    if name not in recipe_names():
        near = difflib.get_close_matches(name, recipe_names(), n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UsageError(f"there is no recipe {name!r}{hint}; `rnnlab recipes` lists them")
    path = _FOLDER / f"{name}.toml"
    return parse_recipe(path.read_text(encoding="utf-8"), name, str(path))


def all_recipes() -> list[Recipe]:
    """All recipes: the courses' by letter, then the others."""
    return sorted(map(recipe_called, recipe_names()), key=lambda each: (each.letter or "~", each.name))
