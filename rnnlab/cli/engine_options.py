"""`--engine`: where the runs of a sweep are trained, and what a cluster is asked for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

import click

from rnnlab.engines.clusters import ray_engine, slurm
from rnnlab.engines.clusters.dispatch import Options, check_left, cluster_of, ended_jobs, keep, pilots_text
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session

_Command = TypeVar("_Command", bound=Callable[..., Any])
_BOTH = ("gpus", "cpus", "array")
_OPTIONS = {
    "slurm": (*_BOTH, "partition", "account", "qos", "time", "memory"),
    "ray": (*_BOTH, "ray_address"),
}
ADDRESS = "RAY_ADDRESS"
"""Where Ray itself looks for the address of a cluster."""


def engine_options(command: _Command) -> _Command:
    """Adds `--engine` and what goes with it to a command."""
    for option in reversed(
        (
            click.option(
                "--engine",
                type=click.Choice(["local", "slurm", "ray"]),
                help="Train on this machine, in jobs of a Slurm cluster, from its login node, or in tasks of a Ray "
                "cluster. The session keeps it.",
            ),
            click.option(
                "--array",
                type=click.IntRange(1, 1000),
                metavar="N",
                help="Slurm, Ray: at most N pilots at once (Slurm: 1; Ray: as many as there is room for).",
            ),
            click.option("--gpus", metavar="N", help="Slurm, Ray: GPUs of a pilot: 1; Slurm: a100:1; Ray: 0.5."),
            click.option("--cpus", type=click.IntRange(1), metavar="N", help="Slurm, Ray: cores of a pilot."),
            click.option(
                "--ray-address",
                metavar="HOST:PORT",
                help="Ray: the cluster to join; without it $RAY_ADDRESS, else one is started on this machine.",
            ),
            click.option("--partition", metavar="NAME", help="Slurm: the partition."),
            click.option(
                "--time", metavar="D-HH:MM:SS", help="Slurm: the time limit of a job; runs go on in the next."
            ),
            click.option("--memory", metavar="SIZE", help="Slurm: memory of a job, such as 8G."),
            click.option("--account", metavar="NAME", help="Slurm: the account that is charged."),
            click.option("--qos", metavar="NAME", help="Slurm: the quality of service."),
        )
    ):
        command = option(command)
    return command


def engine_of(options: Mapping[str, Any]) -> Options | None:
    """What a cluster is asked for, where the command line names one. Raises `UsageError`."""
    engine = options["engine"]
    given = {name: options[name] for names in _OPTIONS.values() for name in names if options[name] is not None}
    for name in given:
        if name not in _OPTIONS.get(engine, ()):
            engines = " or ".join(f"--engine {each}" for each, names in _OPTIONS.items() if name in names)
            raise UsageError(f"--{name.replace('_', '-')} is an option of {engines}: add that, or leave it out")
    if engine == "slurm":
        return slurm.check_options(slurm.SlurmOptions(**given))
    if engine == "ray":
        address = given.pop("ray_address", None) or os.environ.get(ADDRESS, "")
        gpus = _gpus(given.pop("gpus", "0"))
        return ray_engine.check_options(ray_engine.RayOptions(**given, address=address, gpus=gpus))
    return None


def _gpus(text: str) -> float:
    try:
        gpus = float(text)
    except ValueError:
        gpus = -1.0
    if not 0 <= gpus <= 1024:
        raise UsageError(f"--gpus {text!r}: Ray takes a number, such as 1 or 0.5")
    return gpus


def choose_engine(session: Session, options: Mapping[str, Any]) -> None:
    """Have the session carried out where the command line says; without `--engine` where it was before.

    Raises `UsageError`, also where a cluster carries the session out now and it is to be carried out otherwise.
    """
    if options["engine"] is None:
        return
    before = cluster_of(session)
    asked = None if options["engine"] == "local" else options["engine"]
    if before is not None and before != asked:
        check_left(session)
    if before is not None or asked is not None:
        keep(session, options["cluster"])


def pilot_lines(session: Session) -> list[str]:
    """A line about the session's pilots; none for a session that is trained on one machine."""
    return [text] if (text := pilots_text(session)) else []


def job_lines(session: Session) -> list[str]:
    """A line for each job of the session that ended otherwise than it should, and one on those that nobody knows of."""
    ended = ended_jobs(session)
    return [job.text for job in ended.jobs if job.state != "COMPLETED"] + ([ended.unknown] if ended.unknown else [])


def jobs_document(session: Session) -> dict[str, Any]:
    """The same for `--json`, in Slurm's own words; nothing of a session that has no such jobs."""
    jobs = ended_jobs(session).jobs
    return {"jobs": [asdict(job) for job in jobs]} if jobs else {}
