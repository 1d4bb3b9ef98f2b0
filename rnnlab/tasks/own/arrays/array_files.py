"""Arrays of an `.npz` archive, of `.npy` files beside one another, or of a folder of them: found, checked, read by blocks.

Nothing pickled is ever read, and no header is believed: an array's size is compared with the bytes that are really there
before anything is made to hold it, and its rows are read block by block.
"""

from __future__ import annotations

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rnnlab.tasks.own.arrays.array_names import Named, meaning, named_arrays
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import regular_file

WHOLE = 64 * 2**20
"""Maximum bytes of an array in Fortran order, which cannot be read row by row."""
_CHUNK = 2**20
"""Bytes of joined sequences that are read at once."""
_MOST_MEMBERS = 1000
_LONGEST_HEADER = 10_000
DAMAGED = (
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
    """Array that is not read yet. `name` is its name in the file."""

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
        return self.bytes // max(1, self.shape[0] if self.shape else 1)


@dataclass(frozen=True)
class Joined(Stored):
    """Array of sequences one after the other, `whole`, seen as padded rows: (sequences, longest, channels), NaN past each end."""

    whole: Stored
    lengths: tuple[int, ...]


def joined(whole: Stored, lengths: NDArray[np.int64]) -> Joined:
    """The array (steps, channels) or (steps,) as rows of these lengths, whose sum is its steps."""
    shape = (len(lengths), int(lengths.max()), whole.shape[1] if len(whole.shape) > 1 else 1)
    return Joined(whole.name, whole.member, shape, np.dtype(np.float64), False, whole, tuple(lengths.tolist()))


@dataclass
class ArrayFiles:
    """Arrays by their names, of an archive or of files: their sizes, and a stream of each."""

    sizes: dict[str, int]
    archive: zipfile.ZipFile | None = None
    members: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    def open(self, name: str) -> IO[bytes]:
        """Stream of one array, its header first."""
        return self.files[name].open("rb") if self.archive is None else self.archive.open(self.members[name])


@contextmanager
def array_files(path: Path, findings: Findings) -> Iterator[ArrayFiles]:
    """The arrays of the file or folder. Raises `Refusal` where it is damaged."""
    if path.is_dir():
        yield _of_files(files_of_folder(path), findings)
    elif path.suffix.lower() == ".npy":
        regular_file(path, findings.name)
        yield _of_files(files_beside(path), findings)
    else:
        regular_file(path, findings.name)
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_count(len(members), findings)
            names = {member.filename.removesuffix(".npy"): member for member in reversed(members)}
            yield ArrayFiles(
                {name: member.file_size for name, member in reversed(names.items())},
                archive,
                {name: member.filename for name, member in names.items()},
            )


def _of_files(files: Mapping[str, Path], findings: Findings) -> ArrayFiles:
    _check_count(len(files), findings)
    for name, file in files.items():
        regular_file(file, name)
    return ArrayFiles({name: file.stat().st_size for name, file in files.items()}, files=dict(files))


def _check_count(count: int, findings: Findings) -> None:
    if count > _MOST_MEMBERS:
        raise Refusal("damaged", f"{findings.name} lists {count:,} arrays; at most {_MOST_MEMBERS:,} are read")


def files_of_folder(folder: Path) -> dict[str, Path]:
    """The `.npy` files of a folder and of the folders right in it, by their names: `X_train`, `train/X`."""
    found = sorted(folder.glob("*.npy"))[: _MOST_MEMBERS + 1] or sorted(folder.glob("*/*.npy"))[: _MOST_MEMBERS + 1]
    return {str(path.relative_to(folder).with_suffix("").as_posix()): path for path in found}


def files_beside(path: Path) -> dict[str, Path]:
    """The file, and those in its folder that are called as the other arrays of its data are."""
    beside = {other.stem: other for other in sorted(path.parent.glob("*.npy")) if other != path}
    known = {name: other for name, other in list(beside.items())[:_MOST_MEMBERS] if meaning(name) is not None}
    return {path.stem: path} | known


def holds_arrays(folder: Path) -> bool:
    """Whether a folder holds inputs and targets as `.npy` files."""
    chosen, _ = named_arrays(files_of_folder(folder))
    return {Named("X", "train"), Named("y", "train")} <= set(chosen)


def header_of(files: ArrayFiles, name: str, findings: Findings) -> Stored:
    """The array's shape and type, checked against its size. Raises `Refusal`."""
    with files.open(name) as stream:
        try:
            lengths, fortran, dtype = _read_header(stream)
        except _DAMAGED_STREAM:
            raise
        except Exception:
            # NumPy reads a header as Python's own literals: a damaged one may raise whatever its tokenizer and parser raise.
            raise Refusal("damaged", f"{findings.name}: the array {name} has no header that NumPy writes") from None
    stored = Stored(name, name, lengths, dtype, fortran)
    if dtype.hasobject:
        raise Refusal("pickled", f"{findings.name}: the array {name} holds Python objects, {_instead(name)}")
    if min(lengths, default=0) < 0 or dtype.itemsize < 1 or stored.bytes > files.sizes[name]:
        raise Refusal("damaged", f"{findings.name}: the array {name} is cut off, or its header is wrong")
    return stored


def _instead(name: str) -> str:
    found = meaning(name)
    if found is not None and found[0] == "X":
        return (
            "which are never read, as they may run code; if its sequences differ in length, save one array of numbers, padded "
            "at the end with numpy.nan"
        )
    return "which are never read, as they may run code; save numbers, or labels with .astype(str)"


def shape_of(files: ArrayFiles, name: str) -> tuple[int, ...] | None:
    """The shape that an array's header says; None where there is none, or the array holds Python objects."""
    try:
        with files.open(name) as stream:
            shape, _, dtype = _read_header(stream)
    except Exception:
        return None  # of an array that is not read further
    return None if dtype.hasobject else shape


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy writes it."""
    return "(" + ", ".join(f"{length:,}" for length in shape) + ("," if len(shape) == 1 else "") + ")"


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, whether it is in Fortran's order, and the type of the array that follows in the stream."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers written by Python 2
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    return tuple(int(length) for length in shape), bool(fortran), dtype


class ArrayReader:
    """Reader of arrays, block by block, with progress."""

    def __init__(self, files: ArrayFiles, findings: Findings, report: Report, size: int) -> None:
        self._files = files
        self._findings = findings
        self._report = report
        self._size = size
        self._done = 0

    def blocks(self, stored: Stored, rows: int) -> Iterator[NDArray[Any]]:
        """The array's rows, `rows` at a time."""
        if isinstance(stored, Joined):
            yield from self._joined_blocks(stored, rows)
            return
        with self._files.open(stored.member) as stream:
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

    def _joined_blocks(self, stored: Joined, rows: int) -> Iterator[NDArray[np.float64]]:
        chunks = self.blocks(stored.whole, max(1, _CHUNK // max(1, stored.whole.row_bytes)))
        left = np.zeros((0, stored.shape[2]))
        for start in range(0, len(stored.lengths), rows):
            lengths = stored.lengths[start : start + rows]
            while len(left) < sum(lengths):
                with np.errstate(all="ignore"):
                    chunk = next(chunks).astype(np.float64)
                left = np.concatenate([left, chunk.reshape(len(chunk), -1)])
            block = np.full((len(lengths), *stored.shape[1:]), np.nan)
            for row, length in enumerate(lengths):
                block[row, :length], left = left[:length], left[length:]
            yield block

    def whole(self, stored: Stored) -> NDArray[Any]:
        """The whole array, of which a short one only is asked for."""
        return np.concatenate(list(self.blocks(stored, max(1, stored.shape[0]))))

    def _take(self, stream: IO[bytes], stored: Stored, wanted: int) -> bytes:
        data = stream.read(wanted)
        if len(data) < wanted:
            raise Refusal("damaged", f"{self._findings.name}: the array {stored.name} is cut off")
        self._done = min(self._done + wanted, self._size)
        self._report(self._done, self._size)
        return data
