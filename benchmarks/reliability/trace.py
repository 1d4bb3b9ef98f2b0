"""What a process does to the files below a folder, operation by operation, and the folder as a loss of power would leave it."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("files_seen.c")
KINDS = ("open", "close", "write", "truncate", "sync", "rename", "unlink", "mkdir", "link")
_HEAD = struct.Struct("=QQQIIII")
_PAGE = 4096


class NoCompiler(Exception):
    """There is no C compiler here, or no Linux."""


@cache
def library(source: Path = SOURCE) -> Path:
    """The library to preload, compiled. Raises `NoCompiler`."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or os.uname().sysname != "Linux":
        raise NoCompiler("what a process writes is followed with a C compiler, on Linux")
    folder = Path(tempfile.mkdtemp(prefix="files-seen-"))
    path = folder / f"{source.stem}.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(path), str(source), "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoCompiler(f"{source.name} cannot be compiled: {done.stderr}")
    return path


@dataclass(frozen=True)
class Operation:
    """One thing that was done: `seconds` on a clock that never jumps."""

    seconds: float
    kind: str
    file: int
    offset: int
    """Of a write; the length of a truncation; the flags of an open."""
    path: str
    to: str
    data: bytes


def read_trace(path: Path) -> list[Operation]:
    """The operations in the order in which they were done."""
    data, at, found = path.read_bytes(), 0, []
    while at + _HEAD.size <= len(data):
        nanoseconds, offset, size, kind, file, first, second = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        names = data[at : at + first + second].decode()
        at += first + second
        held = data[at : at + size] if KINDS[kind] == "write" else b""
        at += len(held)
        found.append(Operation(nanoseconds / 1e9, KINDS[kind], file, offset, names[:first], names[first:], held))
    return found


@dataclass
class _File:
    durable: bytes = b""
    now: bytearray = field(default_factory=bytearray)
    touched: set[int] = field(default_factory=set)
    """Pages changed since the last sync."""
    is_folder: bool = False


@dataclass(frozen=True)
class _Change:
    """A change of a folder: `path` is given `file`, or is taken away (None), or is moved `to` another name with all below it."""

    path: str
    file: _File | None = None
    to: str = ""

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    def make(self, names: dict[str, _File]) -> None:
        if not self.to:
            names.pop(self.path, None)
            if self.file is not None:
                names[self.path] = self.file
            return
        for name in [name for name in names if name == self.path or name.startswith(self.path + "/")]:
            names[self.to + name.removeprefix(self.path)] = names.pop(name)


class Disk:
    """Files and folders as a process sees them, and what of them is sure to be there after a loss of power.

    What was synced is. Of anything else each page may be as it was, as it is or blank, a file's length either one, and a name
    in a folder that was not synced since may be the old one or the new one.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._open: dict[int, tuple[str, _File]] = {}
        self._names: dict[str, _File] = {self.root: _File()}
        """Folders are files without bytes."""
        for path in sorted(root.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            self._names[str(path)] = _File(data, bytearray(data), is_folder=path.is_dir())
        self._names[self.root].is_folder = True
        self._durable = self._names.copy()
        self._unsure: list[_Change] = []
        """Oldest first."""

    def apply(self, done: Operation) -> None:
        """Follow an operation."""
        match done.kind:
            case "open":
                if done.path not in self._names:
                    self._change(_Change(done.path, _File()))
                self._open[done.file] = done.path, self._names[done.path]
            case "close":
                self._open.pop(done.file, None)
            case "write":
                file = self._open[done.file][1]
                end = done.offset + len(done.data)
                file.now.extend(bytes(max(0, end - len(file.now))))
                file.now[done.offset : end] = done.data
                file.touched.update(range(done.offset // _PAGE, -(-end // _PAGE)))
            case "truncate":
                file = self._open[done.file][1]
                if done.offset != len(file.now):
                    del file.now[done.offset :]
                    file.now.extend(bytes(done.offset - len(file.now)))
                    file.touched.add(done.offset // _PAGE)
            case "sync":
                path, file = self._open[done.file]
                if file.is_folder:
                    for change in [each for each in self._unsure if each.folder == path]:
                        change.make(self._durable)
                    self._unsure = [each for each in self._unsure if each.folder != path]
                else:
                    file.durable, file.touched = bytes(file.now), set()
            case "rename":
                self._change(_Change(done.path, to=done.to))
            case "link":
                self._change(_Change(done.to, self._names[done.path]))
            case "unlink":
                self._change(_Change(done.path))
            case "mkdir":
                self._change(_Change(done.path, _File(is_folder=True)))

    def after_a_cut(self, chance: random.Random, kept: float) -> dict[str, bytes]:
        """Files by path as a loss of power now could leave them.

        `kept` is the share of what is unsure that is there: 0 and 1 are the two ends.
        """
        names = self._durable.copy()
        for change in self._unsure:
            if chance.random() < kept:
                change.make(names)
        return {
            path: _left(file, chance, kept)
            for path, file in names.items()
            if not file.is_folder and all(map(names.__contains__, self._folders_of(path)))
        }

    def _folders_of(self, path: str) -> list[str]:
        return [str(each) for each in Path(path).parents if len(str(each)) > len(self.root)]

    def _change(self, change: _Change) -> None:
        change.make(self._names)
        self._unsure.append(change)


def _left(file: _File, chance: random.Random, kept: float) -> bytes:
    if not file.touched:
        return file.durable
    sizes = sorted((len(file.durable), len(file.now)))
    size = sizes[0] if kept == 0 else len(file.now) if kept == 1 else chance.choice((*sizes, chance.randint(*sizes)))
    left = bytearray(file.durable[:size].ljust(size, b"\0"))
    for page in file.touched:
        part = slice(page * _PAGE, min(size, (page + 1) * _PAGE))
        if part.start < size and chance.random() < kept:
            new = bytes(file.now[part])
            left[part] = new.ljust(part.stop - part.start, b"\0") if chance.random() < 0.8 or kept == 1 else bytes(
                part.stop - part.start
            )  # fmt: skip
    return bytes(left)


def put_back(files: dict[str, bytes], root: str, folder: Path) -> None:
    """Write the files found below `root` into another folder."""
    for path, data in files.items():
        target = folder / os.path.relpath(path, root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
