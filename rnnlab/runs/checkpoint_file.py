"""Reading a checkpoint or a saved state: only the bytes that the run's log tells of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.files import read_weights


def read_checked(path: Path, recorded: Sequence[CheckpointSaved]) -> tuple[bytes, CheckpointSaved]:
    """The bytes at `path`, and which of the `recorded` checkpoints they are, by their digest.

    A flipped bit would otherwise be loaded in silence. Raises `UsageError` where the file is gone, cannot be read, or is
    another one.
    """
    try:
        data, digest = read_weights(path, [each.sha256 for each in recorded])
    except FileNotFoundError:
        raise UsageError(
            f"{path} is missing: the run's weights were moved or deleted; train it again to get them back"
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    saved = next((each for each in recorded if each.sha256 == digest), None)
    if saved is None:
        raise UsageError(
            f"{path} is not the file that the run saved (its sha256 differs from the log's): it was damaged or replaced; "
            "copy it again from where it came, or train the run again"
        )
    return data, saved
