"""`data.normalise`: what is done to measurements before a net reads them, and to those that a person types."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig
from rnnlab.runs.normalised import how_normalised
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.normalise import as_trained
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.tasks.splitting.windows import forecasting_split


def recordings(rows: int = 40, steps: int = 12) -> Dataset:
    """Two channels of very different size and place; lengths differ, and one channel of one row does not change."""
    chance = np.random.default_rng(1)
    lengths = chance.integers(4, steps + 1, rows)
    inputs = (chance.normal(size=(rows, steps, 2)) * [1000, 0.01] + [5000, 3]).astype(np.float32)
    inputs[0, :, 1] = 3
    inputs[np.arange(steps) >= lengths[:, None]] = 0
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.arange(rows, dtype=np.int64) % 2,
        keys=[str(row) for row in range(rows)],
        input_size=2,
        outputs=2,
        classes=("a", "b"),
        show_input=lambda subset, row: f"{subset.inputs[row, 0, 0]:.3f}",
        normalise=True,
    )


def split_of(normalise: str, **settings: object) -> Split:
    chosen = {"task.name": "own", "data.normalise": normalise, **settings}
    return split_dataset(TASKS["own"], recordings(), RunConfig.from_settings(chosen))


def shown(split: Split) -> dict[str, list[float]]:
    """The first value of each row, as it is shown to people, by part."""
    return {
        name: [float(split.show_input(split.subset(name), row)) for row in range(len(split.subset(name)))]
        for name in SUBSET_NAMES
    }


def test_none_leaves_values_as_they_are() -> None:
    split = split_of("none")
    held = np.concatenate([split.subset(name).inputs for name in SUBSET_NAMES])
    assert np.array_equal(np.sort(held, axis=None), np.sort(recordings().inputs, axis=None))
    assert np.array_equal(as_trained(np.array([[7.0, 8.0]], dtype=np.float32), split.scale), [[7.0, 8.0]])


def test_a_sequence_is_brought_to_unit_size_by_itself() -> None:
    split = split_of("sequence")
    for name in SUBSET_NAMES:
        subset = split.subset(name)
        for values, length in zip(subset.inputs, subset.lengths.tolist(), strict=True):
            assert not values[length:].any(), "zero past the end"
            for channel in values[:length].T:
                assert channel.mean() == pytest.approx(0, abs=1e-4)
                assert channel.std() == pytest.approx(1, abs=1e-4) or not channel.any()


@pytest.mark.parametrize("normalise", ["channel", "sequence", "none"])
def test_what_a_person_types_is_read_as_the_net_was_trained(normalise: str) -> None:
    rows, split = recordings(), split_of(normalise)
    for name in SUBSET_NAMES:
        subset = split.subset(name)
        for row, length in enumerate(subset.lengths.tolist()):
            typed = [as_trained(values[:length], split.scale) for values in rows.inputs]
            assert any(np.allclose(subset.inputs[row, :length], each, atol=1e-5) for each in typed)


@pytest.mark.parametrize("compand", [0.0, 100.0])
def test_rows_are_shown_in_their_own_units(compand: float) -> None:
    by_channel, by_sequence, as_read = (
        shown(split_of(way, **{"data.compand": compand})) for way in ("channel", "sequence", "none")
    )
    for name in SUBSET_NAMES:
        assert np.allclose(by_channel[name], as_read[name], rtol=1e-4)
        assert by_sequence[name] == as_read[name]


def test_it_is_told_in_words() -> None:
    told = [how_normalised("own", False, split_of(way).scale, way) for way in ("channel", "sequence", "none")]
    assert ["training part" in told[0], "sequence's own" in told[1], told[2].startswith("none")] == [True] * 3
    assert how_normalised("names", True, {}, "channel") == ""
    assert how_normalised("sales", False, {"target_scale": 2.0}, None) == "", "of a log that does not say it"


def test_a_series_can_go_in_as_it_is_and_not_by_window() -> None:
    series = np.arange(400, dtype=np.float64)[:, None] + 1000
    labels = [str(step) for step in range(400)]

    def split(normalise: str) -> Split:
        config = RunConfig.from_settings({"task.name": "sales", "data.normalise": normalise, "data.window": 8})
        return forecasting_split(TASKS["sales"], config, series, labels)

    plain = split("none")
    assert plain.scale == {}
    assert plain.train.inputs[0, :, 0].tolist() == list(range(1000, 1008))
    assert plain.train.targets[0].tolist() == [1008]
    with pytest.raises(ConfigError, match=r"data\.normalise = 'sequence'"):
        split("sequence")
