"""The estimate in Setup: parameters, memory and time of a run, counted without training."""

from __future__ import annotations

import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.text.numbers import bytes_text, shown_seconds, time_text
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.draft.estimate import Estimate, estimate
from rnnlab.ui.setup.net_summary import NetSummary


def test_the_estimate_counts_what_the_optimiser_keeps() -> None:
    draft = Draft({"task.name": "surnames"})
    adam = estimate(draft)
    assert adam is not None
    assert adam.parameters == sum(layer.total for layer in adam.layers)
    assert adam.training_bytes - adam.activations_bytes == 4 * adam.weights_bytes
    # The gates and states of 64 rows of 24 letters, and the letters themselves.
    assert adam.activations_bytes == 4 * 64 * 24 * (112 + 6 * 128)
    draft.set("optim.name", "sgd")
    plain = estimate(draft)
    draft.set("optim.momentum", "0.9")
    heavy = estimate(draft)
    assert plain is not None
    assert heavy is not None
    kept = [figures.training_bytes - adam.activations_bytes for figures in (plain, heavy)]
    assert kept == [2 * plain.weights_bytes, 3 * plain.weights_bytes]
    assert bytes_text(1_300_000) == "1.3 MB"


@pytest.mark.parametrize("model", list(MODELS))
def test_an_embedding_is_counted_where_it_applies(model: str) -> None:
    draft = Draft({"task.name": "names", "model.name": model, "data.encoding": "embedding"})
    figures = estimate(draft)
    assert figures is not None
    assert figures.layers[0].total == TASKS["names"].input_size * 32
    draft.set("task.name", "sinusoids")
    figures = estimate(draft)
    assert figures is not None
    assert figures.layers[0].name != "embedding"


def test_what_is_known_of_a_file_is_counted_and_offered() -> None:
    draft = Draft({"task.name": "own", "data.path": "words.csv"})
    assert estimate(draft) is None
    assert draft.applies("data.window")
    net = {"problem": "classification", "inputs": "tokens", "input_size": 15, "outputs": 2}
    draft.know_file("words.csv", net, 48)
    figures = estimate(draft)
    assert figures is not None
    assert figures.layers[-1].total == 2 * draft.value("model.hidden")[0] + 2
    assert figures.rows == 48
    assert draft.applies("data.balance")
    assert not draft.applies("data.window")
    draft.set("data.path", "other.csv")
    assert estimate(draft) is None
    draft.set("data.path", "words.csv")
    draft.know_file(
        "words.csv", net | {"problem": "forecasting", "inputs": "values", "input_size": 1, "outputs": 1}, 200
    )
    draft.set("data.horizon", "3")
    figures = estimate(draft)
    assert figures is not None
    assert figures.layers[-1].total == 3 * draft.value("model.hidden")[0] + 3
    assert draft.applies("data.window")
    assert not draft.applies("data.balance")
    assert not draft.applies("data.encoding")


def test_the_estimate_of_time_follows_the_machine() -> None:
    draft = Draft({"task.name": "surnames"})
    usual, slower = estimate(draft), estimate(draft, 3.0)
    assert usual is not None
    assert slower is not None
    assert slower.seconds_per_step == pytest.approx(3 * usual.seconds_per_step)
    assert (usual.paced, slower.paced) == (False, True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "under a second"), (4.4, "about 4 s"), (43, "about 40 s"), (420, "about 7 min"), (12_600, "about 3.5 h")],
)
def test_a_time_is_no_more_exact_than_an_estimate(seconds: float, words: str) -> None:
    assert time_text(seconds) == words


@pytest.mark.parametrize("epoch", [0.003, 0.9, 1.6, 2.4, 14.6, 15.1, 96, 101, 151, 4000, 7000])
@pytest.mark.parametrize("epochs", [1, 2, 30, 300])
def test_the_time_of_a_run_is_no_less_than_its_epochs_at_what_is_shown_of_one(epoch: float, epochs: int) -> None:
    figures = Estimate((), rows=1, steps_per_epoch=10, steps=10 * epochs, averages=0, seconds_per_step=epoch / 10)
    units = {"s": 1, "min": 60, "h": 3600, "days": 86400}
    text = NetSummary(Draft())._whole(figures).removeprefix(", ")
    if text == "under a second":
        assert epoch * epochs < 1
        return
    _, number, unit = text.split()
    shown = 0.0 if epoch < 1 else shown_seconds(epoch)
    assert float(number.replace(",", "")) * units[unit] >= max(shown, epoch) * epochs * (1 - 1e-9)
    assert epoch >= 1 or float(number) * units[unit] <= max(1, epochs)
