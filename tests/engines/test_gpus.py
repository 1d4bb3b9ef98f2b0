"""Runs that share a GPU take turns on it. No GPU is needed: the runner decides by names and locks, and what it starts here
really trains, on the CPU.
"""

from __future__ import annotations

import os
import platform
import signal
from pathlib import Path

import psutil
import pytest

from rnnlab.config import RunConfig
from rnnlab.engines import gpus, turns
from rnnlab.engines.gpus import gpu_of
from rnnlab.engines.runner import Runner
from rnnlab.engines.slots import GPU_RUNS, NoSlot, release, slots_folder, take_gpu, take_slots
from rnnlab.runs.folders import RunFolder, SessionInfo, create_session
from tests.engines.running import SHORT, state_of, until


def on(device: str) -> RunConfig:
    return RunConfig.from_settings({"task.name": "binary", "runtime.device": device})


@pytest.fixture
def _gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with a GPU and a PyTorch that can use it, for all that the runner looks at."""
    monkeypatch.setattr(gpus, "DRIVERS", (tmp_path,))
    monkeypatch.setattr(gpus, "_built_for_gpus", lambda: True)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("_gpu")
def test_which_gpu_a_run_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [gpu_of(on(device)) for device in ("cpu", "auto", "cuda", "mps")] == [None, "cuda-0", "cuda-0", "mps"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    assert [gpu_of(on(device)) for device in ("cpu", "auto", "cuda")] == [None, "cuda-3", "cuda-3"]
    for none in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", none)
        assert gpu_of(on("auto")) is None


@pytest.mark.usefixtures("_gpu")
def test_auto_is_the_cpu_where_no_gpu_can_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpus, "_built_for_gpus", lambda: False)
    assert gpu_of(on("auto")) is None
    monkeypatch.setattr(gpus, "_built_for_gpus", lambda: True)
    monkeypatch.setattr(gpus, "DRIVERS", (tmp_path / "none",))
    assert gpu_of(on("auto")) is None
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert gpu_of(on("auto")) == "mps"


def test_what_pytorch_was_built_for_is_read_from_its_file() -> None:
    import torch

    assert gpus._built_for_gpus() == (torch.version.cuda is not None or torch.version.hip is not None)


def test_slots_of_a_gpu_are_those_of_all_sessions_and_of_no_other_gpu(tmp_path: Path) -> None:
    one, other = (create_session(name, root=tmp_path) for name in ("one", "other"))
    taken = [take_gpu(one, "cuda-0", None) for _ in range(GPU_RUNS)]
    with pytest.raises(NoSlot):
        take_gpu(other, "cuda-0", None)
    more = [take_gpu(other, "cuda-0", GPU_RUNS + 1), take_gpu(other, "cuda-1", None), take_gpu(other, "mps", 1)]
    cpu = take_slots(other, 1)
    release(taken[0])
    again = take_gpu(other, "cuda-0", None)
    for files in (*taken[1:], *more, cpu, again):
        release(files)


def process_began(run: RunFolder) -> float:
    """When the trainer's process was started: it loads for seconds before its first event, and prints nothing."""
    log = run.trainer_log_path.stat()
    assert log.st_size == 0
    return log.st_mtime


@pytest.mark.usefixtures("_gpu")
@pytest.mark.parametrize("locks", [True, False])
def test_so_many_runs_train_on_a_gpu_at_once(tmp_path: Path, locks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With cores to spare. Where nothing can be locked, the session counts its own."""
    monkeypatch.setattr(turns, "cores", lambda: 64)
    session = create_session("lab", root=tmp_path / "sessions")
    session.write_info(SessionInfo("lab", slots=64, gpu_runs=1))
    if not locks:
        slots_folder(session).write_text("a file stands where the folder should be")
    config = RunConfig.from_settings(SHORT)
    assert gpu_of(config) == "cuda-0"
    runs = [session.create_run(config) for _ in range(2)]
    free = session.create_run(RunConfig.from_settings(SHORT | {"runtime.device": "cpu"}))
    Runner(session).work()
    assert [state_of(run).status for run in (*runs, free)] == ["completed"] * 3
    assert process_began(runs[1]) > state_of(runs[0]).last_wall
    assert process_began(free) < state_of(runs[1]).first_wall, "what trains on the CPU waits for no GPU"


@pytest.mark.usefixtures("_gpu")
def test_a_trainer_that_is_killed_leaves_its_gpu_to_another_session(tmp_path: Path) -> None:
    root = tmp_path / "sessions"
    one, other = (create_session(name, root=root) for name in ("one", "other"))
    for session in (one, other):
        session.write_info(SessionInfo(session.name, slots=64, gpu_runs=1, attempts=0))
    first = one.create_run(RunConfig.from_settings(SHORT | {"train.epochs": 100_000, "train.patience": None}))
    second = other.create_run(RunConfig.from_settings(SHORT))
    runner, waiting = Runner(one), Runner(other)
    assert runner.poll()
    until(lambda: state_of(first).step > 0, "the first trains")
    assert waiting.poll()
    assert not second.trainer_log_path.exists(), "it waits"
    started = state_of(first).started
    assert started is not None
    assert psutil.Process(started.pid).ppid() == os.getpid(), "an interpreter of its own: CUDA does not survive a fork"
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: not runner.poll(), "its end is recorded")
    until(lambda: not waiting.poll(), "the other has its turn")
    assert (state_of(first).status, state_of(second).status) == ("failed", "completed")
