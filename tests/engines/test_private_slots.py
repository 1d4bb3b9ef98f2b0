"""Slots are this user's alone: what another user could hold is not used, and is said where a person looks."""

from __future__ import annotations

import fcntl
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines.runner import Runner
from rnnlab.engines.slots import NoLocks, release, slots_folder, slots_problem, take_gpu, take_slots
from rnnlab.runs.folders import Session, SessionInfo, create_session
from tests.engines.running import SHORT, state_of

SOMEBODY = 12345
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another user takes root")


def hold_all(folder: Path) -> list[int]:
    """Make and lock every slot of this machine in `folder`, as another process would; closing the files lets go."""
    files = []
    for number in range(cores()):
        file = os.open(folder / f"{platform.node()}-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        files.append(file)
    return files


def planted(session: Session, how: str) -> list[int]:
    """The folder of slots with all of them held, and open to another user in one way; the files that hold them."""
    folder = slots_folder(session)
    folder.mkdir(mode=0o700)
    held = hold_all(folder)
    match how:
        case "folder open to others":
            folder.chmod(0o777)
        case "folder that others may list":
            folder.chmod(0o710)
        case "files open to others":
            for file in folder.iterdir():
                file.chmod(0o666)
        case "a link":
            folder.rename(folder.with_name("elsewhere"))
            folder.symlink_to("elsewhere")
        case "another user's folder":
            os.chown(folder, SOMEBODY, SOMEBODY)
        case "another user's files":
            for file in folder.iterdir():
                os.chown(file, SOMEBODY, SOMEBODY)
    return held


WAYS = [
    "folder open to others",
    "folder that others may list",
    "files open to others",
    "a link",
    pytest.param("another user's folder", marks=as_root),
    pytest.param("another user's files", marks=as_root),
]


@pytest.mark.parametrize("how", WAYS)
def test_slots_that_another_user_could_hold_are_not_used(session: Session, how: str) -> None:
    held = planted(session, how)
    with pytest.raises(NoLocks, match="each session keeps to the cores by itself"):
        take_slots(session, 1)
    if "files" not in how:  # the slots of a GPU are other files, made only in a folder that is this user's alone
        with pytest.raises(NoLocks):
            take_gpu(session, "0", 1)
    assert str(slots_folder(session)) in slots_problem(session)
    release(held)


def test_a_private_folder_is_used_and_nothing_is_said(session: Session) -> None:
    assert slots_problem(session) == ""
    release(take_slots(session, 1))
    assert slots_problem(session) == ""
    slots_folder(session).chmod(0o755)
    assert "other users may open it" in slots_problem(session)
    session.write_info(SessionInfo("lab", slots=2))
    assert slots_problem(session) == ""


def test_a_run_trains_though_another_user_holds_all_slots(tmp_path: Path) -> None:
    session = create_session("a", root=tmp_path)
    held = planted(session, "folder open to others")
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "train", "binary", "--hidden", "4", "--epochs", "1", "--session", "a"],
        env=os.environ | {"RNNLAB_SESSIONS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    release(held)
    assert done.returncode == 0, done.stderr
    assert f"{slots_folder(session)} is not used (other users may open it)" in done.stderr
    assert "is not used" in session.runner_log_path.read_text()


def test_the_fallback_keeps_a_session_to_the_cores(session: Session) -> None:
    held = planted(session, "folder open to others")
    runs = [session.create_run(RunConfig.from_settings(SHORT | {"runtime.threads": cores()})) for _ in range(2)]
    Runner(session).work()
    release(held)
    assert state_of(runs[1]).first_wall > state_of(runs[0]).last_wall, "one after the other"
