"""A configuration as a TOML file, `run.toml`: written once before a run, readable and usable again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rnnlab.catalog.models.own_cells import OwnCell, known, record
from rnnlab.config.tree import FIELDS, GROUPS, RunConfig, field_of
from rnnlab.errors import ConfigError, UsageError
from rnnlab.files import read_regular

FORMAT = 1
"""The version of the file's layout; a newer one is refused."""
LIMIT = 1 << 20
"""Maximum size of a file, in bytes; a written one has some thousands."""
DEEPEST = 20
"""Maximum depth of nested tables and arrays; a written file has three."""

CELL = "cell"
"""The table that records a cell of a person's own."""

_PART = r"""(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DOTTED = re.compile(rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})++")
_PARTS = 500
"""Maximum parts of a dotted key: `tomllib` takes n² steps for n of them, minutes for a file of them."""


def to_toml(config: RunConfig) -> str:
    """The whole configuration; a key that is none is left out."""
    import tomli_w

    document: dict[str, Any] = {"format": FORMAT}
    for key, field in FIELDS.items():
        value = config.get(key)
        if value is not None:
            plain = (list(value) if len(value) > 1 else value[0]) if isinstance(value, tuple) else value
            document.setdefault(field.group, {})[field.name] = plain
    if (own := known(config.model.name)) is not None:
        document[CELL] = msgspec.to_builtins(own)
    return tomli_w.dumps(document)


def settings_from_toml(text: str, where: str) -> dict[str, object]:
    """The settings in a TOML text, by key, each checked. A key of the file that is absent is none where it may be.

    Raises `UsageError` naming `where` for a text that is not TOML, a newer format, an unknown key or a wrong value.
    """
    document = parse_toml(text, where)
    version = document.pop("format", None)
    if isinstance(version, int) and version > FORMAT:
        raise UsageError(f"{where} has format {version}, this rnnlab reads up to {FORMAT}; a newer rnnlab wrote it")
    read_cell(document, where)
    settings: dict[str, object] = {}
    try:
        for group, members in document.items():
            if group not in GROUPS or not isinstance(members, dict):
                field_of(group, members)
            for name, value in members.items():
                key = f"{group}.{name}"
                settings[key] = field_of(key, value).check(value)
    except ConfigError as error:
        raise error.located(where) from None
    # A file that rnnlab wrote holds every key but those that are none, and those that its version did not have.
    return with_earlier(settings) if version is not None else settings


def read_cell(document: dict[str, Any], where: str, *, anew: bool = False) -> OwnCell | None:
    """Take out of the document what it records of a cell of a person's own, and know it by its name; `anew` as in `record`.

    None where it records none. It is data: no file is read for it. Raises `UsageError` naming `where`.
    """
    recorded = document.pop(CELL, None)
    if recorded is None:
        return None
    try:
        cell = msgspec.convert(recorded, OwnCell)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: [{CELL}] is not the record of a cell: {error}") from None
    record(cell, anew=anew)
    return cell


def with_earlier(written: Mapping[str, object]) -> dict[str, object]:
    """The settings of a configuration that a run wrote, by key, completed.

    A field that was added since had its `earlier` value, and one that may be none was none.
    """
    settings = dict(written)
    for key, field in FIELDS.items():
        if key not in settings and field.setting.earlier:
            settings[key] = field.setting.earlier[0]
        elif key not in settings and field.setting.optional:
            settings[key] = None
    return settings


def parse_toml(text: str, where: str, parse_float: Callable[[str], float] = float) -> dict[str, Any]:
    """The document in a TOML text; `parse_float` makes a number of one with a point or an exponent.

    Raises `UsageError` naming `where` for a text that is not TOML, or that is nested more deeply than a written one.
    """
    # Not at the top: the app's first frame needs the settings, and reads no file.
    import tomllib

    try:
        if any(each[0].count(".") > _PARTS for each in _DOTTED.finditer(text)):
            raise RecursionError
        document = tomllib.loads(text, parse_float=parse_float)
        if _depth(document) > DEEPEST:
            raise RecursionError
    except RecursionError:
        raise UsageError(f"{where} is nested deeper than {DEEPEST} levels; rnnlab writes no such file") from None
    except ValueError as error:  # a number of thousands of digits is one, too
        raise UsageError(f"{where} is not a TOML file: {error}") from None
    return document


def _depth(document: object) -> int:
    """Depth of nested tables and arrays, found without recursion."""
    depth, level = 0, [document]
    while level and depth <= DEEPEST:
        level = [
            member
            for each in level
            for member in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
        depth += 1
    return depth


def read_config(path: Path) -> RunConfig:
    """The configuration in the file. Raises `UsageError` as `settings_from_toml` does, and where it cannot be read."""
    return RunConfig.from_settings(read_settings(path))


def read_settings(path: Path) -> dict[str, object]:
    """The settings in the file, by key. Raises `UsageError`."""
    try:
        text = read_regular(path, LIMIT, links="follow").decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    return settings_from_toml(text, str(path))
