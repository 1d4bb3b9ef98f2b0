"""The page of recipes, docs/recipes.md: every recipe is carried out, and the published figures stand beside those measured.

python scripts/recipes_page.py [NAME…]            carries them out in full (all, or those named) and writes the page
python scripts/recipes_page.py --quick [NAME…]    the same in their quick forms
python scripts/recipes_page.py --page             carries nothing out: the page of what there is
python scripts/recipes_page.py --sample NAME…     to standard output, from sessions in a folder of its own; exit code 1 where a
                                                  figure was not measured

What was interrupted is resumed by the same command. A recipe whose data set is not here is passed over, and the page says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rnnlab.cli.predicted import predicted
from rnnlab.cli.recipe_sweep import missing
from rnnlab.cores import cores
from rnnlab.recipes.catalog import all_recipes, recipe_called
from rnnlab.recipes.outcome import NOT_HERE, Outcome, outcome_of
from rnnlab.recipes.recipe import Recipe
from rnnlab.runs.files import write_atomically
from rnnlab.text.markdown import escape, to_markdown
from rnnlab.text.numbers import duration

PAGE = Path(__file__).parents[1] / "docs" / "recipes.md"
INTERRUPTED = 130
_INTRODUCTION = """# Recipes: published experiments, and what comes of them here

Made by `make recipes{quick}`, which carries out every recipe and resumes where it was interrupted; `rnnlab recipes` lists them,
`rnnlab sweep NAME` carries one out. Measured on {machine} with PyTorch {torch}; times depend on what else the machine did.
A figure that was published says nothing of the seed it came from, and often little of its settings: what is known of that stands
below each table. Verdicts say where a published figure lies outside of the interval of ours; without an interval they say little.
"""


def page(recipes: Sequence[Recipe], quick: bool) -> str:
    """The page in Markdown, of what the sessions hold now."""
    from importlib.metadata import version

    machine = f"{cores()} cores of {platform.machine()} ({platform.system()})"
    form = " QUICK=1" if quick else ""
    parts = [_INTRODUCTION.format(quick=form, machine=machine, torch=version("torch"))]
    return "\n".join(
        parts + [section(recipe, outcome_of(recipe, quick=quick, predict=predicted), quick) for recipe in recipes]
    )


def section(recipe: Recipe, outcome: Outcome, quick: bool) -> str:
    """A recipe: what is asked, its sweeps, its figures, and the reasons."""
    lines = [f"## {escape(recipe.title)}", "", f"From {escape(recipe.source)}.", ""]
    lines += [f"- {escape(question)}" for question in recipe.questions]
    lines += ["", f"`rnnlab sweep {recipe.name}{' --quick' if quick else ''}`:", ""]
    lines += [f"- `{recipe.session_name(part, quick)}`: {escape(part.title)}" for part in recipe.parts]
    if fetch := missing(recipe):
        lines += ["", f"Not carried out here, as data are not here: `{'`, `'.join(fetch)}`."]
    lines += ["", to_markdown([outcome.table]).rstrip(), ""]
    lines += [f"{at}. {escape(reason)}" for at, reason in enumerate(outcome.reasons, 1)]
    return "\n".join(lines) + "\n"


def carry_out(recipe: Recipe, quick: bool) -> int:
    """Carry the recipe out; the exit code of the command, where it is not that runs diverged, as some are to do."""
    if fetch := missing(recipe):
        print(f"{recipe.name}: passed over, as data are not here: {', '.join(fetch)}", flush=True)
        return 0
    began = time.monotonic()
    command = [sys.executable, "-m", "rnnlab", "sweep", recipe.name, *(["--quick"] if quick else [])]
    code = _waited_for(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    ended = "some runs failed or diverged, " if code == 1 else ""
    print(f"{recipe.name}: {ended}exit code {code} after {duration(time.monotonic() - began)}", flush=True)
    return 0 if code == 1 else code


def _waited_for(process: subprocess.Popen[bytes]) -> int:
    """Its exit code; a Ctrl-C is meant for it as well, and it stops its runs cleanly before it ends."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def unmeasured(outcome: Outcome) -> list[str]:
    """The published figures beside which there is none of ours, though their runs belong to this form and did not diverge."""
    at = [column.key for column in outcome.table.columns].index("measured")
    cells = [(row[0].text, row[at]) for row in outcome.table.rows]
    return [
        text for text, cell in cells if not cell.values[-1] and cell.text != NOT_HERE and "diverged" not in cell.text
    ]


def main(arguments: Sequence[str]) -> int:
    """Carry out what the command line names. The exit code: 1 where a figure was not measured, 130 where interrupted."""
    parser = argparse.ArgumentParser(description="Carry out the recipes and write docs/recipes.md.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path, default=PAGE, metavar="FILE", help="where the page is written")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--sample", action="store_true")
    given = parser.parse_args(arguments)
    recipes = [recipe_called(name) for name in given.names] or all_recipes()
    if given.sample:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["RNNLAB_SESSIONS"] = folder
            return sample(recipes, given.quick)
    code = 0
    for recipe in recipes if not given.page else []:
        found = carry_out(recipe, given.quick)
        if found == INTERRUPTED:
            print("interrupted; the same command resumes it", flush=True)
            return INTERRUPTED
        code = max(code, found)
    write_atomically(given.output, page(all_recipes(), given.quick).encode())
    print(f"written to {given.output}", flush=True)
    return max(code, check([each for each in recipes if not missing(each)], given.quick))


def sample(recipes: Sequence[Recipe], quick: bool) -> int:
    """Carry these out and print their page; the exit code."""
    code = max(carry_out(recipe, quick) for recipe in recipes)
    print(page(recipes, quick))
    return max(code, check(recipes, quick))


def check(recipes: Sequence[Recipe], quick: bool) -> int:
    """1 where a figure was not measured, saying which; else 0."""
    code = 0
    for recipe in recipes:
        if lacking := unmeasured(outcome_of(recipe, quick=quick, predict=predicted)):
            print(f"{recipe.name}: nothing was measured for {', '.join(lacking)}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
