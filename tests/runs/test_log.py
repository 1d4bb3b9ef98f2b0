"""A log keeps what was acknowledged, whatever is done to it, and says what it lost."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.runs.checksum_line import seal
from rnnlab.runs.codec import decode, encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import number
from rnnlab.runs.events import Progress, Record, RunFinished, RunStarted
from rnnlab.runs.files import open_log
from rnnlab.runs.log import LogBusy, LogLost, LogWriter, is_held
from rnnlab.runs.log_reader import LogCursor, read_records, read_state
from rnnlab.runs.log_tail import NewerLog, read_last
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import initial_state


def started() -> RunStarted:
    data = DataSummary(task="names", title="Names", problem="classification", metric="accuracy", higher_is_better=True)
    return RunStarted(run="001", config={}, data=data, model="LSTM 8", epochs=2, steps_per_epoch=10, steps_total=20)


def step(index: int) -> Progress:
    loss = 1 / (index + 1)
    return Progress(epoch=1, step=index, steps=1, loss=loss, loss_low=loss, loss_high=loss, lr=0.1, seconds=index / 10)


def write(path: Path, count: int) -> list[Record]:
    with LogWriter(path) as log:
        return [log.append(started()), *(log.append(step(index)) for index in range(1, count))]


def test_what_is_written_is_read_and_numbered_without_gaps(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    records = write(path, 50)
    assert [record.seq for record in records] == list(range(50))
    assert read_records(path) == (records, 0)
    with LogWriter(path) as log:
        assert log.append(RunFinished(outcome="completed")).seq == 50
    last = read_last(path)
    assert last is not None
    assert last.data == RunFinished(outcome="completed")


def test_a_line_is_json_for_anyone(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        log.append(Progress(loss=number(float("nan")), grad_norm=number(float("inf"))))

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    line = json.loads(path.read_text(), parse_constant=refuse)
    assert line["seq"] == 0
    assert line["data"]["event"] == "Progress"
    assert line["data"]["loss"] == "nan"
    assert line["data"]["grad_norm"] == "inf"


def test_a_log_cut_at_every_byte_keeps_every_whole_line_and_heals(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    records = write(whole, 6)
    data = whole.read_bytes()
    ends = [index + 1 for index, byte in enumerate(data) if byte == ord("\n")]
    path = tmp_path / "cut.jsonl"
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        kept = sum(end <= cut for end in ends)
        cursor = LogCursor(path)
        assert cursor.read() == records[:kept], cut
        assert cursor.damaged == 0
        with LogWriter(path) as log:
            # A line that lacks only its newline was whole, and is kept.
            whole_without_newline = cut + 1 in ends
            assert log.next_seq == kept + whole_without_newline, cut
            log.append(RunFinished(outcome="stopped"))
        healed, damaged = read_records(path)
        assert damaged == 0
        assert [record.seq for record in healed] == list(range(len(healed)))
        assert healed[-1].data == RunFinished(outcome="stopped")
        assert cursor.read()[-1] == healed[-1], "a reader that was there before the healing goes on"


def test_every_flipped_bit_is_noticed() -> None:
    line = encode(Record(3, 1.5, 2.5, step(3)))
    original = decode(line)
    for index in range(len(line) - 1):
        for bit in range(8):
            damaged = bytearray(line)
            damaged[index] ^= 1 << bit
            with pytest.raises(ValueError):
                assert decode(bytes(damaged)) == original


def test_a_damaged_line_is_skipped_counted_and_seen_as_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, 10)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4][:20] + b"\r\x00#" + lines[4][23:]
    path.write_bytes(b"".join(lines))
    state, damaged = read_state(path)
    assert damaged == 1
    assert state.missing == 1
    assert state.step == 9


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_however_the_file_grows_the_reader_sees_each_event_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("grow")
    records = write(folder / "whole.jsonl", 20)
    data = (folder / "whole.jsonl").read_bytes()
    path = folder / "growing.jsonl"
    cursor = LogCursor(path)
    seen = cursor.read()
    for cut in [*sorted(cut % len(data) for cut in cuts), len(data)]:
        path.write_bytes(data[:cut])
        seen += cursor.read(max_records=3)
    while not cursor.caught_up:
        seen += cursor.read(max_records=3)
    assert seen == records
    assert cursor.damaged == 0


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        log.append(started())
        assert is_held(path)
        with pytest.raises(LogBusy):
            LogWriter(path)
    assert not is_held(path)
    LogWriter(path).close()


def test_the_lock_goes_with_a_killed_writer(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    code = (
        "import sys, time; from pathlib import Path; from rnnlab.runs.log import LogWriter;"
        "from rnnlab.runs.events import Progress; log = LogWriter(Path(sys.argv[1]));"
        "log.append(Progress(step=1)); print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_held(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not is_held(path)
    assert len(read_records(path)[0]) == 1


def test_threads_share_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        threads = [threading.Thread(target=lambda: [log.append(step(i)) for i in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    records, damaged = read_records(path)
    assert damaged == 0
    assert [record.seq for record in records] == list(range(800))


def test_a_full_disk_leaves_whole_lines_and_is_said(tmp_path: Path) -> None:
    """A file size limit behaves as a full disk does: a short write first, then the error."""
    path = tmp_path / "events.jsonl"
    code = """
import resource, signal, sys
from pathlib import Path
from rnnlab.runs.events import Progress
from rnnlab.runs.log import LogWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
written = 0
with LogWriter(Path(sys.argv[1])) as log:
    try:
        while True:
            log.append(Progress(step=written))
            written += 1
    except OSError as error:
        print(written, error.errno)
"""
    assert resource.RLIMIT_FSIZE is not None
    output = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    written = int(output.split()[0])
    assert written > 3
    records, damaged = read_records(path)
    assert (len(records), damaged) == (written, 0)
    assert path.read_bytes().endswith(b"\n")


def test_a_newer_log_is_refused_with_words(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(seal(b'{"seq":0,"wall":1.0,"mono":1.0,"data":{"event":"RunStarted","log_format":99,"soul":true}}'))
    with pytest.raises(NewerLog, match=r"events\.jsonl has log format 99.*newer rnnlab"):
        read_records(path)


def test_an_event_of_a_kind_not_known_yet_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, 3)
    with path.open("ab") as file:
        file.write(seal(b'{"seq":3,"wall":1.0,"mono":1.0,"data":{"event":"Dreamed","of":"sheep"}}'))
    cursor = LogCursor(path)
    assert len(cursor.read()) == 3
    assert (cursor.unknown, cursor.damaged) == (1, 0)


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    cursor = LogCursor(tmp_path / "none.jsonl")
    assert cursor.read() == []
    assert cursor.caught_up
    assert read_last(tmp_path / "none.jsonl") is None


def test_a_helping_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    records = write(path, 1000)
    cursor = LogCursor(path)
    first = cursor.read(max_records=100)
    assert len(first) == 100
    assert not cursor.caught_up
    rest = cursor.read(max_records=10_000, max_seconds=10)
    assert first + rest == records


def test_a_log_that_grows_while_it_is_read_slowly_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file server whose answers take longer than the writer needs for its next event."""
    path = tmp_path / "events.jsonl"
    written = write(path, 10)
    cursor = LogCursor(path)
    with LogWriter(path) as log:

        def slow_open(path: Path) -> int:
            written.append(log.append(step(len(written))))
            return open_log(path)

        monkeypatch.setattr("rnnlab.runs.log_reader.open_log", slow_open)
        seen = []
        for _ in range(3):
            seen += cursor.read(max_seconds=0.0)
            if cursor.caught_up:
                break
        assert cursor.caught_up
        assert seen == written


def test_the_state_does_not_depend_on_how_the_log_was_fed(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    records = write(path, 500)
    at_once, _ = read_state(path)
    bit_by_bit = initial_state()
    cursor = LogCursor(path)
    while not cursor.caught_up:
        for record in cursor.read(max_records=7):
            reduce(bit_by_bit, record)
            reduce(bit_by_bit, records[0])  # seen before: changes nothing
    assert bit_by_bit.digest() == at_once.digest()


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    shutil.copyfile(path, path.with_name("new"))
    path.with_name("new").replace(path)


@pytest.mark.parametrize("harm", [deleted, replaced])
@pytest.mark.parametrize("name", ["events.jsonl", "events.lock"])
def test_a_writer_notices_at_its_next_sync_that_its_file_is_not_there(
    tmp_path: Path, harm: Callable[[Path], None], name: str
) -> None:
    with LogWriter(tmp_path / "events.jsonl") as log:
        log.append(Progress(step=1))
        log.sync()
        harm(tmp_path / name)
        for _ in range(2):  # also where nothing was appended since
            with pytest.raises(LogLost, match=f"{harm.__name__}.*while the run was trained") as lost:
                log.sync()
        assert lost.value.filename == str(tmp_path / name)


def test_a_cursor_reads_nothing_of_another_file_in_the_logs_place(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with LogWriter(path) as log:
        for step in range(3):
            log.append(Progress(step=step))
    cursor = LogCursor(path)
    assert len(list(cursor.stream())) == 3
    replaced(path)
    with LogWriter(path) as log:
        log.append(Progress(step=9))
    assert cursor.read() == []
    assert cursor.replaced
    path.unlink()
    cursor.read()
    assert cursor.missing
