"""How a process is started that is to outlive the logout of the person who started it.

It leads a process session of its own, so a closed terminal does not end it. systemd may: it ends what is left of a login where
`KillUserProcesses` says so (logind.conf(5)), unless it was started in a scope of the person's own manager, which stays where
the person lingers (loginctl(1)).
"""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_JOBS = {"SLURM_JOB_ID": "Slurm", "PBS_JOBID": "PBS", "LSB_JOBID": "LSF", "JOB_ID": "the grid engine"}
"""Environment variables that batch systems set in a job."""
_SECONDS = 3.0
"""Longest that a program of systemd's is waited for: where it hangs, nothing is known."""
_SCOPE = ("systemd-run", "--user", "--scope", "--quiet", "--")
REMEDY = "loginctl enable-linger"


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
    scopes: bool = False
    """Whether `systemd-run` starts a scope of the person's manager; asked where that would help."""
    job: str = ""
    """Name of the batch system, empty outside of a job."""

    @property
    def in_scope(self) -> bool:
        """Whether this process belongs to the login itself, as over ssh."""
        return bool(re.search(r"/session-[^/]+\.scope(/|$)", self.cgroup))

    @property
    def ends_runs(self) -> bool:
        """Whether the logout ends what this process leaves behind, as far as is known."""
        return self.in_scope and self.kills is True and self.user not in self.excluded

    @property
    def scoped(self) -> bool:
        """Whether what is to stay is started in a scope of the person's manager."""
        return self.ends_runs and self.lingers is True and self.scopes


def this_login(environment: Mapping[str, str] = os.environ) -> Login:
    """What systemd says of the login of this process."""
    job = next((name for variable, name in _JOBS.items() if environment.get(variable)), "")
    if job or not Path("/run/systemd/system").is_dir():
        return Login(systemd=False, job=job)
    user = _user()
    manager = _properties("show-session", "KillUserProcesses", "KillExcludeUsers")
    lingers = _properties("show-user", "Linger", of=user).get("Linger")
    found = Login(
        systemd=True,
        cgroup=_cgroup(),
        user=user,
        kills=_truth(manager.get("KillUserProcesses")),
        excluded=tuple(manager.get("KillExcludeUsers", "root").split()),
        lingers=_truth(lingers) if lingers else (Path("/var/lib/systemd/linger") / user).exists(),
    )
    return replace(found, scopes=found.ends_runs and found.lingers is True and scopes_work())


@cache
def _login() -> Login:
    """The login of this process, asked once."""
    return this_login()


def detached(command: Sequence[str], login: Login | None = None) -> list[str]:
    """The command line of a process that is to stay: the command, in a scope of the person's manager where only that helps."""
    return [*_SCOPE, *command] if (login or _login()).scoped else list(command)


def ends_at_logout(login: Login | None = None) -> str:
    """That runs in the background end at the logout, why, and what to do, in a sentence; empty where they go on."""
    login = login or _login()
    if not login.ends_runs or login.scoped:
        return ""
    text = "systemd ends runs in the background when you log out (KillUserProcesses=yes); they can be resumed"
    if login.lingers:
        return f"{text}. systemd-run --user --scope, in which they would go on, does not work here"
    return f"{text}. To let them go on: {REMEDY}"


def scopes_work() -> bool:
    """Whether a program can be started in a scope of the person's manager."""
    try:
        return subprocess.run([*_SCOPE, "true"], capture_output=True, timeout=_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


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
