"""A small file system of its own, and what keeps it full."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.reliability.promise import Skipped

SIZE = "16m"
PAGE = 4096


class Filler:
    """Keeps a file system full for as long as it is entered; with `left` pages, those stay free, and it is filled once."""

    def __init__(self, folder: Path, left: int = 0) -> None:
        self._path = folder / "filler"
        self._left = left
        self._over = threading.Event()
        self._full = threading.Event()

    def __enter__(self) -> Filler:
        self._thread = threading.Thread(target=self._fill)
        self._thread.start()
        self._full.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._path.unlink()

    def _fill(self) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while not self._over.is_set():
            for size in (1 << 16, PAGE):
                with contextlib.suppress(OSError):
                    while os.write(file, bytes(size)):
                        pass
            if self._left:
                os.ftruncate(file, max(0, os.fstat(file).st_size - self._left * PAGE))
                self._full.set()
                self._over.wait()
            self._full.set()
            self._over.wait(0.02)
        os.ftruncate(file, 0)  # a trainer forked meanwhile has it open too
        os.close(file)


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `SIZE`. Raises `Skipped` where this process may not mount one."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            raise Skipped("a file system of its own cannot be mounted by this process")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
