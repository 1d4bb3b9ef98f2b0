"""Kills in a sweep on a cluster: trainers, a node and the submitting program, with -9; each run is there once, as without a kill.

    python -m benchmarks.reliability.cluster_kills [--quick] [--engine ray] [--runs 200] [--kills 20] [--updates 400] [--seed 0]

A Slurm cluster of two nodes is started on this machine (`benchmarks.slurm_cluster`), or a Ray cluster of three
(`benchmarks.ray_cluster`). A sweep of short runs is submitted to it and
its trainers are killed at random moments; halfway the program that submitted it is killed, and one node is, as a loss of power
would: it comes back later. In the end every run must have ended once, and its last weights must be the same bytes as those of
the same sweep trained one after the other on this machine alone. Linux; for Slurm root.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import ray_cluster, slurm_cluster
from benchmarks.options import parse
from benchmarks.ray_cluster import RayCluster
from benchmarks.slurm_cluster import SlurmCluster
from benchmarks.started_cluster import StartedCluster
from rnnlab.runs.events import RunFailed, RunFinished, RunStarted
from rnnlab.runs.folders import Session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.log_tail import read_last

PATIENCE = 900.0
"""Seconds that the sweep may take in all."""
NODE_DOWN = 15.0
"""Seconds after which the killed node comes back."""


@dataclass
class Outcome:
    """What came of it: `faults` is empty where each run is there once, as it was without a kill."""

    runs: int = 0
    kills: int = 0
    seconds: float = 0.0
    serial_seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def carry_out(cluster: StartedCluster, root: Path, *, runs: int, kills: int, updates: int, seed: int) -> Outcome:
    """Train the sweep serially and on the cluster with so many kills of trainers, a node and the submitting program."""
    random_ = random.Random(seed)
    outcome = Outcome()
    began = time.monotonic()
    sweep = ["sweep", "sinusoids", "--over", "model.hidden=4;6;8;10", "--seeds", str(max(1, runs // 4))]
    sweep += [
        "train.batch_size=8",
        "model.dropout=0.2",
        "train.patience=none",
        "runtime.threads=1",
        "train.epochs=1000",
    ]
    sweep += [f"train.updates={updates}", "--yes", "--plain"]
    serial = cluster.rnnlab(root / "serial", *sweep, "--session", "lab")
    if serial.wait(PATIENCE) != 0:
        outcome.faults.append("the sweep has failed without a kill")
        return outcome
    outcome.serial_seconds = time.monotonic() - began
    began = time.monotonic()
    submitting = cluster.rnnlab(root / "cluster", *sweep, "--session", "lab", *cluster.engine)
    session, deadline = Session(root / "cluster" / "lab"), time.monotonic() + PATIENCE
    node_back = None
    while (ended := _ended(session)) < runs:
        if time.monotonic() > deadline:
            outcome.faults.append(f"{ended} of {runs} runs have ended after {PATIENCE:.0f} s")
            break
        if outcome.kills < kills and ended >= runs * outcome.kills // (kills + 1):
            victims = cluster.trainers()
            if victims:
                with contextlib.suppress(psutil.Error):
                    random_.choice(victims).kill()
                    outcome.kills += 1
        if node_back is None and ended >= runs // 2:
            submitting.kill()
            cluster.kill_node("n2")
            node_back = time.monotonic() + NODE_DOWN
        if node_back is not None and time.monotonic() > node_back:
            node_back = float("inf")
            cluster.start_node("n2")
        time.sleep(random_.uniform(0.05, 0.3))
    if node_back is not None and node_back < float("inf"):
        cluster.start_node("n2")  # all was over before its time
    submitting.kill()
    submitting.wait()
    outcome.seconds = time.monotonic() - began
    outcome.runs = ended
    outcome.faults += _differences(Session(root / "serial" / "lab"), session)
    return outcome


def started(engine: str, root: Path) -> StartedCluster:
    """A cluster of this kind, to be entered."""
    return SlurmCluster(root / "slurm") if engine == "slurm" else RayCluster(root / "ray")


def _ended(session: Session) -> int:
    ended = 0
    for run in session.runs():
        with contextlib.suppress(OSError):
            last = read_last(run.events_path)
            ended += last is not None and isinstance(last.data, RunFinished | RunFailed)
    return ended


def _differences(serial: Session, session: Session) -> list[str]:
    """How the runs of the second session differ from those of the first, a sentence each."""
    found: list[str] = []
    expected = {run.config(): run for run in serial.runs()}
    seen: set[object] = set()
    for run in session.runs():
        config = run.config()
        if config in seen:
            found.append(f"{run.name} is there twice")
        seen.add(config)
        records = read_records(run.events_path)[0]
        numbers = [record.seq for record in records]
        if numbers != list(range(len(numbers))):
            found.append(f"{run.name}: the numbers of its events have gaps")
        if sum(isinstance(record.data, RunStarted) for record in records) != 1:
            found.append(f"{run.name} has not begun once")
        if not isinstance(records[-1].data, RunFinished) or records[-1].data.outcome not in ("completed", "early stop"):
            found.append(f"{run.name} has ended with {records[-1].data}")
        elif config not in expected:
            found.append(f"{run.name} is no run of the sweep")
        elif _sum(run.last_path) != _sum(expected[config].last_path):
            found.append(f"{run.name}: its weights are others than without a kill")
    found += [f"{run.name} is missing" for config, run in expected.items() if config not in seen]
    return found


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Carry it out. Exit code 1 where something is other than without a kill."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--engine", choices=["slurm", "ray"], default="slurm")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--updates", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parse(parser, runs=8, kills=1, updates=100)
    module = slurm_cluster if chosen.engine == "slurm" else ray_cluster
    if reason := module.missing():
        print(f"not carried out: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="rnnlab-cluster-") as folder:
        root = Path(folder)
        os.environ["RNNLAB_STATE"] = str(root / "state-of-person")
        with started(chosen.engine, root) as cluster:
            outcome = carry_out(
                cluster, root, runs=chosen.runs, kills=chosen.kills, updates=chosen.updates, seed=chosen.seed
            )
    print(
        f"{outcome.runs} of {chosen.runs} runs, {outcome.kills} trainers, one node and the submitting program killed: "
        f"{outcome.seconds:.0f} s, one after the other {outcome.serial_seconds:.0f} s"
    )
    for fault in outcome.faults:
        print(fault)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
