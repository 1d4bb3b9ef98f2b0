"""Paths as users write them, expanded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rnnlab.errors import UsageError


def user_path(text: str, named_by: str = "") -> Path:
    """The path that a person wrote, `~` and `~user` put in full. `named_by` is the setting or variable that it stands in.

    Raises `UsageError` where there is no such home folder, or no file can have that name.
    """
    written = f"{named_by} = {text}" if named_by else text
    if "\0" in text:
        raise UsageError(f"{written.replace(chr(0), '␀')} is no path: it holds a zero byte; write it without")
    try:
        os.fsencode(text)
        return Path(text).expanduser()
    except UnicodeEncodeError:
        raise UsageError(f"{written} is no path: this system's file names cannot hold all of its characters") from None
    except RuntimeError:
        home = text.partition("/")[0]
        raise UsageError(
            f"{written} cannot be read: there is no home folder {home} on this machine; write the path in full"
        ) from None


CELLS = "RNNLAB_CELLS"
"""The environment variable that names files of cells, as PATH does folders."""
CONFIGURATION = "config.toml"
"""The file of a person's configuration, which names files of cells as `cells = ["~/mycell.py"]`."""


def has_usual_cells() -> bool:
    """Whether the person may have files of cells in `RNNLAB_CELLS` or in their configuration: asked at every start."""
    return bool(os.environ.get(CELLS)) or os.path.lexists(configuration_folder() / CONFIGURATION)


def configuration_folder() -> Path:
    """The folder that the system keeps for a person's settings of rnnlab, as platformdirs names it.

    On Linux without platformdirs, whose import every command would wait for.
    """
    platform: str = sys.platform
    if platform == "linux":
        named = os.environ.get("XDG_CONFIG_HOME", "").strip()
        return (Path(named) if named else Path(os.path.expanduser("~")) / ".config") / "rnnlab"  # noqa: PTH111 - never raises
    import platformdirs

    return Path(platformdirs.user_config_dir("rnnlab", appauthor=False))
