"""A command that the app began for itself ends with the app, also where the app was killed and could end nothing.

The app holds the other end of the command's standard input, and the kernel closes it with the app. What a command leaves behind
on purpose, as the runner of a queue, has a standard input of its own.
"""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "RNNLAB_ENDS_WITH_APP"
"""Environment variable that tells a command so."""
_PATIENCE = 10.0
"""Seconds that the command is given to put away what it has."""


def end_with_app() -> None:
    """Where the app has begun this process: interrupt it, as by Ctrl-C, when the app is gone. Its own children are not told."""
    if os.environ.pop(VARIABLE, None) is not None:
        threading.Thread(target=_end_with_input, name="end with the app", daemon=True).start()


def _end_with_input() -> None:
    try:
        # Not by sys.stdin: a lock that is held while the process forks is held in the child for ever.
        while os.read(0, 1 << 12):
            pass
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)
