"""Arrays that took long to make are made once for each state of their source."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rnnlab.tasks.published.cache import Arrays, cached


class Counted:
    """A parse that counts how often it is done."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"values": np.arange(1000.0), "names": np.array(["a", "Šta"])}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    source, build = tmp_path / "data.zip", Counted()
    source.write_bytes(b"one")
    first = cached("task", 1, source, build)
    again = cached("task", 1, source, build)
    assert build.calls == 1
    assert list(again) == list(first)
    np.testing.assert_array_equal(again["values"], first["values"])
    assert again["names"].tolist() == ["a", "Šta"]
    cached("task", 2, source, build)
    assert build.calls == 2
    before = source.stat()
    source.write_bytes(b"two")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))  # of the same size and time: its end tells
    cached("task", 1, source, build)
    assert build.calls == 3


def test_a_folder_changes_with_any_file_in_it(tmp_path: Path) -> None:
    source, build = tmp_path / "data", Counted()
    (source / "inner").mkdir(parents=True)
    (source / "inner" / "a.txt").write_bytes(b"1")
    cached("task", 1, source, build)
    cached("task", 1, source, build)
    assert build.calls == 1
    (source / "inner" / "b.txt").write_bytes(b"2")
    cached("task", 1, source, build)
    assert build.calls == 2
    (source / "inner" / os.fsdecode(b"no UTF-8: \xe9")).write_bytes(b"3")
    cached("task", 1, source, build)
    cached("task", 1, source, build)
    assert build.calls == 3


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied", "another thing"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, folder: Path, harm: str) -> None:
    source, build = tmp_path / "data.zip", Counted()
    source.write_bytes(b"one")
    cached("task", 1, source, build)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    middle = len(whole) // 2
    harmed = {
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "emptied": b"",
        "another thing": b"\x93NUMPY\x01\x00 not an archive",
    }
    kept.write_bytes(harmed[harm])
    np.testing.assert_array_equal(cached("task", 1, source, build)["values"], np.arange(1000.0))
    assert build.calls == 2
    assert kept.read_bytes() == whole
    cached("task", 1, source, build)
    assert build.calls == 2


def test_nothing_is_unpickled(tmp_path: Path, folder: Path) -> None:
    source, build = tmp_path / "data.zip", Counted()
    source.write_bytes(b"one")
    cached("task", 1, source, build)
    (kept,) = folder.iterdir()
    with kept.open("wb") as stream:
        np.savez(stream, values=np.array([{"a": 1}], dtype=object))
    assert cached("task", 1, source, build)["values"].dtype == np.float64
    assert build.calls == 2


def test_old_caches_go_and_others_stay(tmp_path: Path, folder: Path) -> None:
    source, build = tmp_path / "data.zip", Counted()
    source.write_bytes(b"one")
    cached("other", 1, source, build)
    for version in range(6):
        cached("task", version, source, build)
    assert len(list(folder.glob("task-*.npz"))) == 3
    assert len(list(folder.glob("other-*.npz"))) == 1
    assert not list(folder.glob("*.tmp"))


def test_without_a_place_to_keep_it_it_is_parsed_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "file" / "below"))
    source, build = tmp_path / "data.zip", Counted()
    source.write_bytes(b"one")
    for _ in range(2):
        assert len(cached("task", 1, source, build)["values"]) == 1000
    assert build.calls == 2
