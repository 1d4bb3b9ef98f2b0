"""Sweeps on a real Slurm cluster of two nodes on this machine: `pytest -m slurm`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability.cluster_kills import carry_out
from benchmarks.slurm_cluster import SlurmCluster, missing
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import standing
from tests.cluster.commands import ENDLESS
from tests.cluster.on_cluster import rnnlab
from tests.cluster.on_slurm import end_jobs
from tests.engines.running import starts, until

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    with SlurmCluster(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture
def session(cluster: SlurmCluster, tmp_path: Path) -> Iterator[Session]:
    """The session `lab`, alone on the cluster; its jobs are ended with the test."""
    end_jobs(cluster)  # a killed node's job comes back into the queue, if only to find that all is done
    yield Session(tmp_path / "lab")
    end_jobs(cluster)


def jobs(cluster: SlurmCluster) -> list[list[str]]:
    """Number, state and node of every job that waits or runs."""
    lines = cluster.call("squeue", "--noheader", "--array", "--format=%A %T %N").splitlines()
    return [line.split() for line in lines]


def test_each_run_is_there_once_whatever_is_killed(cluster: SlurmCluster, tmp_path: Path) -> None:
    """Six trainers, a node and the submitting program are killed; weights are those of the same sweep on one machine."""
    outcome = carry_out(cluster, tmp_path, runs=60, kills=6, updates=100, seed=0)
    assert outcome.faults == []
    assert (outcome.runs, outcome.kills) == (60, 6)
    cluster.wait_for(2)


def test_the_jobs_are_a_line_of_the_status_and_end_with_a_stop(cluster: SlurmCluster, session: Session) -> None:
    options = ("--engine", "slurm", "--array", "6", "--cpus", "2", "--session", "lab", "--detach")
    rnnlab(cluster.environment, session, *ENDLESS, *options)
    # A node that was killed before may be back a little later; the first pilot trains two runs at once.
    until(lambda: sum(state == "RUNNING" for _, state, *_ in jobs(cluster)) == 2, "a pilot runs on each node")
    until(lambda: all(standing(run).state == "training" for run in session.runs()), "all three runs train")
    status = rnnlab(cluster.environment, session, "sweep", "lab", "--status").stdout
    assert "Slurm: 2 pilots run on n1, n2; 1 waits (Resources)" in status
    assert {start.host for run in session.runs() for start in starts(run)} == {"n1", "n2"}

    rnnlab(cluster.environment, session, "sweep", "lab", "--stop")
    until(lambda: not jobs(cluster), "every job has ended")
    assert [standing(run).state for run in session.runs()] == ["ended", "ended", "ended"]


def test_a_job_whose_time_is_up_goes_back_into_the_queue_and_on_from_what_was_saved(
    cluster: SlurmCluster, session: Session
) -> None:
    rnnlab(cluster.environment, session, *ENDLESS, "--engine", "slurm", "--session", "lab", "--detach")
    run = session.runs()[0]
    until(lambda: run.resume_path.exists(), "its state was saved")
    [[number, _, _]] = jobs(cluster)
    cluster.call("scancel", "--batch", "--signal=USR1", number)  # as Slurm does a minute before the end
    until(lambda: len(starts(run)) == 2, "it goes on", 120)
    assert [job[0] for job in jobs(cluster)] == [number]


def test_a_refusal_is_in_the_words_of_slurm_and_loses_no_run(cluster: SlurmCluster, session: Session) -> None:
    refused = rnnlab(
        cluster.environment,
        session,
        *ENDLESS,
        "--engine",
        "slurm",
        "--partition",
        "none",
        "--session",
        "lab",
        "--detach",
        code=2,
    )
    assert "Slurm has refused: sbatch: error: invalid partition specified: none" in refused.stderr
    assert len(session.runs()) == 3
    rnnlab(
        cluster.environment,
        session,
        *ENDLESS,
        "--engine",
        "slurm",
        "--partition",
        "short",
        "--session",
        "lab",
        "--detach",
    )
    until(lambda: any(standing(run).state == "training" for run in session.runs()), "it trains")
    assert len(session.runs()) == 3


def test_pilots_decide_what_a_sweep_with_rungs_does_next(cluster: SlurmCluster, session: Session) -> None:
    arguments = ("sweep", "parity", "--over", "model.hidden=4;8;16", "--halving", "always", "--epochs", "27", "--plain")
    done = rnnlab(
        cluster.environment, session, *arguments, "--engine", "slurm", "--array", "2", "--session", "lab", "--json"
    )
    runs = json.loads(done.stdout)["runs"]
    assert sorted(each["status"] for each in runs).count("completed") == 1
    assert not (session.path / "sweep.lock").exists()  # no process of the login node has decided
