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
    file = configuration_file()
    return bool(os.environ.get(CELLS)) or (file is not None and os.path.lexists(file))


def configuration_file() -> Path | None:
    """The file of the person's configuration, which may be absent.

    None where its folder depends on the one that one is in, without a home folder or with `XDG_CONFIG_HOME` relative: that may
    be a stranger's, and the files that the configuration names are imported.
    """
    path = configuration_folder() / CONFIGURATION
    return path if path.is_absolute() else None


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
