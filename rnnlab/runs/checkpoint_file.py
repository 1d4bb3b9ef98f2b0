"""Reading a checkpoint, a saved state or predictions: only the bytes that the run's log tells of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rnnlab.errors import UsageError
from rnnlab.runs.events import CheckpointSaved, PredictionsSaved
from rnnlab.runs.files import WEIGHTS_LIMIT, read_weights
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.pruning import pruned_text

Saved = TypeVar("Saved", CheckpointSaved, PredictionsSaved)


def read_checked(
    path: Path, recorded: Sequence[Saved], what: str = "weights", limit: int = WEIGHTS_LIMIT
) -> tuple[bytes, Saved]:
    """The bytes at `path`, and which of the `recorded` files they are, by their digest; `what` they hold.

    A flipped bit would otherwise be loaded in silence. Raises `UsageError` where the file is gone, as it was pruned or
    deleted, cannot be read, or is another one.
    """
    try:
        data, digest = read_weights(path, [each.sha256 for each in recorded], limit)
    except FileNotFoundError:
        if why := pruned_text(RunFolder(path.parent), path.name):
            raise UsageError(why) from None
        raise UsageError(
            f"{path} is missing: the run's {what} were moved or deleted; train it again to get them back"
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
