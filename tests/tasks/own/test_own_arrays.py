"""`.npz` archives of arrays."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from tests.tasks.own.units import in_own_units

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(3, 2, (60, 12))
WORDS = np.array(["up", "down", "flat"])[np.arange(60) % 3]


def write(folder: Path, **arrays: Any) -> Path:
    path = folder / "own.npz"
    np.savez(path, **arrays)
    return path


def loaded(path: Path, **settings: object) -> Split:
    chosen = {f"data.{name}": value for name, value in settings.items()}
    return load(RunConfig.from_settings({"task.name": "own", "data.path": str(path)} | chosen))


def refused(path: Path) -> str:
    """The sentence that the file is refused with, the same from the check and the loader."""
    report = check_file(path)
    assert not report.trainable
    with pytest.raises(UsageError) as refusal:
        loaded(path)
    assert str(refusal.value) == report.reason
    return report.reason


@pytest.mark.parametrize(
    "labels", [WORDS, WORDS.astype("S"), WORDS[:, None], np.eye(3, dtype=np.int64)[np.arange(60) % 3]]
)
def test_labels_of_any_form_are_classes(tmp_path: Path, labels: np.ndarray[Any, Any]) -> None:
    split = loaded(write(tmp_path, X_train=X, y_train=labels))
    assert split.card.problem == "classification"
    assert len(split.classes) == split.outputs == 3
    assert split.train.inputs.shape[1:] == (12, 1)
    assert sum(len(split.subset(subset)) for subset in SUBSET_NAMES) == 60


def test_values_are_brought_to_unit_size_with_the_training_rows_alone_and_shown_as_they_were(tmp_path: Path) -> None:
    split = loaded(write(tmp_path, X_train=np.stack([X, 100 * X], axis=2), y_train=WORDS))
    assert split.input_size == 2
    np.testing.assert_allclose(split.train.inputs.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(split.train.inputs.std(axis=(0, 1)), 1, atol=1e-3)
    back = in_own_units(split)
    np.testing.assert_allclose(back[:, :, 1], 100 * back[:, :, 0], rtol=1e-3, atol=1e-2)
    assert np.isclose(X, back[0, 0, 0], atol=1e-4).any()
    assert split.show_input(split.test, 0).startswith(f"({back[0, 0, 0]:.4g}, ")


@pytest.mark.parametrize(("by", "far"), [(1, "one step"), (5, "5 steps")])
def test_windows_that_overlap_are_pointed_out_unless_the_test_rows_come_with_them(
    tmp_path: Path, by: int, far: str
) -> None:
    series = np.sin(np.arange(500) / 7) + np.random.default_rng(0).normal(0, 0.1, 500)
    windows = np.lib.stride_tricks.sliding_window_view(series, 31)[::by]
    parts = {"X": windows[:, :30], "y": windows[:, 30]}
    said = {each.kind: each.message for each in check_file(write(tmp_path, **parts)).problems}
    assert f"each row of X is the one before, {far} further on" in said["overlapping"]
    held = {
        "X_train": windows[:60, :30],
        "y_train": windows[:60, 30],
        "X_test": windows[70:, :30],
        "y_test": windows[70:, 30],
    }
    for arrays in (held, {"X": X, "y": WORDS}, {"X": np.zeros((60, 12)), "y": WORDS}):
        assert "overlapping" not in {each.kind for each in check_file(write(tmp_path, **arrays)).problems}


def test_whole_numbers_are_classes_and_floats_are_numbers_to_predict(tmp_path: Path) -> None:
    assert loaded(write(tmp_path, X_train=X, y_train=np.arange(60) % 4)).classes == ("0", "1", "2", "3")
    split = loaded(write(tmp_path, X_train=X, y_train=np.stack([X.mean(1), X.sum(1)], axis=1)))
    assert (split.card.problem, split.card.metric, split.outputs, split.classes) == ("regression", "mae", 2, ())
    assert split.train.targets.dtype == np.float32


def test_a_test_set_that_comes_with_the_file_stays_the_test_set(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X, y_train=WORDS, X_test=X[:8] + 50, y_test=WORDS[:8])
    split = loaded(path)
    assert len(split.test) == 8
    assert split.split_kind == "published"
    assert in_own_units(split).min() > 30
    mixed = loaded(path, split="random")
    assert len(mixed.test) != 8
    assert any("mixed with the rest" in note for note in mixed.notes)


def test_training_rows_that_are_test_rows_too_are_not_trained_on(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X, y_train=WORDS, X_test=X[:10], y_test=WORDS[:10])
    split = loaded(path)
    assert len(split.test) == 10
    assert len(split.train) + len(split.validation) == 50
    (leak,) = (problem for problem in check_file(path).problems if problem.kind == "leak")
    assert leak.count == 10


def test_missing_values_end_a_row_or_take_the_value_before(tmp_path: Path) -> None:
    values = X.copy()
    values[0, 5:] = np.nan
    values[1, 3] = np.nan
    values[2, 0] = np.inf
    path = write(tmp_path, X_train=values, y_train=WORDS)
    report = check_file(path)
    assert report.trainable
    assert report.lengths == {"min": 5, "max": 12, "mean": pytest.approx((58 * 12 + 5 + 11) / 60)}
    assert [problem.where for problem in report.problems] == ["X_train[1]", "X_train[2]", ""]
    assert report.problems[-1].message.startswith("1 of the rows begins with steps without any value")
    split = loaded(path)
    rows = [
        values[:length, 0]
        for name in SUBSET_NAMES
        for values, length in zip(in_own_units(split, name), split.subset(name).lengths.tolist(), strict=True)
    ]
    assert any(len(row) == 5 for row in rows)
    filled = X[1].copy()
    filled[3] = filled[2]
    assert any(np.allclose(row, filled, atol=2e-3) for row in rows if len(row) == 12)


def test_fortran_order_big_endian_and_half_precision_are_the_same_rows(tmp_path: Path) -> None:
    plain = loaded(write(tmp_path, X_train=X.astype(np.float32), y_train=WORDS)).fingerprint()
    assert (
        loaded(write(tmp_path, X_train=np.asfortranarray(X.astype(np.float32)), y_train=WORDS)).fingerprint() == plain
    )
    assert loaded(write(tmp_path, X_train=X.astype(np.float32).astype(">f4"), y_train=WORDS)).fingerprint() == plain
    assert loaded(write(tmp_path, X_train=X.astype(np.float16), y_train=WORDS)).classes == ("down", "flat", "up")


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"X_train": X}, "no array y_train; it holds X_train"),
        ({"X_train": X, "y_train": WORDS[:50]}, "60 rows in X_train and 50 in y_train"),
        ({"X_train": X, "y_train": WORDS, "X_test": X}, "X_test, but no y_test"),
        ({"X_train": X[:, 0], "y_train": WORDS}, "shape .60,.; it must be .rows, steps. or .rows, steps, channels."),
        ({"X_train": X, "y_train": WORDS.astype(object)}, "Python objects, which are never read"),
        ({"X_train": WORDS[:, None], "y_train": WORDS}, "not of numbers"),
        ({"X_train": X, "y_train": np.zeros(60, dtype=int)}, "one class only, '0'"),
        ({"X_train": X, "y_train": np.arange(60)}, "none of which has the 3"),
        ({"X_train": np.full((60, 4), np.nan), "y_train": WORDS}, "60 of 60 rows that cannot be read"),
        ({"X_train": X[:0], "y_train": WORDS[:0]}, "X_train is empty"),
        ({"X_train": X, "y_train": np.full((60, 3), 7)}, "not one-hot labels"),
        ({"X_train": X[:2], "y_train": X[:2, 0]}, "2 distinct rows; training, validation and test need one each"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    import re

    assert re.search(words, refused(write(tmp_path, **arrays)))


class Harm:
    """Would leave a file behind, were it ever unpickled."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path(self.place),))


def test_nothing_pickled_is_ever_run(tmp_path: Path) -> None:
    place = tmp_path / "harmed"
    assert "Python objects" in refused(
        write(tmp_path, X_train=X, y_train=np.array([Harm(str(place))] * 60, dtype=object))
    )
    path = tmp_path / "own.npz"
    path.write_bytes(pickle.dumps(Harm(str(place))))
    assert "not an .npz archive" in refused(path)
    assert not place.exists()


def test_a_header_that_claims_more_than_there_is_makes_no_array(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    for shape in ("(10000000000, 1000)", "(60, -5)", "(60, '12')", "((((", "(60, 13)"):
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + X.tobytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("X_train.npy", array)
            file = io.BytesIO()
            np.save(file, WORDS)
            archive.writestr("y_train.npy", file.getvalue())
        assert "X_train" in refused(path)


def test_an_archive_cut_anywhere_is_one_sentence(tmp_path: Path) -> None:
    whole = write(tmp_path, X_train=X[:6], y_train=WORDS[:6]).read_bytes()
    path = tmp_path / "own.npz"
    for end in range(0, len(whole), 23):
        path.write_bytes(whole[:end])
        assert str(path) in refused(path)


FLOATS = (np.arange(60) % 3 + 1).astype(float)


def test_the_check_says_that_whole_floats_were_taken_for_numbers_and_names_the_setting(tmp_path: Path) -> None:
    report = check_file(write(tmp_path, X_train=X, y_train=FLOATS))
    assert report.problem == "regression"
    assert [problem.message for problem in report.problems] == [
        "y_train holds floats, of 3 different whole values: they were taken for numbers to predict; if they are classes, set "
        "data.problem=classes"
    ]
    assert report.trainable
    for numbers in (RANDOM.normal(size=60), np.arange(60.0), np.where(np.arange(60) == 7, np.inf, np.arange(60) / 8)):
        assert not [p for p in check_file(write(tmp_path, X_train=X, y_train=numbers)).problems if p.kind == "target"]


def test_repeated_rows_are_counted_in_plain_words(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=np.concatenate([X, X[:20]]), y_train=np.concatenate([WORDS, WORDS[:20]]))
    told = [problem.message for problem in check_file(path).problems]
    assert "20 of 80 rows repeat an earlier one, with the same values and target" in told


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_label_that_is_missing_takes_nothing_from_the_others(tmp_path: Path, missing: float) -> None:
    path = write(tmp_path, X_train=X, y_train=np.where(np.arange(60) == 7, missing, FLOATS))
    report = check_file(path)
    assert any("set data.problem=classes" in problem.message for problem in report.problems)
    assert any("set data.problem=classes" in note for note in loaded(path).notes)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(60,), (60, 1)])
def test_floats_are_classes_where_the_setting_says_so(tmp_path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
    path = write(tmp_path, X_train=X, y_train=FLOATS.astype(dtype).reshape(shape))
    report = check_file(path, {"data.problem": "classes"})
    assert report.problem == "classification"
    assert report.classes == {"1": 20, "2": 20, "3": 20}
    assert report.net["problem"] == "classification"
    assert not report.problems
    split = loaded(path, problem="classes")
    assert split.classes == ("1", "2", "3")
    assert split.card.metric == "accuracy"
    kept = np.concatenate([split.subset(name).targets for name in SUBSET_NAMES]).astype(int)
    assert np.bincount(kept).tolist() == [20, 20, 20]


def test_the_classes_of_floats_keep_their_digits_and_meet_those_of_a_test_set_in_whole_numbers(tmp_path: Path) -> None:
    halves = np.array([-0.5, 0.0, 1.5], dtype=np.float32)[np.arange(60) % 3]
    assert loaded(write(tmp_path, X_train=X, y_train=halves), problem="classes").classes == ("-0.5", "0", "1.5")
    path = write(tmp_path, X_train=X, y_train=FLOATS, X_test=X[:9] + 1, y_test=FLOATS[:9].astype(int))
    split = loaded(path, problem="classes")
    assert split.classes == ("1", "2", "3")
    assert np.bincount(split.test.targets).tolist() == [3, 3, 3]
    hot = write(tmp_path, X_train=X, y_train=np.eye(3)[np.arange(60) % 3])
    assert loaded(hot, problem="classes").classes == ("0", "1", "2")
    lost = np.where(np.arange(60) == 7, np.nan, FLOATS)
    report = check_file(write(tmp_path, X_train=X, y_train=lost), {"data.problem": "classes"})
    assert [(p.kind, p.count) for p in report.problems] == [("label", 1)]


def test_numbers_that_are_no_classes_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for target, reason in (
        (np.linspace(0, 1, 60).reshape(30, 2), "has 2 numbers a row, which are not one-hot labels; save a label a row"),
        (np.linspace(0, 1, 30), "30 classes, none of which has the 3"),
    ):
        report = check_file(write(tmp_path, X_train=X[:30], y_train=target), {"data.problem": "classes"})
        assert reason in report.reason


def test_rows_of_few_values_that_are_nearly_all_zero_do_not_overlap(tmp_path: Path) -> None:
    """The end of one row and the beginning of the next are alike by chance: nothing changes in either."""
    rows = np.where(np.random.default_rng(0).random((60, 4000)) < 0.001, 1.0, 0.0)
    report = check_file(write(tmp_path, X=rows, y=WORDS))
    assert "overlapping" not in {each.kind for each in report.problems}
