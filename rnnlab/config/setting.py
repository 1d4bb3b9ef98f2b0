"""Declaration of one field of the configuration.

The form's field, the command-line flag, the TOML key and the check are all derived from a `Setting`, so a bound or a
help line is never written twice. A value is read from text (`parse`), checked (`check`) and written back (`text`) here.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from rnnlab.errors import ConfigError

Kind = Literal["int", "float", "bool", "str", "ints"]
"""What a setting holds; `ints` is one or more whole numbers, written `128` or `32,64`."""

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_NONE = ("", "none", "off")


class Setting(msgspec.Struct, frozen=True):
    """The declaration of one field.

    `ge`, `gt`, `le` and `lt` bound a number (each number of `ints`); `choices` lists the allowed texts. `applies` names
    the values of other fields with which the field is read, as pairs (key, values), `unless` those with which it is not:
    there the form hides it. `describes` is what a value belongs to: the run, whatever its task; the data of one task, so
    that it is not carried to another task; or the path of the data, which is one folder for all data sets and a file for
    the task own. `flag` is the short command-line name. `optional` allows none. `earlier` holds, for a field that was
    added later, the value that runs had before: a configuration on disk that lacks the field is read with it, not with the
    default of new runs; empty: the default. `same_evaluation` says of a setting of `data` that the validation and test
    sequences and their targets do not depend on it, so that runs with different values compare. `usual` is the range that is
    usual, `why` a sentence on why one would change it; `basic` says that it is one of the few that a form shows first.
    """

    help: str
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    choices: Sequence[str] = ()
    further: str = ""
    """How there may be more choices than these, in words after the last."""
    flag: str = ""
    applies: tuple[tuple[str, Sequence[Any]], ...] = ()
    unless: tuple[tuple[str, Sequence[Any]], ...] = ()
    describes: Literal["run", "task", "path"] = "run"
    same_evaluation: bool = False
    optional: bool = False
    earlier: tuple[Any, ...] = ()
    none: str = "none"
    """Name of the value none, such as `auto`."""
    step: Literal["add", "double", "decade"] = "add"
    """How the form's up and down keys move a number: by one, by a factor of two, or along 1, 2, 5, 10."""
    usual: str = ""
    why: str = ""
    basic: bool = False

    def stands(self, value_of: Callable[[str], Any]) -> bool:
        """Whether the field is read, given the values of the others."""
        return all(value_of(other) in values for other, values in self.applies) and not any(
            value_of(other) in values for other, values in self.unless
        )


class Field(msgspec.Struct, frozen=True):
    """A setting with its key, type and default."""

    key: str
    kind: Kind
    default: Any
    setting: Setting

    @property
    def group(self) -> str:
        """Part of the key before the dot: `optim`."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """Part of the key after the dot: `lr`."""
        return self.key.partition(".")[2]

    def scope(self, task: str) -> str:
        """What a value entered for `task` belongs to; tasks of one scope share it. Empty: any task."""
        match self.setting.describes:
            case "task":
                return task
            case "path":
                return "file" if task == "own" else "folder"
        return ""

    def carries(self, task: str, other: str) -> bool:
        """Whether a value entered for `task` stays when the task becomes `other`."""
        tasks = [values for key, values in self.setting.applies if key == "task.name"]
        return self.scope(task) == self.scope(other) and all(other in values for values in tasks)

    @property
    def allowed(self) -> str:
        """The allowed values, as text; every error about this field ends with it."""
        s = self.setting
        if s.choices:
            text = "one of " + ", ".join(s.choices) + s.further
        elif self.kind == "bool":
            text = "true or false"
        elif self.kind == "str":
            text = "a text"
        else:
            noun = {
                "int": "a whole number",
                "float": "a number",
                "ints": "one or more whole numbers such as 128 or 32,64",
            }
            text = noun[self.kind]
            text += _bounds(s, each=self.kind == "ints")
            if s.unit:
                text += f" ({s.unit})"
        return text + (f", or {s.none}" if s.optional else "")

    def text(self, value: Any) -> str:
        """`value` as a person would type it."""
        if value is None:
            return self.setting.none
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, tuple):
            return ",".join(str(v) for v in value)
        if isinstance(value, float):
            return f"{value:g}" if float(f"{value:g}") == value else repr(value)
        return str(value)

    def parse(self, text: str) -> Any:
        """The value written as `text`. Raises `ConfigError`."""
        written = text.strip()
        if self.setting.optional and written.lower() in (*_NONE, self.setting.none):
            return None
        value: Any
        try:
            match self.kind:
                case "bool":
                    if written.lower() not in _TRUE + _FALSE:
                        raise ValueError
                    value = written.lower() in _TRUE
                case "int":
                    value = _whole(written)
                case "float":
                    value = float(written)
                case "ints":
                    value = tuple(_whole(part) for part in written.split(","))
                case "str":
                    value = written
        except ValueError:
            raise ConfigError(self.key, text, self.allowed) from None
        return self.check(value)

    def check(self, value: Any) -> Any:
        """`value`, in the type of the field. Raises `ConfigError` naming key, value and what is allowed."""
        s = self.setting
        if value is None and s.optional:
            return None
        if isinstance(value, str) and self.kind != "str":
            return self.parse(value)
        checked = _coerce(self.kind, value)
        if checked is None or not _within(checked, s):
            raise ConfigError(self.key, value, self.allowed)
        if s.choices and checked not in s.choices:
            near = difflib.get_close_matches(str(checked), s.choices, n=1)
            raise ConfigError(self.key, value, self.allowed, near[0] if near else None)
        if isinstance(checked, str) and not _storable(checked):
            raise ConfigError(
                self.key, value, "a text in UTF-8, without a zero byte; a file of another name has to be renamed"
            )
        return checked


def _whole(text: str) -> int:
    """An int from `128` or `1e3`; a fraction is not one."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if not math.isfinite(number) or number != int(number):
            raise ValueError from None
        return int(number)


def _coerce(kind: Kind, value: Any) -> Any:
    """`value` as `kind`, or None where it is of another type (a bool is not a number)."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "bool":
        return value if isinstance(value, bool) else None
    if kind == "int":
        return int(value) if number and math.isfinite(value) and value == int(value) else None
    if kind == "float":
        return float(value) if number and math.isfinite(value) else None
    if kind == "ints":
        parts = value if isinstance(value, list | tuple) else (value,)
        numbers = tuple(_coerce("int", part) for part in parts)
        return numbers if numbers and None not in numbers else None
    return value if isinstance(value, str) else None


def _storable(text: str) -> bool:
    """Whether run.toml can hold the text: a file's name that is not UTF-8 arrives with lone surrogates in it."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _within(value: Any, s: Setting) -> bool:
    if isinstance(value, str | bool):
        return True
    numbers = value if isinstance(value, tuple) else (value,)
    return all(
        (s.ge is None or n >= s.ge)
        and (s.gt is None or n > s.gt)
        and (s.le is None or n <= s.le)
        and (s.lt is None or n < s.lt)
        for n in numbers
    )


def _bounds(s: Setting, each: bool) -> str:
    low = f"at least {s.ge:g}" if s.ge is not None else f"above {s.gt:g}" if s.gt is not None else ""
    high = f"at most {s.le:.15g}" if s.le is not None else f"below {s.lt:.15g}" if s.lt is not None else ""
    bounds = " and ".join(part for part in (low, high) if part)
    if not bounds:
        return ""
    return f", each {bounds}" if each else f" {bounds}"
