"""Claims: one writer of a log in a folder that machines share, whatever its locks do and whatever their clocks say."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from rnnlab.claims import LEASE, Claim, Claimed, Owner, find_claim, is_claimed
from rnnlab.file_system import SHARED
from rnnlab.machine import started_at
from rnnlab.runs.events import RunFinished
from rnnlab.runs.files import write_atomically
from rnnlab.runs.log import LogBusy, LogLost, LogWriter, is_held
from rnnlab.runs.log_reader import read_records
from tests.engines.running import until
from tests.no_locks import no_locks

ELSEWHERE = Owner(host="n7", boot="another-start-of-another-machine", pid=1, started="1", pids="pid:[1]")
WRITER = """
import sys, time
import rnnlab.claims as claims
claims.LEASE, claims.RENEWAL, claims._LATE = map(float, sys.argv[2:])
from pathlib import Path
from rnnlab.runs.events import RunFinished
from rnnlab.runs.log import LogWriter
with LogWriter(Path(sys.argv[1])) as log:
    while True:
        log.append(RunFinished(outcome="stopped", message=""))
        print("written", flush=True)
        time.sleep(0.02)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SHARED, "1")
    return tmp_path / "events.jsonl"


def claim_elsewhere(log: Path, number: int = 1, age: float = 0.0) -> Path:
    path = log.with_name(f"events.claim-{number:06d}")
    path.write_bytes(msgspec.json.encode(ELSEWHERE))
    os.utime(path, (time.time() - age,) * 2)
    return path


@contextmanager
def writer(log: Path, *, environment: dict[str, str] | None = None, alone: list[str] | None = None) -> Iterator[int]:
    """A process that writes to the log, with a lease of a second; its number."""
    command = [*(alone or []), sys.executable, "-c", WRITER, str(log), "1.0", "0.2", "0.5"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})}
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"written\n"
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def test_a_log_that_another_machine_writes_is_refused(log: Path) -> None:
    claim_elsewhere(log)
    assert is_held(log)
    with pytest.raises(LogBusy):
        LogWriter(log)


def test_a_log_whose_writer_elsewhere_is_silent_for_the_whole_lease_is_taken_over(log: Path) -> None:
    before = claim_elsewhere(log, age=LEASE + 1)
    assert not is_held(log)
    with LogWriter(log) as taken:
        taken.append(RunFinished(outcome="stopped", message=""))
        assert is_held(log)
    assert not before.exists()
    assert not is_held(log)
    assert len(read_records(log)[0]) == 1


def test_a_writer_that_was_killed_on_this_machine_is_followed_at_once(log: Path) -> None:
    with writer(log), pytest.raises(LogBusy):
        LogWriter(log)
    with LogWriter(log) as taken:
        assert taken.last is not None


def test_numbers_of_claims_are_never_given_twice(log: Path) -> None:
    for number in range(1, 4):
        Claim(log).release()
        found = find_claim(log)
        assert found is not None
        assert found.number == number
    assert [each.name for each in log.parent.iterdir()] == ["events.claim-000003"]


def test_many_processes_that_ask_at_once_get_it_one_after_the_other(log: Path, tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from rnnlab.claims import Claim, Claimed
log, count = Path(sys.argv[1]), Path(sys.argv[2])
done = 0
while done < 15:
    try:
        claim = Claim(log)
    except Claimed:
        time.sleep(0.002)
        continue
    before = int(count.read_text() or 0) if count.exists() else 0
    time.sleep(0.002)
    count.write_text(str(before + 1))
    claim.release()
    done += 1
"""
    count = tmp_path / "count"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(log), str(count)]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert count.read_text() == "45"


def test_a_writer_that_was_stopped_for_longer_than_its_lease_writes_nothing_over_its_follower(log: Path) -> None:
    """Its own time passes while it is stopped, and another machine takes over; continued, it must see that before it writes."""
    with writer(log) as pid:
        os.kill(pid, signal.SIGSTOP)
        before = log.read_bytes()
        # What a follower on another machine does, as this one could not see that the process lives.
        found = find_claim(log)
        assert found is not None
        claim_elsewhere(log, found.number + 1)
        log.with_name(f"events.claim-{found.number:06d}").unlink()
        time.sleep(1.1)
        os.kill(pid, signal.SIGCONT)
        until(lambda: not started_at(pid), "it has ended")
        assert log.read_bytes() == before


def test_an_owner_that_is_late_and_was_not_followed_goes_on(log: Path) -> None:
    with LogWriter(log) as writing:
        assert writing._claim is not None
        writing._claim._renewed -= LEASE
        writing.append(RunFinished(outcome="stopped", message=""))
        found = find_claim(log)
        assert found is not None
        assert found.number == 2


def test_an_owner_that_is_late_and_was_followed_is_told_so(log: Path) -> None:
    with LogWriter(log) as writing:
        assert writing._claim is not None
        writing._claim._renewed -= LEASE
        claim_elsewhere(log, 2)
        with pytest.raises(LogLost, match="another process"):
            writing.append(RunFinished(outcome="stopped", message=""))
    assert log.read_bytes() == b""


def test_a_claim_that_is_half_written_counts_as_one(log: Path) -> None:
    log.with_name("events.claim-000001").write_bytes(b'{"host": "n')
    assert is_claimed(log)
    with pytest.raises(Claimed):
        Claim(log)


@pytest.mark.parametrize("locks", ["refused", "ignored"])
def test_where_locks_are_refused_or_mean_nothing_there_is_still_one_writer(log: Path, locks: str) -> None:
    with writer(log, environment=no_locks(locks)):
        with pytest.raises(LogBusy):
            LogWriter(log)
        second = subprocess.run(
            [sys.executable, "-c", WRITER, str(log), "1.0", "0.2", "0.5"],
            env={**os.environ, **no_locks(locks)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert second.stderr.strip().endswith("LogBusy")
        assert second.stdout == ""


def test_a_disk_of_this_machine_alone_needs_no_claim(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    with LogWriter(log) as writing:
        writing.append(RunFinished(outcome="stopped", message=""))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["events.jsonl", "events.lock"]


SWEEPER = """
import os, sys
from pathlib import Path
from rnnlab.runs.files import sweep_temporaries
folder = Path(sys.argv[1])
while not any(name.endswith(".tmp") for name in os.listdir(folder)):
    pass
sweep_temporaries(folder)
"""
"""Sweeps once, as a trainer does when it starts, just as another process writes."""


def until_swept(folder: Path, write: Callable[[], None]) -> None:
    """Write time and again until another process has swept the folder."""
    sweeper = subprocess.Popen([sys.executable, "-c", SWEEPER, str(folder)])
    try:
        while sweeper.poll() is None:
            write()
    finally:
        sweeper.kill()
    assert sweeper.wait() == 0


@pytest.mark.parametrize("linked", [True, False], ids=["links", "no links"])
def test_a_draft_that_another_process_sweeps_away_ends_in_no_error(
    linked: bool, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not linked:
        monkeypatch.setattr(os, "link", _refused)

    def take() -> None:
        Claim(log).release()
        found = find_claim(log)
        assert found is not None
        assert found.owner is not None, "no claim is ever empty"

    for _ in range(12):
        until_swept(log.parent, take)


def _refused(*_paths: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_what_a_trainer_sweeps_away_is_written_again(tmp_path: Path) -> None:
    for number in range(6):
        until_swept(tmp_path, lambda: write_atomically(tmp_path / "notes.json", b"a note"))
        assert (tmp_path / "notes.json").read_bytes() == b"a note", number
