"""Every architecture from the first update to a prediction: it learns, its run can be told again exactly, and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated
from rnnlab.training.evaluation.predict import load_best
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded
from tests.training.small import of_kind, small_config, trained


@pytest.mark.parametrize("name", MODELS)
def test_it_learns(name: str) -> None:
    config = small_config(
        "digits",
        model__name=name,
        model__hidden=16 if name != "linear" else 8,
        train__batch_size=25,
        train__epochs=6,
        optim__lr=0.01,
    )
    losses = [real(event.loss) for event in of_kind(trained(config, rows=200), Evaluated) if event.split == "train"]
    assert losses[-1] < losses[0] - 0.008
    assert min(losses) < 2.3  # ten classes, guessed: 2.303


@pytest.mark.parametrize("name", MODELS)
def test_a_run_is_told_again_exactly_and_asked(name: str, tmp_path: Path) -> None:
    run = recorded(tmp_path, model__name=name, train__epochs=1)
    report = verify(run)
    assert report.ok, report.summary
    (prediction,) = load_best(run).predict(["10110010"])
    assert len(prediction.numbers) == 1


def test_a_net_that_reads_all_at_once_is_asked_with_rows_of_any_length(tmp_path: Path) -> None:
    net = load_best(recorded(tmp_path, task="surnames", model__name="dense", train__epochs=1, train__batch_size=512))
    short, long = net.predict(["Li", "Abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"])
    assert len(short.ranked) == len(long.ranked) == 17


def test_a_head_bent_by_relu_never_answers_below_nought(tmp_path: Path) -> None:
    """In the units of the data, where nought is not the middle of what is learned."""
    run = recorded(tmp_path, model__head_activation="relu", train__epochs=30, optim__lr=0.05)
    net = load_best(run)
    answers = [prediction.numbers[0] for prediction in net.predict([f"{number:08b}" for number in range(0, 256, 8)])]
    assert min(answers) >= -1e-4
    assert min(answers) < 100 < max(answers)
