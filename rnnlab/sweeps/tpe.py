"""Points chosen by a tree-structured Parzen estimator, from what the points before them scored (Optuna's TPE).

Nothing is stored: the estimator is made anew at each call from the history, so that a sweep that is interrupted goes on with the
same points. Source: Bergstra, Bardenet, Bengio, Kégl, Algorithms for Hyper-Parameter Optimization (NeurIPS 2011), by `optuna`.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rnnlab.errors import UsageError
from rnnlab.sweeps.points import sobol_points
from rnnlab.sweeps.space import Choices, Dimension, Range

STARTUP = 10
"""Points that are Sobol's, before the estimator has anything to go by: Optuna's own number."""
_ASKED = 8
"""Times that the estimator is asked for a point that was not tried yet, before one of Sobol's is taken."""
_SPARE = 4096
"""Points of Sobol's sequence among which one is looked for that was not tried yet."""
_DIGITS = 3
"""Significant digits of a number, as in Sobol points."""


@dataclass(frozen=True)
class Tried:
    """A point that was tried: the values, by key, of the swept settings that its configuration reads.

    `figure`: what it scored; None, or not finite: it failed, or diverged. `pending`: it waits or is trained.
    """

    values: Mapping[str, Any]
    figure: float | None = None
    pending: bool = False


def check_installed() -> None:
    """Raise `UsageError` where Optuna is not installed."""
    _optuna()


def suggest(
    space: Mapping[str, Dimension], history: Iterable[Tried], count: int, seed: int, *, higher_is_better: bool
) -> list[dict[str, Any]]:
    """The next `count` points, by key: the same ones for the same history and seed; fewer where all points were tried.

    The first `STARTUP` points are Sobol's. A point that failed counts as worse than any that did not, one that is pending as
    likely to do badly, so that others are taken. What lies outside the space is left out of the history, and a key that a point
    lacks was not read there. Raises `UsageError` where Optuna is not installed.
    """
    optuna = _optuna()
    known = [tried for tried in history if _inside(tried.values, space)]
    seen = _Seen(space, known)
    found: list[dict[str, Any]] = []
    if len(known) < STARTUP:
        found = _untried(space, seen, min(count, STARTUP - len(known)), seed)
    if len(found) < count:
        told = [*known, *(Tried(values, pending=True) for values in found)]
        found += _estimated(optuna, space, told, seen, count - len(found), seed, higher_is_better)
    return found


class _Seen:
    """The points that were tried, or are about to be."""

    def __init__(self, space: Mapping[str, Dimension], known: Iterable[Tried]) -> None:
        self._keys = tuple(space)
        self._whole: set[tuple[Any, ...]] = set()
        self._parts: list[dict[str, Any]] = []
        """Of points that do not read all of the settings, those that they read."""
        for tried in known:
            values = {key: _plain(value) for key, value in tried.values.items()}
            if len(values) == len(self._keys):
                self._whole.add(self._row(values))
            elif values not in self._parts:
                self._parts.append(values)

    def add(self, values: Mapping[str, Any]) -> bool:
        """Add a point; False where it was there."""
        row = self._row(values)
        if row in self._whole:
            return False
        if any(all(_plain(values[key]) == value for key, value in part.items()) for part in self._parts):
            return False
        self._whole.add(row)
        return True

    def _row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(_plain(values[key]) for key in self._keys)


def _estimated(
    optuna: ModuleType,
    space: Mapping[str, Dimension],
    known: Sequence[Tried],
    seen: _Seen,
    count: int,
    seed: int,
    higher_is_better: bool,
) -> list[dict[str, Any]]:
    """Points of the estimator that were not tried yet; Sobol's where it has none."""
    distributions = {key: _distribution(optuna, dimension) for key, dimension in space.items()}
    found: list[dict[str, Any]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some of the options are experimental
        # The generator begins anew at each call: with the same numbers it would draw the same point again.
        sampler = optuna.samplers.TPESampler(
            seed=(seed * 1_000_003 + len(known)) % 2**32,
            n_startup_trials=STARTUP,
            multivariate=True,
            group=True,
            constant_liar=True,
        )
        direction = "maximize" if higher_is_better else "minimize"
        study = optuna.create_study(direction=direction, sampler=sampler)
        study.add_trials([_trial(optuna, tried, space, distributions) for tried in known])
        for _ in range(count):
            for _ in range(_ASKED):
                params = study.ask(fixed_distributions=distributions).params
                values = {key: _value(space[key], params[key]) for key in space}
                if seen.add(values):
                    found.append(values)
                    break
            else:
                found += _untried(space, seen, 1, seed)
    return found


def _untried(space: Mapping[str, Dimension], seen: _Seen, count: int, seed: int) -> list[dict[str, Any]]:
    """The first `count` points of Sobol's sequence that were not tried; fewer where there are none."""
    found: list[dict[str, Any]] = []
    for values in sobol_points(space, _SPARE, seed):
        if len(found) == count:
            break
        if seen.add(values):
            found.append(values)
    return found


def _inside(values: Mapping[str, Any], space: Mapping[str, Dimension]) -> bool:
    return bool(values) and all(key in space and _holds(space[key], value) for key, value in values.items())


def _holds(dimension: Dimension, value: Any) -> bool:
    if isinstance(dimension, Choices):
        return _plain(value) in map(_plain, dimension.values)
    number = _plain(value)
    return (
        isinstance(number, int | float)
        and not isinstance(number, bool)
        and dimension.low <= number <= dimension.high
        and (not dimension.whole or number == int(number))
    )


def _plain(value: Any) -> Any:
    """`value`; of a list of one number, such as the sizes of one layer, the number, of a longer one a tuple."""
    if not isinstance(value, tuple | list):
        return value
    return value[0] if len(value) == 1 else tuple(value)


def _ordered(choices: Choices) -> bool:
    """Whether the values are numbers in ascending order, so that neighbours are alike."""
    numbers = [_plain(value) for value in choices.values]
    return all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers) and all(
        before < after for before, after in itertools.pairwise(numbers)
    )


def _distribution(optuna: ModuleType, dimension: Dimension) -> Any:
    """Optuna's distribution; of listed values that of their indices, as it holds no lists."""
    if isinstance(dimension, Range):
        if dimension.whole:
            return optuna.distributions.IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
        return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)
    last = len(dimension.values) - 1
    if _ordered(dimension):
        return optuna.distributions.IntDistribution(0, last)
    return optuna.distributions.CategoricalDistribution(tuple(range(last + 1)))


def _parameter(dimension: Dimension, value: Any) -> Any:
    """The value as a parameter of Optuna."""
    if isinstance(dimension, Choices):
        return [_plain(each) for each in dimension.values].index(_plain(value))
    return int(_plain(value)) if dimension.whole else float(_plain(value))


def _value(dimension: Dimension, parameter: Any) -> Any:
    """A parameter of Optuna as a value of the dimension."""
    if isinstance(dimension, Choices):
        return dimension.values[int(parameter)]
    if dimension.whole:
        return int(parameter)
    return min(max(float(f"{parameter:.{_DIGITS}g}"), dimension.low), dimension.high)


def _trial(optuna: ModuleType, tried: Tried, space: Mapping[str, Dimension], distributions: Mapping[str, Any]) -> Any:
    """A point of the history as a trial; one that failed as pruned, which Optuna ranks behind all that were completed."""
    states = optuna.trial.TrialState
    figure = tried.figure if tried.figure is not None and math.isfinite(tried.figure) else None
    state = states.RUNNING if tried.pending else states.PRUNED if figure is None else states.COMPLETE
    return optuna.trial.create_trial(
        state=state,
        value=figure if state == states.COMPLETE else None,
        params={key: _parameter(space[key], value) for key, value in tried.values.items()},
        distributions={key: distributions[key] for key in tried.values},
    )


def _optuna() -> ModuleType:
    try:
        import optuna
    except ImportError:
        raise UsageError(
            "points are chosen by TPE with Optuna, which is not installed here: pip install 'optuna>=4', or take Sobol points"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # it tells of each trial on stderr
    module: ModuleType = optuna
    return module
