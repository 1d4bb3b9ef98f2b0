"""`--cells FILE`: files with cells of a person's own, before or after any command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from rnnlab.cli.echo import echo
from rnnlab.errors import UsageError
from rnnlab.paths import has_usual_cells

_Command = TypeVar("_Command", bound=Callable[..., Any])


def cells_option(command: _Command) -> _Command:
    """Adds `--cells FILE` to what a command's help lists; the files are taken out of its arguments before it is called."""
    return click.option(
        "--cells",
        metavar="FILE",
        type=click.Path(),
        multiple=True,
        expose_value=False,
        help="A Python file with cells of your own (@rnnlab.cell), which is imported; see docs/python.md.",
    )(command)


def choose_cells(arguments: list[str]) -> list[str]:
    """The arguments without `--cells FILE`, once the cells of these files, and of the person's usual ones, are listed.

    Called before any command is imported, as what a command may be given is made of the list. Raises `UsageError`.
    """
    left: list[str] = []
    files: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            left += [argument, *rest]
        elif argument == "--cells":
            if (file := next(rest, None)) is None:
                raise UsageError("--cells needs a file: --cells mycell.py")
            files.append(file)
        elif argument.startswith("--cells="):
            files.append(argument.removeprefix("--cells="))
        else:
            left.append(argument)
    if files or has_usual_cells():
        from rnnlab.engines.cells import choose_files, choose_usual

        choose_files(files, on_check=lambda path: echo(f"reading the cells of {path} …", err=True))
        if problem := choose_usual():
            echo(f"warning: {problem}", err=True)
    return left
