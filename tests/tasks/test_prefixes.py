"""Early decision: test sets of the first steps of each test sequence, and what their rows are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.normalise import normalised_each
from rnnlab.tasks.splitting.prefixes import prefixes


def config(task: str, **data: object) -> RunConfig:
    return RunConfig.from_settings({"task.name": task, **{f"data.{key}": value for key, value in data.items()}})


def test_a_prefix_is_the_beginning_of_a_test_sequence_and_a_shorter_one_is_whole() -> None:
    asked = config("surnames", test_prefixes=(3, 6))
    split = load(asked)
    plain = load(config("surnames"))
    cut = split.extra["first 3 steps"]
    assert len(cut) == len(plain.test)
    assert cut.inputs.shape[1] == 3
    assert np.array_equal(cut.lengths, np.minimum(plain.test.lengths, 3))
    assert np.array_equal(cut.inputs, plain.test.inputs[:, :3])
    assert np.array_equal(cut.targets, plain.test.targets)
    described = summarise_split(split, asked).extra["first 6 steps"]
    assert (described.kind, described.steps, described.rows) == ("prefix", 6, len(plain.test))
    assert described.ended == int((plain.test.lengths <= 6).sum()) > 0


def test_prefixes_leave_the_run_comparable_and_its_data_as_they_were() -> None:
    with_prefixes, without = (load(config("surnames", test_prefixes=given)) for given in ((2,), None))
    assert with_prefixes.fingerprint() == without.fingerprint()
    assert with_prefixes.evaluated() == without.evaluated()


def test_a_prefix_of_rows_normalised_one_by_one_knows_nothing_of_what_follows(tmp_path: Path) -> None:
    file = signals(tmp_path)
    whole, cut = (load(config("own", path=file, normalise=kind, test_prefixes=(5,))) for kind in ("none", "sequence"))
    expected = normalised_each(prefixes(whole.test, 5)).inputs
    assert np.allclose(cut.extra["first 5 steps"].inputs, expected, atol=1e-4)


def test_a_length_that_no_test_sequence_passes_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"data\.test_prefixes = 500 .* below \d+"):
        load(config("surnames", test_prefixes=(2, 500)))


def test_companded_inputs_and_numbers_to_predict_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.compand = 0: .* whole sequence"):
        load(config("own", path=signals(tmp_path), test_prefixes=(2,), compand=10.0))
    with pytest.raises(UsageError, match="no number"):
        load(config("own", path=signals(tmp_path, numbers=True), test_prefixes=(2,)))


def signals(folder: Path, *, numbers: bool = False) -> str:
    """A file of 90 rows of 12 steps, with classes or with numbers to predict."""
    draw = np.random.default_rng(0)
    y = draw.random(90) if numbers else draw.integers(0, 3, 90)
    path = folder / f"{'numbers' if numbers else 'classes'}.npz"
    np.savez(path, X_train=draw.normal(2.0, 3.0, (90, 12, 2)), y_train=y)
    return str(path)


def test_lengths_say_what_is_trained_on_and_what_must_be_extrapolated() -> None:
    asked = config("binary", test_steps=(6, 8, 10))
    split = load(asked)
    six, eight, ten = summarise_split(split, asked).extra.values()
    assert (six.trained, six.outside, six.rows) == (0, 0, 64)
    assert (eight.trained, eight.rows) == (len(split.train), 256)
    highest = float(split.train.targets.max())
    assert ten.outside == sum(number > highest or number < float(split.train.targets.min()) for number in range(1024))
    median = float(np.median(split.train.targets))
    assert ten.baseline == pytest.approx(float(np.mean([abs(number - median) for number in range(1024)])))


def test_a_further_test_of_classes_is_judged_by_the_commonest_class_of_the_training_rows() -> None:
    asked = config("parity", test_steps=(40,))
    split = load(asked)
    counts = np.bincount(split.train.targets.astype(np.int64))
    (described,) = summarise_split(split, asked).extra.values()
    assert described.baseline == pytest.approx(float(np.mean(split.extra["40 steps"].targets == counts.argmax())))
