"""What the tests of Slurm do on its cluster."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.slurm_cluster import SlurmCluster
from rnnlab.runs.folders import Session
from tests.engines.running import until


def end_jobs(cluster: SlurmCluster) -> None:
    cluster.call("scancel", "--user=root")
    until(lambda: not cluster.call("squeue", "--noheader").strip(), "no job is left")


def rnnlab(cluster: SlurmCluster, session: Session, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """One command of a person on the login node."""
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", *arguments],
        env={**cluster.environment, "RNNLAB_SESSIONS": str(session.path.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done
