"""Sweeps on a real Ray cluster whose nodes do not see the session's folder, each in a mount namespace of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.ray_cluster import RayCluster, missing
from benchmarks.reliability.cluster_kills import carry_out
from rnnlab.claims import find_claim
from rnnlab.engines.clusters.ray_engine import STATE, owner_alive
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import standing
from tests.cluster.commands import ENDLESS
from tests.cluster.on_cluster import rnnlab
from tests.engines.running import starts, state_of, until

_APART = os.geteuid() == 0 and shutil.which("unshare") is not None
pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.skipif(not _APART, reason="folders are hidden from a node by root and unshare alone"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the head alone sees."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[RayCluster]:
    with RayCluster(tmp_path_factory.mktemp("ray"), hidden=folder) as started:
        yield started


def test_each_run_comes_home_once_whatever_is_killed(cluster: RayCluster, folder: Path) -> None:
    """Trainers, a node and the submitting program are killed; weights are those of the same sweep on one machine."""
    outcome = carry_out(cluster, folder, runs=12, kills=3, updates=100, seed=0)
    assert outcome.faults == []
    assert (outcome.runs, outcome.kills) == (12, 3)
    trained = [start.pid for run in Session(folder / "cluster" / "lab").runs() for start in starts(run)]
    assert len(trained) >= 12


def test_runs_go_on_after_their_owner_was_killed_and_a_stop_reaches_them(cluster: RayCluster, folder: Path) -> None:
    session = Session(folder / "lab")
    try:
        rnnlab(
            cluster.environment, session, *ENDLESS, "--engine", "ray", "--array", "3", "--session", "lab", "--detach"
        )
        until(lambda: all(standing(run).state == "training" for run in session.runs()), "all three runs train", 180)
        elsewhere = [run for run in session.runs() if (run.path / "lent.json").exists()]
        assert len(elsewhere) == 2, "two nodes do not see the folder"
        before = {run: len(starts(run)) for run in elsewhere}
        found = find_claim(session.path / STATE)
        assert found is not None
        assert found.owner is not None
        killed = found.owner.pid
        os.kill(killed, 9)
        until(lambda: not psutil.pid_exists(killed) and owner_alive(session), "the owner is back", 120)
        until(
            lambda: all(len(starts(run)) > before[run] for run in session.runs() if run in before),
            "they begin again",
            180,
        )
        until(lambda: all(state_of(run).epoch > 1 for run in session.runs()), "all three train on", 180)
        rnnlab(cluster.environment, session, "sweep", "lab", "--stop")
        until(lambda: not owner_alive(session), "the owner has ended", 120)
        assert [standing(run).state for run in session.runs()] == ["ended", "ended", "ended"]
        assert all(run.last_path.exists() for run in session.runs())
    finally:
        with contextlib.suppress(AssertionError):
            rnnlab(cluster.environment, session, "sweep", "lab", "--stop")
        until(lambda: not owner_alive(session), "nobody owns it", 120)
