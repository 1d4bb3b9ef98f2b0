"""The last event of a run on a disk that refuses even it, as a file system does that writes nothing in place."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.reliability.trace import NoCompiler, library
from rnnlab.runs.commands import new_command, send_command
from rnnlab.runs.events import Progress, RunFinished
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.training.commands import LiveCommands
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.persist.disk import DiskGuard
from rnnlab.training.persist.recorder import Recorder

CODE = """
import ctypes, errno, sys
from pathlib import Path
from rnnlab.runs.events import Progress, RunFinished
from rnnlab.runs.log import LogWriter
from rnnlab.training.commands import LiveCommands
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.persist.disk import DiskGuard, StoppedWhileFull
from rnnlab.training.persist.recorder import Recorder

folder, refused = Path(sys.argv[1]), int(sys.argv[2])
with LogWriter(folder / "events.jsonl") as log:
    guard = DiskGuard(log, LiveCommands(folder / "commands.jsonl"))
    guard.meter = ProgressMeter(10)
    with Recorder(log, guard.meter, guard) as recorder:
        recorder.append(Progress(phase="loading"))
        ctypes.CDLL(None).files_refuse(1, refused, errno.ENOSPC)
        try:
            recorder.end(RunFinished(outcome="completed"))
        except StoppedWhileFull as full:
            print(full)
"""


def ended(folder: Path, refused: int) -> str:
    """What a process prints that ends a log in the folder while so many operations on files are refused."""
    try:
        preloaded = {"LD_PRELOAD": str(library()), "FILES_ROOT": str(folder)}
    except NoCompiler as reason:
        pytest.skip(str(reason))
    words = [sys.executable, "-c", CODE, str(folder), str(refused)]
    done = subprocess.run(words, env=os.environ | preloaded, capture_output=True, text=True, check=False, timeout=120)
    assert not done.returncode, done.stderr
    return done.stdout


def test_the_last_event_waits_for_room_and_nothing_follows_it(tmp_path: Path) -> None:
    assert not ended(tmp_path, refused=3)
    records, damaged = read_records(tmp_path / "events.jsonl")
    assert not damaged
    assert [type(record.data) for record in records] == [Progress, RunFinished]


def test_a_sync_that_finds_no_room_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file server that finds room only then; no file system here refuses a sync."""
    refusals = [OSError(errno.ENOSPC, "No space left on device")] * 2
    sync = os.fdatasync

    def refusing(file: int) -> None:
        if refusals and log.last is not None and isinstance(log.last.data, RunFinished):
            raise refusals.pop()
        sync(file)

    monkeypatch.setattr(os, "fdatasync", refusing)
    meter = ProgressMeter(10)
    with LogWriter(tmp_path / "events.jsonl") as log:
        guard = DiskGuard(log, LiveCommands(tmp_path / "commands.jsonl"))
        with Recorder(log, meter, guard) as recorder:
            recorder.append(Progress(phase="loading"))
            recorder.end(RunFinished(outcome="completed"))
    assert not refusals
    assert [type(record.data) for record in read_records(tmp_path / "events.jsonl")[0]] == [Progress, RunFinished]


def test_a_stop_ends_the_wait(tmp_path: Path) -> None:
    send_command(tmp_path / "commands.jsonl", new_command("stop"))
    assert "the disk is full" in ended(tmp_path, refused=1 << 30)
    assert [type(record.data) for record in read_records(tmp_path / "events.jsonl")[0]] == [Progress]
