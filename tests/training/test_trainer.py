"""The training process itself: started, commanded, failing, in processes of their own."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from rnnlab.config import RunConfig
from rnnlab.runs.events import CommandApplied, Progress, RunFailed, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.state import RunState
from tests.engines.running import until
from tests.forked import FORKER

PATIENCE = 240
LONG = {
    "task.name": "binary",
    "optim.schedule": "constant",
    "model.hidden": "8",
    "train.epochs": 100_000,
    "train.batch_size": 1,
    "train.evaluate_every": 5000,
}


def new_run(folder: Path, **settings: object) -> RunFolder:
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    config = RunConfig.from_settings({"task.name": "binary", "model.hidden": 8, "train.epochs": 2, **keys})
    return create_session("lab", root=folder).create_run(config)


def start(run: RunFolder) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rnnlab.training", str(run.path)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def train(run: RunFolder) -> tuple[int, RunState]:
    """Train to the end, in a forked process; its exit code, and the run."""
    done = FORKER.run("rnnlab.training", str(run.path), folder=run.path, environment=os.environ, seconds=PATIENCE)
    return done.returncode, read_state(run.events_path)[0]


@pytest.fixture
def long_run(tmp_path: Path) -> Iterator[tuple[RunFolder, subprocess.Popen[bytes]]]:
    run = new_run(tmp_path, **{key.replace(".", "__"): value for key, value in LONG.items()})
    process = start(run)
    try:
        until(lambda: read_state(run.events_path)[0].step > 0, "the run trains")
        yield run, process
    finally:
        process.kill()
        process.communicate()


def test_a_run_is_trained_to_its_last_word_and_never_twice(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    code, state = train(run)
    assert (code, state.status, state.missing) == (0, "completed", 0)
    assert type(read_records(run.events_path)[0][0].data) is RunStarted
    size = run.events_path.stat().st_size
    assert train(run)[0] == 3
    assert run.events_path.stat().st_size == size


def test_a_log_that_another_process_holds_is_left_alone(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with LogWriter(run.events_path):
        assert train(run)[0] == 3
    assert run.events_path.stat().st_size == 0


def test_commands_are_heard_within_half_a_second_and_a_pause_costs_nothing(
    long_run: tuple[RunFolder, subprocess.Popen[bytes]],
) -> None:
    run, process = long_run

    def applied() -> list[tuple[float, CommandApplied]]:
        return [(r.wall, r.data) for r in read_records(run.events_path)[0] if isinstance(r.data, CommandApplied)]

    sent = [run.send("set", key="optim.lr", value=0.0005), run.send("pause")]
    until(lambda: len(applied()) == 2, "both are applied")
    before = psutil.Process(process.pid).cpu_times()
    first = len(read_records(run.events_path)[0])
    # Two signs of life: the run waits, and says so once a second.
    until(lambda: len(read_records(run.events_path)[0]) >= first + 2, "signs of life")
    after = psutil.Process(process.pid).cpu_times()
    assert after.user + after.system - before.user - before.system < 0.3
    assert read_state(run.events_path)[0].status == "paused"
    sent.append(run.send("resume"))
    until(lambda: len(applied()) == 3, "resumed")
    sent.append(run.send("stop"))
    assert process.wait(timeout=PATIENCE) == 0
    assert [event.command_id for _, event in applied()] == [command.id for command in sent]
    waited = sorted(wall - command.wall for command, (wall, _) in zip(sent, applied(), strict=True))
    assert waited[len(waited) // 2] < 0.5
    assert waited[-1] < 2.5  # room for a machine that has much else to do
    events = [record.data for record in read_records(run.events_path)[0]]
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert (last.outcome, set(last.final)) == ("stopped", {"train", "validation", "test"})
    state = read_state(run.events_path)[0]
    assert state.lr == 0.0005
    for kind, path in (("best", run.best_path), ("last", run.last_path)):
        assert path.exists()
        assert kind in state.checkpoints


def test_sigterm_ends_a_run_cleanly_ctrl_c_does_not_touch_it_and_it_was_never_silent(
    long_run: tuple[RunFolder, subprocess.Popen[bytes]],
) -> None:
    run, process = long_run
    process.send_signal(signal.SIGINT)
    until(lambda: read_state(run.events_path)[0].seconds > 3, "it trains on, for three seconds")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    state = read_state(run.events_path)[0]
    assert state.status == "stopped"
    assert [(mark.command, mark.error) for mark in state.applied_commands] == [("stop", "")]
    times = [record.mono for record in read_records(run.events_path)[0] if isinstance(record.data, Progress)]
    for place, moment in enumerate(times):
        assert sum(moment <= other < moment + 1 for other in times[place:]) <= 10
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) < 2.5  # once a second, and room for a machine that has much else to do


def failure_of(run: RunFolder) -> RunFailed:
    last = read_records(run.events_path)[0][-1].data
    assert isinstance(last, RunFailed)
    return last


def test_missing_data_is_the_runs_last_word(tmp_path: Path) -> None:
    run = new_run(tmp_path, task__name="names", data__path=str(tmp_path / "nowhere"))
    code, state = train(run)
    assert (code, state.status, failure_of(run).kind) == (1, "failed", "data")
    assert "names" in state.message


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a CUDA device; there is one here")
def test_cuda_where_there_is_none_is_the_runs_last_word(tmp_path: Path) -> None:
    run = new_run(tmp_path, runtime__device="cuda")
    code, state = train(run)
    assert (code, failure_of(run).kind) == (1, "config")
    assert "runtime.device = 'cuda'" in state.message


def test_a_broken_configuration_is_the_runs_last_word(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.config_path.write_text("[model]\nhidden = 0\n")
    code, state = train(run)
    assert (code, failure_of(run).kind) == (1, "config")
    assert "model.hidden = 0" in state.message


def test_a_disk_without_room_is_the_runs_last_word(tmp_path: Path) -> None:
    """A limit on the size of files refuses the weights as a full disk does, and leaves the log its room."""
    run = new_run(tmp_path, model__hidden=256)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "from rnnlab.training.process import main; sys.exit(main(sys.argv[1:]))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(run.path)], stderr=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    failure = failure_of(run)
    assert (process.returncode, failure.kind) == (1, "disk")
    assert ".safetensors" in failure.message
    assert not run.best_path.exists()
    assert not list(run.path.glob(".*tmp"))


def test_a_log_that_may_not_grow_ends_with_the_reason(tmp_path: Path) -> None:
    """Room does not help against a limit on the size of files, so the run does not wait for it."""
    run = new_run(tmp_path, train__epochs=1000)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000));"
        "from rnnlab.training.process import main; sys.exit(main(sys.argv[1:]))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(run.path)], stderr=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    failure = failure_of(run)
    assert (process.returncode, failure.kind) == (1, "disk")
    assert "events.jsonl" in failure.message
    records, damaged = read_records(run.events_path)
    assert damaged == 0
    assert isinstance(records[0].data, RunStarted)
