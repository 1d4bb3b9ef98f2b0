"""Recordings to predict on: a file, or the files of a folder, whose folders may say their labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile, class_of
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.layouts.file_labels import labels_of_names
from rnnlab.tasks.own.layouts.recording import Recording
from rnnlab.tasks.own.layouts.recording_columns import RecordingColumns, recording_columns
from rnnlab.tasks.own.layouts.recording_file import RecordingFile, read_file
from rnnlab.tasks.own.layouts.recordings import recordings_of
from rnnlab.tasks.own.values.numbers import values_of

_LONG = 2
"""How many times as long as the longest sequence of the training a recording is that is cut into pieces as long as that."""


def read_recordings(file: InputFile, findings: CollectedFindings) -> tuple[Sequences, bool]:
    """The recordings, and whether their labels are known. Raises `Refusal` where there are none."""
    if file.path.is_dir():
        found = recordings_of(file.path, findings)
    else:
        found = [Recording(file.path, file.path.name, "", "", False)]
    found = _labelled(found, file)
    columns = recording_columns(found, file.config_of().data, findings)
    sequences = Sequences(findings, classifies=True, keep=True)
    cut = 0
    for recording in found:
        read = read_file(recording.path, recording.where, findings)
        if read is not None:
            cut += _add(read, recording, columns, sequences, file.data.longest)
    if cut:
        findings.warn(
            "cut",
            f"{cut:,} long {'recording was' if cut == 1 else 'recordings were'} cut into pieces of {file.data.longest:,} steps, "
            "the longest that the net was trained on",
        )
    return sequences, any(recording.label for recording in found)


def _labelled(found: list[Recording], file: InputFile) -> list[Recording]:
    """The recordings with the labels that their folders or their names say, where these are classes of the run."""
    classes = file.data.classes
    if not any(class_of(recording.label, classes) for recording in found):
        names = labels_of_names([recording.path.stem for recording in found])
        labels = [named.label for named in names] if names else [""] * len(found)
        found = [
            replace(recording, label=label if class_of(label, classes) else "")
            for recording, label in zip(found, labels, strict=True)
        ]
    return found


def _add(
    file: RecordingFile, recording: Recording, columns: RecordingColumns, sequences: Sequences, longest: int
) -> bool:
    """Adds the sequences of one file; what cannot be read is noted. Returns whether it was cut."""
    findings = sequences.findings
    chosen = columns.in_file(file, recording.where, findings)
    if chosen is None:
        return False
    cut = False
    for first, rows, numbers in file.parts:
        where = recording.where if len(file.parts) == 1 else f"{recording.where} line {first}"
        fields = list(zip(*rows, strict=True))
        values = np.empty((len(rows), len(chosen.channels)))
        wrong: list[int] = []
        for place, index in enumerate(chosen.channels):
            values[:, place], wrong = values_of(fields[index], file.style)
            if wrong:
                word = fields[index][wrong[0]].strip()[:20]
                findings.row("not a number", where, f"line {numbers[wrong[0]]}: {word!r} is not a number")
                break
        if not wrong:
            cut = _add_pieces(values, recording.label, where, sequences, longest) or cut
    return cut


def _add_pieces(values: NDArray[np.float64], label: str, where: str, sequences: Sequences, longest: int) -> bool:
    """Adds the values (steps, channels) whole, or in pieces where they are far longer than what the net was trained on."""
    if longest < 2 or len(values) < _LONG * longest:
        sequences.add(values, label, where)
        return False
    for first in range(0, len(values) - longest + 1, longest):
        sequences.add(values[first : first + longest], label, f"{where} steps {first + 1:,} to {first + longest:,}")
    return True
