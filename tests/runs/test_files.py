"""What is opened, and what is refused: a session may come from a stranger."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.files import NotOpened, open_regular, read_regular
from rnnlab.locks import Locked, acquire, held, is_locked
from rnnlab.runs.files import sweep_drafts, sweep_temporaries, write_atomically
from rnnlab.runs.find import find_run
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log import LogWriter

CONFIG = RunConfig.from_settings({"task.name": "surnames"})

PLACE: dict[str, Callable[[Path], object]] = {
    "a link": lambda path: path.symlink_to(path.with_name("target")),
    "a dangling link": lambda path: path.symlink_to(path.with_name("nothing")),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_CREAT | os.O_APPEND])
@pytest.mark.parametrize("kind", PLACE)
def test_only_plain_files_are_opened(tmp_path: Path, kind: str, flags: int) -> None:
    (tmp_path / "target").write_text("as it was")
    path = tmp_path / "file"
    PLACE[kind](path)
    with pytest.raises(NotOpened):
        open_regular(path, flags)
    assert (tmp_path / "target").read_text() == "as it was"
    assert not (tmp_path / "nothing").exists()


def test_a_second_name_of_a_file_is_read_and_never_written(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("as it was")
    (tmp_path / "file").hardlink_to(tmp_path / "target")
    assert read_regular(tmp_path / "file", 100) == b"as it was"
    with pytest.raises(NotOpened, match="hard link"):
        open_regular(tmp_path / "file", os.O_RDWR)


def test_no_more_is_read_than_such_a_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # it takes no room on the disk, and all of the memory
    with pytest.raises(NotOpened, match="1,000 bytes"):
        read_regular(path, 1000)


def test_a_file_in_a_folder_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(NotOpened, match="symbolic link"):
        open_regular(tmp_path / "link" / "file", os.O_RDONLY)
    os.close(open_regular(tmp_path / "link" / "file", os.O_RDONLY, links="folder"))


def test_a_session_may_be_a_link_and_its_runs_may_not(tmp_path: Path) -> None:
    """People keep a session on another disk; a stranger's run that is a link leads out of the session."""
    root = tmp_path / "sessions"
    session = create_session("lab", root=tmp_path / "disk")
    run = session.create_run(CONFIG)
    root.mkdir()
    (root / "lab").symlink_to(session.path)
    assert [each.name for each in Session(root / "lab").runs()] == [run.name]
    assert Session(root / "lab").info().name == "lab"
    (session.runs_path / "002-link").symlink_to(tmp_path / "disk")
    with pytest.raises(UsageError, match="symbolic link"):
        RunFolder(session.runs_path / "002-link").config()
    (tmp_path / "disk" / "run.toml").write_text("")
    with pytest.raises(UsageError, match="symbolic link"):
        find_run(str(session.runs_path / "002-link"))
    moved = session.path / "elsewhere"
    session.runs_path.rename(moved)
    session.runs_path.symlink_to(moved)
    assert session.runs() == []
    with pytest.raises(UsageError, match="symbolic link"):
        session.info()
    with pytest.raises(UsageError, match="cannot be written"):
        session.create_run(CONFIG)


def test_a_file_is_replaced_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("as it was")
    path = tmp_path / "file"
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to(tmp_path / "target")
    path.symlink_to(tmp_path / "target")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert not path.is_symlink()
    assert (tmp_path / "target").read_text() == "as it was"


def test_what_killed_processes_left_is_swept(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("best.safetensors", ".hidden", "note.tmp")]
    left = [tmp_path / ".best.safetensors.1234.tmp", tmp_path / ".resume.safetensors.1.tmp"]
    for path in (*kept, *left):
        path.write_text("x")
    sweep_temporaries(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    old, new = tmp_path / ".new-abc", tmp_path / ".new-def"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (1e9, 1e9))
    sweep_drafts(tmp_path)
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_nobody_else_may_write_what_is_made_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    code = (
        "from rnnlab.cli.main import run\nimport os, sys\n"
        "sys.argv = ['rnnlab', 'train', 'surnames', '--epochs', '1', '--session', 'lab']\n"
        "from rnnlab.__main__ import main\nmain()"
    )
    environment = {**os.environ, "RNNLAB_SESSIONS": str(tmp_path), "RNNLAB_CACHE": str(tmp_path / "cache")}
    subprocess.run(
        [sys.executable, "-c", code], env=environment, umask=umask, check=True, capture_output=True, timeout=120
    )
    made = [tmp_path / "lab", *tmp_path.rglob("*")]
    assert {path.name for path in made} >= {"run.toml", "events.jsonl", "best.safetensors", "runner.log", "trainer.log"}
    loose = [str(path) for path in made if stat.S_IMODE(path.lstat().st_mode) & 0o022]
    assert loose == []
    if umask == 0o077:
        assert [str(path) for path in made if stat.S_IMODE(path.lstat().st_mode) & 0o077] == []


def test_a_lock_is_held_by_one_and_private(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch(0o644)  # as earlier versions made them
    with held(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert is_locked(path)
        with pytest.raises(Locked):
            acquire(path, patience=0.0)
    assert not is_locked(path)
    os.close(acquire(path))


def test_a_lock_that_was_replaced_while_one_waited_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys, os, time; from pathlib import Path; from rnnlab.locks import acquire\n"
        "path = Path(sys.argv[1]); file = acquire(path); print('held', flush=True); sys.stdin.readline()\n"
        "path.unlink(); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.stdin.write("\n")
        holder.stdin.flush()
        file = acquire(path, patience=10.0)
        assert os.path.samestat(os.fstat(file), path.stat())
        os.close(file)
        holder.stdin.close()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("flock"), reason="needs to be root, to try as another user")
def test_another_user_cannot_hold_up_a_run() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        Path(folder).chmod(0o755)
        session = create_session("lab", root=Path(folder))
        run = session.create_run(CONFIG)
        with LogWriter(run.events_path), held(session.lock_path):
            pass

        def lock_as_nobody(path: Path) -> bytes:
            """What `flock` says, which holds the file until the test ends."""
            command = ["flock", "-n", str(path), "sh", "-c", "echo held; read line"]
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    user=65534,
                    group=65534,
                    extra_groups=[],
                    cwd="/",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            )
            assert process.stdout is not None
            return process.stdout.readline()

        # The log, which everybody may read, is no lock.
        assert lock_as_nobody(run.events_path) == b"held\n"
        assert lock_as_nobody(run.events_path.with_suffix(".lock")) == b""
        assert lock_as_nobody(session.lock_path) == b""
        with LogWriter(run.events_path), held(session.lock_path):
            pass
