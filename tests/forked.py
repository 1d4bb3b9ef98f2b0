"""Scripts and commands started by a process that has imported PyTorch: a fork for each, in a hundredth of the import's time.

`python -m tests.forked` reads one request a line, forks a process that runs the module as `python -m` would, waits for it and
answers with its exit code. Nothing of this project is imported before the fork.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

SLOW_TO_IMPORT = ("click", "msgspec", "scipy.stats", "sklearn.metrics", "textual.app", "tomllib", "torch")
ROOT = Path(__file__).parents[1]


READ_AT_START = ("PYTHON", "LD_", "OMP_", "MKL_", "OPENBLAS_", "LC_", "LANG", "RNNLAB_KERNELS")
"""Beginnings of variables that an interpreter, or a library as it is loaded, reads once: a fork is too late for another value."""


def _read_at_start(environment: Mapping[str, str]) -> bool:
    """Whether a variable that is read at the start has another value than here: that takes an interpreter of its own."""
    names = {*environment, *os.environ}
    return any(name.startswith(READ_AT_START) and environment.get(name) != os.environ.get(name) for name in names)


class Forker:
    """Process that forks. Without fork, as on macOS, each script gets an interpreter of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self,
        module: str,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
        fresh: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """`python -m module arguments…` in `folder`, with this environment alone; `fresh`: in an interpreter of its own.

        Raises `subprocess.TimeoutExpired`.
        """
        command = [sys.executable, "-m", module, *arguments]
        with tempfile.TemporaryDirectory() as output:
            files = Path(output, "out"), Path(output, "err")
            if sys.platform == "linux" and not fresh and not _read_at_start(environment):
                code = self._forked([module, *arguments], folder, environment, files, seconds)
            else:
                with files[0].open("wb") as out, files[1].open("wb") as err:
                    code = subprocess.run(
                        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                        timeout=seconds, check=False,
                    ).returncode  # fmt: skip
            printed, errors = (file.read_text(encoding="utf-8") for file in files)
        return subprocess.CompletedProcess(command, code, printed, errors)

    def _forked(
        self,
        words: list[str],
        folder: Path,
        environment: Mapping[str, str],
        files: tuple[Path, Path],
        seconds: float,
    ) -> int:
        server = self._server()
        assert server.stdin is not None
        assert server.stdout is not None
        request = [words, str(folder), dict(environment), [str(file) for file in files]]
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        if not select.select([server.stdout], [], [], seconds)[0]:
            self._process = None
            os.killpg(server.pid, signal.SIGKILL)  # with the script
            server.communicate()
            raise subprocess.TimeoutExpired(words, seconds)
        return int(server.stdout.readline())

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _server(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._process


FORKER = Forker()
"""The one that the tests of a process share."""
atexit.register(FORKER.close)


def serve() -> list[str] | None:
    """The words of the script that this process is to run: it is the fork. None: nothing more is asked."""
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for line in iter(sys.stdin.buffer.readline, b""):
        words, folder, environment, files = json.loads(line)
        if (pid := os.fork()) == 0:
            _become(folder, environment, files)
            return list(words)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(1, f"{code}\n".encode())
    return None


def _become(folder: str, environment: dict[str, str], files: list[str]) -> None:
    """A process as it begins that was started in `folder`, with this environment and its output into the files."""
    for number, name in enumerate((os.devnull, *files)):
        opened = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - what was read ahead is the server's
    os.chdir(folder)
    sys.path[0] = folder
    os.environ.clear()
    os.environ.update(environment)


def _run(words: list[str]) -> NoReturn:
    """Run the module, and end as an interpreter does but for taking PyTorch apart, which takes longer than most commands."""
    sys.argv = words
    code = 0
    try:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int):
            code = end.code
        elif end.code is not None:
            print(end.code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    asked = serve()
    if asked is not None:
        _run(asked)
