"""Room set aside on the disk, on a real file system that is full."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability.trace import NoCompiler, library
from rnnlab.errors import UsageError
from rnnlab.runs.commands import CommandCursor, make_room_for_commands, new_command, send_command
from rnnlab.runs.events import Progress, RunFailed, RunFinished
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.rename import rename_session
from rnnlab.runs.room import RESERVE, has_room, probe


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("this process may not mount a file system")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(disk: Path) -> None:
    file = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with contextlib.suppress(OSError):
        while os.write(file, bytes(4096)):
            pass
    os.close(file)


def append_until_refused(log: LogWriter) -> None:
    for step in range(2, 10_000):
        log.append(Progress(step=step))


def test_a_log_on_a_full_disk_refuses_events_but_takes_its_last_one(disk: Path) -> None:
    path = disk / "events.jsonl"
    with LogWriter(path) as log:
        log.append(Progress(step=1))
        fill(disk)
        with pytest.raises(OSError, match=r"events\.jsonl") as refused:
            append_until_refused(log)
        assert refused.value.errno == errno.ENOSPC
        whole = path.read_bytes()
        assert whole.endswith(b"\n")
        log.append(RunFailed(kind="disk", message="the disk is full", detail="x" * 4000))
    records, damaged = read_records(path)
    assert (type(records[-1].data), damaged) == (RunFailed, 0)
    assert [record.seq for record in records] == list(range(len(records)))


def test_a_log_whose_writer_was_killed_on_a_full_disk_takes_its_last_event(disk: Path) -> None:
    path = disk / "events.jsonl"
    code = (
        "import os, sys; from pathlib import Path; from rnnlab.runs.log import LogWriter;"
        "from rnnlab.runs.events import Progress;"
        "log = LogWriter(Path(sys.argv[1])); log.append(Progress(step=1)); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    fill(disk)
    with LogWriter(path) as log:
        log.append(RunFailed(kind="killed", message="the training process was killed"))
    last = read_last(path)
    assert last is not None
    assert isinstance(last.data, RunFailed)


def test_the_reserve_is_given_back_and_makes_the_log_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        log.append(Progress(step=1))
        size = path.stat().st_size
        assert path.read_bytes().count(b"\n") == 1
        if sys.platform == "linux":
            assert path.stat().st_blocks * 512 >= RESERVE or (tmp_path / "events.spare").exists()
        log.append(RunFinished(outcome="completed"))
    assert size < 1000
    assert path.stat().st_blocks * 512 < RESERVE
    assert not (tmp_path / "events.spare").exists()


def test_where_no_room_can_be_set_aside_a_file_keeps_it(disk: Path) -> None:
    try:
        preloaded = str(library())
    except NoCompiler as error:
        pytest.skip(str(error))
    code = """
import errno, os, sys
from pathlib import Path
from rnnlab.runs.events import Progress, RunFailed
from rnnlab.runs.log import LogWriter
disk = Path(sys.argv[1])
with LogWriter(disk / "events.jsonl") as log:
    log.append(Progress(step=1))
    assert (disk / "events.spare").stat().st_size > 0
    file = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while os.write(file, bytes(4096)):
            pass
    except OSError:
        pass
    try:
        for step in range(2, 10_000):
            log.append(Progress(step=step))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    log.append(RunFailed(kind="disk", message="the disk is full"))
"""
    environment = os.environ | {"LD_PRELOAD": preloaded, "FILES_ROOT": str(disk), "FILES_NO_ROOM": "1"}
    subprocess.run([sys.executable, "-c", code, str(disk)], env=environment, check=True)
    records, damaged = read_records(disk / "events.jsonl")
    assert (type(records[-1].data), damaged) == (RunFailed, 0)
    assert not (disk / "events.spare").exists()


def test_a_command_can_be_sent_on_a_full_disk(disk: Path) -> None:
    path = disk / "commands.jsonl"
    make_room_for_commands(path)
    fill(disk)
    send_command(path, sent := new_command("stop"))
    assert CommandCursor(path).read() == [sent]


def test_a_full_disk_is_found_out(disk: Path) -> None:
    assert has_room(disk)
    probe(disk)
    fill(disk)
    assert not has_room(disk)
    with pytest.raises(OSError, match="No space left") as refused:
        probe(disk)
    assert refused.value.errno == errno.ENOSPC
    assert not list(disk.glob(".probe*"))


def test_a_session_that_cannot_be_made_on_a_full_disk_leaves_nothing(disk: Path) -> None:
    fill(disk)
    with pytest.raises(UsageError, match="the disk is full"):
        create_session("lab", root=disk)
    assert not (disk / "lab").exists()


def test_a_session_that_cannot_be_renamed_on_a_full_disk_keeps_its_name(disk: Path) -> None:
    session = create_session("lab", root=disk)
    fill(disk)
    with pytest.raises(UsageError, match=r"lab cannot be renamed.*No space left"):
        rename_session(session, "other")
    assert not (disk / "other").exists()
    assert session.info().name == "lab"
