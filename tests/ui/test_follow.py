"""A follower reads what is there, what is added, and what is damaged; and has somebody look after a run that fell silent."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rnnlab.runs.codec import encode
from rnnlab.runs.commands import Command, CommandCursor, send_command
from rnnlab.runs.events import CommandApplied, Progress, Record, RunFailed
from rnnlab.runs.files import open_log
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.queue_entry import write_entry
from rnnlab.ui.run.following import follow
from rnnlab.ui.run.following.follow import ENSURE_SECONDS, SILENCE_SECONDS, RunFollower
from tests.recorded import record
from tests.recorded_course import MONO, WALL
from tests.ui.opened import PATIENCE, quiet, until


@asynccontextmanager
async def followed(follower: RunFollower) -> AsyncIterator[RunFollower]:
    task = asyncio.create_task(follower.follow())
    try:
        await asyncio.wait_for(follower.opened.wait(), PATIENCE)
        yield follower
    finally:
        task.cancel()


async def test_an_opened_run_is_the_state_of_its_log(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        assert follower.state.digest() == read_state(run.events_path)[0].digest()


async def test_what_is_added_is_seen(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        with LogWriter(run.events_path) as log:
            log.append(Progress(epoch=10, step=2200, steps=1, loss=0.3, loss_low=0.3, loss_high=0.3))
            await until(lambda: follower.state.step == 2200)


async def test_an_ended_run_that_grows_is_read_on(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        with LogWriter(run.events_path) as log:
            seq = log.append(RunFailed(kind="error", message="said later")).seq
        await until(lambda: follower.state.last_seq == seq)
        assert follower.state.message == "said later"


async def test_the_event_loop_goes_on_while_a_file_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    monkeypatch.setenv("RNNLAB_SHARED", "1")
    asked, answered = threading.Event(), threading.Event()

    def slow_open(path: Path) -> int:
        asked.set()
        assert answered.wait(PATIENCE), "the event loop, which lets the server answer, waits for its answer"
        return open_log(path)

    monkeypatch.setattr("rnnlab.runs.log_reader.open_log", slow_open)
    follower = RunFollower(run, ensure=quiet)
    task = asyncio.create_task(follower.follow())
    await until(asked.is_set)
    answered.set()
    await asyncio.wait_for(follower.opened.wait(), PATIENCE)
    task.cancel()
    assert follower.state.digest() == read_state(run.events_path)[0].digest()


async def test_an_unfinished_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    seq = read_state(run.events_path)[0].last_seq + 1
    line = encode(Record(seq, WALL + 99, MONO + 99, Progress(epoch=10, step=2300)))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        with run.events_path.open("ab", buffering=0) as log:
            log.write(line[:30])
            await until(lambda: follower.torn)
            assert follower.state.step != 2300
            log.write(line[30:])
        await until(lambda: follower.state.step == 2300)
        assert follower.damaged == 0


async def test_damaged_lines_are_counted(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "torn"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        assert (follower.damaged, follower.torn) == (1, True)
        assert follower.state.missing == 1


async def test_a_log_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    lines = run.events_path.read_bytes().splitlines(keepends=True)
    import msgspec

    from rnnlab.runs.codec import decode
    from rnnlab.runs.events import RunStarted

    for index, line in enumerate(lines):
        start = decode(line)
        if isinstance(start.data, RunStarted):
            newer = msgspec.structs.replace(start.data, log_format=99)
            lines[index] = encode(msgspec.structs.replace(start, data=newer))
            break
    run.events_path.write_bytes(b"".join(lines))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        assert "newer" in follower.problem


async def test_a_silent_run_that_nobody_writes_is_looked_after(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    write_entry(run.path, run.config())
    asked: list[float] = []
    now = [100.0]

    def last_word(folder: RunFolder) -> None:
        asked.append(now[0])
        with LogWriter(folder.events_path) as log:
            log.append(RunFailed(kind="killed", message="the training process is gone"))

    async with followed(RunFollower(run, ensure=last_word, clock=lambda: now[0])) as follower:
        now[0] += SILENCE_SECONDS + ENSURE_SECONDS
        await until(lambda: follower.state.status == "failed")
    assert asked == [now[0]]


async def test_a_run_whose_trainer_lives_is_left_alone(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    asked: list[RunFolder] = []
    now = [100.0]
    with LogWriter(run.events_path):
        async with followed(RunFollower(run, ensure=asked.append, clock=lambda: now[0])) as follower:
            now[0] += 60.0
            looked = follower._checked_at
            await until(lambda: follower._checked_at > looked)
            await asyncio.sleep(0)
    assert asked == []


async def test_a_command_is_pending_until_the_log_answers(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        sent = follower.send("pause")
        assert list(follower.pending) == [sent.id]
        with LogWriter(run.events_path) as log:
            log.append(CommandApplied(command="pause", command_id=sent.id, epoch=10, step=2124, seconds=27.2))
        await until(lambda: not follower.pending)
        assert follower.state.status == "paused"


async def test_keys_do_not_wait_until_a_file_server_has_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(record(tmp_path, "running"))
    monkeypatch.setenv("RNNLAB_SHARED", "1")
    answered = threading.Event()

    def slow_send(path: Path, command: Command) -> None:
        assert answered.wait(PATIENCE), "the event loop, which lets the server answer, waits for its answer"
        send_command(path, command)

    monkeypatch.setattr("rnnlab.ui.run.following.follow.send_command", slow_send)
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        sent = [follower.send("pause"), follower.send("resume"), follower.send("stop")]
        assert list(follower.pending) == [command.id for command in sent]
        answered.set()
        await until(lambda: CommandCursor(run.commands_path).read() == sent)


async def test_a_command_that_a_file_server_refuses_is_not_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(record(tmp_path, "running"))
    monkeypatch.setenv("RNNLAB_SHARED", "1")
    run.commands_path.mkdir()
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        follower.send("pause")
        await until(lambda: not follower.pending)
        assert "the command could not be written" in follower.note


async def test_a_run_without_a_folder_waits(tmp_path: Path) -> None:
    async with followed(RunFollower(RunFolder(tmp_path / "s" / "runs" / "001"), ensure=quiet)) as follower:
        assert follower.state.status == "queued"


async def test_what_was_added_while_nobody_read_is_soon_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(follow, "SLICE_RECORDS", 1)
    run = RunFolder(record(tmp_path, "running"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        last = follower.state.last_seq
        update = Progress(epoch=10, step=2200, steps=1, loss=0.3, loss_low=0.3, loss_high=0.3)
        with run.events_path.open("ab") as log:
            log.write(b"".join(encode(Record(last + each, WALL, MONO, update)) for each in range(1, 5001)))
        await until(lambda: follower.state.last_seq == last + 5000)  # a slice at each poll would take 250 s


@pytest.mark.slow
async def test_a_long_log_opens_in_slices(tmp_path: Path) -> None:
    """100,000 events open within about a second of processor time; no slice holds the loop for long."""
    path = tmp_path / "s" / "runs" / "001" / "events.jsonl"
    path.parent.mkdir(parents=True)
    source = RunFolder(record(tmp_path, "running")).events_path.read_bytes().splitlines(keepends=True)[:2]
    lines = source + [
        encode(Record(seq, WALL, MONO, Progress(epoch=1 + seq // 900, step=seq, steps=1, loss=1.0, loss_low=0.5, loss_high=2.0,
                                                seconds=seq / 10, lr=0.003, grad_norm=0.4)))
        for seq in range(2, 100_000)
    ]  # fmt: skip
    path.write_bytes(b"".join(lines))
    held: list[float] = []
    done = asyncio.Event()

    async def beat() -> None:
        last = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0)
            held.append(time.perf_counter() - last)
            last = time.perf_counter()

    heart = asyncio.create_task(beat())
    begun = time.process_time()  # what others compute meanwhile does not count
    async with followed(RunFollower(RunFolder(path.parent), ensure=quiet)) as follower:
        took = time.process_time() - begun
        assert follower.state.last_seq == 99_999
    done.set()
    await heart
    held.sort()
    print(f"100,000 events in {took:.2f} s, longest slice {held[-1] * 1000:.0f} ms")
    assert took < 4.0
    assert held[int(len(held) * 0.9)] < 0.2


async def test_a_deleted_folder_is_reported_and_followed_no_longer(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    asked: list[RunFolder] = []
    async with followed(RunFollower(run, ensure=asked.append)) as follower:
        shutil.rmtree(run.path)
        await until(lambda: bool(follower.problem))
        assert follower.problem == f"the run's folder was deleted or moved away: {run.path}"
        assert follower.deleted
        assert asked == []


async def test_a_queued_run_whose_folder_is_deleted_is_reported(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    run.events_path.unlink()
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        assert follower.state.status == "queued"
        shutil.rmtree(run.path)
        await until(lambda: follower.deleted)


async def test_a_log_that_another_file_replaces_is_read_anew_and_that_is_said(tmp_path: Path) -> None:
    run, other = RunFolder(record(tmp_path, "running")), RunFolder(record(tmp_path, "finished"))
    async with followed(RunFollower(run, ensure=quiet)) as follower:
        shutil.copyfile(other.events_path, run.path / "new")
        (run.path / "new").replace(run.events_path)
        await until(lambda: follower.state.digest() == read_state(other.events_path)[0].digest())
        assert "the run's log was replaced by another file" in follower.note
        assert follower.damaged == 0
