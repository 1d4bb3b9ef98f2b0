"""What a cluster costs beside the machine itself: seconds a run, and seconds from the command to the first event.

    python -m benchmarks.cluster_overhead [--quick] [--runs 20]

The same sweep of short runs is trained one after the other by the runner of this machine and by one pilot of a Slurm cluster that
is started on it (`benchmarks.slurm_cluster`). A run's seconds are those between the first and the last event of the session,
divided by its runs. Linux, root.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import parse
from benchmarks.slurm_cluster import SlurmCluster, missing
from rnnlab.runs.folders import Session
from rnnlab.runs.log_reader import read_records

_PATIENCE = 600.0


@dataclass(frozen=True)
class Cost:
    """Seconds from the command to the first event of the session, and seconds a run from then on."""

    begun: float
    each: float


def measure(cluster: SlurmCluster, root: Path, runs: int, *engine: str) -> Cost:
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
    parser.add_argument("--runs", type=int, default=20)
    chosen = parse(parser, runs=4)
    if reason := missing():
        print(f"not measured: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="rnnlab-cluster-") as folder:
        root = Path(folder)
        os.environ["RNNLAB_STATE"] = str(root / "state-of-person")
        with SlurmCluster(root / "slurm") as cluster:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one run at a time here, too
            here = measure(cluster, root / "here", chosen.runs)
            there = measure(cluster, root / "there", chosen.runs, "--engine", "slurm")
    print(f"this machine   first event after {here.begun:5.2f} s, {here.each:5.2f} s a run")
    print(f"one pilot      first event after {there.begun:5.2f} s, {there.each:5.2f} s a run")
    print(f"overhead       {there.each - here.each:+.2f} s a run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
