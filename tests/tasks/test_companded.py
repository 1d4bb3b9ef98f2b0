"""Companded copies of channels: small movements seen beside large ones, the same in training and in what is typed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig
from rnnlab.models.plan.plan_for_task import plan_for
from rnnlab.tasks.describe.profile import data_card
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.encoding.signals import typed_row
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.published.gestures import encode
from rnnlab.tasks.splitting.normalise import as_read, companded
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.training.loop import Training
from tests.tasks.gesturefiles import write_gestures

STRENGTH = 100.0


def gestures(root: Path, strength: float = STRENGTH) -> RunConfig:
    return RunConfig.from_settings({"task.name": "gestures", "data.path": str(root), "data.compand": strength})


def recordings(folder: Path) -> tuple[RunConfig, Split]:
    """Forty rows of a large swing, the odd ones with a tremor of a thousandth of it on another channel."""
    draw = np.random.default_rng(0)
    time, phase = np.arange(50), draw.uniform(0, 6, size=(40, 1))
    swing = np.sin(time / 5 + phase)
    tremor = np.where(np.arange(40)[:, None] % 2, 1e-3 * np.sin(3 * time + phase), 0.0)
    values = np.stack((swing, tremor + np.where(np.arange(40)[:, None] < 20, swing, 0.0)), axis=2)
    folder.mkdir()
    path = folder / "own.npz"
    np.savez(path, X_train=values, y_train=np.arange(40) % 2)
    config = RunConfig.from_settings({"task.name": "own", "data.path": str(path), "data.compand": 1000.0})
    return config, load(config)


def test_a_copy_stands_beside_each_channel_and_the_channel_stays(tmp_path: Path) -> None:
    root = write_gestures(tmp_path)
    plain, split = load(gestures(root, 0.0)), load(gestures(root))
    assert (plain.input_size, split.input_size) == (3, 6)
    for name in SUBSET_NAMES:
        before, after = plain.subset(name), split.subset(name)
        np.testing.assert_array_equal(after.inputs[..., :3], before.inputs)
        assert not after.inputs[np.arange(after.inputs.shape[1]) >= after.lengths[:, None]].any()
    inside = np.arange(split.train.inputs.shape[1]) < split.train.lengths[:, None]
    copies = split.train.inputs[inside][:, 3:].astype(np.float64)
    np.testing.assert_allclose(copies.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(copies.std(axis=0), 1, atol=1e-5)
    # Up to shift and size it is what the setting's help says.
    length = int(split.train.lengths[0])
    row = plain.train.inputs[0, :length].astype(np.float64)
    expected = np.arcsinh(STRENGTH * (row - row.mean(axis=0)))
    for channel in range(3):
        assert np.corrcoef(expected[:, channel], split.train.inputs[0, :length, 3 + channel])[0, 1] > 1 - 1e-6
    assert split.show_input(split.train, 0) == plain.show_input(plain.train, 0)


def test_a_tremor_is_seen_beside_a_swing(tmp_path: Path) -> None:
    _, split = recordings(tmp_path / "own")
    rows, size = split.train, split.train.inputs.std(axis=1)
    still = size[:, 1] < 0.1  # no swing on the second channel
    trembling = rows.targets == 1
    assert size[still & trembling, 1].max() < 0.01
    assert size[still & trembling, 3].min() > 0.1
    assert size[still & ~trembling, 3].max() < 0.01


def test_how_a_sensor_is_worn_does_not_show_in_a_copy() -> None:
    """Offsets of each row's own change the channels, and not the copies."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(5, 31, size=20)
    true = (np.arange(30) < lengths[:, None])[:, :, None]
    values, offsets = draw.normal(size=(20, 30, 3)), draw.normal(size=(20, 1, 3))
    ((straight,), _), ((tilted,), _) = (
        companded([Subset((each * true).astype(np.float32), lengths, np.zeros(20, np.int64))], STRENGTH)
        for each in (values, values + offsets)
    )
    assert np.abs(straight.inputs[..., :3] - tilted.inputs[..., :3]).max() > 1
    np.testing.assert_allclose(straight.inputs[..., 3:], tilted.inputs[..., 3:], atol=1e-3)


def test_what_is_typed_is_companded_as_the_rows_were(tmp_path: Path) -> None:
    config = gestures(write_gestures(tmp_path / "gestures"))
    split = load(config)
    length = int(split.test.lengths[5])
    values = as_read(split.test.inputs[5, :length].astype(np.float32), split.scale)
    assert values.shape == (length, 3)
    summary = summarise_split(split, config)
    np.testing.assert_allclose(encode(summary, typed_row(values)), split.test.inputs[5, :length], atol=2e-3)

    config, split = recordings(tmp_path / "own")
    typed = "; ".join(f"{a:.8g}, {b:.8g}" for a, b in as_read(split.test.inputs[0], split.scale).tolist())
    inputs, _ = encode_inputs(summarise_split(split, config), [typed])
    np.testing.assert_allclose(inputs[0], split.test.inputs[0], atol=2e-3)


def test_the_net_is_planned_and_built_for_the_copies(tmp_path: Path) -> None:
    config, split = recordings(tmp_path / "own")
    assert Training(config, split).net.plan.input_size == 4
    har = {"task.name": "har", "data.compand": STRENGTH}
    plan = plan_for(RunConfig.from_settings(har))
    assert plan is not None
    assert plan.input_size == 18
    # Of a file it is told what stands in it; what is planned from that is doubled once.
    assert config.data.path is not None
    assert check_file(config.data.path, {"data.compand": STRENGTH}).net["input_size"] == 2
    assert data_card(config)["values"]["max"] == pytest.approx(1.0, abs=1e-2)


def test_a_series_that_is_forecast_has_no_copies(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("value\n" + "\n".join(str(100 + n % 9) for n in range(200)))
    config = RunConfig.from_settings({"task.name": "own", "data.path": str(path), "data.compand": STRENGTH})
    with pytest.raises(ConfigError, match=r"data\.compand = 100.* 0 where a series is forecast"):
        load(config)
