"""Specification of a sweep, `sweep.toml`: what all runs share, what is tried, how points are chosen and repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from rnnlab.catalog.models.own_cells import known
from rnnlab.config import FIELDS, ConfigError, UsageError, field_of
from rnnlab.config.files import CELL, parse_toml, read_cell
from rnnlab.files import read_regular
from rnnlab.runs.files import read_text, write_atomically
from rnnlab.runs.folders import Session
from rnnlab.runs.repeats import parse_seeds
from rnnlab.sweeps.space import Choices, Dimension, dimension_text, parse_dimension

FORMAT = 2
"""Version of the file's layout. What an older rnnlab reads is written as the older version."""
_FIRST = 1
"""The version without listed points, one setting at a time, and recipes."""
NAME = "sweep.toml"
_LIMIT = 1 << 20
Method = Literal["grid", "one-at-a-time", "sobol", "tpe"]
Halving = Literal["off", "auto", "always"]
POINTS = 24
"""Points of a search, where their number was not said: from so many on something can be said of which setting matters."""
MOST_POINTS = 100_000
ASKED_FROM = 1000
"""Runs from which on a person is asked before they are queued."""
MOST_RUNS = 100_000
CONFIRMED = 3
"""Configurations that are trained again from fresh seeds."""
SEEDS_ALLOWED = "a number of seeds such as 3, or seeds such as 0,1,2"


@dataclass(frozen=True)
class Origin:
    """The recipe that a sweep is a part of; `quick`: in its quick form."""

    name: str
    part: str
    quick: bool = False


@dataclass(frozen=True)
class Specification:
    """A sweep.

    `settings`: what all runs share, by key. `over`: what is tried, by key. `listed`: points that are tried beside those of
    `over`, each as the settings in which it differs from `settings`. `method` chooses points; None: a grid of one or two
    settings, else Sobol points; one-at-a-time: the settings as they are, and each value of `over` on its own.
    `points`: how many are chosen, unless they are a grid. `seeds`: of each configuration.
    `folds`: folds of cross-validation, each a repeat; 0: none. `parameters`: each net gets the hidden size with which it has
    about so many; 0: as set. `halving`: runs are paused at rungs, and the best continue. `confirm`: fresh seeds that the best
    configurations of the search get, on which alone the test part is evaluated; 0: every run is tested. `draw`: seed of the
    points. `recipe`: where the sweep comes from; None: from a person.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    over: Mapping[str, Dimension] = field(default_factory=dict)
    method: Method | None = None
    points: int = 0
    seeds: tuple[int, ...] = (0,)
    folds: int = 0
    parameters: int = 0
    halving: Halving = "off"
    confirm: int = 0
    draw: int = 0
    listed: tuple[Mapping[str, Any], ...] = ()
    recipe: Origin | None = None

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            if not 0 <= (value := getattr(self, name)) <= most:
                raise UsageError(f"{name} = {value} is not a whole number from 0 to {most:,}")
        last, greatest = max(self.seeds) + self.confirm, int(FIELDS["train.seed"].setting.le or 0)
        if self.confirm and last > greatest:
            raise UsageError(
                f"the best are confirmed from seeds after {max(self.seeds)}, and no seed is above {greatest}; take smaller seeds"
            )
        if self.halving != "off" and (
            "train.evaluate_every" in self.keys or self.settings.get("train.evaluate_every") is not None
        ):
            raise UsageError(
                "--halving compares runs by the evaluation at the end of an epoch, and with train.evaluate_every there is none; "
                "leave one of them out"
            )
        for key in self.keys:
            if key in ("train.seed", "data.seed", "data.fold", "data.folds", "train.test", "task.name"):
                remedy = {"train.seed": "--seeds", "data.folds": "--folds", "data.fold": "--folds"}.get(key, "")
                instead = f"; {remedy} makes repeats" if remedy else ""
                raise UsageError(f"{key} cannot be swept over, as it decides what a run is compared with{instead}")
        if self.method == "tpe" and self.halving != "off":
            raise UsageError(
                "--halving needs all points at once, and --tpe chooses each by those before; leave one of them out"
            )
        if self.method == "tpe" and self.listed:
            raise UsageError("--tpe chooses its points itself, so none can be listed beside; leave one of them out")
        if self.parameters and "model.hidden" in self.keys:
            raise UsageError(
                "--match-parameters chooses model.hidden, so it cannot be swept over; leave one of them out"
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """The settings that are tried, swept or in listed points."""
        return tuple(dict.fromkeys([*self.over, *(key for point in self.listed for key in point)]))

    @property
    def adaptive(self) -> bool:
        """Whether what is trained next depends on what has been trained."""
        return self.halving != "off" or self.method == "tpe" or bool(self.confirm)

    def to_toml(self) -> str:
        """The specification as a file."""
        import tomli_w

        newer = self.method == "one-at-a-time" or self.listed or self.recipe is not None
        document: dict[str, Any] = {"format": FORMAT if newer else _FIRST}
        if self.method is not None:
            document["method"] = self.method
        for name in _MOST:
            if value := getattr(self, name):
                document[name] = value
        if self.halving != "off":
            document["halving"] = self.halving
        document["seeds"] = list(self.seeds)
        if self.recipe is not None:
            document["recipe"] = {"name": self.recipe.name, "part": self.recipe.part, "quick": self.recipe.quick}
        document["settings"] = _texts(self.settings)
        document["over"] = {key: dimension_text(key, dimension) for key, dimension in self.over.items()}
        if self.listed:
            document["point"] = [_texts(point) for point in self.listed]
        if cells := [msgspec.to_builtins(cell) for name in self._models() if (cell := known(name)) is not None]:
            document[CELL] = cells
        return tomli_w.dumps(document)

    def _models(self) -> list[str]:
        """The architectures of its runs, as far as they are named."""
        tried = self.over.get("model.name")
        named = [str(value) for value in tried.values] if isinstance(tried, Choices) else []
        named += [str(point["model.name"]) for point in self.listed if "model.name" in point]
        return list(dict.fromkeys([*named, str(self.settings.get("model.name", ""))]))


def _texts(settings: Mapping[str, Any]) -> dict[str, str]:
    return {key: FIELDS[key].text(value) for key, value in settings.items()}


_MOST = {"points": MOST_POINTS, "folds": 20, "parameters": 10_000_000_000, "confirm": 1000, "draw": 2**31 - 1}
"""The numbers of a specification, by name, and the greatest that is allowed."""


def from_toml(text: str, where: str) -> Specification:
    """The specification in a TOML text.

    `settings` may be texts by key, as rnnlab writes them, or tables by group, as in `run.toml`; so may `over`, whose values are
    texts or lists. Raises `UsageError` naming `where`.
    """
    document = parse_toml(text, where)
    version = document.pop("format", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise UsageError(f"{where} has format {version}, this rnnlab reads up to {FORMAT}; a newer rnnlab wrote it")
    cells = document.pop(CELL, [])
    for cell in cells if isinstance(cells, list) else [cells]:
        read_cell({CELL: cell}, where)
    return from_document(document, where)


def from_document(document: Mapping[str, Any], where: str) -> Specification:
    """The specification in a table of a TOML file, as `from_toml` reads it. Raises `UsageError` naming `where`."""
    unknown = set(document) - {"settings", "over", "point", "method", "halving", "seeds", "recipe", *_MOST}
    if unknown:
        known = "settings, over, point, method, points, seeds, folds, parameters, halving, confirm, draw, recipe"
        raise UsageError(f"{where}: there is no {sorted(unknown)[0]!r} in a sweep; it has {known}")
    try:
        settings = checked_settings(document.get("settings", {}))
        over = {key: _dimension(key, value) for key, value in by_key(document.get("over", {}))}
        listed = document.get("point", [])
        if not isinstance(listed, list):
            raise UsageError("points are listed as tables: [[point]]")
        points = tuple(checked_settings(point) for point in listed)
        return Specification(
            settings=settings, over=over, listed=points, recipe=_origin(document.get("recipe")), **_options(document)
        )
    except ConfigError as error:
        raise error.located(where) from None
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def checked_settings(tables: object) -> dict[str, Any]:
    """The settings in a table of texts by key, or of tables by group. Raises `ConfigError`, or `UsageError`."""
    return {key: field_of(key, value).check(value) for key, value in by_key(tables)}


def _origin(table: object) -> Origin | None:
    if table is None:
        return None
    if isinstance(table, dict):
        name, part, quick = (table.get(key, "" if key != "quick" else False) for key in ("name", "part", "quick"))
        if isinstance(name, str) and isinstance(part, str) and isinstance(quick, bool):
            return Origin(name, part, quick)
    raise UsageError("recipe must be a table with a name, a part and quick = true or false")


def _options(document: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in _MOST:
        value = document.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST[name]:
            raise UsageError(f"{name} = {value!r} is not a whole number from 0 to {_MOST[name]:,}")
        options[name] = value
    for name, allowed in (("method", get_args(Method)), ("halving", get_args(Halving))):
        if (value := document.get(name)) is not None:
            if value not in allowed:
                raise UsageError(f"{name} = {value!r} is not one of {', '.join(allowed)}")
            options[name] = value
    seeds = document.get("seeds", 1)
    text = ",".join(map(str, seeds)) + "," if isinstance(seeds, list) else str(seeds)
    options["seeds"] = parse_seeds(text, 0)
    return options


def by_key(tables: object) -> list[tuple[str, Any]]:
    """The entries of a table, of tables of tables by their joined key. Raises `UsageError`."""
    if not isinstance(tables, dict):
        raise UsageError("settings, over and each point must be tables")
    found: list[tuple[str, Any]] = []
    for key, value in tables.items():
        found += (
            [(f"{key}.{name}", inner) for name, inner in value.items()] if isinstance(value, dict) else [(key, value)]
        )
    return found


def _dimension(key: str, value: object) -> Dimension:
    if isinstance(value, list):
        field_ = field_of(key)
        value = ";".join(field_.text(field_.check(each)) for each in value) + ";"
    return parse_dimension(key, value if isinstance(value, str) else field_of(key).text(value))


def read_file(path: Path) -> Specification:
    """The specification in a person's file. Raises `UsageError`."""
    try:
        text = read_regular(path, _LIMIT, links="follow").decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    return from_toml(text, str(path))


def specification_of(session: Session) -> Specification | None:
    """The specification that a session keeps; None where it keeps none. Raises `UsageError`."""
    path = session.path / NAME
    try:
        text = read_text(path, links="folder")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    return from_toml(text, str(path))


def keep(session: Session, specification: Specification) -> None:
    """Write the specification into the session. Raises `UsageError`."""
    path = session.path / NAME
    try:
        write_atomically(path, specification.to_toml().encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): nothing was queued") from None
