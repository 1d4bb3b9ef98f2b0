"""How jobs ended, reported by a real Slurm: from its accounts where it keeps some, else from what its scheduler still knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.slurm_cluster import SlurmCluster, missing, missing_accounts
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import standing
from tests.cluster.commands import ENDLESS
from tests.cluster.on_cluster import rnnlab
from tests.cluster.on_slurm import end_jobs
from tests.engines.running import until

pytestmark = pytest.mark.slurm


@pytest.fixture(
    params=[
        pytest.param(False, id="scheduler", marks=pytest.mark.skipif(bool(missing()), reason=missing())),
        pytest.param(
            True, id="accounts", marks=pytest.mark.skipif(bool(missing_accounts()), reason=missing_accounts())
        ),
    ]
)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    with SlurmCluster(tmp_path_factory.mktemp("slurm"), accounts=request.param) as started:
        yield started


def test_a_pilot_that_was_killed_and_one_that_was_cancelled_are_told_apart(
    cluster: SlurmCluster, tmp_path: Path
) -> None:
    session = Session(tmp_path / "lab")
    rnnlab(cluster.environment, session, *ENDLESS, "--engine", "slurm", "--array", "2", "--session", "lab", "--detach")
    until(lambda: sum(standing(run).state == "training" for run in session.runs()) == 2, "two runs train")
    listed = cluster.call("squeue", "--noheader", "--array", "--states=RUNNING", "--format=%i").split()
    killed, cancelled = sorted(listed)
    cluster.call("scancel", "--batch", "--signal=KILL", killed)
    cluster.call("scancel", cancelled)
    until(lambda: not cluster.call("squeue", "--noheader").strip(), "both have ended")

    def status() -> str:
        return rnnlab(cluster.environment, session, "sweep", "lab", "--status").stdout

    until(lambda: "2 jobs have ended: " in status(), "both are reported")  # accounts come a little later
    assert f"job {killed}: failed on n" in status()
    assert ", exit code 0:9" in status()
    assert f"see slurm-{killed}.log" in status()
    assert (session.path / f"slurm-{killed}.log").exists()
    assert f"job {cancelled}: cancelled on n" in status()
    document = json.loads(rnnlab(cluster.environment, session, "sweep", "lab", "--status", "--json").stdout)
    assert {each["number"]: each["state"] for each in document["jobs"]} == {killed: "FAILED", cancelled: "CANCELLED"}
    end_jobs(cluster)


def test_what_the_scheduler_has_forgotten_is_said(cluster: SlurmCluster, tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    rnnlab(
        cluster.environment,
        session,
        "sweep",
        "parity",
        "--seeds",
        "2",
        "--epochs",
        "1",
        "--plain",
        "--engine",
        "slurm",
        "--session",
        "lab",
    )
    until(
        lambda: (
            "1 job has ended: 1 completed" in rnnlab(cluster.environment, session, "sweep", "lab", "--status").stdout
        ),
        "it is reported",
    )
    cluster.forget_jobs()
    status = rnnlab(cluster.environment, session, "sweep", "lab", "--status").stdout
    assert ("1 job has ended: 1 completed" in status) == cluster.accounts
    assert ("Slurm no longer knows (its accounting is off)" in status) != cluster.accounts
