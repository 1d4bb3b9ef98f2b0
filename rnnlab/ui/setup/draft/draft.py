"""A configuration while a person is still writing it: what was typed, right or wrong, and what it means.

The form draws a `Draft` and changes it; nothing here knows a screen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, ConfigError, Field, RunConfig, UsageError
from rnnlab.config.net import inits_of
from rnnlab.config.objectives import LOSSES, SELECTIONS, losses_of, selections_of
from rnnlab.config.suggested import SUGGESTED, KnownData, keys_for, suggested, suited_text
from rnnlab.config.train import SEED
from rnnlab.config.tree import defaults_of
from rnnlab.ui.setup.draft.stepping import stepped

if TYPE_CHECKING:
    from rnnlab.sweeps.space import Dimension

UNDO_STEPS = 200
OWN = "own"
"""The task whose data is a file of the person's."""

Slot = tuple[str, str]
"""The key of a field, and what its value is about (`Field.scope`)."""

_NEEDS: dict[str, Callable[[TaskCard], bool]] = {
    **dict.fromkeys(
        ("data.window", "data.horizon", "data.stride", "data.season"), lambda card: card.problem == "forecasting"
    ),
    **dict.fromkeys(("data.folds", "data.fold"), lambda card: card.problem != "forecasting"),
    **dict.fromkeys(
        ("data.balance", "data.class_weights", "data.baseline", "data.test_prefixes"),
        lambda card: card.problem == "classification",
    ),
    **dict.fromkeys(
        ("data.encoding", "data.tokens", "data.vocabulary", "model.embedding"), lambda card: card.inputs == "tokens"
    ),
    **dict.fromkeys(("train.label_smoothing", "train.focal_gamma"), lambda card: card.classifies),
}
"""What a file must hold for these to mean anything."""


def is_several(field: Field, text: str) -> bool:
    """Whether the text is one of several values: of a number, parted by semicolons, or a range; seeds by commas, too."""
    if field.key == SEED and "," in text:
        return True
    return field.kind in ("int", "float", "ints") and (";" in text or ".." in text)


class Draft:
    """The texts a person has entered over the task's defaults.

    Only what was changed is kept: so the defaults of a task apply when it is picked and what the person wrote
    stays. A text that means the default counts as unchanged. What describes the data of a task (a file, its columns, the
    length of a window) is kept for that task: another one has its default, and it is there again when the task is.
    A number's field may hold several values, as `rnnlab sweep --over` takes them: then the draft describes a sweep.
    """

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self._typed: dict[Slot, str] = {}
        self._past: list[tuple[str, dict[Slot, str]]] = []
        self._open = ""
        self._errors: dict[str, UsageError] | None = None
        self._own: tuple[str, TaskCard] | None = None
        self._known: KnownData | None = None
        given = dict(settings or {})
        # First: what the others mean depends on it.
        for key in sorted(given, key=lambda key: key != "task.name"):
            self._put(key, FIELDS[key].text(given[key]))

    def _slot(self, key: str) -> Slot:
        """Where the text of the field is kept."""
        if FIELDS[key].setting.describes == "run":
            return key, ""
        return key, FIELDS[key].scope(self.text("task.name"))

    @property
    def card(self) -> TaskCard:
        """The task's card; of one's own data that of the file, where it has been checked."""
        card = TASKS[self.text("task.name")]
        # What was typed, no default: that of a field depends on the card.
        if card.name == OWN and self._own is not None and self._own[0] == self._typed.get(self._slot("data.path")):
            return self._own[1]
        return card

    def know_file(self, path: str, net: Mapping[str, Any], rows: int, known: Mapping[str, Any] | None = None) -> None:
        """Take what the check has found of the file at `path`.

        `net` is the task's card for it (problem, inputs, outputs), `rows` how many sequences train it, `known` what the
        suggested settings are worked out from.
        """
        card = TASKS[OWN]
        found = {key: net[key] for key in ("problem", "inputs", "input_size", "outputs") if key in net}
        of_file = msgspec.structs.replace(card, **found, training_rows=max(1, rows))
        self._own = (path, of_file)
        self._known = KnownData(**known) if known else None
        self._errors = None

    def field(self, key: str) -> Field:
        """The field as it is for the task: of the ways to split, and of the losses, only those that suit it."""
        field = FIELDS[key]
        choices = self._suiting(key)
        return (
            field
            if choices is None
            else msgspec.structs.replace(field, setting=msgspec.structs.replace(field.setting, choices=choices))
        )

    def _suiting(self, key: str) -> tuple[str, ...] | None:
        """What the task allows of a field's choices; None: all of them."""
        if key == "data.split":
            return self.card.splits
        if key == "model.init":
            return inits_of(self._typed.get(("model.name", ""), str(self.default("model.name"))))
        if key == "train.loss":
            return LOSSES if self.card.name == OWN and self._own is None else losses_of(self.card.classifies)
        if key == "train.select":
            return SELECTIONS if self.card.name == OWN and self._own is None else selections_of(self.card.classifies)
        return None

    def _stands(self, key: str) -> bool:
        """Whether what was typed counts: a choice that does not suit this task waits for one that it does."""
        typed = self._typed.get(self._slot(key))
        if typed is None or (suiting := self._suiting(key)) is None:
            return typed is not None
        return typed in suiting or typed not in FIELDS[key].setting.choices

    def default(self, key: str) -> Any:
        """What stands in the field when nobody changes it: the default of the task, the optimiser, the architecture."""
        if key == "task.name":
            return FIELDS[key].default
        optimiser = self._typed.get(("optim.name", "")) if key != "optim.name" else None
        model = self._typed.get(("model.name", "")) if key != "model.name" else None
        if self._known is not None and key in keys_for(self._known) and key in (suits := self._suggestions()):
            return suits[key]
        return defaults_of(self.card.name, optimiser, model)[key]

    def _suggestions(self) -> dict[str, object]:
        """What suits the file that was checked, by key; empty where none is known. A wrong text does not count."""
        if self._known is None or self._own is None or self.card is not self._own[1]:
            return {}
        return suggested(self._known, self.value, [key for key in SUGGESTED if self._parses(key)])

    def _parses(self, key: str) -> bool:
        """Whether a text was typed that counts and is right by itself."""
        if not self._stands(key):
            return False
        try:
            self._read(key)
        except ConfigError:
            return False
        return True

    def _read(self, key: str) -> Any:
        """What the text typed into the field means; of several values the first. Raises `ConfigError`."""
        several = self._several(key)
        if several is None:
            return FIELDS[key].parse(self._typed[self._slot(key)])
        from rnnlab.ui.setup.draft.several import first_value

        return first_value(key, several)

    def _several(self, key: str) -> Dimension | None:
        """The values in the field, where its text is that of several. Raises `ConfigError`."""
        text = self._typed.get(self._slot(key), "")
        if not is_several(FIELDS[key], text):
            return None
        # Not imported before somebody types several values.
        from rnnlab.ui.setup.draft.several import dimension_of, seeds_of

        return seeds_of(text) if key == SEED else dimension_of(key, text)

    @property
    def over(self) -> dict[str, Dimension]:
        """What a sweep tries, by key: the fields that hold several values, are right and apply, without seeds."""
        held = {key for key, _ in self._typed if key != SEED}
        return {key: tried for key in FIELDS if key in held and (tried := self.tried(key)) and self.applies(key)}

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that each configuration is trained from, where the field holds several; else empty."""
        tried = self.tried(SEED)
        return () if tried is None else tuple(map(int, tried.listed))

    @property
    def is_sweep(self) -> bool:
        """Whether several runs are described: several values are in a field."""
        return bool(self.seeds or self.over)

    def tried(self, key: str) -> Dimension | None:
        """The values in the field, where it holds several and all are right."""
        try:
            return self._several(key) if self._stands(key) else None
        except ConfigError:
            return None

    def suited_text(self) -> str:
        """What was worked out for the file that was checked, as the command line prints it; empty where nothing is."""
        if self._known is None or not (suits := self._suggestions()):
            return ""
        typed = {key: self.value(key) for key in SUGGESTED if self._parses(key)}
        return suited_text(self._known, typed, suits | typed)

    def text(self, key: str) -> str:
        """What the field shows."""
        return self._typed[self._slot(key)] if self._stands(key) else FIELDS[key].text(self.default(key))

    def value(self, key: str) -> Any:
        """What the field means; its default where the text is wrong. Of several values the first stands for all."""
        if not self._stands(key):
            return self.default(key)
        try:
            return self._read(key)
        except ConfigError:
            return self.default(key)

    def changed(self, key: str) -> bool:
        """Whether the field holds something else than its default, right or wrong."""
        if not self._stands(key):
            return False
        return key in self.errors or self.tried(key) is not None or self.value(key) != self.default(key)

    def applies(self, key: str) -> bool:
        """Whether the field means anything beside the others; of a file that was checked, for what it holds."""
        card = self.card
        if card.name == OWN and self._own is not None and card is self._own[1]:
            needs = _NEEDS.get(key)
            if needs is not None and not needs(card):
                return False
        return self._stands_beside(FIELDS[key])

    def _stands_beside(self, field: Field) -> bool:
        """Whether the field is read with the values of the others; of several with any of them."""
        others = {other for other, _ in (*field.setting.applies, *field.setting.unless)}
        swept = {other: tried for other in others if (tried := self.tried(other)) is not None}
        if not swept:
            return field.setting.stands(self.value)
        from rnnlab.ui.setup.draft.several import some_values

        combinations = itertools.product(*map(some_values, swept.values()))
        return any(self._stands_with(field, dict(zip(swept, values, strict=True))) for values in combinations)

    def _stands_with(self, field: Field, values: Mapping[str, Any]) -> bool:
        """Whether the field is read where these values, by key, stand in place of what the fields hold."""
        return field.setting.stands(lambda key: values[key] if key in values else self.value(key))

    @property
    def errors(self) -> dict[str, UsageError]:
        """What is wrong, by key, in the order of the form; fields that do not apply cannot be wrong."""
        if self._errors is None:
            self._errors = dict(self._find_errors())
        return self._errors

    def _find_errors(self) -> Iterator[tuple[str, UsageError]]:
        wrong = False
        for key in FIELDS:
            if self._stands(key) and self.applies(key):
                try:
                    self._read(key)
                except ConfigError as error:
                    wrong = True
                    yield key, error
        if wrong:
            return
        if over := self.over:
            from rnnlab.ui.setup.draft.several import refusal

            # Which of its configurations are allowed is asked of `rnnlab sweep`.
            if (refused := refusal(over, len(self.seeds) or 1)) is not None:
                yield refused
        else:
            try:
                RunConfig.from_settings(self.settings())
            except ConfigError as error:
                yield error.key, error

    def settings(self) -> dict[str, object]:
        """What was changed and applies, by key, of several values the first; the task always."""
        changed = {key: self.value(key) for key in FIELDS if self._stands(key) and self.applies(key)}
        return {"task.name": self.card.name} | self._suggestions() | changed

    def data_settings(self) -> dict[str, str]:
        """What was changed of the data and its split, as the command line takes it."""
        return {
            key: FIELDS[key].text(value)
            for key, value in self.settings().items()
            if (key.startswith("data.") or key == "train.seed") and self._stands(key) and key not in self.errors
        }

    def config(self) -> RunConfig:
        """The configuration; of several values the first. Raises the first error, a `UsageError`."""
        for error in self.errors.values():
            raise error
        return RunConfig.from_settings(self.settings())

    def set(self, key: str, text: str) -> None:
        """Enter `text`. Texts entered into one field one after another are undone as one, until `settle`."""
        if self.text(key) != text:
            self._remember(key, together=True)
            self._put(key, text)

    def step(self, key: str, direction: int) -> None:
        """Move the field's value up (1) or down (-1). A text that is wrong goes back to the default first.

        Several values stay as they are.
        """
        if self.tried(key) is not None:
            return
        field = self.field(key)
        self.set(key, field.text(stepped(field, self.value(key), direction)))

    def settle(self) -> None:
        """The field is left: the next change is an undo step of its own."""
        self._open = ""

    def reset(self, key: str) -> bool:
        """Back to the default; whether anything changed."""
        if self._slot(key) not in self._typed:
            return False
        self._remember(key)
        self._typed.pop(self._slot(key))
        self._errors = None
        return True

    def reset_all(self) -> bool:
        """Every field but the task back to its default; whether anything changed."""
        if not any(key != "task.name" for key, _ in self._typed):
            return False
        self._remember("")
        self._typed = {slot: text for slot, text in self._typed.items() if slot[0] == "task.name"}
        self._errors = None
        return True

    def set_all(self, values: Mapping[str, object]) -> None:
        """Enter several values as one change, those of fields that apply."""
        self._remember("")
        for key, value in values.items():
            if self.applies(key):
                self._put(key, FIELDS[key].text(value))

    def take(self, settings: Mapping[str, object]) -> None:
        """Describe these settings and no others, as one change: those of a run that was trained."""
        self._remember("")
        self._typed = {}
        for key in sorted(settings, key=lambda key: key != "task.name"):
            self._put(key, FIELDS[key].text(settings[key]))

    def take_preset(self, settings: Mapping[str, object]) -> None:
        """Enter these settings in place of all others, as one change; the task, the path of its data and the seed stay."""
        self._remember("")
        kept = ("task.name", "data.path", "train.seed")
        self._typed = {
            slot: text for slot, text in self._typed.items() if slot[0] in kept or slot != self._slot(slot[0])
        }
        # First what the defaults of others depend on.
        for key in sorted(settings, key=lambda key: key not in ("model.name", "optim.name")):
            self._put(key, FIELDS[key].text(settings[key]))

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
            self._typed[self._slot(key)] = text
            return
        if meant == self.default(key):
            self._typed.pop(self._slot(key), None)
        else:
            self._typed[self._slot(key)] = text
