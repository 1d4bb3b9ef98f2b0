"""Several values in one field of the form, `64;128` or `1e-3..1e-1:log:5`, and what such fields ask for together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from rnnlab.config import FIELDS, ConfigError, UsageError
from rnnlab.config.train import SEED
from rnnlab.runs import repeats
from rnnlab.sweeps.method import check_points, grid_size, method_of
from rnnlab.sweeps.space import Choices, Dimension, Range, parse_dimension
from rnnlab.sweeps.specification import ASKED_FROM, POINTS, Specification


@lru_cache(maxsize=256)
def dimension_of(key: str, text: str) -> Dimension:
    """The values in the field's text. Raises `ConfigError`."""
    return parse_dimension(key, text)


@lru_cache(maxsize=256)
def seeds_of(text: str) -> Choices:
    """The seeds `0;1;2`, `0,1,2` or `0..2`. Raises `ConfigError`."""
    seeds = parse_dimension(SEED, text)
    if isinstance(seeds, Choices):
        return seeds
    if seeds.count:
        return Choices(seeds.listed)
    if seeds.high - seeds.low >= repeats.MOST:
        raise ConfigError(SEED, text, f"at most {repeats.MOST:,} seeds")
    return Choices(tuple(range(int(seeds.low), int(seeds.high) + 1)))


def seeds_text(seeds: Sequence[int]) -> str:
    """The seeds as `--seeds` takes them: `0,1,2`, one alone as `7,`."""
    return ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")


def first_value(key: str, dimension: Dimension) -> Any:
    """The value of the field that stands for all where one is needed: the first, or a range's lower end."""
    return FIELDS[key].check(dimension.values[0] if isinstance(dimension, Choices) else dimension.at(0.0))


def some_values(dimension: Dimension) -> tuple[Any, ...]:
    """The values that are tried; of a range that does not say how many, its ends."""
    if isinstance(dimension, Range) and not dimension.count:
        return dimension.low, dimension.high
    return dimension.listed


def number_text(dimension: Dimension) -> str:
    """`5 values`, or `a range`."""
    if isinstance(dimension, Range) and not dimension.count:
        return "a range"
    return f"{len(dimension.listed):,} value{'' if len(dimension.listed) == 1 else 's'}"


def configurations_of(over: Mapping[str, Dimension]) -> int:
    """Configurations that such fields ask for, at most: some may not be allowed, or be the same as others."""
    if not over:
        return 1
    return (grid_size(over) or 1) if method_of(Specification(over=over)) == "grid" else POINTS


def tried_text(over: Mapping[str, Dimension], seeds: Sequence[int] = ()) -> str:
    """`model.hidden (3 values) × optim.lr (5 values) × 3 seeds`; of points that are drawn, that they are."""
    settings = " × ".join(f"{key} ({number_text(dimension)})" for key, dimension in over.items())
    if seeds:
        repeated = f"{len(seeds):,} seed{'' if len(seeds) == 1 else 's'}"
        return f"{tried_text(over)} × {repeated}" if over else f"one configuration from {repeated}, with one split"
    return settings if method_of(Specification(over=over)) == "grid" else f"Sobol points of {settings}"


def refusal(over: Mapping[str, Dimension], seeds: int = 1) -> tuple[str, UsageError] | None:
    """The field to mend and why a sweep over such fields, of which there is one at least, is refused; None: it is not.

    `seeds`: from how many each configuration is trained.
    """
    last = ""
    try:
        for last, dimension in over.items():
            Specification(over={last: dimension})
        specification = Specification(over=over)
        too_many = too_many_runs(configurations_of(over), seeds)
        if too_many is None:
            last = next((key for key, each in over.items() if isinstance(each, Range) and not each.count), last)
            check_points(specification)
    except UsageError as error:
        return last, error
    return None if too_many is None else (last, too_many)


def seeds_question(over: Mapping[str, Dimension]) -> str:
    """What the form asks before it trains each configuration from several seeds."""
    of_each = f"Seeds of each of {configurations_of(over):,} configurations" if over else "Seeds of one split"
    return f"{of_each}: 5, or 0,1,2"


def parse_seeds(over: Mapping[str, Dimension], text: str, first: int = 0) -> tuple[int, ...]:
    """The seeds that the text stands for, as `rnnlab.runs.repeats` reads them. Raises `UsageError`, also for too many runs."""
    seeds = repeats.parse_seeds(text, first)
    if over and (error := too_many_runs(configurations_of(over), len(seeds))) is not None:
        raise error
    return seeds


def too_many_runs(configurations: int, seeds: int = 1) -> UsageError | None:
    """Why the form does not queue so many configurations, each from so many seeds; None: it does."""
    runs = configurations * seeds
    if runs <= ASKED_FROM:
        return None
    each = f" from {seeds:,} seeds each, {runs:,} runs" if seeds > 1 else ""
    return UsageError(
        f"that is {configurations:,} configurations{each}, and the form queues at most {ASKED_FROM:,} runs; give fewer "
        "values, or begin it on the command line, with rnnlab sweep and a --over for each of them"
    )
