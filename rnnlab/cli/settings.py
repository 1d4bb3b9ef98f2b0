"""The settings of a run on a command line: every flag is made from the field it sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from rnnlab.config import FIELDS, RunConfig, UsageError, field_of, read_settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def setting_options(command: _Command) -> _Command:
    """Adds a flag for each field that names one, `--set KEY=VALUE` for all of them, and `--config FILE`."""
    for key, field in reversed(FIELDS.items()):
        flag = field.setting.flag
        if not flag:
            continue
        name = key.replace(".", "__")
        help_text = f"{field.setting.help} [{key}; default {field.text(field.default)}]"
        if field.kind == "bool":
            option = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=help_text)
        else:
            # The text is checked by the field itself, so that the words of an error are the same everywhere.
            option = click.option(
                flag, name, metavar="|".join(field.setting.choices) or field.kind.upper(), help=help_text
            )
        command = option(command)
    command = click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any setting by its key, e.g. optim.momentum=0.9.",
    )(command)
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Start from a run.toml; flags and --set go over it.",
    )(command)


def config_from_options(
    task: str | None, config_file: Path | None, assignments: tuple[str, ...], flags: Mapping[str, object]
) -> RunConfig:
    """The configuration that a command line asks for: the file, the flags over it, `--set` over both.

    Raises `UsageError` naming key, value and what is allowed.
    """
    settings: dict[str, object] = dict(read_settings(config_file)) if config_file else {}
    settings.update({name.replace("__", "."): value for name, value in flags.items() if value is not None})
    if task is not None:
        settings["task.name"] = task
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"--set {assignment!r} is not KEY=VALUE; for example --set optim.lr=0.01")
        settings[key.strip()] = field_of(key.strip(), value).parse(value)
    config = RunConfig.from_settings(settings)
    for key in settings:
        if not config.applies(key) and config.get(key) != FIELDS[key].default and config_file is None:
            where = " and ".join(f"{other} is {' or '.join(values)}" for other, values in FIELDS[key].setting.applies)
            raise UsageError(
                f"{key} = {FIELDS[key].text(config.get(key))} has no effect here: it applies where {where}"
            )
    return config
