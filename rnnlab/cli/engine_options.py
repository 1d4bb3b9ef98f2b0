"""`--engine`: where the runs of a sweep are trained, and what a cluster is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from rnnlab.engines.slurm import SlurmOptions, check_options, jobs_of, keep_options, kept_options, pilots_text
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS = ("partition", "account", "qos", "time", "gpus", "cpus", "memory", "array")


def engine_options(command: _Command) -> _Command:
    """Adds `--engine` and what goes with it to a command."""
    for option in reversed(
        (
            click.option(
                "--engine",
                type=click.Choice(["local", "slurm"]),
                help="Train on this machine, or in jobs of a Slurm cluster, from its login node. The session keeps it.",
            ),
            click.option("--array", type=click.IntRange(1, 1000), metavar="N", help="Slurm: at most N jobs at once."),
            click.option("--partition", metavar="NAME", help="Slurm: the partition."),
            click.option(
                "--time", metavar="D-HH:MM:SS", help="Slurm: the time limit of a job; runs go on in the next."
            ),
            click.option("--gpus", metavar="N", help="Slurm: GPUs of a job, such as 1 or a100:1."),
            click.option("--cpus", type=click.IntRange(1), metavar="N", help="Slurm: cores of a job."),
            click.option("--memory", metavar="SIZE", help="Slurm: memory of a job, such as 8G."),
            click.option("--account", metavar="NAME", help="Slurm: the account that is charged."),
            click.option("--qos", metavar="NAME", help="Slurm: the quality of service."),
        )
    ):
        command = option(command)
    return command


def engine_of(options: Mapping[str, Any]) -> SlurmOptions | None:
    """What a cluster is asked for, where the command line names one. Raises `UsageError`."""
    given = {name: options[name] for name in _OPTIONS if options[name] is not None}
    if options["engine"] != "slurm":
        if given:
            raise UsageError(f"--{next(iter(given))} is an option of --engine slurm: add that, or leave it out")
        return None
    return check_options(SlurmOptions(**given))


def choose_engine(session: Session, options: Mapping[str, Any]) -> None:
    """Have the session carried out where the command line says; without `--engine` where it was before.

    Raises `UsageError`, also where pilots of the session are in the cluster's queue and it is to be trained here.
    """
    if options["slurm"] is not None:
        keep_options(session, options["slurm"])
    elif options["engine"] == "local" and kept_options(session) is not None:
        if jobs := jobs_of(session, anew=True):
            numbers = " ".join(job.number for job in jobs)
            raise UsageError(f"jobs of this session are in the cluster's queue; take them out first: scancel {numbers}")
        keep_options(session, None)


def pilot_lines(session: Session) -> list[str]:
    """A line about the session's jobs; none for a session that is trained on one machine."""
    return [text] if (text := pilots_text(session)) else []
