"""Forecasts in the log: what the net said one step ahead, what it says living on its own answers, and the naive ones."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import Evaluated, Forecast, RunStarted
from rnnlab.tasks.describe.naive_forecast import naive_errors, naive_forecast
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.splitting.types import Split
from rnnlab.tasks.splitting.windows import forecasting_split
from rnnlab.training.evaluation.forecast import MOST_STEPS, Forecaster
from rnnlab.training.loop import Training
from tests.training.small import of_kind, small_config

CPU = torch.device("cpu")


def series(steps: int = 300, channels: int = 1) -> np.ndarray:
    """A week that rises, in the hundreds; further channels of their own."""
    step = np.arange(steps)
    main = 300 + 0.2 * step + 40 * np.sin(2 * np.pi * step / 7)
    others = [np.cos(step * place) * place for place in range(1, channels)]
    return np.stack([main, *others], axis=1)


def config(**settings: object) -> RunConfig:
    fixed = {"data__split": "time", "data__window": 14, "data__test": 0.2, "train__batch_size": 16}
    return small_config("sales", **(fixed | settings))


def split_of(made: RunConfig, values: np.ndarray | None = None, **named: object) -> Split:
    values = series() if values is None else values
    first = datetime.date(2020, 1, 1)
    labels = [str(first + datetime.timedelta(days=day)) for day in range(len(values))]
    return forecasting_split(TASKS["sales"], made, values, labels, unit="things", **named)  # type: ignore[arg-type]


class Repeats(nn.Module):
    """Answers what was `lag` steps before the first step asked for, and so on: (windows, horizon)."""

    def __init__(self, lag: int, horizon: int = 1) -> None:
        super().__init__()
        self.lag, self.horizon = lag, horizon

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        start = inputs.shape[1] - self.lag
        return inputs[:, start : start + self.horizon, 0]


@pytest.mark.parametrize("horizon", [1, 3])
def test_windows_never_look_ahead(horizon: int) -> None:
    made = config(data__horizon=horizon, data__stride=2)
    split = split_of(made)
    track, truth = split.series, series()[:, 0]
    assert track is not None
    assert (track.validation, track.test) == (210, 240)
    bounds = {"train": (0, 210), "validation": (210, 240), "test": (240, 300)}
    for name, (start, end) in bounds.items():
        part = split.subset(name)  # type: ignore[arg-type]
        assert part.spans is not None
        first, asked, after = part.spans.T
        assert (asked - first == 14).all()
        assert (after - asked == horizon).all()
        assert asked.min() == max(start, 14)
        assert after.max() <= end
        assert set(np.diff(asked).tolist()) == {2 if name == "train" else 1}
        for row in range(0, len(part), 7):
            window = part.inputs[row, :, 0] * split.scale["target_scale"] + split.scale["target_offset"]
            assert window == pytest.approx(truth[first[row] : asked[row]], rel=1e-5)
            assert part.targets[row] == pytest.approx(truth[asked[row] : after[row]])
    # Scaled with what is known before validation begins, and with nothing after it.
    assert split.scale["target_offset"] == pytest.approx(truth[:210].mean())
    assert split.scale["target_scale"] == pytest.approx(truth[:210].std())


def test_naive_forecasts_are_worked_out_by_hand() -> None:
    split = split_of(config(data__horizon=9), naive={"last value": 1, "last week": 7})
    track, truth = split.series, series()[:, 0]
    assert track is not None
    first = np.array([240, 255])
    last, week = naive_forecast(track, 1, first, 9), naive_forecast(track, 7, first, 9)
    assert (last == truth[first - 1][:, None]).all()
    # The eighth and ninth day are a week ahead of what is known: the week before is repeated.
    assert week[0].tolist() == [*truth[233:240], *truth[233:235]]
    errors = naive_errors(track, split.test)
    expected = np.mean([np.abs(truth[t : t + 9] - truth[t - 1]).mean() for t in range(240, 292)])
    assert errors["last value"] == pytest.approx(expected, rel=1e-5)
    far = naive_forecast(track, 100, np.array([50, 150]))
    assert np.isnan(far[0, 0])
    assert far[1, 0] == truth[50]


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("horizon", [1, 4])
def test_a_forecast_is_what_the_net_says_in_the_series_unit(part: str, horizon: int) -> None:
    split = split_of(config(data__horizon=horizon))
    truth = series()[:, 0]
    start, end = (210, 240) if part == "validation" else (240, 300)
    told = Forecaster(split, CPU).forecast(Repeats(7, horizon), part)
    assert told.first == str(datetime.date(2020, 1, 1) + datetime.timedelta(start))
    assert told.last == str(datetime.date(2020, 1, 1) + datetime.timedelta(end - 1))
    assert told.truth == pytest.approx(truth[start:end], rel=1e-5)
    assert told.one_step == pytest.approx(truth[start - 7 : end - 7], rel=1e-4)
    # Living on its own answers, a net that repeats the last week repeats the last known one for ever.
    known = truth[start - 7 : start]
    assert told.rolling == pytest.approx(np.resize(known, end - start), rel=1e-4)
    assert told.baselines["last value"] == pytest.approx(truth[start - 1 : end - 1], rel=1e-5)
    assert told.baselines["7 steps ago"] == told.one_step


def test_nothing_after_its_start_reaches_the_rolling_forecast() -> None:
    values = series(channels=3)
    made = config()
    torch.manual_seed(1)
    net = Training(made, split_of(made, values)).net.eval()
    one = Forecaster(split_of(made, values), CPU).forecast(net, "test")
    changed = values.copy()
    changed[240:] = 1e4 + np.random.default_rng(0).normal(size=changed[240:].shape)
    other = Forecaster(split_of(made, changed), CPU).forecast(net, "test")
    assert one.rolling == other.rolling
    assert one.one_step[0] == other.one_step[0]
    assert one.one_step[1:] != other.one_step[1:]


def test_a_long_forecast_is_cut_and_a_gap_in_a_baseline_left_out() -> None:
    values = series(3000)
    split = split_of(config(), values, naive={"last value": 1, "long ago": 2600})
    told = Forecaster(split, CPU).forecast(Repeats(7), "test")
    assert len(told.truth) == len(told.one_step) == len(told.rolling) == MOST_STEPS
    assert told.last == str(datetime.date(2020, 1, 1) + datetime.timedelta(2400 + MOST_STEPS - 1))
    assert list(told.baselines) == ["last value"]


def test_a_run_tells_forecasts_at_each_look_and_at_the_end() -> None:
    made = config(train__epochs=15, model__hidden=16, optim__lr=0.02)
    split = split_of(made)
    summary = summarise_split(split, made)
    events = list(Training(made, split, summary=summary).events())
    looks = of_kind(events, Evaluated)
    forecasts = [look for look in looks if look.forecast is not None]
    assert [look.split for look in forecasts] == ["validation"] * 15 + ["test"]
    assert forecasts[-1].final
    final = {look.split: look for look in looks if look.final}["test"]
    told = final.forecast
    assert isinstance(told, Forecast)
    assert len(told.truth) == len(split.test)
    # The one-step forecast is the very one that the error was measured on.
    mae = np.mean(np.abs(np.array(told.truth, dtype=float) - np.array(told.one_step, dtype=float)))
    assert float(final.metrics["mae"]) == pytest.approx(float(mae), rel=1e-3)
    assert float(final.metrics["rmse"]) >= float(final.metrics["mae"])
    data = of_kind(events, RunStarted)[0].data
    assert (data.problem, data.unit) == ("forecasting", "things")
    assert data.baselines["7 steps ago"]["test"] == pytest.approx(1.4, rel=1e-3)  # the rise of a week
    assert float(final.metrics["mae"]) < data.baselines["last value"]["test"]


def test_a_series_too_short_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"train part with data.window = 250"):
        split_of(config(data__window=250))
    with pytest.raises(UsageError, match=r"validation part .* data.horizon = 50"):
        split_of(config(data__horizon=50))
