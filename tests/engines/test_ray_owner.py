"""The owner of a session on Ray, and its pilots, with Ray's part played by the test: who is asked for, and when it is over."""

from __future__ import annotations

import importlib.util
import os
import socket
import stat
import subprocess
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import psutil
import pytest

from rnnlab.config import RunConfig
from rnnlab.engines.clusters import ray_engine
from rnnlab.engines.clusters.dispatch import cluster_of, pilots_text
from rnnlab.engines.clusters.ray_engine import STATE, Kept, RayOptions, kept_options, owner_alive
from rnnlab.engines.clusters.signed import write_signed
from rnnlab.errors import UsageError
from rnnlab.machine import host
from rnnlab.runs.events import ResumeAsked, RunFinished
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import standing
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.queue_entry import read_entry
from rnnlab.sweeps.kept import mark_stopped
from rnnlab.sweeps.processes.ray_owner import Owner
from rnnlab.sweeps.processes.ray_pilot import Asked, Ended, pilot_task
from tests.engines.running import starts, until

SETTINGS = {"task.name": "parity", "train.epochs": 1, "runtime.threads": 1}


class FakeRay:
    """A cluster with room for three pilots, which end as the test says."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.ended: dict[int, Ended | None] = {}
        self.forgotten: set[int] = set()
        self.over = False
        self.polls = 0

    def ask(self, number: int, kept: Kept) -> Any:
        self.asked.append(number)
        return len(self.asked)

    def gather(self, pilots: list[Any]) -> list[tuple[Any, Ended | None]]:
        return [(each, self.ended.pop(each)) for each in pilots if each in self.ended]

    def wait(self, pilots: list[Any], seconds: float) -> None:
        self.polls += 1
        time.sleep(0.02)

    def forget(self, pilot: Any) -> None:
        self.forgotten.add(pilot)
        self.ended[pilot] = None

    def room(self, options: RayOptions) -> int:
        return 3

    def end(self) -> None:
        self.over = True


@pytest.fixture
def fake() -> FakeRay:
    return FakeRay()


def on_ray(session: Session, **options: Any) -> None:
    write_signed(session.path / ray_engine.NAME, Kept(RayOptions(**options)))


def queue(session: Session, runs: int) -> None:
    for seed in range(runs):
        session.create_run(RunConfig.from_settings({**SETTINGS, "train.seed": seed}))


def outcome(run: RunFolder) -> str:
    """How the run's log says that it ended."""
    last = read_last(run.events_path)
    return last.data.outcome if last is not None and isinstance(last.data, RunFinished) else ""


def finish(session: Session, fake: FakeRay) -> None:
    """Stop the session, and have every pilot end."""
    mark_stopped(session)
    fake.ended |= {pilot: Ended(0, 60.0) for pilot in range(1, len(fake.asked) + 1)}
    until(lambda: fake.over, "the owner has ended")


@pytest.mark.parametrize(("runs", "most", "pilots"), [(2, 0, 2), (5, 0, 3), (5, 2, 2)])
def test_there_are_no_more_pilots_than_runs_nor_than_room_nor_than_allowed(
    session: Session, fake: FakeRay, runs: int, most: int, pilots: int
) -> None:
    queue(session, runs)
    on_ray(session, array=most)
    owner = Owner(session, fake)
    assert owner.ready() == ""
    assert owner_alive(session)
    until(lambda: len(fake.asked) == pilots, "pilots are asked for")
    polls = fake.polls
    until(lambda: fake.polls > polls + 5, "it has polled the session again and again")
    assert sorted(fake.asked) == list(range(pilots))
    finish(session, fake)
    assert not owner_alive(session)


def test_another_pilot_takes_the_place_of_one_that_was_lost(session: Session, fake: FakeRay) -> None:
    queue(session, 2)
    on_ray(session)
    owner = Owner(session, fake)
    until(lambda: len(fake.asked) == 2, "two pilots")
    owner.begun(0, "n1")
    owner.begun(1, "n2")
    until(lambda: pilots_text(session) == "Ray: 2 pilots run on n1, n2", "both have begun")
    fake.ended[1] = None
    until(lambda: len(fake.asked) == 3, "a third pilot")
    assert fake.asked == [0, 1, 0]
    until(lambda: pilots_text(session) == "Ray: 1 pilot runs on n2; 1 waits for room", "one has begun")
    finish(session, fake)


def test_a_stop_calls_off_the_pilots_that_wait_and_the_runs_nobody_has(session: Session, fake: FakeRay) -> None:
    queue(session, 2)
    on_ray(session)
    owner = Owner(session, fake)
    until(lambda: len(fake.asked) == 2, "two pilots")
    owner.begun(0, "n1")
    for run in session.runs():
        run.send("stop")
    mark_stopped(session)
    until(lambda: fake.forgotten == {2}, "the one that waits is called off")
    assert not fake.over
    fake.ended[1] = Ended(0, 60.0)
    until(lambda: fake.over, "the owner has ended")
    assert [outcome(run) for run in session.runs()] == ["stopped", "stopped"]


def test_pilots_that_end_at_once_are_not_asked_for_for_ever(
    session: Session, fake: FakeRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlab.sweeps.processes.ray_owner._PAUSE", 0.1)
    queue(session, 1)
    on_ray(session)
    problem = pilot_task(Asked("/nowhere/lab", "", 0, 1, {}), lambda _node: None)
    assert "does not see /nowhere/lab" in problem.problem
    Owner(session, fake)
    for number in (1, 2, 3):
        until(lambda number=number: len(fake.asked) == number, "a pilot")  # type: ignore[misc]
        fake.ended[number] = problem
    until(lambda: fake.over, "the owner has given up")
    assert len(fake.asked) == 3
    assert "does not see /nowhere/lab" in pilots_text(session)
    assert session.runs()[0].path.exists()


def test_runs_that_every_pilot_leaves_alone_are_not_asked_for_for_ever(
    session: Session, fake: FakeRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlab.sweeps.processes.ray_owner._PAUSE", 0.1)
    queue(session, 1)
    on_ray(session)
    Owner(session, fake)
    for number in (1, 2, 3):
        until(lambda number=number: len(fake.asked) == number, "a pilot")  # type: ignore[misc]
        fake.ended[number] = Ended(0, 1.0)
    until(lambda: fake.over, "the owner has given up")
    assert "pilots leave 1 run alone" in pilots_text(session)


def test_a_run_whose_settings_were_changed_since_asks_for_no_pilot(session: Session, fake: FakeRay) -> None:
    queue(session, 1)
    on_ray(session)
    path = session.runs()[0].config_path
    path.write_text(path.read_text().replace("epochs = 1", "epochs = 2"))
    Owner(session, fake)
    until(lambda: fake.over, "the owner has ended")
    assert not fake.asked


def test_a_pilot_trains_what_waits_and_knows_neither_address_nor_token_of_ray(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_ray(session)
    queue(session, 1)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "hidden")
    known: list[str] = []

    def begun(_node: str) -> None:
        pilots = [each for each in psutil.Process().children() if "rnnlab.sweeps.processes.pilot" in each.cmdline()]
        known.extend(name for each in pilots for name in each.environ())

    assert pilot_task(Asked(str(session.path), "", 3, 1, {}), begun).code == 0
    assert "RNNLAB_RAY_CORES" in known
    assert not [name for name in known if name.startswith("RAY_")]
    assert (session.path / "ray-3.log").exists()
    assert [outcome(run) for run in session.runs()] == ["completed"]


def test_a_pilot_whose_task_is_killed_saves_the_state_of_its_runs_and_queues_them_again(session: Session) -> None:
    on_ray(session)
    run = session.create_run(RunConfig.from_settings({**SETTINGS, "train.epochs": 100_000, "train.patience": None}))
    program = (
        "import sys; from rnnlab.sweeps.processes.ray_pilot import Asked, pilot_task\n"
        "pilot_task(Asked(sys.argv[1], '', 0, 1, {}), print)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(session.path)], stdout=subprocess.DEVNULL) as task:
        until(lambda: standing(run).state == "training" and run.resume_path.exists(), "it trains")
        processes = psutil.Process(task.pid).children(recursive=True)
        assert starts(run)[0].pid in [each.pid for each in processes]
        for each in psutil.Process(task.pid).children():
            each.kill()  # as Ray does with its workers' children
        task.kill()
    until(lambda: not any(each.is_running() for each in processes), "pilot and trainer have ended")
    last = read_last(run.events_path)
    assert last is not None
    assert isinstance(last.data, ResumeAsked)
    assert last.data.attempt == 0


def test_a_node_that_sees_another_folder_at_the_path_trains_nothing(session: Session) -> None:
    on_ray(session)
    queue(session, 1)
    ended = pilot_task(Asked(str(session.path), "another", 0, 1, {}), lambda _node: None)
    assert (ended.code, "does not see" in ended.problem) == (1, True)
    assert not session.runs()[0].events_path.exists()


def test_a_node_without_the_secret_trains_nothing_and_is_named(session: Session, tmp_path: Path) -> None:
    on_ray(session)
    queue(session, 1)
    environment = {"RNNLAB_STATE": str(tmp_path / "elsewhere")}
    ended = pilot_task(Asked(str(session.path), "", 0, 1, environment), lambda _node: None)
    assert f"the node {host()} does not have your secret" in ended.problem
    assert os.environ.get("RNNLAB_STATE") != environment["RNNLAB_STATE"]


def test_what_a_session_from_elsewhere_says_does_not_count(session: Session) -> None:
    (session.path / ray_engine.NAME).write_text('signature = "0"\n\n[options]\naddress = "elsewhere:6379"\n')
    assert kept_options(session) is None
    assert cluster_of(session) is None


def test_nobody_else_can_read_the_address(session: Session) -> None:
    on_ray(session, address="head:6379")
    assert stat.S_IMODE((session.path / ray_engine.NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("words", [["--ray-address", "head:6379"], ["--ray-address=head:6379"]])
def test_the_address_is_not_recorded_with_the_command(
    session: Session, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rnnlab", "sweep", "names", "--engine", "ray", *words, "--seeds", "2"])
    entry = read_entry(session.create_run(RunConfig.from_settings(SETTINGS)).path)
    assert entry is not None
    assert entry.argv == ("rnnlab", "sweep", "names", "--engine", "ray", "--seeds", "2")


@pytest.mark.parametrize("address", ["head", "head:6379", "ray://10.0.0.1:10001", "auto", "[::1]:6379"])
def test_addresses_of_ray_are_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "ray_installed", lambda: True)
    assert ray_engine.check_options(RayOptions(address=address)).address == address


@pytest.mark.parametrize("address", ["http://head:8265", "a b", "head:port", "$(x)", "\n"])
def test_other_texts_are_not(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "ray_installed", lambda: True)
    with pytest.raises(UsageError, match="--ray-address is HOST:PORT"):
        ray_engine.check_options(RayOptions(address=address))


def rnnlab(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rnnlab", *arguments],
        env={**os.environ, "RNNLAB_SESSIONS": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


SWEEP = ("sweep", "parity", "--over", "model.hidden=4;8", "--detach")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--engine", "ray", "--partition", "short"), "--partition is an option of --engine slurm"),
        (("--engine", "slurm", "--ray-address", "a:1"), "--ray-address is an option of --engine ray"),
        (("--cpus", "2"), "--cpus is an option of --engine slurm or --engine ray"),
        (("--engine", "ray", "--gpus", "a100:1"), "Ray takes a number, such as 1 or 0.5"),
        (("--engine", "ray", "--gpus", "1.5"), "Ray shares one GPU, such as 0.5, or gives whole ones"),
    ],
)
def test_options_of_another_engine_are_refused(tmp_path: Path, options: tuple[str, ...], sentence: str) -> None:
    done = rnnlab(tmp_path, *SWEEP, *options)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert not list(tmp_path.iterdir())


def test_where_ray_is_missing_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    find_spec = importlib.util.find_spec

    def without_ray(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "ray" else find_spec(name, package)

    monkeypatch.setattr("importlib.util.find_spec", without_ray)
    with pytest.raises(UsageError, match=r"pip install 'rnnlab\[ray\]'"):
        ray_engine.check_options(RayOptions())
    with pytest.raises(UsageError, match=r"pip install 'rnnlab\[ray\]'"):
        ray_engine.ensure_owner(session)
    assert not (session.path / STATE).exists()


@pytest.mark.skipif(not ray_engine.ray_installed(), reason="Ray is not installed: pip install 'rnnlab[ray]'")
def test_a_cluster_that_is_not_there_is_told_at_once_and_loses_no_run(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = rnnlab(tmp_path, *SWEEP, "--engine", "ray", "--ray-address", address, "--session", "lab")
    assert done.returncode == 2
    assert "no Ray cluster answers" in done.stderr
    assert address not in done.stderr
    assert len(Session(tmp_path / "lab").runs()) == 2
