"""Whether a session's runner can be started at all: its lock can be taken, and it does not end as soon as it begins."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

from rnnlab.engines.clusters.dispatch import cluster_of
from rnnlab.engines.final_event import was_killed
from rnnlab.errors import UsageError
from rnnlab.files import open_regular
from rnnlab.locks import is_locked
from rnnlab.runs.files import read_tail
from rnnlab.runs.folders import Session

QUICK = 10.0
"""Seconds: a runner that ends by its own fault within them did nothing."""
MOST = 2
"""So many such runners in a row, and no other one is started unasked."""

_crashed: dict[Path, int] = {}
"""How many runners of a session, started by this process, ended so, one after the other."""


def check_startable(session: Session) -> None:
    """Raise `UsageError` where no runner could take the session's lock: asked before a run is queued.

    A person asks for a run with this, so runners that ended at once before are forgotten.
    """
    _crashed.pop(session.path, None)
    if cluster_of(session) is None:
        check_lock(session)


def check_lock(session: Session) -> None:
    """Raise `UsageError` where no process of this user could take the session's lock.

    It is not taken here, not even for an instant: a process that asks meanwhile would see a runner that does not live.
    """
    path = session.lock_path
    if not session.path.is_dir():
        raise UsageError(
            f"the folder of the session, {session.path}, was deleted or moved away: nothing can be trained in it"
        )
    try:
        os.close(open_regular(path, os.O_RDWR | os.O_CREAT, 0o600, links="folder"))
        owner = path.stat().st_uid
    except OSError as error:
        remedy = "delete it" if os.path.lexists(path) else "choose a folder you may write to with RNNLAB_SESSIONS"
        raise UsageError(
            f"{path} cannot be used as the session's lock ({error.strerror}), so nothing can be trained in it: {remedy}, "
            "or train in another session"
        ) from None
    if owner != os.geteuid() and is_locked(path, links="folder"):
        raise UsageError(
            f"{path} is held by a process of another user (number {owner}), so nothing can be trained in it: "
            "train in another session, or wait until that process has ended"
        )


def check_crashes(session: Session) -> None:
    """Raise `UsageError` where the session's runners ended at once, several times: the next one would, too."""
    if _crashed.get(session.path, 0) < MOST:
        return
    lines = read_tail(session.runner_log_path).strip().splitlines()
    why = f" ({lines[-1][:200]})" if lines else ""
    raise UsageError(
        f"the session's runner ended as soon as it was started, {MOST} times{why}: "
        f"see {session.runner_log_path}, then start the run with rnnlab resume"
    )


def reap(process: subprocess.Popen[bytes], session: Session) -> None:
    """Wait for a runner that was just started, in a thread, and note how it ends."""

    def wait() -> None:
        began = time.monotonic()
        code = process.wait()
        if code != 0 and not was_killed(code) and time.monotonic() - began < QUICK:
            _crashed[session.path] = _crashed.get(session.path, 0) + 1
        else:
            _crashed.pop(session.path, None)

    threading.Thread(target=wait, name=f"reap {process.pid}", daemon=True).start()
