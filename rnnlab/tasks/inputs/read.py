"""Inputs of a file, read as the run's own data were."""

from __future__ import annotations

from rnnlab.tasks.inputs.rows import InputFile, InputRows
from rnnlab.tasks.inputs.sequences import read_sequences
from rnnlab.tasks.inputs.texts import read_texts


def read_rows(file: InputFile) -> InputRows:
    """Inputs of the file, encoded as the net reads them: sequences of numbers of one's own data, else what can be typed.

    Raises `UsageError` where nothing in it can be read.
    """
    if file.data.task == "own" and not file.data.symbols and not file.data.columns.get("text"):
        return read_sequences(file)
    return read_texts(file)
