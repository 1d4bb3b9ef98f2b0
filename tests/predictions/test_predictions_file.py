"""The file of predictions: what is written is read again, small, and nothing else is believed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
from safetensors.numpy import load as tensors_in

from rnnlab.predictions.predictions_file import (
    DamagedPredictions,
    SubsetPredictions,
    layout,
    pack_predictions,
    unpack_predictions,
)

DRAW = np.random.default_rng(0)


def classes(rows: int, count: int) -> SubsetPredictions:
    shares = DRAW.dirichlet(np.ones(count), rows).astype(np.float16)
    found = shares.argmax(axis=1).astype(np.int64)
    return SubsetPredictions(
        rows=DRAW.permutation(20_000)[:rows],
        groups=DRAW.integers(0, 30, rows),
        targets=DRAW.integers(0, count, rows),
        predictions=found,
        probabilities=shares,
        top=shares[np.arange(rows), found],
    )


def steps() -> SubsetPredictions:
    targets = np.array([[0, 1, -1], [1, 1, 0], [-1, -1, -1]])
    predictions = np.array([[0, 0, -1], [1, 1, 0], [-1, -1, -1]])
    top = np.array([[0.9, 0.5, 0], [1, 1, 1], [0, 0, 0]], np.float16)
    return SubsetPredictions(np.arange(3), None, targets, predictions, None, top)


def numbers() -> SubsetPredictions:
    targets = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    return SubsetPredictions(
        np.array([7, 2]), None, targets, targets + np.array([[1, 3], [0, -1]], np.float32), None, None
    )


@pytest.mark.parametrize("held", [classes(50, 18), steps(), numbers()], ids=["classes", "steps", "numbers"])
def test_what_is_written_is_read_again(held: SubsetPredictions) -> None:
    data = pack_predictions({"validation": classes(4, 3), "test": held})
    again = unpack_predictions(data, "test")
    for name in ("rows", "groups", "targets", "predictions", "probabilities", "top"):
        before, after = getattr(held, name), getattr(again, name)
        assert (before is None) == (after is None), name
        if before is not None:
            assert (before == after).all(), name
    assert again.rows.dtype == np.int64
    assert again.predictions.dtype == (np.float32 if held.of_numbers else np.int64)
    assert pack_predictions({"validation": unpack_predictions(data, "validation"), "test": again}) == data


def test_eighteen_probabilities_of_each_of_1800_names_take_less_than_75_kb() -> None:
    data = pack_predictions({"test": classes(1800, 18)})
    assert len(data) < 75_000
    kinds = {name: array.dtype for name, array in tensors_in(data).items()}
    assert kinds == {
        "test.rows": np.uint16,
        "test.groups": np.uint8,
        "test.targets": np.uint8,
        "test.predictions": np.uint8,
        "test.probabilities": np.float16,
    }


def test_more_classes_keep_the_probability_of_the_prediction() -> None:
    assert layout(1000, 1, 32).probabilities == "all"
    assert layout(1000, 1, 33).probabilities == "top"
    assert layout(1000, 20, 5, per_step=True).probabilities == "top"
    assert layout(1000, 7, 0).probabilities == "none"
    assert not any(layout(1000, 1, count).left_out for count in (0, 2, 32, 33, 200))


def test_a_huge_subset_is_cut_and_says_so() -> None:
    assert layout(1000, 1, 18, limit=40_000).left_out == "all probabilities but that of the prediction"
    assert layout(1000, 1, 18, limit=11_000).left_out == "the probabilities"
    cut = layout(1000, 1, 18, limit=5_000)
    assert (cut.rows, cut.left_out) == (500, "the probabilities and 500 of 1,000 rows")
    held = replace(classes(10, 3), left_out=cut.left_out)
    assert unpack_predictions(pack_predictions({"test": held}), "test").left_out == cut.left_out


def test_scores_are_right_or_wrong_shares_of_steps_or_minus_the_error() -> None:
    held = classes(40, 4)
    assert held.scores().tolist() == [float(a == b) for a, b in zip(held.targets, held.predictions, strict=True)]
    assert steps().scores()[:2].tolist() == [0.5, 1.0]
    assert np.isnan(steps().scores()[2])
    assert numbers().scores().tolist() == [-2.0, -0.5]


def tampered(**changes: np.ndarray) -> bytes:
    arrays = dict(tensors_in(pack_predictions({"test": classes(6, 3)})))
    arrays |= {f"test.{name}": value for name, value in changes.items()}
    return bytes(safetensors.numpy.save(arrays, {"predictions": json.dumps({"format": 1, "left_out": {}})}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no tensors",
        pack_predictions({"test": classes(6, 3)})[:-3],
        pack_predictions({"validation": classes(6, 3)}),
        safetensors.numpy.save({"test.rows": np.zeros(3)}),
        tampered(rows=np.zeros(5, np.int64)),
        tampered(rows=np.zeros((), np.int64)),
        tampered(rows=np.zeros(6)),
        tampered(groups=np.zeros((6, 2), np.int64)),
        tampered(targets=np.zeros((6, 2), np.int64)),
        tampered(predictions=np.full(6, 3)),
        tampered(predictions=np.full(6, -1)),
        tampered(predictions=np.zeros(6)),
        tampered(probabilities=np.zeros((6, 3, 1))),
        tampered(probabilities=np.zeros((5, 3))),
        tampered(top=np.zeros((6, 2))),
    ],
)
def test_what_does_not_fit_together_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedPredictions):
        unpack_predictions(data, "test")
    assert len(unpack_predictions(tampered(), "test")) == 6
