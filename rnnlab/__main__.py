"""`rnnlab` and `python -m rnnlab`."""

from __future__ import annotations

import os
import sys

from rnnlab.files import keep_others_from_writing


def main() -> None:
    """Open the app, or carry out a command; the exit code is the process's."""
    keep_others_from_writing()
    from rnnlab.cli.streams import open_closed

    if "stdout" in open_closed():
        sys.stderr.write("rnnlab: standard output is closed; send it to a file, or to /dev/null\n")
        sys.exit(1)
    if len(sys.argv) == 1 and "_RNNLAB_COMPLETE" not in os.environ:
        # The app's first frame waits for nothing it does not draw: not even for the command line's parser.
        from rnnlab.cli.app import open_app

        sys.exit(open_app())
    from rnnlab.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
