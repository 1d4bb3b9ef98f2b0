"""Arrays as people save them: names, axes, padding, labels, files beside one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import CheckReport, check_file
from rnnlab.tasks.own.common.findings import sentence
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from tests.tasks.own.units import in_own_units

CHANCE = np.random.default_rng(3)
X = CHANCE.normal(size=(90, 30, 4))
Y = np.arange(90) % 3
LENGTHS = CHANCE.integers(5, 31, 90)
TRUE = np.arange(30) < LENGTHS[:, None]


def write(folder: Path, **arrays: Any) -> Path:
    path = folder / "own.npz"
    np.savez(path, **arrays)
    return path


def checked(path: Path, **settings: object) -> CheckReport:
    return check_file(path, {f"data.{name}": value for name, value in settings.items()})


def loaded(path: Path, **settings: object) -> Split:
    chosen = {f"data.{name}": value for name, value in settings.items()}
    return load(RunConfig.from_settings({"task.name": "own", "data.path": str(path)} | chosen))


def said(report: CheckReport) -> list[str]:
    return [sentence(problem) for problem in report.problems]


def left_out(report: CheckReport) -> list[str]:
    """Names of the arrays that are not used."""
    found = report.facts["left_out"]
    assert isinstance(found, list)
    return [each["column"] for each in found]


def padded_with(value: float, *, front: bool = False) -> np.ndarray[Any, Any]:
    """The rows, each as long as its length says, the rest one value."""
    held = np.full(X.shape, value)
    for row, length in enumerate(LENGTHS.tolist()):
        held[row, slice(30 - length, 30) if front else slice(length)] = X[row, :length]
    return held


def test_a_validation_part_that_comes_with_the_data_is_the_validation_part(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X, y_train=Y, X_val=X[:20] + 5, y_val=Y[:20], X_test=X[:12] - 5, y_test=Y[:12])
    assert checked(path).splits == {"train": 90, "validation": 20, "test": 12}
    split = loaded(path)
    assert split.split_kind == "published"
    assert in_own_units(split, "validation").mean() > 4
    assert in_own_units(split, "test").mean() < -4
    mixed = loaded(path, split="random")
    assert any("the validation set and the test set of the file were mixed" in note for note in mixed.notes)


@pytest.mark.parametrize("name", ["X_valid", "xval", "validation_data", "dev/X", "valX"])
def test_without_a_test_part_one_is_drawn_and_the_validation_part_stays(tmp_path: Path, name: str) -> None:
    target = {"X_valid": "y_valid", "xval": "yval", "validation_data": "validation_labels", "dev/X": "dev/y"}
    path = write(tmp_path, X=X, y=Y, **{name: X[:20] + 5, target.get(name, "valY"): Y[:20]})
    split = loaded(path)
    assert len(split.validation) == 20
    assert in_own_units(split, "validation").mean() > 4
    assert len(split.test) == 9
    assert any("data.test is the share of its training rows" in note for note in split.notes)
    assert abs(in_own_units(split, "test").mean()) < 1


def test_validation_rows_that_are_trained_on_too_are_taken_from_training(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X, y_train=Y, X_val=X[:20], y_val=Y[:20], X_test=X[15:25], y_test=Y[15:25])
    report = checked(path)
    assert report.trainable
    assert {p.kind: p.count for p in report.problems if "leak" in p.kind} == {
        "leak": 10,
        "validation leak": 20,
        "test leak": 5,
    }
    assert report.splits == {"train": 65, "validation": 15, "test": 10}


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [("x_train", "y_train"), ("trainX", "trainY"), ("data", "labels"), ("inputs", "targets"), ("train/X", "train/y")],
)
def test_names_in_other_spellings_are_understood_and_said(tmp_path: Path, inputs: str, targets: str) -> None:
    report = checked(write(tmp_path, **{inputs: X, targets: Y}))
    assert report.splits == {"train": 72, "validation": 9, "test": 9}
    assert report.facts["array_names"] == {
        place: name for place, name in (("X_train", inputs), ("y_train", targets)) if place != name
    }


def test_arrays_that_numpy_numbered_are_told_by_their_shapes(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", X, Y)
    assert checked(tmp_path / "two.npz").rows == 90
    np.savez(tmp_path / "four.npz", X, X[:30] + 1, Y, Y[:30])
    assert checked(tmp_path / "four.npz").splits["test"] == 30
    np.savez(tmp_path / "none.npz", Y, Y)
    assert "has no array X_train; it holds arr_0, arr_1" in checked(tmp_path / "none.npz").reason


def test_what_is_not_used_is_named_and_may_hold_anything(tmp_path: Path) -> None:
    names = np.array(["a", "b", "c"], dtype=object)
    report = checked(write(tmp_path, X=X, y=Y, classes=names, weights=np.ones(90)))
    assert report.trainable
    assert left_out(report) == ["weights", "classes"]
    assert not report.problems
    report = checked(write(tmp_path, X=X, y=Y, lengths=np.ones(7)))
    assert report.facts["left_out"] == [{"column": "lengths", "reason": "it does not fit the rows"}]


def test_more_channels_than_steps_is_pointed_out_with_the_setting(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X.transpose(0, 2, 1), y_train=Y)
    report = checked(path)
    assert said(report) == [
        "X_train was read as 4 steps of 30 channels; if it is 30 steps of 4 channels, set data.channels=first"
    ]
    turned = checked(path, channels="first")
    assert not turned.problems
    assert turned.lengths["max"] == 30
    usual = loaded(write(tmp_path, X_train=X, y_train=Y)).fingerprint()
    assert loaded(write(tmp_path, X_train=X.transpose(0, 2, 1), y_train=Y), channels="first").fingerprint() == usual


@pytest.mark.parametrize(
    "beside",
    [
        {"channel_names": np.array(list("abcd"))},
        {"time": np.arange(30.0)},
        {"lengths": np.full(90, 30)},
        {"X_test": X[:20, :21].transpose(0, 2, 1) + 1, "y_test": Y[:20]},
    ],
)
def test_channels_first_is_taken_where_another_array_says_so(tmp_path: Path, beside: dict[str, Any]) -> None:
    report = checked(write(tmp_path, X_train=X.transpose(0, 2, 1), y_train=Y, **beside))
    assert report.trainable
    assert "X_train was read as 30 steps of 4 channels, channels first, as " in " ".join(said(report))
    assert report.lengths["max"] == 30


def test_nothing_is_asked_where_channels_last_is_said_or_usual(tmp_path: Path) -> None:
    wide = CHANCE.normal(size=(90, 4, 30))
    named = write(tmp_path, X=wide, y=Y, feature_names=np.array([f"f{index}" for index in range(30)]))
    assert left_out(checked(named)) == ["feature_names"]
    assert not checked(named).problems
    assert not checked(write(tmp_path, X=X, y=Y)).problems


@pytest.mark.parametrize("front", [False, True])
@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0])
def test_lengths_say_which_steps_are_true(tmp_path: Path, value: float, front: bool) -> None:
    path = write(tmp_path, X=padded_with(value, front=front), y=Y, lengths=LENGTHS)
    report = checked(path)
    assert (report.lengths["min"], report.lengths["max"]) == (LENGTHS.min(), LENGTHS.max())
    rows = {row[:length].sum().round(4) for row, length in own_rows(loaded(path))}
    assert rows == {X[row, :length].sum().round(4) for row, length in enumerate(LENGTHS.tolist())}


def own_rows(split: Split) -> list[tuple[np.ndarray[Any, Any], int]]:
    return [
        (row.astype(np.float64), length)
        for name in SUBSET_NAMES
        for row, length in zip(in_own_units(split, name), split.subset(name).lengths.tolist(), strict=True)
    ]


def test_a_length_that_is_none_leaves_its_row_out(tmp_path: Path) -> None:
    lengths = LENGTHS.copy()
    lengths[4], lengths[7] = 0, 31
    report = checked(write(tmp_path, X=padded_with(0), y=Y, seq_len=lengths))
    assert report.rows == 88
    assert "2 rows left out, the first at X[4]: its length is not one of 1 to 30 steps" in said(report)


@pytest.mark.parametrize(
    "mask", [TRUE, ~TRUE, TRUE.astype(np.float32)[:, :, None], np.repeat(TRUE[:, :, None], 4, axis=2)]
)
def test_a_mask_says_which_steps_are_true_whatever_its_ones_mean(tmp_path: Path, mask: Any) -> None:
    path = write(tmp_path, X_train=padded_with(0), y_train=Y, mask_train=mask)
    report = checked(path)
    assert (report.lengths["min"], report.lengths["max"]) == (LENGTHS.min(), LENGTHS.max())
    assert any("was taken for padding" in text for text in said(report)) == bool(
        mask.dtype == bool and not mask[0, 0].any()
    )


def test_a_mask_that_tells_nothing_is_not_used(tmp_path: Path) -> None:
    mask = CHANCE.random((90, 30)) < 0.5
    report = checked(write(tmp_path, X=X, y=Y, mask=mask))
    assert report.lengths["min"] == 30
    assert any("mask is not used" in text for text in said(report))


@pytest.mark.parametrize("front", [False, True])
def test_steps_missing_in_all_channels_at_either_end_are_no_part_of_a_row(tmp_path: Path, front: bool) -> None:
    path = write(tmp_path, X_train=padded_with(np.nan, front=front), y_train=Y)
    report = checked(path)
    assert report.rows == 90
    assert (report.lengths["min"], report.lengths["max"]) == (LENGTHS.min(), LENGTHS.max())
    assert any("begin with steps without any value" in text for text in said(report)) == front


@pytest.mark.parametrize("front", [False, True])
@pytest.mark.parametrize("value", [0.0, -1.0, -999.0])
def test_padding_with_a_number_is_pointed_out_and_its_setting_cuts_it(
    tmp_path: Path, value: float, front: bool
) -> None:
    path = write(tmp_path, X_train=padded_with(value, front=front), y_train=Y)
    report = checked(path)
    assert any(f"set data.missing={value:g}" in text for text in said(report))
    cut = checked(path, missing=f"{value:g}")
    assert (cut.lengths["min"], cut.lengths["max"]) == (LENGTHS.min(), LENGTHS.max())
    assert not any("set data.missing" in text for text in said(cut))


def test_a_stand_in_for_missing_values_is_pointed_out_once_for_all_channels(tmp_path: Path) -> None:
    held = np.where(CHANCE.random(X.shape) < 0.02, -9999.0, X)
    count = int((held == -9999).sum())
    path = write(tmp_path, X_train=held, y_train=Y)
    assert said(checked(path)) == [
        f"one value, -9999, stands {count} times, in 4 channels, far from all others, as a stand-in for a missing value does; "
        "if it is one, set data.missing=-9999"
    ]
    assert in_own_units(loaded(path, missing="-9999"), "train").min() > -10


@pytest.mark.parametrize(
    "values", [CHANCE.integers(0, 2, X.shape), CHANCE.integers(0, 255, X.shape), np.abs(X), np.maximum(X, 0), X * 1000]
)
def test_ordinary_values_are_no_stand_ins(tmp_path: Path, values: Any) -> None:
    assert not checked(write(tmp_path, X_train=values, y_train=Y)).problems


def test_a_channel_that_never_changes_or_has_no_value_is_said(tmp_path: Path) -> None:
    flat, empty = np.full((90, 30, 1), 7.5), np.full((90, 30, 1), np.nan)
    report = checked(write(tmp_path, X_train=np.concatenate([X, flat, empty], axis=2), y_train=Y))
    assert report.trainable
    assert "channel 5 has the same value at every step of all rows, and tells the net nothing" in said(report)
    assert "channel 6 has no value in any of the rows" in said(report)
    split = loaded(write(tmp_path, X_train=np.concatenate([X, flat, empty], axis=2), y_train=Y))
    assert not split.train.inputs[:, :, 4:].any()


def test_one_hot_labels_saved_as_floats_are_classes(tmp_path: Path) -> None:
    report = checked(write(tmp_path, X_train=X, y_train=np.eye(3, dtype=np.float32)[Y]))
    assert report.classes == {"0": 30, "1": 30, "2": 30}
    assert "its 3 columns were taken for the classes 0 to 2" in said(report)[0]
    soft = np.eye(3)[Y] * 0.9 + 0.1 / 3
    assert checked(write(tmp_path, X_train=X, y_train=soft)).problem == "regression"


def test_labels_in_one_line_and_whole_floats_beside_whole_numbers_are_classes(tmp_path: Path) -> None:
    assert checked(write(tmp_path, X_train=X, y_train=Y[None])).classes == {"0": 30, "1": 30, "2": 30}
    floats = np.where(np.arange(90) == 5, np.nan, Y.astype(float))
    report = checked(write(tmp_path, X_train=X, y_train=floats, X_test=X[:9] + 1, y_test=Y[:9]))
    assert (report.problem, len(report.classes), report.rows) == ("classification", 3, 98)
    assert "y_train holds whole numbers as floats: they were taken for classes, as y_test holds them" in said(report)


def test_nobody_is_in_two_parts_where_an_array_says_whose_a_row_is(tmp_path: Path) -> None:
    people = np.repeat(np.arange(9), 10)
    for settings in ({}, {"split": "person"}):
        split = loaded(write(tmp_path, X=X, y=Y, subject=people), **settings)
        held = [set(split.subset(name).groups.tolist()) for name in SUBSET_NAMES]  # type: ignore[union-attr]
        assert sum(map(len, held)) == len(set.union(*held)) == 9
        assert split.group == "person"


def test_axes_of_length_one_are_taken_out(tmp_path: Path) -> None:
    usual = loaded(write(tmp_path, X_train=X, y_train=Y)).fingerprint()
    for values in (X[:, :, :, None], X[:, None], X[:, :, None, :]):
        assert loaded(write(tmp_path, X_train=values, y_train=Y)).fingerprint() == usual


def test_sequences_saved_as_python_objects_are_refused_with_what_to_save(tmp_path: Path) -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [X[0], X[1, :5]]
    assert "padded at the end with numpy.nan" in checked(write(tmp_path, X=ragged, y=Y[:2])).reason


def test_files_of_one_array_each_are_read_as_an_archive_is(tmp_path: Path) -> None:
    usual = loaded(write(tmp_path, X_train=X, y_train=Y, X_test=X[:9] + 1, y_test=Y[:9])).fingerprint()
    beside, below = tmp_path / "beside", tmp_path / "below"
    for folder, names in (
        (beside, ("X_train", "y_train", "X_test", "y_test")),
        (below, ("train/X", "train/y", "test/X", "test/y")),
    ):
        for name, array in zip(names, (X, Y, X[:9] + 1, Y[:9]), strict=True):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            np.save(folder / name, array)
        assert checked(folder).kind == "arrays"
        assert loaded(folder).fingerprint() == usual
    np.save(beside / "notes.npy", X)
    assert loaded(beside / "X_train.npy").fingerprint() == usual
    (beside / "y_train.npy").unlink()
    assert "has no array y_train; it holds X_train, X_test, y_test" in checked(beside / "X_train.npy").reason
    (beside / "X_train.npy").write_bytes(b"\x93NUMPY")
    assert not checked(beside / "X_train.npy").trainable


def test_a_folder_of_one_archive_is_that_archive(tmp_path: Path) -> None:
    path = write(tmp_path, X_train=X, y_train=Y)
    (tmp_path / "README.md").write_text("what it is")
    assert loaded(tmp_path).fingerprint() == loaded(path).fingerprint()


def test_a_stand_in_among_the_targets_is_pointed_out_and_left_out(tmp_path: Path) -> None:
    target = np.where(np.arange(90) % 20 == 7, -999.0, X.mean(axis=(1, 2)))
    path = write(tmp_path, X_train=X, y_train=target)
    (told,) = said(checked(path))
    assert "one value, -999, stands 5 times among the targets" in told
    assert "data.missing=-999" in told
    report = checked(path, missing="-999")
    assert report.rows == 85
    assert said(report) == ["5 rows left out, the first at X_train[7]: its target is missing"]


def test_values_that_single_precision_blurred_before_they_were_saved_are_said(tmp_path: Path) -> None:
    far = X + [123_456_789.0, 0, 0, 0]
    (told,) = said(checked(write(tmp_path, X_train=far.astype(np.float32), y_train=Y)))
    assert "in which the values of channel 1 stand 8 apart" in told
    assert "save it as float64" in told
    assert not checked(write(tmp_path, X_train=far, y_train=Y)).problems
    assert not checked(write(tmp_path, X_train=(X + 1000).astype(np.float32), y_train=Y)).problems


def test_steps_before_rows_are_refused_with_the_way_to_turn_them(tmp_path: Path) -> None:
    reason = checked(write(tmp_path, X=X.transpose(1, 0, 2), y=Y)).reason
    assert reason.endswith("if X is (steps, rows, channels), save X.transpose(1, 0, 2)")


@pytest.mark.parametrize("channels", [1, 4])
def test_sequences_one_after_the_other_are_parted_by_their_lengths(tmp_path: Path, channels: int) -> None:
    usual = loaded(write(tmp_path, X=padded_with(np.nan)[:, :, :channels], y=Y))
    whole = np.concatenate([X[row, :length, :channels] for row, length in enumerate(LENGTHS.tolist())])
    path = write(tmp_path, X=whole[:, 0] if channels == 1 else whole, y=Y, lengths=LENGTHS)
    assert said(checked(path)) == ["X was read as 90 sequences one after the other, as long as lengths says"]
    assert loaded(path).fingerprint() == usual.fingerprint()
    path = write(tmp_path, X=whole, y=Y, lengths=LENGTHS + 1)
    assert "they must be as many" in checked(path).reason


def test_a_missing_label_is_named_as_what_made_floats_of_whole_numbers(tmp_path: Path) -> None:
    floats = np.where(np.arange(90) % 20 == 5, np.nan, Y + 1.0)
    path = write(tmp_path, X_train=X, y_train=floats)
    assert (
        "y_train holds floats, of 3 different whole values beside 5 missing ones, which make floats of whole numbers: they were "
        "taken for numbers to predict; if they are classes, set data.problem=classes"
    ) in said(checked(path))
    report = checked(path, problem="classes")
    assert list(report.classes) == ["1", "2", "3"]
    assert report.rows == 85
