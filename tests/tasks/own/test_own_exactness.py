"""Values far from zero, and values missing at the beginning: what a net is given of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.describe.baselines import simple_baselines
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.common.findings import sentence
from rnnlab.tasks.own.encode import encode
from rnnlab.tasks.splitting.normalise import as_trained
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.training.loop import Training
from tests.tasks.own.units import in_own_units

CHANCE = np.random.default_rng(5)
FAR = 123_456_789.0
STEPS = np.arange(600)
WAVE = np.round(3 * np.sin(2 * np.pi * STEPS / 24) + 0.2 * CHANCE.normal(size=600), 3)


def config(path: Path, **settings: object) -> RunConfig:
    chosen = {"task.name": "own", "data.path": str(path), "train.inspect": "off", "model.hidden": "8"}
    return RunConfig.from_settings(chosen | {name.replace("__", "."): value for name, value in settings.items()})


def series(folder: Path, offset: float) -> Path:
    path = folder / f"meter{offset:g}.csv"
    path.write_text("\n".join(["date,reading", *(
        f"{np.datetime64('2020-03-01T00') + step} ,{offset + value:.3f}".replace("T", " ").replace(" ,", ":00:00,")
        for step, value in zip(STEPS.tolist(), WAVE.tolist(), strict=True)
    )]) + "\n")  # fmt: skip
    return path


def arrays(folder: Path, **held: Any) -> Path:
    path = folder / "own.npz"
    np.savez(path, **held)
    return path


def trained(split: Split, settings: RunConfig) -> dict[str, Any]:
    training = Training(settings, split, run="exact", summary=summarise_split(split, settings))
    for _ in training.events():
        pass
    return training.final


def test_a_series_far_from_zero_trains_as_one_at_zero_does(tmp_path: Path) -> None:
    near, far = (load(config(series(tmp_path, offset), data__window=24)) for offset in (0.0, FAR))
    for name in SUBSET_NAMES:
        np.testing.assert_allclose(far.subset(name).inputs, near.subset(name).inputs, atol=1e-6)
        np.testing.assert_allclose(far.subset(name).targets - FAR, near.subset(name).targets, atol=1e-6)
    errors = []
    for split, offset in ((near, 0.0), (far, FAR)):
        settings = config(series(tmp_path, offset), data__window=24, train__epochs=3)
        final = trained(split, settings)
        errors.append(final["test"]["mae"])
    assert errors[1] == pytest.approx(errors[0], rel=1e-3)
    assert errors[1] < 1.5
    names = list(simple_baselines(far))
    assert any(name.startswith("always 1234567") and "e+" not in name for name in names)


def test_a_forecast_far_from_zero_is_shown_in_all_its_digits(tmp_path: Path) -> None:
    import torch

    from rnnlab.training.evaluation.forecast import Forecaster

    split = load(config(series(tmp_path, FAR), data__window=24))
    forecaster = Forecaster(split, torch.device("cpu"))
    found = forecaster.forecast(lambda inputs, lengths: inputs[:, -1, :1], "test")  # type: ignore[arg-type]
    assert split.series is not None
    np.testing.assert_allclose(
        np.array(found.truth, dtype=np.float64), split.series.truth[split.series.test :], atol=5e-3
    )
    np.testing.assert_allclose(
        np.array(found.one_step, dtype=np.float64), split.series.truth[split.series.test - 1 : -1], atol=5e-3
    )


@pytest.mark.parametrize("normalise", ["channel", "sequence"])
def test_sequences_far_from_zero_are_split_and_normalised_as_those_at_zero(tmp_path: Path, normalise: str) -> None:
    values = np.round(CHANCE.normal(size=(60, 12, 2)) * [3, 0.5], 3)
    labels = np.arange(60) % 2
    near = load(config(arrays(tmp_path, X=values, y=labels), data__normalise=normalise))
    path = arrays(tmp_path, X=values + [FAR, 0], y=labels)
    far = load(config(path, data__normalise=normalise))
    assert not check_file(path).problems
    # The split is drawn by what a row holds: the same rows, in another order.
    held = [
        np.sort(np.concatenate([split.subset(name).inputs for name in SUBSET_NAMES]).sum(axis=(1, 2)))
        for split in (near, far)
    ]
    if normalise == "sequence":
        np.testing.assert_allclose(held[1], held[0], atol=1e-3)
    np.testing.assert_allclose(far.train.inputs.std(axis=(0, 1)), 1, atol=0.1)
    if normalise == "channel":
        back = in_own_units(far)
        assert any(np.allclose(back[0], row, atol=1e-4) for row in values + [FAR, 0])
        typed = "; ".join(",".join(map(str, step)) for step in (values[0] + [FAR, 0]).tolist())
        encoded = encode(summarise_split(far, config(path)), typed)
        assert any(np.allclose(encoded, row, atol=1e-5) for name in SUBSET_NAMES for row in far.subset(name).inputs)
    shown = [float(word) for word in far.show_input(far.test, 0).strip("()").split("), (")[0].split(", ")]
    assert shown[0] > 1e8
    assert shown[0] != round(shown[0], -3), "all its digits are shown"


def test_numbers_to_predict_far_from_zero_are_learned(tmp_path: Path) -> None:
    values = CHANCE.normal(size=(120, 6, 1))
    target = 100 * values.mean(axis=(1, 2)) + 3e9
    settings = config(
        arrays(tmp_path, X=values, y=target), train__epochs=60, optim__lr=0.02, data__validation=0.2, data__test=0.2
    )
    split = load(settings)
    final = trained(split, settings)
    assert final["test"]["mae"] < 0.5 * float(np.abs(target - np.median(target)).mean())
    assert "e+" not in split.show_number(split.test.targets[0])


def test_values_near_zero_keep_single_precision_and_their_split(tmp_path: Path) -> None:
    values = CHANCE.normal(3, 2, (60, 12, 2))
    path = arrays(tmp_path, X=values, y=np.arange(60) % 2)
    split = load(config(path))
    constant = load(
        config(arrays(tmp_path, X=np.concatenate([values, np.full((60, 12, 1), 0.1)], 2), y=np.arange(60) % 2))
    )
    assert split.train.inputs.dtype == constant.train.inputs.dtype == np.float32
    exact = values.astype(np.float32).astype(np.float64)
    assert load(config(arrays(tmp_path, X=exact, y=np.arange(60) % 2))).fingerprint() == split.fingerprint()


@pytest.mark.parametrize("normalise", ["channel", "sequence", "none"])
def test_a_value_missing_at_the_beginning_takes_the_mean_of_training_never_one_of_the_future(
    tmp_path: Path, normalise: str
) -> None:
    values = CHANCE.normal(50, 2, (60, 12, 2))
    late = values.copy()
    late[::2, :4, 1] = np.nan
    path = arrays(tmp_path, X=late, y=np.arange(60) % 2)
    told = [sentence(problem) for problem in check_file(path).problems]
    assert any("4 missing values with none before them took the mean of the training part" in text for text in told)
    split = load(config(path, data__normalise=normalise))
    held = np.concatenate([split.subset(name).inputs for name in SUBSET_NAMES])
    assert np.isfinite(held).all()
    begin = held[:, :4, 1]
    put = begin[(begin == begin[:, :1]).all(axis=1)]
    assert len(put) == 30
    middle = 0.0 if normalise != "none" else 50.0
    assert np.allclose(put, middle, atol=0.0 if middle == 0 else 1.0)
    if normalise == "channel":
        known = np.concatenate(
            [
                split.train.inputs[:, 4:, 1].ravel(),
                split.train.inputs[:, :4, 1][split.train.inputs[:, 0, 1] != 0].ravel(),
            ]
        )
        assert known.mean() == pytest.approx(0, abs=1e-3)
        assert known.std() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("normalise", ["channel", "none"])
def test_a_column_that_begins_late_is_not_filled_from_the_future(tmp_path: Path, normalise: str) -> None:
    day = np.datetime64("2020-01-01")
    other = 20 + np.arange(400) * 0.1
    path = tmp_path / "late.csv"
    path.write_text(
        "\n".join(
            ["date,load,temp", *(f"{day + n},{WAVE[n]},{'' if n < 100 else f'{other[n]:.1f}'}" for n in range(400))]
        )
    )
    told = [sentence(problem) for problem in check_file(path).problems]
    assert "100 missing values with none before them took the mean of the training part" in told
    split = load(config(path, data__window=10, data__normalise=normalise))
    assert split.series is not None
    column = split.series.values[:100, 1]
    mean = other[100 : split.series.validation].mean()
    wanted = 0.0 if normalise == "channel" else mean
    np.testing.assert_allclose(column, wanted, atol=1e-4)


def test_a_missing_value_that_is_typed_or_read_becomes_the_mean() -> None:
    scale = {"input_scale_0": 2.0, "input_offset_0": FAR}
    values = np.array([[FAR + 1], [np.nan]])
    assert as_trained(values, scale).tolist() == [[0.5], [0.0]]
