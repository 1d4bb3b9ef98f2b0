"""The settings of a recorded configuration that differ from the fields' own defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab.config.tree import FIELDS, GROUPS, RunConfig

_FIELDS = {group: {field.name: field for field in FIELDS.values() if field.group == group} for group in GROUPS}
_DEFAULTS: dict[str, dict[str, Any]] = {
    group: {name: field.default for name, field in fields.items()} for group, fields in _FIELDS.items()
}
_UNKNOWN = object()
_ORDER = {key: index for index, key in enumerate(FIELDS)}


def changed_settings(config: RunConfig | Mapping[str, Any]) -> dict[str, Any]:
    """The values by key, in the order of the fields; of a tree, or of the nested document that a log holds.

    A field that a document of an older version lacks was at its default. Never raises: a document from elsewhere may hold
    anything; unknown groups and fields are left out.
    """
    if isinstance(config, RunConfig):
        return {key: value for key, field in FIELDS.items() if (value := config.get(key)) != field.default}
    changed = {}
    for group, members in config.items():
        fields = _FIELDS.get(group)
        if fields is None or not isinstance(members, Mapping):
            continue
        defaults = _DEFAULTS[group]
        # Most are at their default, and this is called for thousands of runs.
        others = [(name, value) for name, value in members.items() if value != defaults.get(name, _UNKNOWN)]
        for name, value in others:
            field = fields.get(name)
            if field is None:
                continue
            held = tuple(value) if isinstance(value, list) else value
            if held != field.default and _holdable(held):
                changed[field.key] = held
    return {key: changed[key] for key in sorted(changed, key=_ORDER.__getitem__)}


def _holdable(value: Any) -> bool:
    members = value if isinstance(value, tuple) else (value,)
    return all(member is None or isinstance(member, str | int | float) for member in members)
