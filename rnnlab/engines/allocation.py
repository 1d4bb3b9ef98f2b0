"""The allocation of a cluster that this process runs in: which job it is, and how many cores are its own."""

from __future__ import annotations

import os

from rnnlab.cores import cores
from rnnlab.runs.queue_entry import QUEUED_ON

RAY_CORES = "RNNLAB_RAY_CORES"
"""Set for the pilots of a Ray cluster: how many cores Ray has given them."""
RAY_PILOT = "RNNLAB_RAY_PILOT"
"""Set beside it: the number of the pilot among those of its session, from 0."""


def in_allocation() -> bool:
    """Whether this process is within a cluster's job. What it starts must end with the job, so it does not detach."""
    return bool(os.environ.get(RAY_CORES) or os.environ.get("SLURM_JOB_ID"))


def in_ray() -> bool:
    """Whether this process is within a task of a Ray cluster, which may itself lie within a job of Slurm's."""
    return bool(os.environ.get(RAY_CORES))


def within_pilot() -> bool:
    """Whether this process is a pilot's, whose script says where its runs were queued."""
    return in_allocation() and bool(os.environ.get(QUEUED_ON))


def allocated_cores() -> int:
    """The cores of the allocation on this node; all that this process may use where the cluster does not tell."""
    for name in (RAY_CORES, "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"):
        text = os.environ.get(name, "")
        if text.isdecimal() and int(text):
            return min(int(text), cores())
    return cores()
