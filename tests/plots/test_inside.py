"""The map of a net's gradient: what fades looks faded, looks of other lengths meet at their ends, everything fits."""

from __future__ import annotations

import pytest

from rnnlab.plots.run.gradients import SHADES, flow_map, inside, inside_report
from rnnlab.runs.events import GateUse, GradientFlow, Inspected, LayerFigures, Record
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state
from rnnlab.text.lines import Lines, width_of
from rnnlab.text.palette import DARK, MONO


def text(lines: Lines) -> list[str]:
    return ["".join(segment.text for segment in line) for line in lines]


def flow(epoch: int, *norms: float, layer: str = "lstm 1") -> GradientFlow:
    return GradientFlow(epoch=epoch, step=epoch * 10, layer=layer, norms=norms)


def a_state(*events: GradientFlow | Inspected) -> RunState:
    state = initial_state()
    for seq, event in enumerate(events):
        reduce(state, Record(seq, 0.0, 0.0, event))
    return state


def shades(row: str) -> str:
    return row[7:].rstrip()


def test_what_fades_looks_faded() -> None:
    fading = flow(1, *(10.0 ** (t - 9) for t in range(10)))
    lasting = flow(2, *[1.0] * 10)
    title, faded, kept, axis = text(flow_map([fading, lasting], "elman 1", width=17, height=5, palette=DARK))
    assert title.startswith("‖∂L/∂h‖ elman 1")
    levels = [SHADES.index(shade) for shade in faded[7:]]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, len(SHADES) - 1)
    assert shades(kept) == SHADES[-1] * 10
    assert "-9" in axis


def test_the_title_tells_how_much_is_left() -> None:
    words = text(flow_map([flow(1, 1e-4, 0.01, 0.5)], "lstm 1", width=100, height=4, palette=MONO))[0]
    assert "first of 3 steps: 2e-4" in words
    assert "nothing left" in text(flow_map([flow(1, 0.0, 0.5)], "lstm 1", width=100, height=4, palette=MONO))[0]
    assert "no gradient" in text(flow_map([flow(1, 0.0, 0.0)], "lstm 1", width=100, height=4, palette=MONO))[0]


def test_looks_of_other_lengths_meet_at_their_last_step() -> None:
    _, short, long, _ = text(
        flow_map([flow(1, 1.0, 1.0), flow(2, *[1.0] * 4)], "gru 1", width=11, height=5, palette=DARK)
    )
    assert short[7:11] == "  ██"
    assert long[7:11] == "████"


def test_of_many_epochs_the_first_and_the_last_are_shown() -> None:
    flows = [flow(epoch, 0.1, 1.0) for epoch in range(1, 41)]
    rows = text(flow_map(flows, "lstm 1", width=30, height=9, palette=DARK))
    epochs = [int(row[:7]) for row in rows[1:-1]]
    assert len(epochs) == 6
    assert (epochs[0], epochs[-1]) == (1, 40)


@pytest.mark.parametrize(("width", "height"), [(78, 19), (138, 42), (40, 6), (20, 3), (1, 1)])
@pytest.mark.parametrize("layers", [1, 4])
def test_it_fills_the_room_there_is_and_no_more(width: int, height: int, layers: int) -> None:
    gates = tuple(GateUse(name, 0.1, 0.25) for name in ("input", "forget", "output"))
    look = Inspected(
        epoch=3,
        step=30,
        layers=tuple(
            LayerFigures(name=f"lstm {n}", gradient="inf", moved=0.01, gates=gates) for n in range(1, layers + 1)
        ),
    )
    flows = [
        flow(e, *(0.5**t for t in range(300)), layer=f"lstm {n}") for n in range(1, layers + 1) for e in range(1, 9)
    ]
    lines = inside(a_state(look, *flows), width=width, height=height, palette=DARK)
    assert [width_of(line) for line in lines] == [width] * height


def test_the_report_tells_of_each_layer_and_gate() -> None:
    look = Inspected(
        epoch=3,
        step=30,
        layers=(
            LayerFigures(name="gru 1", gradient=0.5, moved=0.012, gates=(GateUse("reset", 0.02, 0.31),)),
            LayerFigures(name="elman 2", gradient=0.1, gates=(GateUse("units", 0.75),)),
            LayerFigures(name="head", gradient=1.25, moved=3e-6),
        ),
    )
    told = "\n".join(text(inside_report(a_state(look, flow(3, 0.1, 1.0, layer="gru 1")), 100, DARK)))
    for words in (
        "inside the net",
        "epoch 3",
        "reset 2%/31%",
        "dead units 75%",
        ".012",
        "3e-6",
        "1.25",
        "‖∂L/∂h‖ gru 1",
    ):
        assert words in told
    assert inside_report(initial_state(), 100, DARK) == []


def test_a_gradient_of_no_steps_is_nothing_to_draw() -> None:
    layer = LayerFigures(name="lstm 1")
    state = a_state(Inspected(epoch=1, step=5, layers=(layer,)), flow(1), flow(1, layer="lstm 2"), flow(1, 1.0))
    assert list(state.flows) == ["lstm 1"]
    assert any("first of 1 steps" in line for line in text(inside_report(state, 80, DARK)))
    assert inside_report(a_state(Inspected(epoch=1, step=5, layers=(layer,)), flow(1)), 80, DARK)


def test_a_short_sequence_spans_all_shades_and_says_which() -> None:
    short = flow(1, 0.02, 0.2, 1.0)
    title, row, _ = text(flow_map([short], "lstm 1", width=100, height=4, palette=MONO))[:3]
    levels = [SHADES.index(shade) for shade in shades(row)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (1, len(SHADES) - 1), "the least norm is pale, and not left out"
    assert ".02" in title


def test_where_there_is_room_the_words_are_explained_and_the_decay_is_a_curve() -> None:
    look = Inspected(epoch=3, step=30, layers=(LayerFigures(name="lstm 1", gradient=0.5, moved=0.01, gates=()),))
    flows = [flow(epoch, 0.01, 0.1, 1.0) for epoch in (1, 2, 3)]
    high = "\n".join(text(inside(a_state(look, *flows), width=100, height=40, palette=MONO)))
    assert "vanishing gradient" in high
    assert "by step" in high
    low = "\n".join(text(inside(a_state(look, *flows), width=100, height=10, palette=MONO)))
    assert "vanishing gradient" not in low
