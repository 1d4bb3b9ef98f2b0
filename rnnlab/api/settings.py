"""Settings of a run as keyword arguments: named as the command line's flags, with underscores."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from rnnlab.config import FIELDS, RunConfig, UnknownKey, UsageError, field_of, read_settings
from rnnlab.config.plain import PLAIN
from rnnlab.config.suggested import with_suggested
from rnnlab.config.tree import check_effect


def key_of(name: str) -> str:
    """The key of the setting that a keyword names.

    It is named by its flag (`lr`, `batch`), its key with `__` (`optim__momentum`), or the key's last part where no other has
    it (`momentum`). Raises `UnknownKey`, naming the nearest one.
    """
    by_flag = {field.setting.flag[2:].replace("-", "_"): key for key, field in FIELDS.items() if field.setting.flag}
    if name in by_flag:
        return by_flag[name]
    if "__" in name:
        return field_of(name.replace("__", ".", 1)).key
    ends = [key for key, field in FIELDS.items() if field.name == name]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UsageError(
            f"{name!r} names {len(ends)} settings; write {' or '.join(k.replace('.', '__') for k in ends)}"
        )
    names = sorted({*by_flag, *(field.name for field in FIELDS.values())})
    near = difflib.get_close_matches(name, names, n=1)
    raise UnknownKey(name, None, ", ".join(names), near[0] if near else None)


def config_from_keywords(
    task: str,
    named: Mapping[str, object],
    settings: Mapping[str, object],
    *,
    file: str | os.PathLike[str] | None = None,
    plain: bool = False,
) -> RunConfig:
    """The configuration of `task`: the `file`'s settings, `plain` ones over them, those by key and by keyword over all.

    Raises `UsageError` and `ConfigError` as the command line does, and where a setting is given twice.
    """
    given: dict[str, object] = {"task.name": task}
    for key, value in (*settings.items(), *((key_of(name), value) for name, value in named.items())):
        field_of(key, value)
        if key in given:
            raise UsageError(f"{key} is given twice; leave one of them out")
        given[key] = os.fspath(value) if isinstance(value, os.PathLike) else value
    base = read_settings(Path(file)) if file is not None else {}
    before = str(base.get("task.name", task))
    held = {key: value for key, value in base.items() if before == task or FIELDS[key].carries(before, task)}
    config = RunConfig.from_settings(_suited({**held, **(PLAIN if plain else {}), **given}))
    check_effect(config, given)
    return config


def _suited(settings: dict[str, object]) -> dict[str, object]:
    """`settings`, of somebody's own data with what suits these where they are not set; a doubt about it is a warning."""
    if settings.get("task.name") != "own" or not settings.get("data.path"):
        return settings
    from rnnlab.tasks.own.check import known_data
    from rnnlab.tasks.own.common.findings import Refusal

    doubts: list[str] = []
    try:
        known = known_data(settings, say=doubts.append)
    except Refusal as refusal:
        if refusal.kind != "missing":
            raise
        return settings  # whoever needs the file reports that it is not there
    for doubt in doubts:
        warnings.warn(doubt, stacklevel=4)
    return settings if known is None else with_suggested(settings, known)
