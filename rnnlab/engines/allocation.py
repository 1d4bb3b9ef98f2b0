"""The allocation of a cluster that this process runs in: which job it is, and how many cores are its own."""

from __future__ import annotations

import os

from rnnlab.cores import cores
from rnnlab.runs.queue_entry import QUEUED_ON


def in_allocation() -> bool:
    """Whether this process is within a Slurm job. What it starts must end with the job, so it does not detach."""
    return bool(os.environ.get("SLURM_JOB_ID"))


def within_pilot() -> bool:
    """Whether this process is a pilot's, whose script says where its runs were queued."""
    return in_allocation() and bool(os.environ.get(QUEUED_ON))


def allocated_cores() -> int:
    """The cores of the allocation on this node; all that this process may use where Slurm does not tell."""
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"):
        text = os.environ.get(name, "")
        if text.isdecimal() and int(text):
            return min(int(text), cores())
    return cores()
