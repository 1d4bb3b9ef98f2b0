"""Smart watch gestures: one recording a file, lengths of their own, the twin dropped, by person or by recording."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.signals import typed_row
from rnnlab.tasks.load import load, load_unchecked, read_dataset
from rnnlab.tasks.published.gestures import encode
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.types import SUBSET_NAMES
from tests.tasks.gesturefiles import GESTURES, PEOPLE, RECORDINGS, TWINS, gesture_files, write_gestures

ROWS = PEOPLE * GESTURES * RECORDINGS


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_data" not in request.keywords:  # which is parsed once for all tests
        monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))


def config(path: Path, **settings: object) -> RunConfig:
    changed = {key.replace("__", "."): value for key, value in settings.items()}
    return RunConfig.from_settings({"task.name": "gestures", "data.path": str(path), **changed})


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_the_last_three_columns_of_each_recording_are_read(tmp_path: Path, form: str) -> None:
    root = write_gestures(tmp_path, "zip" if form == "zip" else "folder")
    rows = read_dataset(config(root))
    assert len(rows) == ROWS
    assert rows.classes == tuple(f"{gesture:02}" for gesture in range(1, GESTURES + 1))
    files = {name: data for name, data in gesture_files().items() if name[0] == "U"}
    for row, name in enumerate(sorted(files)):
        written = np.array([line.split()[3:] for line in files[name].decode().splitlines()], dtype=np.float32)
        assert rows.lengths[row] == len(written)
        np.testing.assert_array_equal(rows.inputs[row, : len(written)], written)
        assert not rows.inputs[row, len(written) :].any()


def test_the_twin_is_dropped_and_said_so(tmp_path: Path) -> None:
    split = load(config(write_gestures(tmp_path)))
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == ROWS - 1
    assert split.notes == (f"{TWINS[1]} was dropped: it holds the same recording as {TWINS[0]}, under another gesture",)
    allowed = config(tmp_path, data__split="recording", data__leaks="allow")
    assert sum(len(load(allowed).subset(name)) for name in SUBSET_NAMES) == ROWS - 1


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_by_person_nobody_is_in_two_parts_and_everybody_in_one(tmp_path: Path, seed: int) -> None:
    split = load(config(write_gestures(tmp_path), train__seed=seed))
    held = []
    for name in SUBSET_NAMES:
        groups = split.subset(name).groups
        assert groups is not None
        held.append(set(groups.tolist()))
    assert sum(map(len, held)) == len(set().union(*held)) == PEOPLE


def test_by_recording_is_the_courses_way_and_has_to_be_asked_for(tmp_path: Path) -> None:
    root = write_gestures(tmp_path)
    with pytest.raises(UsageError, match=r"data\.split = recording leaks: training shares 4 people"):
        load(config(root, data__split="recording"))
    made = config(root, data__split="recording", data__leaks="allow")
    assert summarise_split(load(made), made).leaks == {"people": PEOPLE}
    # No recording is in two parts for all that.
    rows = [row.tobytes() for name in SUBSET_NAMES for row in load_unchecked(made).subset(name).inputs]
    assert len(rows) == len(set(rows))


def test_normalised_over_true_steps_of_training_rows_and_zero_beyond(tmp_path: Path) -> None:
    split = load(config(write_gestures(tmp_path)))
    subset = split.train
    inside = np.arange(subset.inputs.shape[1]) < subset.lengths[:, None]
    np.testing.assert_allclose(subset.inputs[inside].astype(np.float64).mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(subset.inputs[inside].astype(np.float64).std(axis=0), 1, atol=1e-5)
    for name in SUBSET_NAMES:
        held = split.subset(name)
        assert not held.inputs[np.arange(held.inputs.shape[1]) >= held.lengths[:, None]].any()


def test_a_recording_typed_is_the_row_the_net_was_trained_on(tmp_path: Path) -> None:
    made = config(write_gestures(tmp_path))
    split = load(made)
    length = int(split.test.lengths[5])
    text = typed_row(as_read(split.test.inputs[5, :length].astype(np.float32), split.scale))
    np.testing.assert_allclose(encode(summarise_split(split, made), text), split.test.inputs[5, :length], atol=1e-4)


def test_some_gestures_only(tmp_path: Path) -> None:
    split = load(config(write_gestures(tmp_path), data__classes="03,17"))
    assert split.classes == ("03", "17")
    assert split.outputs == 2
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == 2 * PEOPLE * RECORDINGS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "U02/05/01.txt in .* is empty"),
        (b"1 2 3 4 5\n", "is no recording: it holds 5 numbers"),
        (b"1 2 3 x y z\n", "not a number"),
        (b"1 2 3 inf 5 6\n", "not finite"),
        (b"\x00\x01\x02", "not a number"),
    ],
)
def test_a_bad_recording_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load(config(write_gestures(tmp_path, changes={"U02/05/01.txt": data})))


def test_an_archive_of_something_else_is_a_sentence(tmp_path: Path) -> None:
    write_gestures(tmp_path, changes=dict.fromkeys([name for name in gesture_files() if name[0] == "U"]))
    with pytest.raises(UsageError, match=r"holds no recording such as U01/01/01.txt"):
        load(config(tmp_path))


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA")
def test_the_published_recordings() -> None:
    split = load(RunConfig.from_settings({"task.name": "gestures"}))
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == 3250
    assert split.group_names == tuple(f"U{person:02}" for person in range(1, 9))
    assert "U02/14/01.txt was dropped" in split.notes[0]
    assert "U02/13/20.txt" in split.notes[0]
