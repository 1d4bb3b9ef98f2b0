"""Recipe: an experiment that was published, as sweeps to carry out and the figures that its authors reported.

A recipe is one TOML file; `docs/adding-a-recipe.md` says what stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Self, get_args

from rnnlab.config import ConfigError, UsageError
from rnnlab.config.files import parse_toml
from rnnlab.config.plain import PLAIN
from rnnlab.runs.events import SubsetName
from rnnlab.sweeps.specification import Origin, Specification, by_key, checked_settings, from_document

FORMAT = 1
QUICK = "-quick"
"""What the name of a session ends with that holds a quick form."""
PER_1000 = "seconds_per_1000"
"""The figure of a run that is its seconds for a thousand updates: runs of other lengths compare by it."""
Epoch = Literal["best", "last"]
_MERGED = ("settings", "over")
"""Tables of a sweep whose entries the quick form replaces one by one; of anything else it replaces the whole."""


@dataclass(frozen=True)
class Published:
    """A figure as it was published.

    `title`: what it is of. `runs`: the settings, by key, of the runs that it belongs to. `figure`: a metric, `seconds`, or
    `prediction` for `input`. `subset` and `epoch`: where the lab measures it; `best` is the best epoch by validation.
    `extra`: the further test that it is measured in, such as `200 steps` or `first 3 steps`; empty: on `subset`.
    `low`, `high`: the value, or the values that it lies between; None where words were reported. `digits`: how many digits
    they were reported with behind the point, as .20 is a narrower claim than .2. `how`: how it was obtained.
    `why`: why another figure is to be expected here. `ours`: settings of the runs to show beside, in the part beside this one.
    """

    title: str
    runs: Mapping[str, Any]
    figure: str
    subset: SubsetName
    epoch: Epoch
    low: float | None
    high: float | None
    words: str
    how: str
    why: str
    input: str
    ours: Mapping[str, Any]
    extra: str = ""
    digits: int = 0


@dataclass(frozen=True)
class Part:
    """One sweep of a recipe: `full`, and `quick`, its form of minutes; `beside` names the part whose figures it stands beside."""

    name: str
    title: str
    full: Specification
    quick: Specification
    published: tuple[Published, ...]
    beside: str = ""

    def specification(self, quick: bool) -> Specification:
        """The sweep in the form asked for."""
        return self.quick if quick else self.full

    @property
    def task(self) -> str:
        """The task that it trains on."""
        return str(self.full.settings["task.name"])


@dataclass(frozen=True)
class Recipe:
    """A recipe. `source`: who published it. `letter`: of the course's report, where it is one. `questions`: what is asked."""

    name: str
    title: str
    source: str
    letter: str
    questions: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks of its parts, each once."""
        return tuple(dict.fromkeys(part.task for part in self.parts))

    def session_name(self, part: Part, quick: bool) -> str:
        """The name of the session that the part is carried out in."""
        return f"{self.name}-{part.name}{QUICK if quick else ''}"

    def part_beside(self, part: Part) -> Part | None:
        """The part in the lab's own settings that stands beside this one."""
        return next((each for each in self.parts if each.beside == part.name), None)


def parse_recipe(text: str, name: str, where: str) -> Recipe:
    """The recipe in a TOML text. Raises `UsageError` naming `where`."""
    document = parse_toml(text, where, _Written)
    version = document.pop("format", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise UsageError(f"{where} has format {version}, this rnnlab reads up to {FORMAT}; a newer rnnlab wrote it")
    table = _Table(document, where)
    recipe = Recipe(
        name=name,
        title=table.text("title"),
        source=table.text("source", ""),
        letter=table.text("letter", ""),
        questions=table.texts("questions"),
        parts=tuple(_part(each, name, f"{where}, sweep {at}") for at, each in enumerate(table.tables("sweep"), 1)),
    )
    table.check_done("a recipe")
    names = [part.name for part in recipe.parts]
    if not names or len(set(names)) < len(names):
        raise UsageError(f"{where}: a recipe has one [[sweep]] or more, each with a name of its own")
    if unknown := next((part.beside for part in recipe.parts if part.beside not in ("", *names)), None):
        raise UsageError(f"{where}: beside = {unknown!r} is not the name of another sweep")
    return recipe


def _part(document: dict[str, Any], recipe: str, where: str) -> Part:
    table = _Table(document, where)
    name, title, beside = table.text("name"), table.text("title"), table.text("beside", "")
    plain = table.take("plain", False)
    if not isinstance(plain, bool):
        raise UsageError(f"{where}: plain must be true or false")
    quick, shared = table.table("quick"), table.table("reported")
    published = tuple(
        _published({**shared, **each}, f"{where}, published {at}")
        for at, each in enumerate(table.tables("published"), 1)
    )
    rest = table.rest
    try:
        for merged in _MERGED:
            rest[merged] = dict(by_key(rest.get(merged, {})))
        if plain:
            rest["settings"] = dict(PLAIN) | rest["settings"]
        short = {key: rest[key] | dict(by_key(value)) if key in _MERGED else value for key, value in quick.items()}
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None
    if "task.name" not in rest["settings"]:
        raise UsageError(f"{where}: settings must hold task.name")
    full = _specification(rest, Origin(recipe, name), where)
    return Part(
        name=name,
        title=title,
        full=full,
        quick=_specification(rest | short, Origin(recipe, name, quick=True), f"{where}, quick"),
        published=published,
        beside=beside,
    )


def _specification(document: Mapping[str, Any], origin: Origin, where: str) -> Specification:
    recipe = {"name": origin.name, "part": origin.part, "quick": origin.quick}
    return from_document({**document, "recipe": recipe}, where)


def _published(document: dict[str, Any], where: str) -> Published:
    table = _Table(document, where)
    words = table.text("words", "")
    value, low, high = (table.number(name) for name in ("value", "low", "high"))
    digits = max(_digits(number) for number in (value, low, high))
    if value is not None:
        low = high = value
    if (low is None) != (high is None) or (low is None) is not bool(words):
        raise UsageError(f"{where}: give a value, low and high, or words where no number was reported")
    found = Published(
        title=table.text("title"),
        runs=table.settings("runs"),
        figure=table.text("figure", "accuracy"),
        subset=table.choice("subset", get_args(SubsetName), "test"),
        epoch=table.choice("epoch", get_args(Epoch), "best"),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        digits=digits,
        words=words,
        how=table.text("how", ""),
        why=table.text("why", ""),
        input=table.text("input", ""),
        extra=table.text("extra", ""),
        ours=table.settings("ours"),
    )
    if found.extra and (found.epoch, found.subset) != ("best", "test"):
        raise UsageError(f"{where}: extra = {found.extra!r} is tested at the end alone, with the best weights")
    table.check_done("a published figure")
    return found


class _Written(float):
    """A number of a TOML text with the digits that it has there behind the point, which a float does not know."""

    digits: int

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        exponent = Decimal(text).as_tuple().exponent
        number.digits = max(0, -exponent) if isinstance(exponent, int) else 0
        return number


def _digits(number: float | None) -> int:
    return number.digits if isinstance(number, _Written) else 0


class _Table:
    """Entries of a TOML table, taken out one by one, so that what is left over is known. Raises `UsageError` naming `where`."""

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self.rest = dict(document)
        self._where = where
        self._known: list[str] = []

    def take(self, key: str, default: Any) -> Any:
        self._known.append(key)
        return self.rest.pop(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise UsageError(f"{self._where}: {key} must be a text")
        return " ".join(value.split())

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UsageError(f"{self._where}: {key} must be a list of texts")
        return tuple(" ".join(each.split()) for each in value)

    def number(self, key: str) -> float | None:
        value: float | None = self.take(key, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise UsageError(f"{self._where}: {key} must be a number")
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> Any:
        value = self.take(key, default)
        if value not in allowed:
            raise UsageError(f"{self._where}: {key} = {value!r} is not one of {', '.join(allowed)}")
        return value

    def tables(self, key: str) -> list[dict[str, Any]]:
        value = self.take(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise UsageError(f"{self._where}: {key} must be written as tables: [[{key}]]")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, dict):
            raise UsageError(f"{self._where}: {key} must be a table")
        return value

    def settings(self, key: str) -> dict[str, Any]:
        try:
            return checked_settings(self.take(key, {}))
        except ConfigError as error:
            raise error.located(self._where) from None
        except UsageError as error:
            raise UsageError(f"{self._where}: {error}") from None

    def check_done(self, kind: str) -> None:
        if self.rest:
            known = ", ".join(self._known)
            raise UsageError(f"{self._where}: there is no {sorted(self.rest)[0]!r} in {kind}; it has {known}")
