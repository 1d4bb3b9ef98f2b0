"""Windows over steps, with a clock that the test moves."""

from __future__ import annotations

import math

import pytest
import torch

from rnnlab.runs.events import Progress
from rnnlab.training.observe.progress import ProgressMeter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run_steps(
    meter: ProgressMeter, clock: Clock, steps: int, seconds: float, first: int = 1
) -> list[tuple[float, Progress]]:
    windows = []
    for step in range(first, first + steps):
        clock.now += seconds
        if meter.add(1, step, 10, 0.1, float(step % 7), 1.0):
            windows.append((clock.now, meter.take()))
    return windows


@pytest.mark.parametrize("seconds", [1e-4, 0.003, 0.05, 0.11, 0.3, 2.0])
def test_never_more_than_ten_a_second_and_no_step_is_lost(seconds: float) -> None:
    clock = Clock()
    meter = ProgressMeter(1000, clock=clock)
    windows = run_steps(meter, clock, 1000, seconds)
    times = [time for time, _ in windows]
    assert all(sum(start <= time < start + 1.0 for time in times) <= 10 for start in times)
    told = sum(window.steps for _, window in windows)
    rest = meter.take().steps if meter.pending else 0
    assert told + rest == 1000
    if seconds >= 0.12:
        assert len(windows) == 1000  # a slow step is told of at once


def test_a_window_holds_mean_least_and_greatest_of_its_steps() -> None:
    clock = Clock()
    meter = ProgressMeter(10, clock=clock)
    for step, loss in enumerate((3.0, 1.0, 8.0), start=1):
        meter.add(2, step, 5, 0.01, loss, 2.0 * loss)
    window = meter.take()
    assert (window.loss, window.loss_low, window.loss_high, window.grad_norm) == (4.0, 1.0, 8.0, 8.0)
    assert (window.epoch, window.step, window.steps, window.examples, window.lr) == (2, 3, 3, 15, 0.01)
    assert meter.take().loss is None  # nothing new


def test_recorded_boundaries_give_the_recorded_windows_again() -> None:
    clock = Clock()
    meter = ProgressMeter(300, clock=clock)
    recorded = [window for _, window in run_steps(meter, clock, 300, 0.0173)]
    slower = Clock()
    again = ProgressMeter(300, clock=slower, boundaries=[window.step for window in recorded])
    repeated = [window for _, window in run_steps(again, slower, 300, 0.5)]
    figures = [(w.step, w.steps, w.loss, w.loss_low, w.loss_high, w.grad_norm, w.examples) for w in recorded]
    assert [(w.step, w.steps, w.loss, w.loss_low, w.loss_high, w.grad_norm, w.examples) for w in repeated] == figures


def test_speed_is_over_the_last_seconds_and_leaves_looks_and_pauses_out() -> None:
    clock = Clock()
    meter = ProgressMeter(10_000, clock=clock)
    run_steps(meter, clock, 100, 0.1)  # 100 examples a second
    fast = run_steps(meter, clock, 400, 0.01, first=101)[-1][1]
    assert fast.examples_per_second == pytest.approx(1000, rel=0.02)
    meter.enter("evaluating")
    clock.now += 5
    meter.enter("paused")
    clock.now += 1000
    meter.enter("training")
    after = run_steps(meter, clock, 40, 0.01, first=501)[-1][1]
    assert after.examples_per_second == pytest.approx(1000, rel=0.02)
    assert meter.seconds == pytest.approx(10 + 4 + 5 + 0.4)  # the look counts, the pause does not
    assert meter.overall_rate == pytest.approx(540 * 10 / 14.4, rel=0.02)


def test_time_left_counts_the_looks_that_are_still_to_come() -> None:
    clock = Clock()
    meter = ProgressMeter(1000, clock=clock, evaluations_left=lambda step: (1000 - step) / 100)
    windows = run_steps(meter, clock, 100, 0.1)
    assert windows[-1][1].eta == pytest.approx(90, rel=0.03)
    meter.enter("evaluating")
    clock.now += 2
    meter.enter("training")
    windows = run_steps(meter, clock, 100, 0.1, first=101)
    assert windows[-1][1].eta == pytest.approx(80 + 8 * 2, rel=0.03)


def test_a_sign_of_life_says_where_the_run_stands_and_brings_no_steps() -> None:
    clock = Clock()
    meter = ProgressMeter(100, clock=clock)
    run_steps(meter, clock, 5, 0.2)
    meter.enter("paused")
    clock.now += 60
    sign = meter.sign_of_life()
    assert (sign.phase, sign.step, sign.steps, sign.loss) == ("paused", 5, 0, None)
    assert sign.seconds == pytest.approx(1.0)


def test_figures_on_a_device_are_fetched_together_and_end_at_the_first_that_is_no_number() -> None:
    clock = Clock()
    meter = ProgressMeter(100, clock=clock)
    fetched = []
    for step in range(1, 33):
        if meter.add_on_device(1, step, 4, 0.1, torch.tensor(math.inf if step == 30 else 1.0), torch.tensor(2.0)):
            fetched.append((step, meter.fetch_losses()))
    assert fetched == [(16, None), (32, 30)]
    window = meter.take()
    assert (window.step, window.steps, window.loss_high, window.loss_low) == (30, 30, "inf", 1.0)
