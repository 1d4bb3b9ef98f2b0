"""Sequences to predict on: arrays, `.ts` files, tables of many sequences, recordings, with or without labels."""

from __future__ import annotations

import numpy as np

from rnnlab.tasks.inputs.arrays import unlabelled_arrays
from rnnlab.tasks.inputs.recordings import read_recordings
from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile, InputRow, InputRows, in_order
from rnnlab.tasks.inputs.tables import is_sequence_table, read_table
from rnnlab.tasks.inputs.ts import unlabelled_cases
from rnnlab.tasks.own.archives.ucr import is_ucr
from rnnlab.tasks.own.common.findings import Refusal
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.detect import kind_of
from rnnlab.tasks.own.reading import read_own
from rnnlab.tasks.own.result import Reading
from rnnlab.tasks.own.tables.pairs import pair_in
from rnnlab.tasks.own.values.numbers import Missing
from rnnlab.tasks.splitting.normalise import as_trained, channels_read

_UNLABELLED = ("columns", "no target", "format", "shape", "target")
"""Kinds of refusals of a file that has no labels."""


def read_sequences(file: InputFile) -> InputRows:
    """Sequences of the file or folder, encoded for the net. Raises `Refusal` where it holds none that the net reads."""
    findings = CollectedFindings(file.path.name)
    findings.missing = Missing.from_setting(file.config_of().data.missing)
    sequences, labelled = _read(file, findings)
    rows = _encoded(sequences, file, labelled)
    if not rows and not findings.lost:
        raise Refusal("empty", f"{file.path.name} holds no sequence that can be read")
    return InputRows(in_order([*rows, *findings.lost]) if findings.lost else rows, findings.notes())


def _read(file: InputFile, findings: CollectedFindings) -> tuple[Sequences, bool]:
    """Sequences of the file, and whether they have true labels or numbers."""
    path = file.path
    if (
        path.is_dir()
        and pair_in(path) is None
        and kind_of(path, file.config_of(data__kind="auto"), findings) == "recordings"
    ):
        return read_recordings(file, findings)
    suffix = path.suffix.lower()
    if not path.is_dir() and suffix not in (".ts", ".npz", ".npy", ".arff") and not is_ucr(path):
        return read_table(file, findings) if is_sequence_table(file) else read_recordings(file, findings)
    reading = Reading()
    try:
        read_own(file.config_of(data__kind="auto"), reading, findings, keep=True)
    except Refusal as refusal:
        if refusal.kind not in _UNLABELLED or suffix not in (".ts", ".npz", ".npy"):
            raise
        return unlabelled_cases(file, findings) if suffix == ".ts" else unlabelled_arrays(file, findings), False
    if reading.sequences is None:
        raise Refusal("format", f"{path.name} holds no sequences, which the net reads")
    return reading.sequences, True


def _encoded(sequences: Sequences, file: InputFile, labelled: bool) -> list[InputRow]:
    """Rows as the net reads them. Raises `Refusal` where they have other channels than it."""
    data = file.data
    channels = max(1, channels_read(data.input_size, data.scale))
    if sequences.values and sequences.channels != channels:
        have = "1 channel" if sequences.channels == 1 else f"{sequences.channels:,} channels"
        raise Refusal(
            "columns",
            f"the sequences in {file.path.name} have {have}, and the net reads {channels:,}; name the columns with --set "
            "data.input_column=NAME,NAME, or the axis with --set data.channels=first",
        )
    names = list(sequences.labels.names)
    numbers = sequences.labels.numbers().tolist() if labelled and sequences.classifies else []
    rows = []
    for index, (values, where) in enumerate(zip(sequences.values, sequences.places, strict=True)):
        label = names[numbers[index]] if numbers else ""
        targets = tuple(sequences.targets[index]) if labelled and sequences.targets else ()
        encoded = as_trained(values.astype(np.float64), data.scale)
        rows.append(InputRow(where, encoded=encoded, label=label, targets=targets))
    return rows
