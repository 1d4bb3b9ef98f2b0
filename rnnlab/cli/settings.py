"""The settings of a run on a command line: every flag is made from the field it sets."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.config import FIELDS, ConfigError, Field, RunConfig, UnknownKey, UsageError, field_of, read_settings
from rnnlab.config.plain import PLAIN, plain_text
from rnnlab.config.tree import check_effect

_Command = TypeVar("_Command", bound=Callable[..., Any])


def field_options(command: _Command, *, group: str = "") -> _Command:
    """Adds a flag for each field that names one, of one group or of all; what is given arrives as `group__name`."""
    for key, field in reversed(FIELDS.items()):
        flag = field.setting.flag
        if not flag or (group and field.group != group):
            continue
        name = key.replace(".", "__")
        usual = f"; usual {field.setting.usual}" if field.setting.usual else ""
        help_text = f"{field.setting.help} [{key}; default {field.text(field.default)}{usual}]"
        if field.kind == "bool":
            option = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=help_text)
        else:
            # The text is checked by the field itself, so that an error reads the same everywhere.
            option = click.option(
                flag, name, metavar=_metavar(field), help=help_text, shell_complete=completion.choices_of(field)
            )
        command = option(command)
    return command


def _metavar(field: Field) -> str:
    """What stands for the value: its choices, or its kind where they would fill the screen."""
    choices = "|".join(field.setting.choices)
    return choices if choices and len(choices) <= 80 else "NAME" if choices else field.kind.upper()


def set_option(command: _Command) -> _Command:
    """Adds `--set KEY=VALUE`."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any setting by its key, e.g. optim.momentum=0.9.",
        shell_complete=completion.settings(),
    )(command)


def setting_options(command: _Command) -> _Command:
    """Adds a flag for each field that names one, `--set KEY=VALUE` for all of them, and `--config FILE`."""
    command = set_option(field_options(command))
    command = click.option(
        "--plain", is_flag=True, help=f"Train in the simplest way, as first courses do: {plain_text()}."
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
    """The configuration that a command line asks for, as `settings_from_options` has it, completed.

    Raises `UsageError` naming key, value and what is allowed.
    """
    settings, given = settings_from_options(task, config_file, assignments, flags)
    config = RunConfig.from_settings(_suited(settings, given))
    check_effect(config, given)
    return config


def settings_from_options(
    task: str | None, config_file: Path | None, assignments: tuple[str, ...], flags: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """The settings by key: the file's, `--plain` over them, flags over these, `--set` over all; and those of the command line.

    Raises `UsageError`.
    """
    given = {name.replace("__", "."): value for name, value in flags.items() if "__" in name and value is not None}
    if task is not None:
        given["task.name"] = task
    given |= assigned(assignments)
    for key, value in given.items():
        _check_single(key, value, given.get("task.name"))
    settings = dict(read_settings(config_file)) if config_file else {}
    settings = _for_task(settings, given.get("task.name"))
    _say_what_was_for_another_file(settings, given)
    plain = PLAIN if flags.get("plain") else {}
    return {**settings, **plain, **given}, given


def _check_single(key: str, value: object, task: object) -> None:
    """Raises `UsageError` with the command of a sweep where `value` is not allowed as it is, but names several that are."""
    try:
        field_of(key, value).check(value)
    except UnknownKey:
        return  # whoever builds the configuration names it
    except ConfigError as error:
        from rnnlab.sweeps.space import Choices, parse_dimension

        try:
            tried = parse_dimension(key, str(value))
        except ConfigError:
            return
        if isinstance(tried, Choices) and len(tried.values) < 2:
            return
        command = shlex.join(["rnnlab", "sweep", str(task or "TASK"), "--over", f"{key}={value}"])
        raise UsageError(f"{error}; several values make a sweep: {command}") from None


def _say_what_was_for_another_file(settings: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Settings of a run's file that were worked out for its own data and stay: on stderr, where `given` names other data."""
    path = settings.get("data.path")
    if settings.get("task.name") != "own" or not path or given.get("data.path", path) == path:
        return
    from rnnlab.config.suggested import SUGGESTED

    kept = [f"{key} = {FIELDS[key].text(settings[key])}" for key in SUGGESTED if key in settings and key not in given]
    if kept:
        echo(f"kept from a run of another file, {path}: {', '.join(kept)}; override with --set", err=True)


def _suited(settings: dict[str, object], given: Container[str]) -> dict[str, object]:
    """`settings`, of somebody's own data with what suits these where they are not set.

    Says on stderr how the file was read, what was worked out, that a share among the keys `given` on the command line means
    nothing beside a validation or test part of the file's own, and that a validation part is too small to choose by.
    """
    if settings.get("task.name") != "own" or not settings.get("data.path"):
        return settings
    from rnnlab.cli.check import ReadingProgress, show_notes
    from rnnlab.config.suggested import few_validated_text, suited_text, validated_by, with_suggested
    from rnnlab.tasks.own.check import known_data
    from rnnlab.tasks.own.common.findings import Refusal

    progress = ReadingProgress()
    notes: list[str] = []
    try:
        known = known_data(settings, progress.show, read_as=notes.extend)
    except Refusal as refusal:
        if refusal.kind != "missing":
            raise
        known = None  # whoever needs the file reports that it is not there
    finally:
        progress.close()
    if notes:
        show_notes(notes)
    if known is None:
        return settings
    for key, part, count in (("data.test", "test", known.tested), ("data.validation", "validation", known.validated)):
        if key in given and count and settings.get("data.split", "distinct") in ("distinct", "published"):
            echo(
                f"{key} has no effect: the data come with a {part} part of {count:,} sequences, which stays the {part} part; "
                "data.split=random draws another",
                err=True,
            )
    suited = with_suggested(settings, known)
    if text := suited_text(known, settings, suited):
        echo(f"{text}; override with --set", err=True)
    few = few_validated_text(validated_by(known, RunConfig.from_settings(suited)))
    if few and "data.validation" not in settings:
        echo(few, err=True)
    return suited


def _for_task(settings: dict[str, object], task: object) -> dict[str, object]:
    """A file's settings for the task that a command line names: those that mean the same for it as for the file's own."""
    before = str(settings.get("task.name", task))
    if task is None or task == before:
        return settings
    return {key: value for key, value in settings.items() if FIELDS[key].carries(before, str(task))}


def assigned(assignments: tuple[str, ...]) -> dict[str, object]:
    """What `--set KEY=VALUE`, or a bare KEY=VALUE, gives, by key. Raises `UsageError`."""
    settings: dict[str, object] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"{assignment!r} is not KEY=VALUE; for example optim.lr=0.01")
        settings[key.strip()] = _parsed(key.strip(), value)
    return settings


def _parsed(key: str, value: str) -> object:
    try:
        return field_of(key, value).parse(value)
    except ConfigError as error:
        if ";" in value or ".." in value:
            raise UsageError(
                f"{error}; several values are tried by: rnnlab sweep TASK --over '{key}={value}'"
            ) from None
        raise


def task_and_settings(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The task among the words of a command line, which is the first one unless that is a KEY=VALUE, and the KEY=VALUEs.

    Raises `UsageError` for a second word that is no KEY=VALUE.
    """
    task = words[0] if words and "=" not in words[0] else None
    rest = words[1:] if task is not None else words
    if other := next((word for word in rest if "=" not in word), None):
        raise UsageError(f"{other!r} is not KEY=VALUE, for example optim.lr=0.01; one task is trained at a time")
    return task, rest
