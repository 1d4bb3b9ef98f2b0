"""`.npz` archives of NumPy arrays: X_train and y_train, and X_test and y_test where there is a test set.

Nothing pickled is ever read, and no header is believed: an array's size is compared with the bytes that are really there
before anything is made to hold it, and its rows are read block by block.
"""

from __future__ import annotations

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rnnlab.tasks.own.findings import Findings, Refusal, Report
from rnnlab.tasks.own.labels import LONGEST_LABEL
from rnnlab.tasks.own.limits import LARGEST, MOST_CHANNELS, MOST_ROWS
from rnnlab.tasks.own.number_labels import WholeNumbers, class_names
from rnnlab.tasks.own.sequences import Sequences
from rnnlab.tasks.own.source import quiet, regular_file
from rnnlab.tasks.own.words import FARTHEST, is_missing

_BLOCK = 8 * 2**20
"""Bytes of an array that are read at once."""
_WHOLE = 64 * 2**20
"""Maximum bytes of an array in Fortran order, which cannot be read row by row."""
_MOST_OUTPUTS = 1000
_MOST_MEMBERS = 1000
_LONGEST_HEADER = 10_000
_LAST_CHARACTER = 0x10FFFF

_NAMES = {
    "X_train": ("x_train", "xtrain", "train_x", "x"),
    "y_train": ("y_train", "ytrain", "train_y", "y"),
    "X_test": ("x_test", "xtest", "test_x"),
    "y_test": ("y_test", "ytest", "test_y"),
}
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
_DAMAGED_STREAM = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


@dataclass(frozen=True)
class Stored:
    """Array of an archive, not read yet."""

    name: str
    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def bytes(self) -> int:
        """Size of the whole array, from its shape and type."""
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size

    @property
    def row_bytes(self) -> int:
        """Size of one index of the first axis."""
        return self.bytes // max(1, self.shape[0])


def read_arrays(
    path: Path, findings: Findings, *, classes: bool = False, keep: bool, report: Report = quiet
) -> Sequences:
    """All rows of the archive; with `classes`, float targets are classes.

    Raises `Refusal` where it is damaged, or the arrays are not there or do not fit.
    """
    regular_file(path, findings.name)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_all(archive, findings, classes, keep, report)
    except Refusal:
        raise
    except _DAMAGED as error:
        words = str(error).rstrip(".").splitlines()
        reason = f" ({words[0][:120]})" if words and words[0] else ""
        raise Refusal("damaged", f"{findings.name} is damaged or not an .npz archive{reason}") from None


def _read_all(archive: zipfile.ZipFile, findings: Findings, classes: bool, keep: bool, report: Report) -> Sequences:
    arrays = _stored(archive, findings)
    for name in ("X_train", "y_train"):
        if name not in arrays:
            there = ", ".join(member.filename[:40] for member in archive.infolist()[:8]) or "nothing"
            raise Refusal("columns", f"{findings.name} has no array {name}; it holds {there}")
    if ("X_test" in arrays) != ("y_test" in arrays):
        alone, other = ("X_test", "y_test") if "X_test" in arrays else ("y_test", "X_test")
        raise Refusal("columns", f"{findings.name} has the array {alone}, but no {other}")
    numbers = {name: stored.dtype.kind == "f" and not classes for name, stored in arrays.items()}
    if "X_test" in arrays and numbers["y_test"] != numbers["y_train"]:
        raise Refusal("target", f"{findings.name} has labels in one of y_train and y_test and numbers in the other")
    findings.facts["arrays"] = {name: [*stored.shape] for name, stored in arrays.items()}
    reader = _Reader(archive, findings, report, sum(stored.bytes for stored in arrays.values()))
    sequences = Sequences(findings, not numbers["y_train"], keep)
    for part in ("train", "test"):
        if f"X_{part}" in arrays:
            _read_part(reader, arrays[f"X_{part}"], arrays[f"y_{part}"], sequences, part == "test")
    sequences.finish()
    if not sequences.classifies:
        reader.whole.warn(findings, sequences.rows, "y_train")
    return sequences


def _stored(archive: zipfile.ZipFile, findings: Findings) -> dict[str, Stored]:
    """Arrays of known names, with shapes and types from their headers, checked against their sizes."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise Refusal(
            "damaged", f"{findings.name} lists {len(members):,} arrays; at most {_MOST_MEMBERS:,} are looked at"
        )
    found: dict[str, Stored] = {}
    for name, spellings in _NAMES.items():
        for member in members:
            if member.filename.removesuffix(".npy").lower() in spellings and name not in found:
                with archive.open(member) as stream:
                    found[name] = _header(stream, name, member, findings)
    for name, stored in found.items():
        _check_shape(name, stored, findings)
    for part in ("train", "test"):
        x, y = found.get(f"X_{part}"), found.get(f"y_{part}")
        if x and y and x.shape[0] != y.shape[0]:
            raise Refusal(
                "ragged",
                f"{findings.name} has {x.shape[0]:,} rows in X_{part} and {y.shape[0]:,} in y_{part}; they must be as many",
            )
    return found


def _header(stream: IO[bytes], name: str, member: zipfile.ZipInfo, findings: Findings) -> Stored:
    try:
        lengths, fortran, dtype = _read_header(stream)
    except _DAMAGED_STREAM:
        raise
    except Exception:
        # NumPy reads a header as Python's own literals: a damaged one may raise whatever its tokenizer and parser raise.
        raise Refusal("damaged", f"{findings.name}: the array {name} has no header that NumPy writes") from None
    stored = Stored(name, member.filename, lengths, dtype, fortran)
    if dtype.hasobject:
        raise Refusal(
            "pickled",
            f"{findings.name}: the array {name} holds Python objects, which are never read, as they may run code; save "
            "numbers, or labels with .astype(str)",
        )
    if min(lengths, default=0) < 0 or dtype.itemsize < 1 or stored.bytes > member.file_size:
        raise Refusal("damaged", f"{findings.name}: the array {name} is cut off, or its header is wrong")
    return stored


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, whether it is in Fortran's order, and the type of the array that follows in the stream."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers written by Python 2
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    return tuple(int(length) for length in shape), bool(fortran), dtype


def _check_shape(name: str, stored: Stored, findings: Findings) -> None:
    shape = "(" + ", ".join(f"{length:,}" for length in stored.shape) + ("," if len(stored.shape) == 1 else "") + ")"
    if name.startswith("X"):
        if stored.dtype.kind not in "fiub":
            raise Refusal("not a number", f"{findings.name}: {name} is made of {stored.dtype}, not of numbers")
        if len(stored.shape) not in (2, 3):
            raise Refusal(
                "shape",
                f"{findings.name}: {name} has the shape {shape}; it must be (rows, steps) or (rows, steps, channels)",
            )
        channels = stored.shape[2] if len(stored.shape) == 3 else 1
        if channels > MOST_CHANNELS:
            raise Refusal(
                "shape", f"{findings.name}: {name} has {channels:,} channels; at most {MOST_CHANNELS:,} can be read"
            )
        if stored.bytes // stored.dtype.itemsize * 4 > LARGEST:
            raise Refusal(
                "large", f"{findings.name}: {name} would take more than {LARGEST // 2**30} GiB in memory; take a sample"
            )
    else:
        if stored.dtype.kind not in "fiubUS":
            raise Refusal("target", f"{findings.name}: {name} is made of {stored.dtype}, neither labels nor numbers")
        if len(stored.shape) not in (1, 2) or (len(stored.shape) == 2 and stored.shape[1] > _MOST_OUTPUTS):
            raise Refusal(
                "shape", f"{findings.name}: {name} has the shape {shape}; it must be (rows,), a label or a number each"
            )
        if stored.dtype.kind in "US" and len(stored.shape) == 2 and stored.shape[1] != 1:
            raise Refusal("shape", f"{findings.name}: {name} has the shape {shape}; it must be (rows,), a label each")
        if stored.dtype.itemsize > 2**20:
            raise Refusal("target", f"{findings.name}: {name} holds texts too long to be labels")
    if stored.shape[0] > MOST_ROWS:
        raise Refusal(
            "large", f"{findings.name}: {name} has {stored.shape[0]:,} rows; at most {MOST_ROWS:,} can be trained on"
        )
    if not stored.bytes:
        raise Refusal("empty", f"{findings.name}: {name} is empty, its shape is {shape}")
    if stored.row_bytes > _WHOLE or (stored.fortran and len(stored.shape) > 1 and stored.bytes > _WHOLE):
        raise Refusal(
            "large",
            f"{findings.name}: {name} cannot be read row by row; save it with numpy.ascontiguousarray, or in shorter rows",
        )


class _Reader:
    """Reader of arrays, block by block, with progress."""

    def __init__(self, archive: zipfile.ZipFile, findings: Findings, report: Report, size: int) -> None:
        self._archive = archive
        self._findings = findings
        self._report = report
        self._size = size
        self._done = 0
        self.whole = WholeNumbers()
        """The targets read so far."""

    def blocks(self, stored: Stored, rows: int) -> Iterator[NDArray[Any]]:
        """The array's rows, `rows` at a time."""
        with self._archive.open(stored.member) as stream:
            _read_header(stream)
            if stored.fortran and len(stored.shape) > 1:
                whole = np.frombuffer(self._take(stream, stored, stored.bytes), dtype=stored.dtype)
                matrix = whole.reshape(stored.shape[::-1]).T
                yield from (matrix[start : start + rows] for start in range(0, stored.shape[0], rows))
                return
            for start in range(0, stored.shape[0], rows):
                count = min(rows, stored.shape[0] - start)
                block = np.frombuffer(self._take(stream, stored, count * stored.row_bytes), dtype=stored.dtype)
                yield block.reshape((count, *stored.shape[1:]))

    def _take(self, stream: IO[bytes], stored: Stored, wanted: int) -> bytes:
        data = stream.read(wanted)
        if len(data) < wanted:
            raise Refusal("damaged", f"{self._findings.name}: the array {stored.name} is cut off")
        self._done += wanted
        self._report(self._done, self._size)
        return data


def _read_part(reader: _Reader, x: Stored, y: Stored, sequences: Sequences, test: bool) -> None:
    findings = sequences.findings
    block = max(1, min(_BLOCK // max(1, x.row_bytes), _BLOCK // max(1, y.row_bytes)))
    row = 0
    for inputs, raw in zip(reader.blocks(x, block), reader.blocks(y, block), strict=True):
        with np.errstate(all="ignore"):
            values = inputs.astype(np.float64).reshape(len(inputs), x.shape[1], -1)
        reader.whole.add(raw)
        targets = _targets(raw, y, sequences)
        for index, target in enumerate(targets):
            where = f"{x.name}[{row + index}]"
            if target is None:
                findings.row(
                    "label", f"{y.name}[{row + index}]", "the label is missing, too long, or not a finite number"
                )
            else:
                sequences.add(values[index], target, where, test=test)
        row += len(inputs)


def _targets(raw: NDArray[Any], y: Stored, sequences: Sequences) -> list[str | tuple[float, ...] | None]:
    """Label or numbers of each row; None where it is unusable."""
    findings = sequences.findings
    if y.dtype.kind == "U":
        codes = np.frombuffer(raw.tobytes(), dtype=np.dtype(np.uint32).newbyteorder(y.dtype.byteorder))
        if (codes > _LAST_CHARACTER).any():  # at which NumPy gives up with an error of the interpreter
            raise Refusal("damaged", f"{findings.name}: the array {y.name} holds what are no characters")
    if y.dtype.kind in "US":
        words = [_text(word).strip() for word in raw.reshape(len(raw)).tolist()]
        return [None if is_missing(word) or len(word) > LONGEST_LABEL else word for word in words]
    several = raw.ndim == 2 and y.shape[1] > 1
    if y.dtype.kind == "f" and not (several and sequences.classifies):
        numbers = raw.astype(np.float64).reshape(len(raw), -1)
        good = np.all(np.abs(numbers) <= FARTHEST, axis=1).tolist()  # NaN is not
        named: Iterable[str | tuple[float, ...]]
        named = class_names(raw) if sequences.classifies else map(tuple, numbers.tolist())
        return [target if fine else None for target, fine in zip(named, good, strict=True)]
    if several:
        hot = ((raw != 0).sum(axis=1) == 1) & (raw.max(axis=1) == 1)
        if not hot.all():
            kind, save = "numbers", "a label a row"
            if y.dtype.kind != "f":
                kind, save = "whole numbers", "a label a row, or numbers to predict as floats"
            raise Refusal(
                "shape",
                f"{findings.name}: {y.name} has {y.shape[1]} {kind} a row, which are not one-hot labels; save {save}",
            )
        return [str(index) for index in raw.argmax(axis=1).tolist()]
    return [str(label) for label in raw.reshape(len(raw)).tolist()]


def _text(word: str | bytes) -> str:
    # Four-byte texts may hold halves of surrogate pairs, which no other program takes.
    return (word if isinstance(word, bytes) else word.encode("utf-8", "replace")).decode("utf-8", "replace")
