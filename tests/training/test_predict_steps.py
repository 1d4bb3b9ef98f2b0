"""Predictions step by step: each column is what the net predicts for the first steps alone, the last one to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnlab.catalog.models.catalog import MODELS, RECURRENT
from rnnlab.errors import UsageError
from rnnlab.models.layer import Layer
from rnnlab.models.net import build
from rnnlab.models.step_outputs import is_causal
from rnnlab.runs.data_summary import DataSummary
from rnnlab.training.evaluation.predict import NOT_FINITE, TrainedNet
from rnnlab.training.evaluation.predict_steps import MOST_PREFIX_STEPS, predict_text
from tests.training.small import small_config

BITS = "1011001110"


def untrained(*, per_step: bool = False, **settings: object) -> TrainedNet:
    """A net of random weights that reads bits; its classes are even and odd."""
    torch.manual_seed(1)
    config = small_config("parity", **settings)
    problem = "per-step classification" if per_step else "classification"
    data = DataSummary(
        task="parity", title="Parity", problem=problem, metric="accuracy", higher_is_better=True,
        classes=("even", "odd"), symbols="01", input_size=3, outputs=2, longest=12,
    )  # fmt: skip
    net = build(config, input_size=3, outputs=2, problem=problem, tokens=True, longest=12)
    return TrainedNet(net.eval(), data, 1, config)


def odd(trained: TrainedNet, text: str) -> float:
    return dict(trained.predict([text])[0].ranked)["odd"]


@pytest.mark.parametrize(
    "settings",
    [
        *({"model__name": name} for name in MODELS),
        {"model__name": "lstm", "model__bidirectional": True},
        {"model__name": "gru", "model__layers": 2, "model__readout": "mean"},
        {"model__name": "lstm", "model__readout": "attention", "model__layer_norm": True},
        {"model__name": "elman", "model__readout": "max", "model__learned_state": True},
        {"model__name": "gru", "model__conv": "4", "model__conv_pool": 2},
    ],
    ids=lambda settings: "-".join(str(value) for value in settings.values()),
)
def test_each_column_is_the_prediction_for_the_first_steps(settings: dict[str, object]) -> None:
    trained = untrained(**settings)  # type: ignore[arg-type]
    predicted = predict_text(trained, BITS)
    assert predicted.prediction == trained.predict([BITS])[0]
    assert predicted.labels == tuple(BITS)
    shares = {each.name: each.probabilities for each in predicted.classes}
    assert (shares["odd"][-1], shares["even"][-1]) == tuple(
        dict(predicted.prediction.ranked)[name] for name in ("odd", "even")
    )
    assert shares["odd"] == pytest.approx([odd(trained, BITS[: end + 1]) for end in range(len(BITS))], abs=1e-5)
    assert bool(predicted.strips) == (settings["model__name"] in RECURRENT)
    for strip in predicted.strips:
        values = np.array([strip.row(cell) for cell in range(strip.cells)])
        assert values.shape == (8, len(BITS))
        assert np.isfinite(values).all()
        assert sorted(strip.order) == list(range(8))
    assert torch.isfinite(trained.net(torch.tensor([[1, 2]]))).all(), "the net is as it was"


def test_strips_hold_the_states_of_the_net_read_by_hand() -> None:
    trained = untrained(model__name="lstm")
    layer = trained.net.layers[0]
    assert isinstance(layer, Layer)
    state = tuple(torch.zeros(1, 8) for _ in range(2))
    by_hand, cells_by_hand = [], []
    with torch.no_grad():
        for bit in BITS:
            output, state = layer.forwards.forward_step(torch.eye(3)[[int(bit) + 1]], state)
            by_hand.append(output[0].tolist())
            cells_by_hand.append(state[1][0].tolist())
    hidden, inner, *gates = predict_text(trained, BITS).strips
    assert (hidden.title, inner.title) == ("lstm 1 · hidden state", "lstm 1 · cell state")
    assert [gate.name for gate in gates] == ["input gate", "forget gate", "output gate"]
    assert [(gate.low, gate.high) for gate in gates] == [(0, 1)] * 3
    rows = np.array([hidden.row(cell) for cell in range(8)]).T
    assert rows == pytest.approx(np.array(by_hand), abs=1e-4)
    inner_rows = np.array([inner.row(cell) for cell in range(8)]).T
    assert inner_rows == pytest.approx(np.array(cells_by_hand), abs=1e-4)


def test_the_direction_that_reads_from_the_end_stands_under_the_steps_that_it_reads() -> None:
    trained = untrained(model__name="gru", model__bidirectional=True)
    strips = {strip.title: strip for strip in predict_text(trained, BITS).strips}
    backwards = strips["gru 1 backwards · hidden state"]
    alone = {strip.title: strip for strip in predict_text(trained, BITS[-1]).strips}["gru 1 backwards · hidden state"]
    # Its first step is the last one of the input.
    assert [backwards.row(cell)[-1] for cell in range(8)] == pytest.approx(
        [alone.row(cell)[0] for cell in range(8)], abs=1e-4
    )


def test_a_net_that_is_not_causal_says_how_its_columns_came_about_and_long_inputs_are_thinned() -> None:
    trained = untrained(model__name="gru", model__bidirectional=True)
    assert not is_causal(trained.net)
    assert "first steps alone" in predict_text(trained, BITS).notes[0]
    long = predict_text(trained, "10" * 300)
    assert len(long.columns) * 600 <= MOST_PREFIX_STEPS
    assert (long.steps, long.columns[-1]) == (600, 599)
    assert "of 600 steps are shown" in long.notes[0]


def test_where_each_step_has_a_class_a_column_is_the_output_of_its_step() -> None:
    trained = untrained(per_step=True)
    predicted = predict_text(trained, BITS)
    shares = {each.name: each.probabilities for each in predicted.classes}
    for at, (name, share) in enumerate(predicted.prediction.steps):
        assert shares[name][at] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("per_step", [False, True])
def test_an_output_that_is_not_finite_is_no_prediction(per_step: bool) -> None:
    trained = untrained(per_step=per_step)
    with torch.no_grad():
        next(trained.net.head.parameters()).fill_(torch.nan)
    first, second = trained.predict([BITS, "01"])
    assert (first.input, first.error, first.ranked, first.steps) == (BITS, NOT_FINITE, (), ())
    assert second.error == NOT_FINITE
    with pytest.raises(UsageError, match="not a finite number"):
        predict_text(trained, BITS)
