"""Logs that no trainer wrote: damaged as a whole, longer than any, with values out of bounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rnnlab.runs.checksum_line import seal
from rnnlab.runs.codec import DamagedLine, decode, encode
from rnnlab.runs.commands import CommandCursor, new_command, send_command, size_until
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import LARGEST, number
from rnnlab.runs.events import Evaluated, Progress, Record, RunStarted
from rnnlab.runs.files import LINE_LIMIT
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import LogCursor, read_records, read_state
from rnnlab.runs.log_tail import DamagedLog, NewerLog, read_last

DATA = DataSummary(
    task="surnames", title="Surnames", problem="classification", metric="accuracy", higher_is_better=True, classes=("a", "b")
)  # fmt: skip
START = RunStarted(run="x", config={}, data=DATA, model="LSTM 8", epochs=3)


def log_of(path: Path, events: int = 3) -> bytes:
    with LogWriter(path) as log:
        log.append(START)
        for step in range(1, events):
            log.append(Progress(step=step))
    return path.read_bytes()


OTHER: dict[str, Callable[[bytes], bytes]] = {
    "with the line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "some text": lambda data: b"a note to myself\nand another\n",
    "some text without an end": lambda data: b"a note to myself",
    "empty lines": lambda data: b"\n" * 100_000,
    "JSON of another kind": lambda data: b'{"seq":0,"a":1}\n',
}


@pytest.mark.parametrize("kind", OTHER)
def test_a_log_without_a_sound_line_is_damaged_and_left_as_it_is(tmp_path: Path, kind: str) -> None:
    """Taken for empty, it would be trained over."""
    path = tmp_path / "events.jsonl"
    data = OTHER[kind](log_of(path))
    path.write_bytes(data)
    with pytest.raises(DamagedLog, match="damaged"):
        LogWriter(path)
    with pytest.raises(DamagedLog, match="damaged"):
        read_last(path)
    assert path.read_bytes() == data


@pytest.mark.parametrize("torn", [b"", b'{"s', b'{"seq":0,"wall":1', b"\0" * 5000])
def test_a_log_that_was_only_begun_is_empty(tmp_path: Path, torn: bytes) -> None:
    """Blocks without their bytes are what a power cut leaves."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(torn)
    assert read_last(path) is None
    with LogWriter(path) as log:
        assert log.empty
        log.append(START)
    assert read_state(path)[0].started == START


def test_a_log_of_a_newer_version_alone_is_not_trained_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(seal(b'{"seq":0,"wall":1.0,"mono":1.0,"data":{"event":"NotKnownYet"}}'))
    with pytest.raises(NewerLog):
        LogWriter(path)


def test_a_first_line_that_lacks_its_newline_alone_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(log_of(path, 1).rstrip(b"\n"))
    with LogWriter(path) as log:
        assert log.last is not None
        assert log.last.data == START
        assert log.next_seq == 1


@pytest.mark.parametrize("at", ["torn", "between", "first"])
def test_a_line_beyond_the_limit_costs_one_reading_of_it(tmp_path: Path, at: str) -> None:
    """Of 60 MB, a quadratic reader would take minutes."""
    path = tmp_path / "events.jsonl"
    data = log_of(path, 50)
    long = b"x" * 60_000_000
    first = data.index(b"\n") + 1
    path.write_bytes(
        {"torn": data + long, "between": data[:first] + long + b"\n" + data[first:], "first": long + b"\n" + data}[at]
    )
    began = time.process_time()
    cursor = LogCursor(path)
    records = [record for _ in range(50) for record in cursor.read()]
    assert [record.seq for record in records] == list(range(50))
    assert cursor.damaged == (at != "torn")
    assert cursor.torn == (at == "torn")
    last = read_last(path)
    assert last is not None
    assert last.seq == 49
    with LogWriter(path) as log:
        assert log.next_seq == 50
        log.append(Progress(step=50))
    assert [record.seq for record in cursor.read()] == [50]
    assert time.process_time() - began < 5.0


def test_a_torn_line_is_not_read_again_until_the_log_changes(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(log_of(path) + b"x" * (LINE_LIMIT - 100))
    cursor = LogCursor(path)
    assert len(cursor.read()) == 3
    began = time.process_time()
    for _ in range(2000):
        assert cursor.read() == []
    assert time.process_time() - began < 1.0


def test_no_event_is_written_that_could_not_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        log.append(START)
        with pytest.raises(ValueError, match="longer than a line"):
            log.append(msgspec.structs.replace(START, model="x" * LINE_LIMIT))
        log.append(Progress(step=1))
    assert read_state(path)[0].last_seq == 1


START_FIELDS: dict[str, Any] = msgspec.to_builtins(START)
PROGRESS: dict[str, Any] = msgspec.to_builtins(Progress(step=5, steps=5, loss=1.0))
EVALUATED: dict[str, Any] = msgspec.to_builtins(Evaluated(split="validation", epoch=1, step=5))
DEEP = b"[" * 5000 + b"]" * 5000
OUT_OF_BOUNDS: dict[str, bytes] = {
    "a number of 400 digits": msgspec.json.encode(START_FIELDS | {"epochs": int("9" * 400)}),
    "a number below none": msgspec.json.encode(START_FIELDS | {"epochs": -1}),
    "a setting of 400 digits": msgspec.json.encode(START_FIELDS | {"config": {"train": {"epochs": int("9" * 400)}}}),
    "a time beyond the calendar": msgspec.json.encode(PROGRESS | {"seconds": 1e300}),
    "a loss that overflows a plot": msgspec.json.encode(PROGRESS | {"loss": 1e300}),
    "a matrix that is not square": msgspec.json.encode(EVALUATED | {"confusion": [[1], [2, 3]]}),
    "a number below none in a matrix": msgspec.json.encode(EVALUATED | {"confusion": [[-1]]}),
    "an unknown part": msgspec.json.encode(EVALUATED | {"split": "everything"}),
    "settings 5,000 levels deep": b'{"event":"RunStarted","config":{"a":{"b":' + DEEP + b"}}}",
    "no event": b"5",
}


@pytest.mark.parametrize("kind", OUT_OF_BOUNDS)
def test_values_that_no_trainer_writes_are_a_damaged_line(kind: str) -> None:
    line = seal(b'{"seq":1,"wall":1.0,"mono":1.0,"data":' + OUT_OF_BOUNDS[kind] + b"}")
    with pytest.raises(DamagedLine):
        decode(line)


@pytest.mark.parametrize("wall", ["1e300", "9" * 400, '"noon"', "null"])
def test_a_record_of_no_time_is_a_damaged_line(wall: str) -> None:
    with pytest.raises(DamagedLine):
        decode(seal(b'{"seq":1,"wall":%b,"mono":1.0,"data":%b}' % (wall.encode(), msgspec.json.encode(PROGRESS))))


def test_a_figure_too_large_to_be_drawn_is_written_as_infinite() -> None:
    assert [number(value) for value in (LARGEST, 1e101, -1e300, 0.5)] == [LARGEST, "inf", "-inf", 0.5]
    record = Record(1, 1.0, 1.0, Progress(step=1, steps=1, loss=number(1e200)))
    assert decode(encode(record)) == record


def test_a_matrix_of_other_classes_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        log.append(START)
        log.append(Evaluated(split="validation", epoch=1, step=1, confusion=((1, 0), (0, 1)), best=True))
        log.append(Evaluated(split="validation", epoch=2, step=2, confusion=((1, 0, 0),) * 3, best=True))
    state, damaged = read_state(path)
    assert damaged == 0
    assert [matrix.epoch for matrix in state.matrices["validation"].all()] == [1]
    assert state.best is not None
    assert state.best.confusion is None


@pytest.mark.parametrize("bit", range(8))
def test_a_damaged_newline_costs_no_event(tmp_path: Path, bit: int) -> None:
    """It joins two lines, of which each is sound."""
    path = tmp_path / "events.jsonl"
    data = log_of(path, events=4)
    records = read_records(path)[0]
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")]
    for end in ends:
        damaged = bytearray(data)
        damaged[end] ^= 1 << bit
        path.write_bytes(damaged)
        assert read_records(path) == (records, 1)
        assert read_last(path) == records[-1]
        cursor = LogCursor(path)
        assert cursor.read() == records
        with LogWriter(path) as log:
            assert log.append(Progress(step=9)).seq == 4
        assert [each.seq for each in cursor.read()] == [4], "a reader that was there before goes on"
        assert read_records(path)[0][:4] == records


def test_of_lines_that_a_damaged_newline_joined_each_is_sound_or_not(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = log_of(path, events=4).splitlines()
    records = read_records(path)[0]
    broken = lines[2].replace(b'"step"', b'"stop"')
    path.write_bytes(lines[0] + b"\n" + lines[1] + b"\x0b" + broken + b"\x1a" + lines[3] + b"\n")
    assert read_records(path) == ([*records[:2], records[3]], 1)
    path.write_bytes(lines[0] + b"\n" + lines[1] + b"\x0b" + lines[3][:20])
    with LogWriter(path) as log:
        assert log.next_seq == 2, "of what was torn off a line nothing is kept"
    assert read_records(path) == (records[:2], 0)


def test_a_damaged_newline_costs_no_command(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    sent = [new_command(verb) for verb in ("pause", "resume", "stop")]
    for command in sent:
        send_command(path, command)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\n", b"*", 1))
    assert CommandCursor(path).read() == sent
    assert size_until(path, {sent[0].id}) == data.index(b"\n") + 1
