"""A configuration while a person is still writing it: what was typed, right or wrong, and what it means.

The form draws a `Draft` and changes it; nothing here knows a screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnlab.config import FIELDS, ConfigError, RunConfig
from rnnlab.tasks.card import TaskCard
from rnnlab.tasks.catalog import TASKS
from rnnlab.ui.stepping import stepped

UNDO_STEPS = 200


class Draft:
    """The texts a person has entered over the task's defaults.

    Only what was changed by hand is kept, by key: so the defaults of a task apply when it is picked and what the person
    wrote stays. A text that means the default counts as unchanged.
    """

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self._typed: dict[str, str] = {}
        self._past: list[tuple[str, dict[str, str]]] = []
        self._open = ""
        self._errors: dict[str, ConfigError] | None = None
        for key, value in (settings or {}).items():
            self._put(key, FIELDS[key].text(value))

    @property
    def card(self) -> TaskCard:
        return TASKS[self.text("task.name")]

    def default(self, key: str) -> Any:
        """What stands in the field when nobody changes it: the task's default, else the field's."""
        if key == "task.name":
            return FIELDS[key].default
        return self.card.defaults.get(key, FIELDS[key].default)

    def text(self, key: str) -> str:
        """What the field shows."""
        typed = self._typed.get(key)
        return typed if typed is not None else FIELDS[key].text(self.default(key))

    def value(self, key: str) -> Any:
        """What the field means; its default where the text is wrong."""
        typed = self._typed.get(key)
        if typed is None:
            return self.default(key)
        try:
            return FIELDS[key].parse(typed)
        except ConfigError:
            return self.default(key)

    def changed(self, key: str) -> bool:
        """Whether the field holds something else than its default, right or wrong."""
        return key in self._typed and (key in self.errors or self.value(key) != self.default(key))

    def applies(self, key: str) -> bool:
        """Whether the field means anything beside the others."""
        return all(self.value(other) in values for other, values in FIELDS[key].setting.applies)

    @property
    def errors(self) -> dict[str, ConfigError]:
        """What is wrong, by key, in the order of the form; fields that do not apply cannot be wrong."""
        if self._errors is None:
            self._errors = dict(self._find_errors())
        return self._errors

    def _find_errors(self) -> Iterator[tuple[str, ConfigError]]:
        wrong = False
        for key, field in FIELDS.items():
            if key in self._typed and self.applies(key):
                try:
                    field.parse(self._typed[key])
                except ConfigError as error:
                    wrong = True
                    yield key, error
        if not wrong:
            try:
                RunConfig.from_settings(self.settings())
            except ConfigError as error:
                yield error.key, error

    def settings(self) -> dict[str, object]:
        """What was changed by hand and applies, by key; the task always."""
        changed = {key: self.value(key) for key in FIELDS if key in self._typed and self.applies(key)}
        return {"task.name": self.card.name} | changed

    def data_settings(self) -> dict[str, str]:
        """What was changed by hand of the data and its split, as the command line takes it."""
        return {
            key: FIELDS[key].text(value)
            for key, value in self.settings().items()
            if (key.startswith("data.") or key == "train.seed") and key not in self.errors
        }

    def config(self) -> RunConfig:
        """The configuration. Raises the first `ConfigError`."""
        for error in self.errors.values():
            raise error
        return RunConfig.from_settings(self.settings())

    def set(self, key: str, text: str) -> None:
        """Enter `text`. Texts entered into one field one after another are undone as one, until `settle`."""
        if self.text(key) != text:
            self._remember(key, together=True)
            self._put(key, text)

    def step(self, key: str, direction: int) -> None:
        """Move the field's value up (1) or down (-1). A text that is wrong goes back to the default first."""
        field = FIELDS[key]
        self.set(key, field.text(stepped(field, self.value(key), direction)))

    def settle(self) -> None:
        """The field is left: the next change is an undo step of its own."""
        self._open = ""

    def reset(self, key: str) -> bool:
        """Back to the default; whether anything changed."""
        if key not in self._typed:
            return False
        self._remember(key)
        self._typed.pop(key)
        self._errors = None
        return True

    def reset_all(self) -> bool:
        """Every field but the task back to its default; whether anything changed."""
        if not any(key != "task.name" for key in self._typed):
            return False
        self._remember("")
        self._typed = {key: text for key, text in self._typed.items() if key == "task.name"}
        self._errors = None
        return True

    def undo(self) -> str | None:
        """Take back the last change. Returns its key, empty for all fields at once, None where there is nothing."""
        if not self._past:
            return None
        key, self._typed = self._past.pop()
        self._errors = None
        self._open = ""
        return key

    def _remember(self, key: str, together: bool = False) -> None:
        if together and self._open == key:
            return
        self._past.append((key, dict(self._typed)))
        del self._past[:-UNDO_STEPS]
        self._open = key if together else ""

    def _put(self, key: str, text: str) -> None:
        self._errors = None
        try:
            meant = FIELDS[key].parse(text)
        except ConfigError:
            self._typed[key] = text
            return
        if meant == self.default(key):
            self._typed.pop(key, None)
        else:
            self._typed[key] = text
