"""The allocation of a cluster that this process runs in: which job it is, and how many cores are its own."""

from __future__ import annotations

import os

from rnnlab.cores import cores


def in_allocation() -> bool:
    """Whether this process is within a Slurm job. What it starts must end with the job, so it does not detach."""
    return bool(os.environ.get("SLURM_JOB_ID"))


def allocated_cores() -> int:
    """The cores of the allocation on this node; all that this process may use where Slurm does not tell."""
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"):
        text = os.environ.get(name, "")
        if text.isdecimal() and int(text):
            return min(int(text), cores())
    return cores()
