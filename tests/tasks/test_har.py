"""UCI HAR: the same arrays from every form it is met in, nobody in two parts, slow parses kept, bad files in a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.signals import typed_row
from rnnlab.tasks.load import MissingData, load, load_unchecked, read_dataset
from rnnlab.tasks.published.har import SIGNALS, encode
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from tests.tasks.activityfiles import PEOPLE, STEPS, WINDOWS, Form, activity_files, field, write_activities

FORMS: tuple[Form, ...] = ("as published", "inner zip", "outer zip", "folder")


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_data" not in request.keywords:  # which is parsed once for all tests
        monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))


def config(path: Path, **settings: object) -> RunConfig:
    changed = {key.replace("__", "."): value for key, value in settings.items()}
    return RunConfig.from_settings({"task.name": "har", "data.path": str(path), **changed})


def people(split: Split) -> dict[str, set[str]]:
    """Who is in each part."""
    found: dict[str, set[str]] = {}
    for name in SUBSET_NAMES:
        groups = split.subset(name).groups
        assert groups is not None
        found[name] = {split.group_names[group] for group in groups.tolist()}
    return found


def in_own_units(split: Split, subset: Subset) -> NDArray[np.floating[Any]]:
    return as_read(subset.inputs.astype(np.float32), split.scale)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, form: Form) -> None:
    rows = read_dataset(config(write_activities(tmp_path / "data", form)))
    files = activity_files()
    for channel, signal in enumerate(SIGNALS):
        written = [
            [float(word) for word in line.split()]
            for part in ("train", "test")
            for line in files[f"{part}/Inertial Signals/{signal}_{part}.txt"].decode().splitlines()
        ]
        np.testing.assert_array_equal(rows.inputs[:, :, channel], np.array(written, dtype=np.float32))
    assert rows.classes[rows.targets[0]] == "WALKING"
    assert list(rows.group_names) == [str(number) for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11)]


def test_data_may_be_the_folder_above_the_dataset_itself_or_the_archive(tmp_path: Path) -> None:
    root = write_activities(tmp_path, "inner zip")
    tree = write_activities(tmp_path / "tree", "folder") / "har"
    found = {
        len(read_dataset(config(path)))
        for path in (root, root / "har", root / "har" / "UCI HAR Dataset.zip", tree, tree / "UCI HAR Dataset")
    }
    assert found == {10 * 6 * WINDOWS}


def test_a_field_is_sixteen_wide_with_three_digits_of_exponent() -> None:
    assert field(1.012817) == "  1.0128170e+000"
    assert field(-0.000123) == " -1.2300000e-004"


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_published_keeps_the_test_people_and_validates_by_person(tmp_path: Path, seed: int) -> None:
    split = load(config(write_activities(tmp_path), train__seed=seed))
    held = people(split)
    assert held["test"] == {str(person) for person in PEOPLE["test"]}
    assert held["train"] | held["validation"] == {str(person) for person in PEOPLE["train"]}
    assert not held["train"] & held["validation"]
    assert held["validation"]
    assert len(split.test) == len(PEOPLE["test"]) * 6 * WINDOWS


def test_channels_are_normalised_with_training_rows_alone(tmp_path: Path) -> None:
    split = load(config(write_activities(tmp_path)))
    values = split.train.inputs.reshape(-1, len(SIGNALS)).astype(np.float64)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-5)
    raw = np.sort(read_dataset(config(tmp_path)).inputs[-len(split.test) :].astype(np.float32).ravel())
    np.testing.assert_allclose(np.sort(in_own_units(split, split.test).ravel()), raw, atol=1e-5)


def test_person_keeps_everybody_in_one_part_and_random_is_refused(tmp_path: Path) -> None:
    root = write_activities(tmp_path)
    split = load(config(root, data__split="person"))
    held = list(people(split).values())
    assert sum(map(len, held)) == len(set().union(*held)) == 10
    with pytest.raises(UsageError, match=r"training shares 10 people and \d+ overlapping windows") as raised:
        load(config(root, data__split="random"))
    assert "data.leaks=allow" in str(raised.value)
    assert "published, person" in str(raised.value)
    allowed = config(root, data__split="random", data__leaks="allow")
    leaks = summarise_split(load(allowed), allowed).leaks
    assert leaks["people"] == 10
    assert leaks["windows"] > 0
    assert set(leaks) == {"people", "windows"}


def test_windows_of_a_person_follow_on_by_half_and_others_do_not(tmp_path: Path) -> None:
    rows = read_dataset(config(write_activities(tmp_path)))
    assert rows.spans is not None
    starts = rows.spans[:, 0].reshape(-1, WINDOWS)
    assert (np.diff(starts, axis=1) == STEPS // 2).all()
    assert (starts[1:, 0] >= starts[:-1, -1] + STEPS).all()


def test_a_parse_is_kept_and_a_changed_or_damaged_one_made_again(tmp_path: Path) -> None:
    root = write_activities(tmp_path)
    first = load(config(root)).fingerprint()
    kept = list((tmp_path / "cache").glob("har-*.npz"))
    assert len(kept) == 1
    whole = kept[0].read_bytes()
    kept[0].write_bytes(whole[: len(whole) // 2])
    assert load(config(root)).fingerprint() == first
    kept[0].write_bytes(whole[:1000] + bytes([whole[1000] ^ 255]) + whole[1001:])
    assert load(config(root)).fingerprint() == first
    assert kept[0].read_bytes() != whole[:1000] + bytes([whole[1000] ^ 255]) + whole[1001:]
    labels = activity_files()["test/y_test.txt"].replace(b"6\n", b"5\n")
    write_activities(root, changes={"test/y_test.txt": labels})
    assert load(config(root)).fingerprint() != first
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "file"))
    assert len(load(config(write_activities(tmp_path))).test) > 0


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("train/y_train.txt", None, "y_train.txt is missing"),
        ("test/Inertial Signals/body_gyro_z_test.txt", None, "body_gyro_z_test.txt is missing"),
        ("activity_labels.txt", None, "activity_labels.txt is missing"),
        ("activity_labels.txt", b"1 WALKING\n7 LAYING\n", "does not number the activities"),
        ("activity_labels.txt", b"1 WALKING\n2 LAYING\n", "not all among the 2 activities"),
        ("test/y_test.txt", b"<html>\n", "not a number"),
        ("test/y_test.txt", b"", "y_test.txt in .* is empty"),
        ("test/subject_test.txt", b"2\n", "holds 1 numbers where 72 windows have 72"),
        ("train/Inertial Signals/total_acc_x_train.txt", b"  1.0128170e+000\r\n", "holds 1 numbers"),
        ("train/Inertial Signals/total_acc_x_train.txt", b" nan 1.0\r\n", "not finite"),
    ],
)
@pytest.mark.parametrize("form", ["inner zip", "folder"])
def test_bad_files_are_named_in_a_sentence(
    tmp_path: Path, form: Form, name: str, data: bytes | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        load(config(write_activities(tmp_path, form, {name: data})))
    assert "fetch" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_archive_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "har").mkdir()
    (tmp_path / "har" / "UCI HAR Dataset.zip").write_bytes(b"<!DOCTYPE html><p>Sign in")
    with pytest.raises(UsageError, match=r"web page|not a zip"):
        load(config(tmp_path))


def test_missing_data_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="rnnlab data fetch har"):
        load(config(tmp_path))


def test_a_window_typed_is_the_row_the_net_was_trained_on(tmp_path: Path) -> None:
    made = config(write_activities(tmp_path))
    split = load(made)
    summary: DataSummary = summarise_split(split, made)
    text = typed_row(in_own_units(split, split.test)[3])
    np.testing.assert_allclose(encode(summary, text), split.test.inputs[3], atol=1e-4)
    with pytest.raises(UsageError, match="step 2 has 8 numbers where the net reads 9"):
        encode(summary, "0,0,0,0,0,0,0,0,0; 1,2,3,4,5,6,7,8")
    with pytest.raises(UsageError, match="number 3, 'x'"):
        encode(summary, "0,0,x,0,0,0,0,0,0")


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA")
def test_the_published_windows_overlap_by_half_and_no_split_offered_shares_them() -> None:
    for kind in ("published", "person"):
        split = load_unchecked(RunConfig.from_settings({"task.name": "har", "data.split": kind}))
        assert split.train.spans is not None
        assert (split.train.spans[:, 2] - split.train.spans[:, 0] == 128).all()
        load(RunConfig.from_settings({"task.name": "har", "data.split": kind}))
    with pytest.raises(UsageError, match="30 people"):
        load(RunConfig.from_settings({"task.name": "har", "data.split": "random"}))
