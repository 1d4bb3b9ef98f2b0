"""The figures a net has to beat: fitted on training rows alone, the same ones each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.describe.baselines import all_baselines, learned_baseline, simple_baselines
from rnnlab.tasks.describe.features import simple_features
from rnnlab.tasks.describe.ngrams import ngram_features
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset


def config(task: str, **data: object) -> RunConfig:
    return RunConfig.from_settings({"task.name": task, **{f"data.{key}": value for key, value in data.items()}})


@pytest.fixture(scope="module")
def digits() -> Split:
    return load(config("digits"))


@pytest.mark.parametrize("kind", ["centroid", "logistic"])
@pytest.mark.parametrize("task", ["digits", "sinusoids"])
def test_a_learned_baseline_beats_the_majority_and_stands_beside_it(task: str, kind: str) -> None:
    made = config(task, baseline=kind)
    summary = summarise_split(load(made), made)
    assert len(summary.baselines) == 2
    assert summary.baselines[summary.baseline_name] == summary.baseline
    learned = next(scores for name, scores in summary.baselines.items() if name != summary.baseline_name)
    assert set(learned) == set(SUBSET_NAMES)
    assert learned["test"] > summary.baseline["test"] + 0.1


@pytest.mark.parametrize("kind", ["centroid", "logistic"])
def test_other_parts_teach_it_nothing(digits: Split, kind: str) -> None:
    emptied = Subset(digits.test.inputs[:1] * 0, digits.test.lengths[:1], digits.test.targets[:1])
    _, scores = learned_baseline(digits, kind)
    _, again = learned_baseline(replace(digits, validation=emptied), kind)
    assert (scores["train"], scores["test"]) == (again["train"], again["test"])


@pytest.mark.filterwarnings("ignore:self.within_class_std_dev_")  # of pixels that are always white
def test_scikit_learns_nearest_centroid_says_the_same(digits: Split) -> None:
    from sklearn.neighbors import NearestCentroid

    features = simple_features(digits)
    raw = features(digits.train)
    spread = np.where(raw.std(axis=0) > 0, raw.std(axis=0), 1)
    model = NearestCentroid().fit((raw - raw.mean(axis=0)) / spread, digits.train.targets)
    theirs = np.mean(model.predict((features(digits.test) - raw.mean(axis=0)) / spread) == digits.test.targets)
    assert learned_baseline(digits, "centroid")[1]["test"] == pytest.approx(float(theirs), abs=0.01)


def test_features_of_tokens_count_letters_and_know_the_last_ones() -> None:
    split = load(config("surnames"))
    features = simple_features(split)(split.test)
    symbols = split.symbols
    per_place = (features.shape[1] - 1) // 4
    assert features[:, -1].tolist() == split.test.lengths.tolist()
    assert features[:, :per_place].sum(axis=1).tolist() == split.test.lengths.tolist()
    for row in range(5):
        name = split.show_input(split.test, row)
        for place in range(1, 4):
            token = symbols.index(name[-place]) + 1
            assert features[row, place * per_place : (place + 1) * per_place].sum() == 1
            assert features[row, place * per_place + token] == 1


def test_features_of_values_see_true_steps_only() -> None:
    values = np.array([[[1.0], [3.0], [0.0]], [[-2.0], [-4.0], [-9.0]]], dtype=np.float32)
    subset = Subset(values, np.array([2, 3]), np.array([0, 1]))
    split = load(config("sinusoids"))
    mean, spread, least, greatest, last, length = simple_features(split)(subset).T
    assert mean.tolist() == [2, -5]
    assert least.tolist() == [1, -9]
    assert greatest.tolist() == [3, -2]
    assert last.tolist() == [3, -9]
    assert length.tolist() == [2, 3]
    assert spread.tolist() == pytest.approx([1, float(np.std([-2, -4, -9]))])


def test_median_and_mean_of_numbers_and_the_median_is_named() -> None:
    made = config("binary")
    split = load(made)
    best, found = all_baselines(split, made)
    assert "training median" in best
    assert len(found) == 2
    assert found[best]["train"] <= min(scores["train"] for scores in found.values()) + 1e-9
    mean = next(scores for name, scores in found.items() if "mean" in name)
    assert mean["test"] == pytest.approx(
        float(np.abs(split.test.targets - split.train.targets.mean()).mean()), rel=1e-5
    )


def test_a_class_at_each_step_has_the_commonest_step() -> None:
    split = load(config("copy", rows=200))
    ((name, scores),) = simple_baselines(split).items()
    targets = split.test.targets[split.test.targets >= 0]
    assert scores["test"] == pytest.approx(float(np.mean(targets == split.classes.index(name.removeprefix("always ")))))


def test_ngrams_of_a_name_are_its_runs_of_letters_with_its_beginning_and_end() -> None:
    tokens = np.array([[1, 2, 1, 2], [1, 2, 3, 0], [4, 0, 0, 0]], dtype=np.int32)
    train = Subset(tokens, np.array([4, 3, 1]), np.array([0, 0, 1]))
    features = ngram_features(train, 5)(train).toarray()
    # In two rows and more: the two ends, a, b; ^a, ab; ^ab. What is in one row alone says nothing of others.
    assert features.shape == (3, 7)
    assert features.sum(axis=1).tolist() == [7, 7, 2]
    assert set(features.ravel().tolist()) == {0.0, 1.0}, "whether, not how often"


def test_ngrams_name_more_surnames_than_counted_letters_and_are_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split = load(config("surnames"))
    name, scores = learned_baseline(split, "ngrams")
    assert name == "logistic regression on character n-grams"
    assert scores["test"] > learned_baseline(split, "logistic")[1]["test"] + 0.02
    monkeypatch.setattr("rnnlab.tasks.describe.baselines.ngram_features", lambda *_: pytest.fail("fitted again"))
    assert learned_baseline(split, "ngrams") == (name, scores)


def test_a_damaged_cache_of_scores_costs_the_fit_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path))
    split = load(config("digits"))
    scores = learned_baseline(split, "logistic")
    (file,) = (tmp_path / "baselines").glob("*.json")
    for damage in (b"", b'{"train": 7}', b"[" * 3000, b"x" * 10_000):
        file.write_bytes(damage)
        assert learned_baseline(split, "logistic") == scores


def test_a_regression_on_all_pixels_reads_them_in_any_order(digits: Split) -> None:
    name, scores = learned_baseline(digits, "values")
    assert name == "logistic regression on all values"
    assert scores["test"] > learned_baseline(digits, "logistic")[1]["test"] + 0.05
    pixels = load(config("pixels"))
    assert learned_baseline(pixels, "values")[1] == scores, "a pixel a step or a row a step: the same values"


def test_values_of_texts_and_of_very_long_rows_are_refused(digits: Split) -> None:
    with pytest.raises(UsageError, match="texts; set it to ngrams"):
        learned_baseline(load(config("surnames")), "values")
    inputs = np.zeros((3, 5000, 1), dtype=np.float32)
    long = Subset(inputs, np.full(3, 5000), np.arange(3))
    with pytest.raises(UsageError, match="at most 4,096 values a row, and these rows have 5,000"):
        learned_baseline(replace(digits, train=long), "values")


def test_ngrams_of_measurements_are_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match=r"data\.baseline = 'ngrams' .* task har, whose inputs are measurements"):
        config("har", baseline="ngrams")
    with pytest.raises(ConfigError, match=r"data\.baseline = 'values' .* task names, whose inputs are texts"):
        config("names", baseline="values")
    with pytest.raises(UsageError, match="measurements; set it to logistic"):
        learned_baseline(load(config("digits")), "ngrams")
