"""Points of a sweep: the configurations that are tried: listed ones, by a grid, one setting at a time, or Sobol points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.config import FIELDS, ConfigError, RunConfig, where
from rnnlab.sweeps.complete import Completer
from rnnlab.sweeps.method import check_points, method_of
from rnnlab.sweeps.space import Dimension
from rnnlab.sweeps.specification import POINTS, Specification

_DRAWS = 16
"""Sobol points drawn for each point wanted, where many of them give the same configuration."""


@dataclass(frozen=True)
class Point:
    """A configuration that is tried, before it is repeated; `values` are those of the swept settings that it reads."""

    values: Mapping[str, Any]
    config: RunConfig


@dataclass(frozen=True)
class Points:
    """The points of a sweep, and what became of the others.

    `invalid`: why configurations are not allowed, a sentence each. `unread`: the settings that mean nothing with other values,
    a sentence each, whose points are `merged` into those without them.
    """

    points: tuple[Point, ...]
    invalid: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    merged: int = 0


def points_of(specification: Specification, complete: Completer) -> Points:
    """The listed points, then those of a grid, of one setting at a time or of Sobol's sequence.

    Raises `UsageError` as `check_points` does.
    """
    check_points(specification)
    over, listed = specification.over, map(dict, specification.listed)
    if specification.listed and not over:
        return _configured(specification, listed, complete, math.inf)
    method = method_of(specification)
    if method == "sobol":
        wanted = specification.points or POINTS
        drawn = sobol_points(over, wanted * _DRAWS, specification.draw)
        every = itertools.chain(listed, drawn)
        return _configured(specification, every, complete, wanted + len(specification.listed))
    tried = grid_points(over) if method == "grid" else one_at_a_time(over)
    return _configured(specification, itertools.chain(listed, tried), complete, math.inf)


def grid_points(over: Mapping[str, Dimension]) -> Iterator[dict[str, Any]]:
    """Every combination of the values, by key."""
    for values in itertools.product(*(dimension.listed for dimension in over.values())):
        yield dict(zip(over, values, strict=True))


def one_at_a_time(over: Mapping[str, Dimension]) -> Iterator[dict[str, Any]]:
    """Nothing changed, then each value of each setting on its own."""
    yield {}
    for key, dimension in over.items():
        for value in dimension.listed:
            yield {key: value}


def sobol_points(over: Mapping[str, Dimension], most: int, draw: int) -> Iterator[dict[str, Any]]:
    """The first `most` points of a scrambled Sobol sequence, by key; more of them begin with the same ones.

    Source: Owen, Scrambling Sobol' and Niederreiter-Xing points (1998), by `scipy.stats.qmc`.
    """
    import numpy as np
    from scipy.stats import qmc

    # Whole powers of two, as only these balance every setting; what is not wanted is not taken.
    sampler = qmc.Sobol(len(over), scramble=True, rng=np.random.default_rng(draw))
    for shares in sampler.random_base2(max(0, math.ceil(math.log2(most)))).tolist()[:most]:
        yield {key: dimension.at(share) for (key, dimension), share in zip(over.items(), shares, strict=True)}


def _configured(
    specification: Specification, drawn: Iterable[dict[str, Any]], complete: Completer, wanted: float
) -> Points:
    found: dict[RunConfig, Point] = {}
    invalid: dict[str, None] = {}
    unread: dict[str, None] = {}
    merged = 0
    for values in drawn:
        if len(found) + len(invalid) >= wanted:
            break
        try:
            point, left_out = configured(specification, values, complete)
        except ConfigError as error:
            invalid[f"{_values_text(values)}: {error}"] = None
            continue
        unread |= dict.fromkeys(left_out)
        if point.config in found:
            merged += 1
        else:
            found[point.config] = point
    return Points(tuple(found.values()), tuple(invalid), tuple(unread), merged)


def configured(
    specification: Specification, values: Mapping[str, Any], complete: Completer
) -> tuple[Point, tuple[str, ...]]:
    """The point with `values`, and a sentence for each of them that means nothing beside the others and is left out.

    Raises `ConfigError` where they are not allowed together.
    """
    kept = dict(values)
    while True:
        config = complete({**specification.settings, **kept})
        unread = [key for key in kept if not config.applies(key)]
        if not unread:
            break
        for key in unread:
            del kept[key]
    sentences = tuple(f"{key} is read only where {where(key)}" for key in values if key not in kept)
    if specification.listed or specification.method == "one-at-a-time":
        # What the others vary stands in this one as it is.
        kept = {key: config.get(key) for key in specification.keys if config.applies(key)}
    return Point(kept, config), sentences


def _values_text(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {FIELDS[key].text(value)}" for key, value in values.items()) or "as set"
