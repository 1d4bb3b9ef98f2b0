"""What a cluster costs beside the machine itself: seconds a run, and seconds from the command to the first event.

    python -m benchmarks.cluster_overhead [--quick] [--engine ray] [--runs 20]

The same sweep of short runs is trained one after the other by the runner of this machine and by one pilot of a cluster that is
started on it (`benchmarks.slurm_cluster`, `benchmarks.ray_cluster`). A run's seconds are those between the first and the last
event of the session, divided by its runs. Linux; for Slurm root.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ray_cluster, slurm_cluster
from benchmarks.options import parse
from benchmarks.ray_cluster import RayCluster
from benchmarks.slurm_cluster import SlurmCluster
from benchmarks.started_cluster import StartedCluster
from rnnlab.runs.folders import Session
from rnnlab.runs.log_reader import read_records

_PATIENCE = 600.0


@dataclass(frozen=True)
class Cost:
    """Seconds from the command to the first event of the session, and seconds a run from then on."""

    begun: float
    each: float


def measure(cluster: StartedCluster, root: Path, runs: int, *engine: str) -> Cost:
    """Train a sweep of so many short runs, one after the other."""
    root.mkdir()
    command = ["sweep", "parity", "--over", "model.hidden=4;8", "--epochs", "2", "--plain", "runtime.threads=1"]
    asked = time.time()
    if cluster.rnnlab(root, *command, "--seeds", str(runs // 2), "--session", "lab", *engine).wait(_PATIENCE) != 0:
        raise OSError("the sweep has failed: see the session's logs")
    walls = [record.wall for run in Session(root / "lab").runs() for record in read_records(run.events_path)[0]]
    return Cost(min(walls) - asked, (max(walls) - min(walls)) / runs)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--engine", choices=["slurm", "ray"], default="slurm")
    parser.add_argument("--runs", type=int, default=20)
    chosen = parse(parser, runs=4)
    slurm = chosen.engine == "slurm"
    if reason := slurm_cluster.missing() if slurm else ray_cluster.missing():
        print(f"not measured: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="rnnlab-cluster-") as folder:
        root = Path(folder)
        os.environ["RNNLAB_STATE"] = str(root / "state-of-person")
        started: StartedCluster = SlurmCluster(root / "slurm") if slurm else RayCluster(root / "ray", ("n0",))
        with started as cluster:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one run at a time here, too
            here = measure(cluster, root / "here", chosen.runs)
            there = measure(cluster, root / "there", chosen.runs, "--engine", chosen.engine, "--array", "1")
    print(f"this machine   first event after {here.begun:5.2f} s, {here.each:5.2f} s a run")
    print(f"one pilot      first event after {there.begun:5.2f} s, {there.each:5.2f} s a run")
    print(f"overhead       {there.each - here.each:+.2f} s a run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
