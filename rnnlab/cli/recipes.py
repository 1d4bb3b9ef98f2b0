"""`rnnlab recipes`: the published experiments, each with its sweeps and what came of them here."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from typing import Any

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.table_output import FORMATS, format_for, write_tables
from rnnlab.cli.terminal import PIPED_WIDTH, out, show
from rnnlab.config import FIELDS, UsageError
from rnnlab.recipes.catalog import all_recipes, recipe_called
from rnnlab.recipes.recipe import Part, Recipe
from rnnlab.recipes.size import Size
from rnnlab.sweeps.cost.speed import pace
from rnnlab.sweeps.space import dimension_text
from rnnlab.text.palette import terminal_palette

_INDENT = " " * 4


@click.command("recipes")
@click.argument("name", required=False, shell_complete=completion.recipes)
@click.option("--quick", is_flag=True, help="What came of the quick form, of minutes, instead of the full one.")
@click.option(
    "--to", "target", type=click.Choice(list(FORMATS)), help="Write the table as Markdown, CSV or LaTeX (booktabs)."
)
@click.option("-o", "file", metavar="FILE", help="Write it to a file; its ending says the format: .md, .csv, .tex.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
def command(name: str | None, quick: bool, target: str | None, file: str | None, as_json: bool) -> None:
    """List the recipes, or show NAME: what is asked, its sweeps, and the published figures beside those measured here.

    `rnnlab sweep NAME` carries one out, `rnnlab sweep NAME --quick` in minutes; what was interrupted is resumed by the same
    command. Times are estimates for this machine, on all cores.
    """
    target = format_for(target, file)
    if name is None:
        if quick or target is not None:
            raise UsageError(
                f"{'--quick' if quick else '--to'} is of one recipe: name it, as rnnlab recipes names-grid"
            )
        _list(as_json)
        return
    recipe = recipe_called(name)
    from rnnlab.cli.predicted import predicted
    from rnnlab.recipes.outcome import outcome_of

    outcome = outcome_of(recipe, quick=quick, predict=predicted)
    if as_json:
        echo_json(
            _document(recipe) | {"quick": quick, "figures": outcome.table.values_by_name(), "reasons": outcome.reasons}
        )
    elif target is not None:
        write_tables([outcome.table], target, file)
    else:
        from rnnlab.cli.recipe_lines import outcome_lines

        echo(*_described(recipe, quick), "")
        show(outcome_lines(outcome, terminal_palette(), line_width()), out())


def _width() -> int:
    return min(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, PIPED_WIDTH)


def _list(as_json: bool) -> None:
    recipes = all_recipes()
    if as_json:
        echo_json([_document(each) for each in recipes])
        return
    slower = pace() or 1.0
    names = max(len(each.name) for each in recipes) + 2
    for recipe in recipes:
        echo(f"{recipe.name:<{names}}{recipe.title}", *_wrapped(_summary(recipe, slower), " " * names))
    echo("", "rnnlab recipes NAME shows one; rnnlab sweep NAME [--quick] carries it out.")


def _summary(recipe: Recipe, slower: float) -> str:
    """What it trains on, how long it takes in both forms, and how to get what it needs."""
    from rnnlab.cli.recipe_lines import size_of
    from rnnlab.cli.recipe_sweep import missing

    full, quick = (sum((size_of(part, form, slower) for part in recipe.parts), Size()) for form in (False, True))
    fetched = "".join(f"; not here yet: {fetch}" for fetch in missing(recipe))
    return f"{', '.join(recipe.tasks)}: {full.text}; --quick: {quick.text}{fetched}"


def _described(recipe: Recipe, quick: bool) -> list[str]:
    """The recipe's questions, its sweeps and its commands."""
    from rnnlab.cli.recipe_lines import size_of
    from rnnlab.cli.recipe_sweep import missing

    slower = pace() or 1.0
    lines = [f"{recipe.title} ({recipe.name})", *_wrapped(recipe.source)]
    lines += ["", *(line for question in recipe.questions for line in _wrapped(f"- {question}", hanging=2))]
    for part in recipe.parts:
        size = size_of(part, quick, slower)
        lines += ["", *_wrapped(f"{recipe.session_name(part, quick)}: {part.title} ({size.text})")]
        lines += [line for text in _settings(part, quick) for line in _wrapped(text, _INDENT, hanging=2)]
    lines += ["", f"rnnlab sweep {recipe.name}{' --quick' if quick else ''}"]
    return lines + [f"needs data that are not here yet: {fetch}" for fetch in missing(recipe)]


def _settings(part: Part, quick: bool) -> list[str]:
    """What the sweep tries, and what all its runs share."""
    specification = part.specification(quick)
    lines = [f"over {key} = {dimension_text(key, each)}" for key, each in specification.over.items()]
    lines += [f"point {_assigned(point)}" for point in specification.listed]
    if specification.method is not None:
        lines.append(f"method {specification.method}")
    if len(specification.seeds) > 1:
        lines.append(f"seeds {', '.join(map(str, specification.seeds))}")
    return [*lines, f"all with {_assigned(specification.settings)}"]


def _assigned(settings: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={FIELDS[key].text(value)}" for key, value in settings.items())


def _wrapped(text: str, indent: str = "", hanging: int = 0) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text, max(20, _width()), initial_indent=indent, subsequent_indent=indent + " " * hanging, break_on_hyphens=False
    )


def _document(recipe: Recipe) -> dict[str, Any]:
    from rnnlab.cli.recipe_lines import size_of
    from rnnlab.cli.recipe_sweep import missing

    slower = pace() or 1.0
    parts = []
    for part in recipe.parts:
        sizes = {form: size_of(part, form == "quick", slower) for form in ("full", "quick")}
        parts.append({"name": part.name, "title": part.title, "task": part.task, "beside": part.beside, **sizes})
    return {
        "name": recipe.name,
        "title": recipe.title,
        "source": recipe.source,
        "letter": recipe.letter,
        "questions": recipe.questions,
        "tasks": recipe.tasks,
        "fetch": missing(recipe),
        "parts": parts,
    }
