"""Inputs of a file, read as the run's own data were."""

from __future__ import annotations

from rnnlab.tasks.inputs.rows import InputFile, InputRows
from rnnlab.tasks.inputs.texts import read_texts


def read_rows(file: InputFile) -> InputRows:
    """Inputs of the file, encoded as the net reads them. Raises `UsageError` where nothing in it can be read."""
    return read_texts(file)
