"""`rnnlab` without a command: the app."""

from __future__ import annotations

import gc
import sys


def open_app() -> int:
    """Open the app; returns its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("rnnlab: the app needs a terminal; without one use a command, see: rnnlab --help\n")
        return 2
    # The first frame makes many objects and little garbage.
    gc.disable()
    from rnnlab.ui.app import RnnlabApp
    from rnnlab.ui.preferences import preferences_path

    app = RnnlabApp(preferences=preferences_path(), debug="--debug" in sys.argv)
    app.run()
    return app.return_code or 0
