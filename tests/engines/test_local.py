"""Real runners, real trainers, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.reliability.kills import LONG, TARGETS, kill_once
from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines import runner
from rnnlab.engines.local import ensure_runner, runner_alive, settle_session
from rnnlab.engines.runner import Runner
from rnnlab.engines.slots import NoSlot, slots_folder, take_slots
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Progress, Record, RunFailed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import read_records
from tests.engines.running import SHORT, runner_of, soon, state_of, until


def test_a_queue_is_carried_out_and_the_runner_goes(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=1))
    runs = [session.create_run(RunConfig.from_settings(SHORT)) for _ in range(2)]
    ensure_runner(session)
    until(lambda: all(state_of(run).ended for run in runs), "both runs end")
    states = [state_of(run) for run in runs]
    assert [state.status for state in states] == ["completed", "completed"]
    # One slot: the second began after the first had ended.
    assert states[1].first_wall > states[0].last_wall
    until(lambda: not runner_alive(session), "the runner goes when nothing is left")


def test_sessions_of_one_folder_share_the_cores(session: Session) -> None:
    """As many threads as there are cores, whoever's they are; a trainer that is killed leaves its slot."""
    session.write_info(SessionInfo("lab", attempts=0))
    greedy = session.create_run(RunConfig.from_settings(LONG | {"runtime.threads": cores()}))
    ensure_runner(session)
    until(lambda: state_of(greedy).step > 0, "the first trains")
    other = create_session("other", root=session.path.parent)
    waiting = other.create_run(RunConfig.from_settings(SHORT))
    ensure_runner(other)
    until(lambda: runner_alive(other), "its runner looks for a slot")
    with pytest.raises(NoSlot):
        take_slots(other, 1)
    assert state_of(waiting).status == "queued"
    started = state_of(greedy).started
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: state_of(waiting).ended, "the other session's run has its turn")
    assert state_of(waiting).status == "completed"
    until(lambda: not runner_alive(other), "its runner goes")


def test_where_no_slot_can_be_locked_a_session_keeps_to_the_cores_by_itself(session: Session) -> None:
    slots_folder(session).write_text("a file stands where the folder should be")
    runs = [session.create_run(RunConfig.from_settings(SHORT | {"runtime.threads": cores()})) for _ in range(2)]
    ensure_runner(session)
    until(lambda: all(state_of(run).ended for run in runs), "both runs end")
    assert [state_of(run).status for run in runs] == ["completed", "completed"]
    assert state_of(runs[1]).first_wall > state_of(runs[0]).last_wall, "one after the other"


def test_a_run_queued_while_the_runner_ends_is_not_left_lying(session: Session) -> None:
    """Queued again and again around the moment at which the runner finds nothing more to do."""
    for _ in range(3):
        run = session.create_run(RunConfig.from_settings(SHORT))
        ensure_runner(session)
        until(lambda run=run: state_of(run).ended, "the run ends")  # type: ignore[misc]
    assert {state_of(run).status for run in session.runs()} == {"completed"}


def test_runner_and_trainer_outlive_who_started_them(session: Session) -> None:
    """Started from a shell of its own, which then gets a hang-up as when a terminal closes."""
    run = session.create_run(RunConfig.from_settings(LONG))
    code = (
        "import sys, time; from pathlib import Path; from rnnlab.engines.local import ensure_runner;"
        "from rnnlab.runs.folders import Session; ensure_runner(Session(Path(sys.argv[1])));"
        "print('ready', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(session.path)], stdout=subprocess.PIPE, start_new_session=True
    )
    with starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        until(lambda: state_of(run).step > 0, "the run trains")
        started = state_of(run).started
        assert started is not None
        groups = {os.getpgid(starter.pid), os.getpgid(started.pid), os.getpgid(runner_of(session))}
        assert len(groups) == 3, "starter, runner and trainer are three process groups"
        os.killpg(starter.pid, signal.SIGHUP)
        starter.wait()
    step = state_of(run).step
    until(lambda: state_of(run).step > step, "it trains on")
    run.send("stop")
    until(lambda: state_of(run).ended, "it stops")
    assert state_of(run).status == "stopped"


@pytest.mark.parametrize(
    "target",
    [pytest.param(each, marks=pytest.mark.slow if "app" in victims else ()) for each, victims in TARGETS.items()],
)
@pytest.mark.parametrize("delay", [0.13, *(pytest.param(other, marks=pytest.mark.slow) for other in (0.0, 0.4))])
def test_a_kill_loses_no_event_and_is_recorded_within_five_seconds(tmp_path: Path, target: str, delay: float) -> None:
    done = kill_once(tmp_path, target, delay, within=soon())
    assert done.problem == ""


@pytest.mark.parametrize("target", ["trainer", "trainer and runner"])
def test_a_killed_run_is_gone_on_with(tmp_path: Path, target: str) -> None:
    done = kill_once(tmp_path, target, 0.6, attempts=3, within=soon())
    assert done.problem == ""


def test_a_runner_killed_while_a_trainer_loads_starts_no_second_one(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(SHORT))
    ensure_runner(session)
    until(lambda: run.trainer_log_path.exists(), "the trainer is started")
    os.kill(runner_of(session), signal.SIGKILL)
    until(lambda: not runner_alive(session), "the runner is gone")
    ensure_runner(session)
    until(lambda: state_of(run).ended, "the run ends")
    records, damaged = read_records(run.events_path)
    assert damaged == 0
    assert sum(isinstance(record.data, RunStarted) for record in records) == 1
    assert state_of(run).status == "completed"


def test_a_run_called_off_while_it_waits_never_starts(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=1))
    first = session.create_run(RunConfig.from_settings(LONG))
    second = session.create_run(RunConfig.from_settings(SHORT))
    ensure_runner(session)
    until(lambda: state_of(first).step > 0, "the first trains")
    second.send("stop")
    until(lambda: state_of(second).ended, "the second is called off")
    assert state_of(second).status == "stopped"
    assert not second.trainer_log_path.exists()
    assert state_of(first).status != "failed"


def test_a_broken_run_folder_stops_no_other(session: Session) -> None:
    broken = session.create_run(RunConfig.from_settings(SHORT))
    broken.config_path.write_text("[optim]\nlr = -1\n")
    good = session.create_run(RunConfig.from_settings(SHORT))
    ensure_runner(session)
    until(lambda: state_of(good).ended and state_of(broken).ended, "both end")
    assert state_of(good).status == "completed"
    state = state_of(broken)
    assert state.status == "failed"
    assert "optim.lr = -1" in state.message


def test_a_dead_run_is_settled_by_who_looks_and_nothing_is_started(session: Session) -> None:
    session.write_info(SessionInfo("lab", attempts=0))
    dead = session.create_run(RunConfig.from_settings(SHORT))
    queued = session.create_run(RunConfig.from_settings(SHORT))
    data = DataSummary(task="binary", title="Binary", problem="regression", metric="mae", higher_is_better=False)
    with LogWriter(dead.events_path) as log:
        log.append(RunStarted(run=dead.name, config={}, data=data, model="LSTM 8"))
        log.append(Progress(epoch=1, step=1))
    with dead.events_path.open("ab") as file:
        file.write(b'{"seq":2,"wall":1.0,"to')  # torn by the crash
    assert [run.path for run in settle_session(session)] == [dead.path]
    records, damaged = read_records(dead.events_path)
    assert damaged == 0
    assert isinstance(records[-1].data, RunFailed)
    assert [record.seq for record in records] == [0, 1, 2]
    assert state_of(queued).status == "queued"
    assert not queued.events_path.exists()


def test_a_living_trainer_is_not_declared_dead(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(SHORT))
    data = DataSummary(task="binary", title="Binary", problem="regression", metric="mae", higher_is_better=False)
    with LogWriter(run.events_path) as log:
        log.append(RunStarted(run=run.name, config={}, data=data, model="LSTM 8"))
        assert settle_session(session) == []
        assert state_of(run).status == "training"


def test_the_trainer_yields_to_the_screen(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    until(lambda: state_of(run).step > 0, "the run trains")
    started = state_of(run).started
    assert started is not None
    process = psutil.Process(started.pid)
    assert process.nice() > min(psutil.Process().nice(), 18)
    assert started.threads == 1


def test_a_run_that_cannot_be_started_does_not_stop_the_others(session: Session) -> None:
    stuck, other = (session.create_run(RunConfig.from_settings(SHORT)) for _ in range(2))
    stuck.trainer_log_path.mkdir()
    Runner(session).work()
    assert (state_of(stuck).status, state_of(other).status) == ("queued", "completed")


def test_a_log_held_for_a_while_does_not_stop_the_others(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run called off while it waited, whose log somebody else has as the runner wants to say so."""
    stopped, other = (session.create_run(RunConfig.from_settings(SHORT)) for _ in range(2))
    stopped.send("stop")
    called_off, refused = runner.call_off, [stopped.path]

    def busy(run: RunFolder, last: Record | None) -> bool:
        if run.path in refused:
            refused.remove(run.path)
            raise LogBusy
        return called_off(run, last)

    monkeypatch.setattr(runner, "call_off", busy)
    Runner(session).work()
    assert (state_of(stopped).status, state_of(other).status) == ("stopped", "completed")
