"""The Slurm engine: a session's queue is carried out by pilots, jobs of a cluster, which this module submits and asks about.

Nothing but Slurm's own programs is needed. The session keeps `slurm.toml`, how its jobs are submitted and which ones were, and
`job.sh`, the script they run, which a person can read and submit too. The session's folder must be at the same path on every
node.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rnnlab.engines.clusters.program import answer_of
from rnnlab.engines.clusters.signed import Signed, read_signed, write_signed
from rnnlab.errors import UsageError
from rnnlab.file_system import SHARED
from rnnlab.locks import Locked, held
from rnnlab.machine import machine_id
from rnnlab.paths import CELLS
from rnnlab.runs.files import write_atomically
from rnnlab.runs.folders import Session
from rnnlab.runs.queue_entry import QUEUED_ON
from rnnlab.text.sanitise import plain

NAME, SCRIPT, _LOCK = "slurm.toml", "job.sh", "slurm.lock"
_ANSWER = 30.0
"""Seconds that Slurm may take to answer."""
_KEPT = 5.0
"""Seconds for which an answer of `squeue` holds: a cluster's scheduler is asked by many."""
_NOTICE = 60
"""Seconds before its time is up at which a pilot is warned: trainers need ten to save their state."""
_VARIABLES = ("RNNLAB_DATA", "RNNLAB_STATE", "RNNLAB_CACHE", CELLS)
"""What a job must know of the environment in which its runs were queued."""
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "SUSPENDED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESIZING")
OVER = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "TIMEOUT": "out of time",
    "OUT_OF_MEMORY": "out of memory",
    "NODE_FAIL": "lost with a node",
    "CANCELLED": "cancelled",
    "PREEMPTED": "preempted",
    "BOOT_FAIL": "without a node that starts",
    "DEADLINE": "past the deadline",
}
"""States of a job that is not to run again, and what they are for people."""
_VALUE = re.compile(r"[\w.,:=+@%/\[\]*-]{1,200}")


class SlurmOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How pilots are submitted: the options of `sbatch` of the same names. Empty or 0: the cluster's default."""

    partition: str = ""
    account: str = ""
    qos: str = ""
    time: str = ""
    gpus: str = ""
    cpus: int = 0
    memory: str = ""
    array: int = 1
    """Most pilots at once."""

    def lines(self, *, pilots: int) -> list[str]:
        """The lines of `job.sh` that Slurm reads."""
        asked = {
            "partition": self.partition,
            "account": self.account,
            "qos": self.qos,
            "time": self.time,
            "gpus": self.gpus,
            "cpus-per-task": str(self.cpus or ""),
            "mem": self.memory,
            "array": f"1-{pilots}" if pilots > 1 else "",
        }
        return [f"#SBATCH --{name}={value}" for name, value in asked.items() if value]


class Kept(Signed, frozen=True, omit_defaults=True):
    """The contents of `slurm.toml`: how pilots are submitted, and the jobs that were, each array by its number."""

    options: SlurmOptions
    jobs: tuple[int, ...] = ()

    def about(self) -> list[object]:
        """What is signed."""
        return ["rnnlab slurm", self.options, self.jobs]


@dataclass(frozen=True)
class Job:
    """A pilot as `squeue` has it."""

    number: str
    state: str
    nodes: str = ""
    reason: str = ""
    time_left: str = ""

    @property
    def waits(self) -> bool:
        """Whether it has yet to begin."""
        return self.state in _WAITING


def check_options(options: SlurmOptions) -> SlurmOptions:
    """The options. Raises `UsageError` for a text that could not stand in one line of a script as what it is."""
    for name in ("partition", "account", "qos", "time", "gpus", "memory"):
        text = getattr(options, name)
        if text and not _VALUE.fullmatch(text):
            raise UsageError(
                f"--{name} {text!r} is nothing that Slurm takes: letters, digits and . , : = + @ % / - only"
            )
    return options


def kept_options(session: Session) -> Kept | None:
    """How the session's pilots are submitted; None where it is carried out on one machine, or this person did not say so.

    Raises `UsageError`.
    """
    return read_signed(session.path / NAME, Kept)


def keep_options(session: Session, options: SlurmOptions | None) -> None:
    """Have the session carried out by pilots that are submitted so; None: on one machine. Raises `UsageError`."""
    if options is None:
        (session.path / NAME).unlink(missing_ok=True)
        return
    before = kept_options(session)
    write_signed(session.path / NAME, Kept(check_options(options), before.jobs if before is not None else ()))


def ensure_pilots(session: Session, waiting: int) -> None:
    """Submit as many pilots as there are runs to train, up to the most allowed, less those that wait or run already.

    Raises `UsageError` with the scheduler's own words where it refuses.
    """
    try:
        with held(session.path / _LOCK, links="folder"):
            kept = kept_options(session)
            if kept is None:
                return
            missing = min(kept.options.array, waiting) - len(jobs_of(session, anew=True))
            if missing > 0:
                number = _submit(session, kept.options, missing)
                write_signed(session.path / NAME, Kept(kept.options, (*kept.jobs, number)))
                _answers.pop(session.path, None)
    except Locked:
        return  # another process submits them
    except OSError as error:
        raise UsageError(f"{error.filename or session.path} cannot be written ({error.strerror})") from None


def cancel_waiting(session: Session) -> int:
    """Take the session's pilots out of the cluster's queue that have yet to begin. Returns how many; raises `UsageError`."""
    waiting = [job.number for job in jobs_of(session, anew=True) if job.waits]
    if waiting:
        output_of(["scancel", *waiting])
        _answers.pop(session.path, None)
    return len(waiting)


_answers: dict[Path, tuple[float, list[Job]]] = {}


def jobs_of(session: Session, *, anew: bool = False) -> list[Job]:
    """The session's pilots that wait or run. Raises `UsageError` where Slurm does not answer."""
    kept = kept_options(session)
    if kept is None or not kept.jobs:
        return []
    asked_at, answer = _answers.get(session.path, (-_KEPT, []))
    if not anew and time.monotonic() - asked_at < _KEPT:
        return answer
    numbers = ",".join(map(str, kept.jobs[-50:]))
    try:
        text = output_of(["squeue", "--noheader", "--array", "--format=%i|%T|%N|%r|%L", f"--jobs={numbers}"])
    except _Refused as refused:
        if "Invalid job id" not in str(refused):
            raise
        text = ""  # Slurm has forgotten them all
    jobs = []
    for line in text.splitlines():
        number, state, nodes, reason, left = (plain(part) for part in [*line.split("|"), "", "", "", ""][:5])
        if state and state not in OVER and state != "COMPLETING":
            jobs.append(Job(number, state, nodes, "" if reason == "None" else reason, left))
    _answers[session.path] = time.monotonic(), jobs
    return jobs


def jobs_text(jobs: list[Job]) -> str:
    """`Slurm: 2 pilots run on n1, n2; 1 waits (Resources)`; what to do where there is none."""
    running = [job for job in jobs if not job.waits]
    waiting = [job for job in jobs if job.waits]
    parts = []
    if running:
        nodes = ", ".join(sorted({job.nodes for job in running if job.nodes}))
        parts.append(
            f"{len(running)} {'pilots run' if len(running) > 1 else 'pilot runs'}" + (f" on {nodes}" if nodes else "")
        )
    if waiting:
        reasons = ", ".join(sorted({job.reason for job in waiting if job.reason}))
        parts.append(f"{len(waiting)} {'wait' if len(waiting) > 1 else 'waits'}" + (f" ({reasons})" if reasons else ""))
    return f"Slurm: {'; '.join(parts)}" if parts else "Slurm: no pilot waits or runs"


class _Refused(UsageError):
    """One of Slurm's programs has refused."""


def _submit(session: Session, options: SlurmOptions, pilots: int) -> int:
    script = session.path / SCRIPT
    write_atomically(script, script_text(session, options, pilots=pilots).encode("utf-8", "surrogateescape"))
    script.chmod(0o755)
    folder = session.path.resolve()
    output = "slurm-%A_%a.log" if pilots > 1 else "slurm-%j.log"
    answer = output_of(["sbatch", "--parsable", f"--chdir={folder}", f"--output={output}", os.fspath(folder / SCRIPT)])
    number = answer.strip().splitlines()[-1].partition(";")[0] if answer.strip() else ""
    if not number.isdecimal():
        raise UsageError(f"sbatch has answered {plain(answer.strip())[:200]!r} in place of a job's number")
    return int(number)


def script_text(session: Session, options: SlurmOptions, *, pilots: int) -> str:
    """`job.sh`: what one pilot does."""
    name = re.sub(r"[^\w.-]", "-", session.name)
    exported = {
        QUEUED_ON: machine_id(),
        SHARED: "1",
        **{key: os.environ[key] for key in _VARIABLES if os.environ.get(key)},
    }
    program, folder = shlex.quote(sys.executable), shlex.quote(os.fspath(session.path.resolve()))
    lines = [
        "#!/bin/bash",
        "# A pilot: it trains what waits in this session, until nothing does or its time is nearly up. Written by rnnlab;",
        "# to submit one more by hand: sbatch job.sh",
        f"#SBATCH --job-name=rnnlab-{name}",
        *options.lines(pilots=pilots),
        "#SBATCH --ntasks=1",
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        f"#SBATCH --signal=B:USR1@{_NOTICE}",
        "",
        "# The machine on which the runs were queued: only its runs are trained. The folder is shared with other nodes.",
        *(f"export {key}={shlex.quote(value)}" for key, value in exported.items()),
        f"exec {program} -P -m rnnlab.sweeps.processes.pilot {folder}",
        "",
    ]
    return "\n".join(lines)


def output_of(command: list[str]) -> str:
    """What the program prints. Raises `UsageError` where it is not there or refuses, with its own words."""
    try:
        done = answer_of(command, _ANSWER)
    except FileNotFoundError:
        raise UsageError(
            f"{command[0]} is not installed here: --engine slurm is for the login node of a cluster that runs Slurm"
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"{command[0]} has not answered for {_ANSWER:.0f} seconds: is the cluster's scheduler up?"
        ) from None
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be started ({error.strerror})") from None
    if done.returncode:
        reason = plain(" ".join(done.stderr.split()))[:500] or f"exit code {done.returncode}"
        raise _Refused(f"Slurm has refused: {reason}")
    return done.stdout
