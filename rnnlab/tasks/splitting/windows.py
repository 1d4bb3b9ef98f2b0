"""A series cut into windows for forecasting, split by time alone: the past is trained on, what follows is validated on, the
last is tested.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.splitting.normalise import as_trained, scale_of
from rnnlab.tasks.splitting.types import ForecastSeries, Split, Subset

SHOWN = 7
"""Values of a window that are shown to people, its last ones."""
_ROUNDING = 1e-6
"""A tenth of 30 is 3, although 0.1 is a little more than a tenth."""


def forecasting_split(
    card: TaskCard,
    config: RunConfig,
    series: NDArray[np.float64],
    labels: Sequence[str],
    *,
    channel: int = 0,
    naive: Mapping[str, int] | None = None,
    unit: str = "",
    notes: tuple[str, ...] = (),
) -> Split:
    """`series` (steps, channels) as windows of `data.window` steps; after each, `data.horizon` steps of `channel` are asked.

    A window belongs to the part that all steps it is asked for lie in; those that would lie in two are left out. What goes in
    may reach back into an earlier part: it was known by then. Windows to train on begin every `data.stride` steps, the
    others at every step. Channels and targets are shifted and divided by mean and standard deviation of the steps before
    validation, unless `data.normalise` is none.
    `labels` names the steps, `naive` the naive forecasts to compare with. Raises `UsageError` where the series is too short.
    """
    data = config.data
    if data.compand:
        raise ConfigError(
            "data.compand", data.compand, "0 where a series is forecast: its forecasts go in again as they are"
        )
    if data.normalise == "sequence":
        raise ConfigError(
            "data.normalise", data.normalise, "channel or none where a series is forecast: its windows overlap"
        )
    steps, window, horizon = len(series), data.window, data.horizon
    tested = steps - math.ceil(steps * data.test - _ROUNDING)
    validated = tested - math.ceil(steps * data.validation - _ROUNDING)
    for name, start, end in (("train", window, validated), ("validation", validated, tested), ("test", tested, steps)):
        if end - horizon < start:
            raise UsageError(
                f"the series has {steps:,} steps, too few for a {name} part with data.window = {window} and data.horizon = "
                f"{horizon}; make these smaller, or the part larger (data.validation, data.test)"
            )
    center, spread = series[:validated].mean(axis=0), series[:validated].std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    scale: dict[str, float] = {}
    if data.normalise == "channel":
        scale = {"target_scale": float(spread[channel]), "target_offset": float(center[channel])}
        scale |= scale_of(center, spread)
    values = as_trained(series.astype(np.float32), scale)

    # A view, of which a part copies its own windows: an index of every step of each would take twice their memory.
    windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)  # (places, channels, window)

    def window_subset(start: int, end: int, stride: int = 1) -> Subset:
        asked = np.arange(max(start, window), end - horizon + 1, stride)
        after = asked[:, None] + np.arange(horizon)
        return Subset(
            inputs=np.ascontiguousarray(windows[asked - window].transpose(0, 2, 1)),
            lengths=np.full(len(asked), window, dtype=np.int64),
            targets=series[after, channel].astype(np.float32),
            spans=np.stack([asked - window, asked, asked + horizon], axis=1).astype(np.int64),
        )

    def show_input(subset: Subset, row: int) -> str:
        assert subset.spans is not None
        first, asked, _ = subset.spans[row].tolist()
        last = " ".join(f"{value:.1f}" for value in series[max(first, asked - SHOWN) : asked, channel].tolist())
        return f"{labels[first]} to {labels[asked - 1]}: {'… ' if asked - first > SHOWN else ''}{last}"

    return Split(
        card=card,
        train=window_subset(0, validated, data.stride),
        validation=window_subset(validated, tested),
        test=window_subset(tested, steps),
        input_size=series.shape[1],
        outputs=horizon,
        scale=scale,
        show_input=show_input,
        show_number=lambda answer: ", ".join(f"{value:.1f}" for value in answer.tolist()),
        series=ForecastSeries(
            values=values,
            truth=series[:, channel].astype(np.float64),
            labels=tuple(labels),
            channel=channel,
            window=window,
            horizon=horizon,
            season=data.season,
            validation=validated,
            test=tested,
            naive=dict(naive or {}),
        ),
        unit=unit,
        notes=notes,
    )
