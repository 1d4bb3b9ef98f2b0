"""A recipe's sweeps from the command line: one after the other, then what came of them beside what was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.cli.echo import echo, line_width
from rnnlab.cli.main import INTERRUPTED
from rnnlab.cli.predicted import predicted
from rnnlab.cli.recipe_lines import outcome_lines
from rnnlab.cli.terminal import out, show
from rnnlab.config import UsageError
from rnnlab.recipes.catalog import recipe_called
from rnnlab.recipes.outcome import outcome_of
from rnnlab.recipes.recipe import Part, Recipe
from rnnlab.runs.folders import Session, is_session, sessions_root
from rnnlab.tasks.download.data_folders import is_here
from rnnlab.text.palette import terminal_palette


def carry_out_recipe(name: str, options: Mapping[str, Any]) -> int:
    """Do to the recipe's sweeps what the command line asks for. Returns the exit code; raises `UsageError`.

    A sweep in which runs fail stops no other.
    """
    from rnnlab.cli import sweep_watch
    from rnnlab.sweeps.sweep import Sweep

    recipe = recipe_called(name)
    quick, begins = options["quick"], not any(options[each] for each in ("status", "stop", "attach", "dry_run"))
    parts = _parts(recipe, options["part"])
    if begins:
        check_data(recipe, parts)
    code = 0
    for part in parts:
        specification = part.specification(quick)
        session = Session(sessions_root() / recipe.session_name(part, quick))
        if not options["as_json"]:
            echo(f"{session.name}: {part.title}", err=begins)
        if options["dry_run"]:
            sweep_watch.dry_run(session, specification, options["as_json"])
            continue
        if not begins and not is_session(session):
            if not options["as_json"]:
                echo("not begun yet")
            continue
        sweep = Sweep(session, specification)
        sweep_watch.check_allowed(sweep)
        found = sweep_watch.carry_out(sweep, options)
        if found == INTERRUPTED:
            return found
        code = max(code, found)
    if begins and not options["detach"] and not options["as_json"]:
        outcome = outcome_of(recipe, quick=quick, predict=predicted)
        show(outcome_lines(outcome, terminal_palette(), line_width()), out())
    return code


def _parts(recipe: Recipe, wanted: str | None) -> tuple[Part, ...]:
    """The sweep that is wanted, or all. Raises `UsageError`."""
    if wanted is None:
        return recipe.parts
    found = tuple(part for part in recipe.parts if part.name == wanted)
    if not found:
        names = ", ".join(part.name for part in recipe.parts)
        raise UsageError(f"--part {wanted!r} is no sweep of the recipe {recipe.name}; it has {names}")
    return found


def missing(recipe: Recipe) -> list[str]:
    """The commands that fetch the data sets which the recipe needs and which are not here."""
    return [f"rnnlab data fetch {task}" for task in recipe.tasks if not is_here(TASKS[task])]


def check_data(recipe: Recipe, parts: tuple[Part, ...]) -> None:
    """Raise `UsageError`, naming the command that fetches it, where a data set is not here."""
    for task in dict.fromkeys(part.task for part in parts):
        if not is_here(TASKS[task]):
            raise UsageError(
                f"the recipe {recipe.name} needs the data set {task}; fetch it with: rnnlab data fetch {task}"
            )
