"""Kind of a user's file or folder, detected from its name and its beginning."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import cast

from rnnlab.config import RunConfig, UsageError
from rnnlab.paths import user_path
from rnnlab.tasks.own.archives.labels_beside import inputs_in
from rnnlab.tasks.own.arrays.array_files import holds_arrays
from rnnlab.tasks.own.common.findings import Findings, Refusal
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.common.source import regular_file
from rnnlab.tasks.own.tables.pairs import ending, only_file, pair_in


def own_path(config: RunConfig) -> Path:
    """The file or folder that `data.path` names. Raises `Refusal` where it names none, or nothing is there."""
    named = config.data.path
    if not named:
        raise Refusal("missing", "the task own needs a file or a folder of yours: say which with --set data.path=FILE")
    try:
        path = user_path(named, "data.path")
        there = path.exists()
    except UsageError as error:
        raise Refusal("missing", str(error)) from None
    except OSError as error:
        raise Refusal("missing", f"{named} cannot be read: {str(error.strerror).lower()}") from None
    if not there:
        raise Refusal("missing", f"there is no file or folder {named}; data.path names it")
    return path


def kind_of(path: Path, config: RunConfig, findings: Findings) -> OwnKind | None:
    """Kind that is set, or that the file has; None for a table, whose columns decide which of two it is.

    Raises `Refusal` where the kind named cannot be that of the file.
    """
    named = config.data.kind
    if path.is_dir():
        if named == "arrays" or (named == "auto" and (holds_arrays(path) or _archive_of_arrays(path))):
            return "arrays"
        pair = None if named == "recordings" else inputs_in(path) or pair_in(path) or only_file(path)
        if pair is None and named not in ("auto", "recordings"):
            raise Refusal("format", f"{findings.name} is a folder, which cannot be read as data.kind = {named}")
        return "recordings" if pair is None else kind_of(pair, config, findings)
    if named == "recordings":
        raise Refusal(
            "format", f"{findings.name} is a file; recordings are a folder LABEL/NAME.csv (data.kind = recordings)"
        )
    if named != "auto":
        return cast(OwnKind, named)
    regular_file(path, findings.name)
    if path.suffix.lower() in (".npz", ".npy") or _is_npz(path):
        return "arrays"
    if ending(path) == ".ts":
        return "ts"
    return None


def file_of(path: Path) -> Path:
    """The file to read: of a folder that holds a training and a test file, the training file, or the `.npz` file it holds."""
    if not path.is_dir():
        return path
    return inputs_in(path) or pair_in(path) or only_file(path) or _archive_of_arrays(path) or path


def _archive_of_arrays(folder: Path) -> Path | None:
    """The `.npz` file of a folder that holds no other file but texts about it."""
    files = [path for path in folder.iterdir() if not path.name.startswith(".")]
    found = [path for path in files if path.suffix.lower() == ".npz"]
    others = [path for path in files if path.suffix.lower() not in (".npz", ".md", ".txt", ".json", ".py", ".ipynb")]
    return found[0] if len(found) == 1 and not others else None


def _is_npz(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist()[:100])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
