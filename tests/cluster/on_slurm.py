"""What the tests of Slurm do on its cluster."""

from __future__ import annotations

from benchmarks.slurm_cluster import SlurmCluster
from tests.engines.running import until


def end_jobs(cluster: SlurmCluster) -> None:
    cluster.call("scancel", "--user=root")
    until(lambda: not cluster.call("squeue", "--noheader").strip(), "no job is left")
