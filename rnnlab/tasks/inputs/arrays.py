"""Arrays of inputs without targets."""

from __future__ import annotations

import numpy as np

from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile
from rnnlab.tasks.own.arrays.array_files import (
    DAMAGED,
    ArrayFiles,
    ArrayReader,
    Stored,
    array_files,
    header_of,
    shape_of,
)
from rnnlab.tasks.own.arrays.array_layout import squeezed
from rnnlab.tasks.own.arrays.array_names import named_arrays
from rnnlab.tasks.own.common.findings import Refusal
from rnnlab.tasks.own.common.limits import LARGEST
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.splitting.normalise import channels_read


def unlabelled_arrays(file: InputFile, findings: CollectedFindings) -> Sequences:
    """Rows of the arrays of inputs: X, X_test and the like, or the one array that there is. Raises `Refusal`."""
    sequences = Sequences(findings, classifies=True, keep=True)
    findings.lost.clear()
    try:
        with array_files(file.path, findings) as files:
            for name in _names(files, file, findings):
                _add(header_of(files, name, findings), files, file, sequences)
    except Refusal:
        raise
    except DAMAGED:
        raise Refusal("damaged", f"{findings.name} is damaged, or holds no arrays that can be read") from None
    return sequences


def _names(files: ArrayFiles, file: InputFile, findings: CollectedFindings) -> list[str]:
    """Names of the arrays of inputs. Raises `Refusal` where none is."""
    if file.path.suffix.lower() == ".npy" and file.path.stem in files.sizes:
        return [file.path.stem]  # and not those that lie beside it
    chosen, _ = named_arrays(files.sizes)
    inputs = [name for named, name in chosen.items() if named.role == "X"]
    if not inputs:
        shapes = {name: shape_of(files, name) for name in files.sizes}
        inputs = [name for name, shape in shapes.items() if shape is not None and len(squeezed(shape)) in (2, 3)]
    if not inputs or (len(inputs) > 1 and not chosen):
        there = ", ".join(name[:40] for name in list(files.sizes)[:8]) or "nothing"
        raise Refusal("columns", f"{findings.name} has no array of inputs called X; it holds {there}")
    return inputs


def _add(stored: Stored, files: ArrayFiles, file: InputFile, sequences: Sequences) -> None:
    """Adds the rows of one array. Raises `Refusal` where its shape is none of sequences."""
    name = sequences.findings.name
    axes = squeezed(stored.shape)
    if stored.dtype.kind not in "fiub" or len(axes) not in (2, 3):
        raise Refusal(
            "shape",
            f"{name}: {stored.name} must hold numbers, in (rows, steps) or (rows, steps, channels), not {stored.shape}",
        )
    if stored.bytes > LARGEST:
        raise Refusal("large", f"{name}: {stored.name} takes more than {LARGEST // 2**30} GiB; predict on a part")
    values = np.asarray(ArrayReader(files, sequences.findings, quiet, 1).whole(stored)).reshape(axes).astype(np.float64)
    channels = max(1, channels_read(file.data.input_size, file.data.scale))
    if values.ndim == 2:
        values = values[:, :, None]
    given = str(file.config_of().data.channels)
    if given == "first" or (values.shape[2] != channels and values.shape[1] == channels):
        values = values.transpose(0, 2, 1)
    prefix = f"{stored.name} " if len(files.sizes) > 1 else ""
    for index, row in enumerate(values, start=1):
        sequences.add(row, "", f"{prefix}row {index:,}")
