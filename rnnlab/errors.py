"""Errors that a person can mend: the same sentence in the form, on the command line and from a file."""

from __future__ import annotations


class UsageError(Exception):
    """Error of usage: one readable sentence, exit code 2."""


class ConfigError(UsageError):
    """A key holds a value that is not allowed.

    `key`, `value` and `allowed` are attributes, so that a form can show them beside the field.
    """

    def __init__(self, key: str, value: object, allowed: str, suggestion: str | None = None, where: str = "") -> None:
        self.key = key
        self.value = value
        self.allowed = allowed
        self.suggestion = suggestion
        self.where = where
        super().__init__(key, value, allowed)

    def located(self, where: str) -> ConfigError:
        """The same error, naming the file that holds the value."""
        return ConfigError(self.key, self.value, self.allowed, self.suggestion, where)

    def __str__(self) -> str:
        value = repr(self.value) if isinstance(self.value, str) else _plain(self.value)
        prefix = f"{self.where}: " if self.where else ""
        return f"{prefix}{self.key} = {value} is not allowed; it must be {self.allowed}{_hint(self.suggestion)}"


_MOST_LISTED = 30
"""Keys that a sentence lists in full beside a suggestion."""


class UnknownKey(ConfigError):
    """There is no such key."""

    def __init__(self, key: str, value: object, keys: str, suggestion: str | None = None, where: str = "") -> None:
        super().__init__(key, value, keys, suggestion, where)

    def located(self, where: str) -> UnknownKey:
        return UnknownKey(self.key, self.value, self.allowed, self.suggestion, where)

    def __str__(self) -> str:
        prefix = f"{self.where}: " if self.where else ""
        group, dot, _ = self.key.partition(".")
        keys = self.allowed.split(", ")
        own = [key for key in keys if dot and key.startswith(f"{group}.")]
        if self.suggestion and len(keys) > _MOST_LISTED:  # all of them would hide the one
            known = f"; the settings of {group} are {', '.join(own)}" if own else ""
        else:
            known = f"; the settings are {self.allowed}"
        return f"{prefix}there is no setting {self.key!r}{_hint(self.suggestion)}{known}"


def _hint(suggestion: str | None) -> str:
    return f" (did you mean {suggestion}?)" if suggestion else ""


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)


def error_line(error: BaseException) -> str:
    """Any error in one line: a `UsageError`'s sentence; else its class, and of its message the first line's 300 characters."""
    if isinstance(error, UsageError):
        return str(error)
    message = (str(error).strip().splitlines() or [""])[0][:300]
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
