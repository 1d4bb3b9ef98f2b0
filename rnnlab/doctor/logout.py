"""Whether runs that go on in the background outlive the logout of the person who started them.

A run's process leads a session of its own, so a closed terminal does not end it. systemd may: it ends what is left of a login
where `KillUserProcesses` says so (logind.conf(5)), and it stops the person's own manager, with all that runs under it, when their
last login ends, unless they linger (loginctl(1)). A batch system ends what is left of a job.
"""

from __future__ import annotations

import re

from rnnlab.doctor.finding import Finding
from rnnlab.logout import REMEDY, Login, this_login

_NAME = "logout"


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
    if login.in_scope:
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
        REMEDY,
    )  # fmt: skip


def _in_scope(login: Login) -> Finding:
    """Where the terminal belongs to the login itself, as over ssh."""
    if login.kills is False or login.user in login.excluded:
        why = "KillUserProcesses=no" if login.kills is False else f"{login.user}'s processes are spared"
        return Finding(_NAME, "ok", why, "runs in the background go on after the logout")
    if login.scoped:
        return Finding(
            _NAME, "ok", "KillUserProcesses=yes",
            f"{login.user} lingers: runs in the background are started by systemd-run --user --scope and go on after the logout",
        )  # fmt: skip
    found = (
        "KillUserProcesses=yes" if login.kills else "whether systemd ends processes at the logout could not be asked"
    )
    return Finding(
        _NAME, "warning", found, "systemd ends runs in the background when you log out; they can be resumed",
        "systemd-run --user --scope must work, with which runs are started then" if login.lingers else f"{REMEDY}, once",
    )  # fmt: skip
