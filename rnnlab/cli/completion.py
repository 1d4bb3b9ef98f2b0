"""Shell completion: what may stand where TAB is pressed. The commands name these functions beside their arguments.

Only what a shell reads as it stands is offered: a folder whose name holds a space, a quote or a `$` would be taken for something
else, or carried out, on the line it was put into. What is offered ends in `=` or `/` where more follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from click import Context, Parameter
from click.shell_completion import CompletionItem

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, Field
from rnnlab.recipes.catalog import recipe_names
from rnnlab.runs.commands import LIVE_SETTINGS
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import Session

Completer = Callable[[Context, Parameter, str], list[CompletionItem[str]]]
"""Gives what an argument may be, of what begins as it does."""

_PLAIN = re.compile(r"[\w./+@%:,=-]+", re.ASCII)


def _beginning(incomplete: str, values: Iterable[tuple[str, str]]) -> list[CompletionItem[str]]:
    """Of pairs of a value and a line of help those that go on from `incomplete`."""
    return [
        CompletionItem(value, help=about or None)
        for value, about in values
        if value.startswith(incomplete) and _PLAIN.fullmatch(value)
    ]


def tasks(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Tasks, which are data sets, too."""
    return _beginning(incomplete, ((name, card.title) for name, card in TASKS.items()))


def recipes(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completions of a recipe's name."""
    return _beginning(incomplete, ((name, "recipe") for name in recipe_names()))


def swept(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completions of what a sweep may be of: a task, or a recipe."""
    return tasks(ctx, param, incomplete) + recipes(ctx, param, incomplete)


def fetched(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Data sets that can be fetched."""
    return _beginning(incomplete, ((name, card.title) for name, card in TASKS.items() if not card.offline))


def models(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completions of an architecture's name."""
    return _beginning(incomplete, ((name, card.title) for name, card in MODELS.items()))


def among(values: Mapping[str, object]) -> Completer:
    """The names of `values`."""
    return lambda _ctx, _param, incomplete: _beginning(incomplete, ((name, "") for name in values))


def files(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Files and folders, as the shell lists them."""
    return [CompletionItem(incomplete, type="file")]


def sessions(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Sessions, the one last worked in first."""
    return _beginning(incomplete, ((session.name, "") for session in list_sessions()))


def sessions_or_latest(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completions of a session's name, and `latest`."""
    return _beginning(incomplete, [("latest", "the session last worked in")]) + sessions(ctx, param, incomplete)


def runs(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """`latest`; the runs of the session last worked in, by name or by number; sessions, and behind a session's name its runs.

    A number is offered once its first digit stands, and so are paths from their first dot or slash on.
    """
    if incomplete.startswith((".", "/", "~")):
        return [CompletionItem(incomplete, type="file")]
    found = list_sessions()
    session, slash, begun = incomplete.partition("/")
    if slash:
        names = [name for each in found if each.name == session for name in _runs_of(each, begun)]
        return _beginning(incomplete, ((f"{session}/{name}", "") for name in ["latest", *names]))
    here = _runs_of(found[0], incomplete) if found else []
    offered = ["latest", *here, *(f"{each.name}/" for each in found)]
    return _beginning(incomplete, ((name, "") for name in offered))


def _runs_of(session: Session, begun: str) -> list[str]:
    """The names of a session's runs, the last one first; then their numbers, where a number is `begun`."""
    names = [run.name for run in reversed(session.runs())]
    numbers = [match[1] for name in names if (match := re.match(r"0*(\d+)-", name))] if begun.isdigit() else []
    return names + numbers


def runs_or_sessions(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completions of a run's name in any session, and of a session's name."""
    return runs(ctx, param, incomplete) + ([] if "/" in incomplete else sessions(ctx, param, incomplete))


def held_tags(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The tags that the named session or run has, to be taken away."""
    from rnnlab.cli.manage import run_or_session
    from rnnlab.runs.notes import notes_of

    held = notes_of(run_or_session(ctx.params["target"])).tags if ctx.params.get("target") else ()
    return _beginning(incomplete, ((f"-{tag}", "take it away") for tag in held))


def choices_of(field: Field) -> Completer:
    """The values a setting may have, where they can be counted."""

    def complete(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
        return _values(field, incomplete, "")

    return complete


def settings(prefix: str = "") -> Completer:
    """`KEY=VALUE` of the settings whose keys begin with `prefix`: first the key, then its values where they can be counted."""

    def complete(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
        key, equals, value = incomplete.partition("=")
        if not equals:
            return _keys(incomplete, (key for key in FIELDS if key.startswith(prefix)))
        return _values(FIELDS[key], value, f"{key}=") if key in FIELDS else []

    return complete


def tasks_and_settings(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """A task, and behind it `KEY=VALUE` of the settings."""
    complete = settings() if ctx.params.get("words") else tasks
    return complete(ctx, param, incomplete)


def setting_keys(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Keys of settings, with commas between them."""
    before, comma, _ = incomplete.rpartition(",")
    return _beginning(incomplete, ((f"{before}{comma}{key}", field.setting.help) for key, field in FIELDS.items()))


def live_settings(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The settings that can be changed while a run trains, behind `set`."""
    if ctx.params.get("what") != "set" or "=" in incomplete:
        return []
    return _keys(incomplete, LIVE_SETTINGS)


def _keys(incomplete: str, keys: Iterable[str]) -> list[CompletionItem[str]]:
    return _beginning(incomplete, ((f"{key}=", FIELDS[key].setting.help) for key in keys))


def _values(field: Field, incomplete: str, key: str) -> list[CompletionItem[str]]:
    """The values of a field that begin so, each behind `key`."""
    if field.key == "data.path":
        return [CompletionItem(key + incomplete, type="file")]
    values = list(field.setting.choices)
    if field.kind == "bool":
        values = ["true", "false"]
    if field.setting.optional:
        values.append(field.setting.none)
    return _beginning(key + incomplete, ((key + value, "") for value in values))
