"""Whether runs that go on in the background outlive the logout of the person who started them.

A run's process leads a session of its own, so a closed terminal does not end it. systemd may: it ends what is left of a login
where `KillUserProcesses` says so (logind.conf(5)), and it stops the person's own manager, with all that runs under it, when their
last login ends, unless they linger (loginctl(1)). A batch system ends what is left of a job.
"""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rnnlab.doctor.finding import Finding

_NAME = "logout"
_JOBS = {"SLURM_JOB_ID": "Slurm", "PBS_JOBID": "PBS", "LSB_JOBID": "LSF", "JOB_ID": "the grid engine"}
"""Environment variables that batch systems set in a job."""
_SECONDS = 3.0
"""Longest that loginctl is waited for: where it hangs, nothing is known."""


@dataclass(frozen=True, slots=True)
class Login:
    """What decides over processes that are left at a logout; `kills` and `lingers` are None where that is not known."""

    systemd: bool
    cgroup: str = ""
    user: str = ""
    kills: bool | None = None
    excluded: tuple[str, ...] = ("root",)
    """Users whose processes are never ended."""
    lingers: bool | None = None
    job: str = ""
    """Name of the batch system, empty outside of a job."""


def logout(login: Login | None = None) -> Finding:
    """What becomes of detached runs when the person logs out."""
    login = login or this_login()
    if login.job:
        return Finding(
            _NAME, "warning", f"this is a job of {login.job}", "its runs end with the job, however they were started",
            "train within the time of the job; `rnnlab resume` in the next one goes on from the last checkpoint",
        )  # fmt: skip
    if not login.systemd:
        return Finding(_NAME, "ok", "no systemd here", "runs in the background go on when the terminal is closed")
    if re.search(r"/user@\d+\.service(/|$)", login.cgroup):
        return _under_manager(login)
    if re.search(r"/session-[^/]+\.scope(/|$)", login.cgroup):
        return _in_scope(login)
    return Finding(
        _NAME, "ok", "this process belongs to no login", "runs in the background go on when the terminal is closed"
    )


def _under_manager(login: Login) -> Finding:
    """Where the terminal was started by the person's manager, as desktops do."""
    if login.lingers:
        return Finding(_NAME, "ok", f"{login.user} lingers", "runs in the background go on after the logout")
    found = f"{login.user} does not linger" if login.lingers is False else "whether you linger could not be asked"
    return Finding(
        _NAME, "warning", found,
        "systemd ends runs in the background at your last logout (closing the terminal alone does not); they can be resumed",
        "loginctl enable-linger",
    )  # fmt: skip


def _in_scope(login: Login) -> Finding:
    """Where the terminal belongs to the login itself, as over ssh."""
    if login.kills is False or login.user in login.excluded:
        why = "KillUserProcesses=no" if login.kills is False else f"{login.user}'s processes are spared"
        return Finding(_NAME, "ok", why, "runs in the background go on after the logout")
    found = (
        "KillUserProcesses=yes" if login.kills else "whether systemd ends processes at the logout could not be asked"
    )
    return Finding(
        _NAME, "warning", found, "systemd ends runs in the background when you log out; they can be resumed",
        "loginctl enable-linger once, then start with: systemd-run --user --scope rnnlab",
    )  # fmt: skip


def this_login(environment: Mapping[str, str] = os.environ) -> Login:
    """What systemd says of the login of this process."""
    job = next((name for variable, name in _JOBS.items() if environment.get(variable)), "")
    if job or not Path("/run/systemd/system").is_dir():
        return Login(systemd=False, job=job)
    user = _user()
    manager = _properties("show-session", "KillUserProcesses", "KillExcludeUsers")
    lingers = _properties("show-user", "Linger", of=user).get("Linger")
    return Login(
        systemd=True,
        cgroup=_cgroup(),
        user=user,
        kills=_truth(manager.get("KillUserProcesses")),
        excluded=tuple(manager.get("KillExcludeUsers", "root").split()),
        lingers=_truth(lingers) if lingers else (Path("/var/lib/systemd/linger") / user).exists(),
    )


def _truth(value: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(value or "")


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _cgroup() -> str:
    """The control group of this process in systemd's own hierarchy."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    named = {parts[1]: parts[2] for line in lines if len(parts := line.split(":", 2)) == 3}
    return named.get("name=systemd") or named.get("") or ""


def _properties(verb: str, *names: str, of: str = "") -> dict[str, str]:
    """Properties that loginctl prints as NAME=VALUE; none where it cannot be asked."""
    asked = ["loginctl", verb, *([of] if of else []), *(part for name in names for part in ("-p", name))]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
