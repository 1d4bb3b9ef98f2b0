"""Several runs on one plot: told apart by colour and marker, read out by name, never beyond their space."""

from __future__ import annotations

import pytest

from rnnlab.plots.comparison.overlay import overlay_plot
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.runs.events import Record
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from tests.training.small import small_config, trained


def state_of(**settings: object) -> RunState:
    """A small run, as its log would tell it."""
    state = initial_state()
    for seq, event in enumerate(trained(small_config("overfit", train__batch_size=4, **settings))):
        reduce(state, Record(seq, 0.0, 0.0, event))  # type: ignore[arg-type]
    return state


@pytest.fixture(scope="module")
def pair() -> list[tuple[str, RunState]]:
    """The course's pair: an Elman net and an LSTM on the same few rows."""
    nets = {"elman": {"optim__lr": 0.01}, "lstm": {"model__layers": 3, "optim__lr": 0.02}}
    return [(name, state_of(model__name=name, train__epochs=30, **more)) for name, more in nets.items()]


def test_two_nets_stand_on_one_plot_each_with_both_its_losses(pair: list[tuple[str, RunState]]) -> None:
    text = to_text(overlay_plot(pair, "loss", width=120, height=20, palette=DARK))
    legend = text.splitlines()[0]
    for name, (_, marker) in zip(("elman", "lstm"), STYLES, strict=False):
        assert f"{marker} {name}" in legend
        assert marker in "".join(text.splitlines()[1:])
    assert legend.count("train") == 2


def test_with_many_runs_validation_alone_is_drawn_and_the_ninth_is_left_out(pair: list[tuple[str, RunState]]) -> None:
    runs = [(f"run{index}", pair[index % 2][1]) for index in range(9)]
    legend = to_text(overlay_plot(runs, "mae", width=200, height=20, palette=MONO)).splitlines()[0]
    assert "train" not in legend
    assert [f"run{index}" in legend for index in range(9)] == [True] * 8 + [False]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (20, 3), (60, 9), (140, 40)])
def test_it_fills_its_space_and_no_more(pair: list[tuple[str, RunState]], width: int, height: int) -> None:
    named = [("\x1b]0;title\x07[@click=app.quit]x[/]", pair[0][1]), ("名前" * 20, pair[1][1])]
    for runs in (pair, named, [], [("queued", initial_state())]):
        lines = overlay_plot(runs, "loss", width=width, height=height, palette=DARK, cursor=3.0)
        assert len(lines) == height
        assert {width_of(line) for line in lines} == {width}
        assert "\x1b" not in to_text(lines)
