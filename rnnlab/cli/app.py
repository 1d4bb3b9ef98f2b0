"""`rnnlab` without a command: the app."""

from __future__ import annotations

import gc
import os
import sys

from rnnlab.cli.streams import mute, replace_unencodable
from rnnlab.paths import has_usual_cells

ESCAPE_MILLISECONDS = "25"
"""How long nothing follows an escape until it is the key: the bytes of other keys come in one piece. Set `ESCDELAY` for a line
on which they do not."""


def open_app(*, tour: bool = False) -> int:
    """Open the app, with `tour` at its tour; returns its exit code, 128 + the number of the signal that ended it."""
    served = os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")
    # It reads from standard input and draws on standard error; what `rnnlab serve` starts speaks to the server by pipes.
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        seen = sys.stdout if sys.stdout.isatty() and not sys.stderr.isatty() else sys.stderr
        seen.write("rnnlab: the app needs a terminal; without one use a command, see: rnnlab --help\n")
        return 2
    replace_unencodable()
    problem = ""
    if has_usual_cells():
        from rnnlab.engines.cells import choose_usual

        problem = choose_usual()
    # Textual reads it as it is imported, and would wait for a tenth of a second.
    os.environ.setdefault("ESCDELAY", ESCAPE_MILLISECONDS)
    # The first frame makes many objects and little garbage.
    gc.disable()
    from rnnlab.ui.app import RnnlabApp
    from rnnlab.ui.common.preferences import preferences_path

    app = RnnlabApp(preferences=preferences_path(), debug="--debug" in sys.argv, notice=problem, tour=tour)
    if served:
        app.run()
        return app.return_code or 0
    from rnnlab.ui.ending import Ending

    ending = Ending(app, sys.stdin.fileno())
    app.run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            mute(stream)  # the terminal is gone
    return ending.exit_code or app.return_code or 0
