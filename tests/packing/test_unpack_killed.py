"""`rnnlab unpack` as a process that is killed: a session is there whole or not at all, and what is left over is swept."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import Session
from tests.command_line import called, started
from tests.recorded import SESSION, record

_RUNS, _BYTES, _PATIENCE = 6, 16 << 20, 60.0


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose unpacking takes long enough to be interrupted: six runs, each with a log that does not shrink."""
    folder = tmp_path_factory.mktemp("packed")
    run = record(folder / "sessions", "finished")
    for number in range(3, 3 + _RUNS - 1):
        shutil.copytree(run, run.with_name(f"{number:03}-copy"))
    for each in Session(folder / "sessions" / SESSION).runs():
        (each.path / "trainer.log").write_bytes(random.Random(each.name).randbytes(_BYTES))
    done = called(folder, "pack", SESSION, "-o", "a.zip", RNNLAB_SESSIONS=str(folder / "sessions"))
    assert done.returncode == 0, done.stderr
    return folder / "a.zip"


def contents(session: Path) -> dict[str, int]:
    return {
        path.relative_to(session).as_posix(): path.stat().st_size
        for path in session.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def drafts(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.name.startswith(".new-")] if root.exists() else []


def logs_in_drafts(root: Path) -> int:
    return sum(len(list(draft.glob("runs/*/trainer.log"))) for draft in drafts(root))


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "its draft is there": lambda root: bool(drafts(root)),
    "a first run is written": lambda root: logs_in_drafts(root) >= 1,
    "half of the runs are written": lambda root: logs_in_drafts(root) >= _RUNS // 2,
    "the session is in its place": lambda root: (root / SESSION).exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_unpack_leaves_a_whole_session_or_none(moment: str, packed: Path, tmp_path: Path) -> None:
    root, until = tmp_path / "sessions", time.monotonic() + _PATIENCE
    with started(tmp_path, "unpack", str(packed)) as process:
        while not MOMENTS[moment](root):
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
        process.send_signal(signal.SIGKILL)
        process.wait(_PATIENCE)
    whole = contents(packed.parent / "sessions" / SESSION)
    if moment == "the session is in its place":
        assert contents(root / SESSION) == whole
        assert drafts(root) == []
        return
    assert process.returncode == -signal.SIGKILL
    assert list_sessions(root) == []
    (draft,) = drafts(root)
    assert contents(draft).keys() < whole.keys()
    again = called(tmp_path, "unpack", str(packed), RNNLAB_SESSIONS=str(root))
    assert again.returncode == 0, again.stderr
    assert contents(root / SESSION) == whole
    assert drafts(root) == [draft]  # it may be another process's, which is still at it
    os.utime(draft, (1, 1))
    once_more = called(tmp_path, "unpack", str(packed), "--name", "other", RNNLAB_SESSIONS=str(root))
    assert once_more.returncode == 0, once_more.stderr
    assert drafts(root) == []
    assert sorted(each.name for each in list_sessions(root)) == sorted(["other", SESSION])
