"""Trainers forked from a warm server: what they compute, and what becomes of them when a process beside them dies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from benchmarks.reliability.kills import LONG
from benchmarks.reliability.outcome import outcome
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, runner_alive
from rnnlab.engines.runner import Runner
from rnnlab.engines.trainers import Trainers
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.training.verify import verify
from tests.engines.running import SHORT, runner_of, starts, state_of, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="trainers are forked on Linux alone")

NETS = (("elman", 1), ("lstm", 1), ("lstm", 2), ("gru", 2), ("tcn", 1), ("lem", 2))
"""Architectures, each with so many threads: with kernels of ours, with PyTorch's, with neither."""
SMALL: dict[str, object] = {
    "task.name": "sinusoids",
    "model.hidden": "12",
    "model.dropout": 0.2,
    "train.batch_size": 16,
    "train.updates": 12,
    "runtime.device": "cpu",
}

FEW: dict[str, object] = {"train.updates": 12, "runtime.threads": 1, "runtime.device": "cpu"}


def carried_out(root: Path, name: str, settings: list[dict[str, object]], *, warm: bool) -> list[RunFolder]:
    """The runs of a session, trained to their ends."""
    session = create_session(name, root=root)
    session.write_info(SessionInfo(name, slots=2))
    runs = [session.create_run(RunConfig.from_settings(each)) for each in settings]
    Runner(session, warm=warm).work()
    assert {state_of(run).status for run in runs} == {"completed"}
    return runs


def server_of(session: Session) -> psutil.Process:
    """The warm server of the session's runner, once there is one."""
    found: list[psutil.Process] = []

    def there() -> bool:
        found[:] = servers_below(runner_of(session))
        return bool(found)

    until(there, "there is a warm server")
    return found[0]


def servers_below(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if "rnnlab.training.warm" in child.cmdline()]


def gone(process: psutil.Process) -> Callable[[], bool]:
    return lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def training(run: RunFolder) -> int:
    """The process that trains the run, once it makes updates."""
    until(lambda: state_of(run).step > 0, f"{run.name} trains")
    return starts(run)[-1].pid


@pytest.mark.slow
def test_a_forked_trainer_computes_to_the_bit_what_a_new_interpreter_does(tmp_path: Path) -> None:
    settings = [SMALL | {"model.name": name, "runtime.threads": threads} for name, threads in NETS]
    cold = carried_out(tmp_path, "cold", settings, warm=False)
    warm = carried_out(tmp_path, "warm", settings, warm=True)
    for one, other in zip(cold, warm, strict=True):
        assert outcome(one) == outcome(other), one.name
    assert [run.path.name for run in warm] == [run.path.name for run in cold]


def test_a_forked_run_whose_threads_are_measured_can_be_verified(tmp_path: Path) -> None:
    (run,) = carried_out(tmp_path, "lab", [SMALL | {"model.name": "gru"}], warm=True)
    report = verify(run)
    assert report.compared > 50
    assert report.mismatches == []


@pytest.mark.slow
def test_runs_that_share_loaded_data_come_out_as_those_that_load_them(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "".join(f"word {'xy'[index % 2] * 5}{index},{index % 2}\n" for index in range(90)))
    until(lambda: time.time() - path.stat().st_ctime > 2.1, "the file is old enough to be kept")
    settings: list[dict[str, object]] = [
        {"task.name": "own", "data.path": str(path), "data.seed": 1, "model.hidden": "6", "train.seed": seed, **FEW}
        for seed in range(4)
    ]
    cold = carried_out(tmp_path, "cold", settings, warm=False)
    warm = carried_out(tmp_path, "warm", settings, warm=True)
    assert [outcome(run) for run in warm] == [outcome(run) for run in cold]


def test_the_server_goes_with_its_runner_and_trainers_go_on(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    pid, server = training(run), server_of(session)
    assert os.getsid(pid) == pid, "the trainer has a session of its own"
    assert psutil.Process(pid).ppid() == server.pid
    assert psutil.Process(pid).name() == run.name[:15], "ps and top tell which run it is"
    os.kill(runner_of(session), signal.SIGKILL)
    until(gone(server), "the server ends")
    step = state_of(run).step
    until(lambda: state_of(run).step > step, "the run trains on")
    ensure_runner(session)
    until(lambda: runner_alive(session), "another runner has the session")
    step = state_of(run).step
    until(lambda: state_of(run).step > step, "and leaves the run to its trainer")
    assert [each.pid for each in starts(run)] == [pid]


def test_a_dead_server_takes_no_run_with_it_and_the_next_run_gets_another_one(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=2))
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    pid, server = training(run), server_of(session)
    server.kill()
    until(gone(server), "the server is gone")
    other = session.create_run(RunConfig.from_settings(LONG))
    training(other)
    assert server_of(session).pid != server.pid
    step = state_of(run).step
    until(lambda: state_of(run).step > step, "the first one trains on")
    assert [each.pid for each in starts(run)] == [pid]
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(starts(run)) == 2, "that it was killed later is noticed, though its parent is gone")
    assert state_of(run).status != "failed"


def test_a_server_killed_before_it_forks_costs_the_run_no_attempt(session: Session) -> None:
    session.write_info(SessionInfo("lab", attempts=0))
    run = session.create_run(RunConfig.from_settings(SHORT))
    ensure_runner(session)
    until(lambda: runner_alive(session) and runner_of(session) > 0, "a runner has the session")
    server = server_of(session)
    server.kill()
    until(lambda: state_of(run).ended, "the run ends")
    assert state_of(run).status == "completed"


def test_a_trainer_that_crashes_takes_neither_its_neighbour_nor_the_server(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=2))
    crashed, neighbour = (session.create_run(RunConfig.from_settings(LONG)) for _ in range(2))
    ensure_runner(session)
    pid, other, server = training(crashed), training(neighbour), server_of(session)
    os.kill(pid, signal.SIGSEGV)
    until(lambda: state_of(crashed).ended, "its end is recorded")
    assert state_of(crashed).status == "failed"
    assert "SIGSEGV" in state_of(crashed).message, "the runner knows how it ended"
    step = state_of(neighbour).step
    until(lambda: state_of(neighbour).step > step, "the other one trains on")
    assert server_of(session) == server
    after = session.create_run(RunConfig.from_settings(LONG))
    assert psutil.Process(training(after)).ppid() == server.pid
    assert psutil.Process(other).ppid() == server.pid


def test_signals_of_a_terminal_reach_neither_server_nor_trainer(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    pid, server = training(run), server_of(session)
    assert len({os.getpgid(each) for each in (runner_of(session), server.pid, pid)}) == 3
    os.kill(pid, signal.SIGINT)
    step = state_of(run).step
    until(lambda: state_of(run).step > step, "a Ctrl-C that reaches it all the same is ignored")
    os.kill(pid, signal.SIGTERM)
    until(lambda: state_of(run).ended, "SIGTERM ends it")
    assert state_of(run).status == "stopped"
    assert state_of(run).final, "with its best weights tested"


def test_neither_files_nor_memory_of_the_server_grow_with_its_runs(session: Session) -> None:
    trainers = Trainers()
    run, files, memory = session.create_run(RunConfig.from_settings(SHORT)), [], []
    try:
        for _ in range(12):
            slot = os.open(os.devnull, os.O_RDONLY)
            trainer = trainers.start(run, [slot], fork=True)
            os.close(slot)
            deadline = time.monotonic() + 60
            while not trainer.ended():
                trainers.wait(1.0)
                assert time.monotonic() < deadline
            trainer.close()
            (server,) = servers_below(os.getpid())
            files.append((server.num_fds(), psutil.Process().num_fds()))
            memory.append(server.memory_info().rss)
    finally:
        trainers.close()
    assert state_of(run).status == "completed", "the first one trained it, the others found it done"
    assert len(set(files[1:])) == 1
    assert memory[-1] < memory[1] + 2_000_000


def test_the_runner_sees_the_end_of_a_run_at_once_and_starts_the_next(tmp_path: Path) -> None:
    """A poll takes a tenth of a second: five in a row, each waited for, would take half a second more."""
    session = create_session("lab", root=tmp_path)
    session.write_info(SessionInfo("lab", slots=1))
    runs = [session.create_run(RunConfig.from_settings(SHORT)) for _ in range(6)]
    ended_at: list[float] = []
    began_at: list[float] = []
    Runner(session).work()
    for run in runs:
        state = state_of(run)
        began_at.append(state.first_wall)
        ended_at.append(state.last_wall)
    waits = sorted(began - ended for began, ended in zip(began_at[1:], ended_at, strict=False))
    assert waits[0] > 0
    assert waits[len(waits) // 2] < 1.0, "without the imports, which take longer"
