"""Sweeps on a real Ray cluster of three nodes on this machine, and on one that the engine starts: `pytest -m ray`."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.ray_cluster import RayCluster, missing
from benchmarks.reliability.cluster_kills import carry_out
from benchmarks.started_cluster import command_of
from rnnlab.claims import find_claim
from rnnlab.engines.clusters.ray_engine import STATE, owner_alive
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import standing
from tests.cluster.commands import ENDLESS
from tests.cluster.on_cluster import rnnlab
from tests.engines.running import starts, until

pytestmark = [pytest.mark.ray, pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    with RayCluster(tmp_path_factory.mktemp("ray")) as started:
        yield started


@pytest.fixture
def session(cluster: RayCluster, tmp_path: Path) -> Iterator[Session]:
    """The session `lab`, stopped with the test."""
    session = Session(tmp_path / "lab")
    yield session
    with contextlib.suppress(AssertionError):
        rnnlab(cluster.environment, session, "sweep", "lab", "--stop")
    until(lambda: not owner_alive(session), "nobody owns it")


def owner_of(session: Session) -> int:
    """The process of the session's owner; 0 where none lives."""
    found = find_claim(session.path / STATE)
    return found.owner.pid if found is not None and found.owner is not None and found.owner.alive else 0


def test_each_run_is_there_once_whatever_is_killed(cluster: RayCluster, tmp_path: Path) -> None:
    """Six trainers, a node and the submitting program are killed; weights are those of the same sweep on one machine."""
    outcome = carry_out(cluster, tmp_path, runs=60, kills=6, updates=100, seed=0)
    assert outcome.faults == []
    assert (outcome.runs, outcome.kills) == (60, 6)


def test_pilots_are_a_line_of_the_status_and_end_with_a_stop(cluster: RayCluster, session: Session) -> None:
    rnnlab(cluster.environment, session, *ENDLESS, "--engine", "ray", "--array", "6", "--session", "lab", "--detach")
    until(lambda: all(standing(run).state == "training" for run in session.runs()), "all three runs train")
    status = rnnlab(cluster.environment, session, "sweep", "lab", "--status").stdout
    assert "Ray: 3 pilots run on" in status

    # Killed, the owner comes back, and what is trained meanwhile goes on.
    killed = owner_of(session)
    os.kill(killed, 9)
    until(lambda: owner_of(session) not in (0, killed), "the owner is back")
    until(lambda: all(standing(run).state == "training" for run in session.runs()), "all three runs train again")

    rnnlab(cluster.environment, session, "sweep", "lab", "--stop")
    until(lambda: not owner_alive(session), "the owner has ended")
    assert [standing(run).state for run in session.runs()] == ["ended", "ended", "ended"]
    assert not any("sweeps.processes.pilot" in " ".join(command_of(each)) for each in cluster.processes())


def test_pilots_decide_what_a_sweep_with_rungs_does_next(cluster: RayCluster, session: Session) -> None:
    arguments = ("sweep", "parity", "--over", "model.hidden=4;8;16", "--halving", "always", "--epochs", "27", "--plain")
    done = rnnlab(cluster.environment, session, *arguments, "--engine", "ray", "--session", "lab", "--json")
    runs = json.loads(done.stdout)["runs"]
    assert sorted(each["status"] for each in runs).count("completed") == 1
    assert not (session.path / "sweep.lock").exists()  # no process of this machine has decided


def test_a_cluster_that_this_machine_starts_is_for_this_person_alone(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment |= {"RNNLAB_STATE": str(tmp_path / "state"), "RAY_AUTH_TOKEN": "of another cluster"}
    session = Session(tmp_path / "sessions" / "lab")
    try:
        sweep = ("sweep", "parity", "--over", "model.hidden=4;6", "--seeds", "2", "--epochs", "2", "--plain", "--yes")
        done = rnnlab(environment, session, *sweep, "--engine", "ray", "--session", "lab", "--json")
        assert [each["status"] for each in json.loads(done.stdout)["runs"]] == ["completed"] * 4
        assert all(len(starts(run)) == 1 for run in session.runs())

        assert listened_at(processes(tmp_path)) == {"127.0.0.1"}

        secrets = {name: (tmp_path / "state" / name).read_text() for name in ("ray.token", address_file(tmp_path))}
        for name in secrets:
            assert stat.S_IMODE((tmp_path / "state" / name).stat().st_mode) == 0o600
        for path in session.path.rglob("*"):
            if path.is_file():
                text = path.read_bytes()
                assert not any(secret.encode() in text for secret in secrets.values()), path

        alone = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # else Ray asks at an address that others reach
        stranger = {**environment, **alone, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
        program = f"import ray; ray.init(address={secrets[address_file(tmp_path)]!r}); print(ray.nodes())"
        refused = subprocess.run(
            [sys.executable, "-c", program], env=stranger, capture_output=True, text=True, timeout=120, check=False
        )
        assert refused.returncode != 0
        assert "oken" in refused.stderr

        left = processes(tmp_path)
        [head] = [each for each in left if "rnnlab.engines.clusters.ray_head" in command_of(each)]
        head.terminate()
        psutil.wait_procs(left, 60)
        assert not [each for each in left if each.is_running()]
        assert not list((tmp_path / "state").glob("ray-*.address"))
    finally:
        for process in processes(tmp_path):
            with contextlib.suppress(psutil.Error):
                process.kill()


def address_file(root: Path) -> str:
    return next((root / "state").glob("ray-*.address")).name


def processes(root: Path) -> list[psutil.Process]:
    """The processes that commands with this person's state have started, and theirs."""
    found = set[psutil.Process]()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("RNNLAB_STATE") == str(root / "state"):
                found |= {process, *process.children(recursive=True)}
    return list(found)


def listened_at(processes: list[psutil.Process]) -> set[str]:
    """The addresses at which the processes take connections."""
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):  # a pilot that has just ended
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add(connection.laddr.ip.removeprefix("::ffff:"))
    return found
