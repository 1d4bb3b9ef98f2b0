"""The page of commands is what the help texts say, and its examples are commands that exist."""

from __future__ import annotations

import shlex

import click
import pytest

from rnnlab.cli.main import cli
from scripts.commands_page import EXAMPLES, PAGE, commands, page


def test_the_page_is_made_from_the_help_texts() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python scripts/commands_page.py"


def test_every_command_has_an_example() -> None:
    assert set(EXAMPLES) == {name for name, _ in commands()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_parsed_by_its_command(name: str) -> None:
    program, *arguments = shlex.split(EXAMPLES[name])
    assert program == "rnnlab"
    command: click.Command = cli
    context = click.Context(cli)
    for word in name.split():
        assert isinstance(command, click.Group)
        assert arguments.pop(0) == word
        found = command.get_command(context, word)
        assert found is not None
        command = found
    command.make_context(name, arguments).close()
