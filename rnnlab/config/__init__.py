"""Configuration of a run: every setting declared once, with its type, bounds, choices and help."""

from rnnlab.config.files import read_config, read_settings, settings_from_toml, to_toml
from rnnlab.config.setting import Field, Setting
from rnnlab.config.tree import FIELDS, GROUPS, RunConfig, field_of, where
from rnnlab.errors import ConfigError, UnknownKey, UsageError

__all__ = [
    "FIELDS",
    "GROUPS",
    "ConfigError",
    "Field",
    "RunConfig",
    "Setting",
    "UnknownKey",
    "UsageError",
    "field_of",
    "read_config",
    "read_settings",
    "settings_from_toml",
    "to_toml",
    "where",
]
