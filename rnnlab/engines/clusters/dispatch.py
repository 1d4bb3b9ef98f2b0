"""Whether a session is carried out by a cluster, and by which one: its pilots are asked for, counted and called off here."""

from __future__ import annotations

import shlex
from typing import Literal

from rnnlab.engines.clusters import ray_engine, slurm, slurm_ended
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session

Cluster = Literal["slurm", "ray"]
Options = slurm.SlurmOptions | ray_engine.RayOptions


def cluster_of(session: Session) -> Cluster | None:
    """The cluster that carries the session out; None: this machine does. Raises `UsageError`."""
    if slurm.kept_options(session) is not None:
        return "slurm"
    return "ray" if ray_engine.kept_options(session) is not None else None


def keep(session: Session, options: Options | None) -> None:
    """Have the session carried out so from now on; None: on this machine. Raises `UsageError`."""
    slurm.keep_options(session, options if isinstance(options, slurm.SlurmOptions) else None)
    ray_engine.keep_options(session, options if isinstance(options, ray_engine.RayOptions) else None)


def most_pilots(session: Session) -> int:
    """Most pilots of the session at once, as its options have it: more runs need not be counted. Raises `UsageError`."""
    kept = slurm.kept_options(session)
    return kept.options.array if kept is not None else 1


def ensure_pilots(session: Session, waiting: int) -> None:
    """Have as many pilots as there are runs to train, up to the most allowed. Raises `UsageError` where that is refused."""
    match cluster_of(session):
        case "slurm":
            slurm.ensure_pilots(session, waiting)
        case "ray" if waiting:
            ray_engine.ensure_owner(session)


def has_pilots(session: Session, *, anew: bool = False) -> bool:
    """Whether pilots carry the session out, or are about to. Raises `UsageError` where that cannot be known."""
    match cluster_of(session):
        case "slurm":
            return bool(slurm.jobs_of(session, anew=anew))
        case "ray":
            return ray_engine.owner_alive(session)
    return False


def cancel_waiting(session: Session) -> None:
    """Take pilots out of the cluster's queue that have yet to begin: a person has stopped the session. Raises `UsageError`."""
    if cluster_of(session) == "slurm":
        slurm.cancel_waiting(session)  # the owner of a session on Ray sees for itself that it was stopped


def check_left(session: Session) -> None:
    """Raise `UsageError` where a cluster still carries the session out, which is to be carried out otherwise."""
    match cluster_of(session):
        case "slurm" if jobs := slurm.jobs_of(session, anew=True):
            numbers = " ".join(job.number for job in jobs)
            raise UsageError(f"jobs of this session are in the cluster's queue; take them out first: scancel {numbers}")
        case "ray" if ray_engine.owner_alive(session):
            name = shlex.quote(session.name)
            raise UsageError(f"Ray still carries this session out; stop it first: rnnlab sweep {name} --stop")


def pilots_text(session: Session) -> str:
    """A sentence about the session's pilots, or why none can be had; empty for a session that is trained on one machine."""
    try:
        match cluster_of(session):
            case "slurm":
                ended = slurm_ended.ended_jobs(session).summary
                return slurm.jobs_text(slurm.jobs_of(session)) + (f"; {ended}" if ended else "")
            case "ray":
                return ray_engine.pilots_text(session)
    except UsageError as error:
        return str(error)
    return ""


def ended_jobs(session: Session) -> slurm_ended.EndedJobs:
    """How the jobs of a session on Slurm ended; none of any other session, or where Slurm does not answer."""
    try:
        return slurm_ended.ended_jobs(session) if cluster_of(session) == "slurm" else slurm_ended.EndedJobs()
    except UsageError:
        return slurm_ended.EndedJobs()  # which the sentence about the pilots says
