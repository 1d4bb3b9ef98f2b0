"""Method by which a sweep's points are chosen, and how many that makes; the points themselves are made in `points`.

Apart from them, as the app asks this while one types, and imports no SciPy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from rnnlab.config import UsageError
from rnnlab.sweeps.space import Dimension, Range
from rnnlab.sweeps.specification import MOST_POINTS, MOST_RUNS, POINTS, Method, Specification

_GRID_SETTINGS = 2
"""Swept settings up to which a grid is taken, where nothing was said: beyond, most of its points repeat what others showed."""


def method_of(specification: Specification) -> Method:
    """How the sweep's points are chosen.

    A grid of one or two settings, or where a grid is no more than the points of a search; else Sobol points.
    """
    if specification.method is not None:
        return specification.method
    if specification.points:
        return "sobol"
    size = grid_size(specification.over)
    if len(specification.over) <= _GRID_SETTINGS:
        return "grid"
    return "grid" if size is not None and size <= POINTS else "sobol"


def grid_size(over: Mapping[str, Dimension]) -> int | None:
    """Points of the grid; None where a range does not say how many of its values to take."""
    if any(isinstance(dimension, Range) and not dimension.count for dimension in over.values()):
        return None
    return math.prod(len(dimension.listed) for dimension in over.values())


def check_points(specification: Specification) -> None:
    """Raise `UsageError` where the points cannot be listed: too many, or a range in a grid without a number of values."""
    size = specification.points or POINTS
    method = method_of(specification)
    if method in ("grid", "one-at-a-time"):
        kind = "a grid" if method == "grid" else "one setting at a time"
        for key, dimension in specification.over.items():
            if isinstance(dimension, Range) and not dimension.count:
                raise UsageError(
                    f"{kind} needs to know how many values of the range {key} = {dimension.low:g}..{dimension.high:g} to "
                    "take: put their number behind it, as in 1e-3..1e-1:log:5, or take points of the whole range with --sobol N"
                )
        size = grid_size(specification.over) or 1
        if method == "one-at-a-time":
            size = 1 + sum(len(dimension.listed) for dimension in specification.over.values())
        if size > MOST_POINTS:
            raise UsageError(
                f"{kind} makes {size:,} configurations, and no more than {MOST_POINTS:,} are made; give fewer values, or "
                "take points of it with --sobol N"
            )
    runs = (size + len(specification.listed)) * len(specification.seeds) * (specification.folds or 1)
    if runs > MOST_RUNS:
        raise UsageError(
            f"that is {runs:,} runs, and a sweep has no more than {MOST_RUNS:,}; take fewer configurations, seeds or folds"
        )
