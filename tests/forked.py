"""Scripts started by a process that has imported PyTorch: a fork for each, in a hundredth of the import's time.

`python -m tests.forked` reads one request a line, forks a process that runs the module as `python -m` would, waits for it and
answers with its exit code. Nothing of this project is imported before the fork.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
from pathlib import Path

SLOW_TO_IMPORT = ("torch", "scipy.stats", "sklearn.metrics", "textual.app")
ROOT = Path(__file__).parents[1]


class Forker:
    """Process that forks. Without fork, as on macOS, each script gets an interpreter of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, *arguments: str, output: Path, seconds: float, **environment: str) -> int:
        """The exit code of `python -m module arguments…` in the checkout's folder; `output` gets stdout.txt and stderr.txt.

        Raises `subprocess.TimeoutExpired`.
        """
        if sys.platform != "linux":
            with (output / "stdout.txt").open("wb") as out, (output / "stderr.txt").open("wb") as err:
                return subprocess.run(
                    [sys.executable, "-m", module, *arguments],
                    cwd=ROOT,
                    env=os.environ | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    timeout=seconds,
                    check=False,
                ).returncode
        server = self._server()
        assert server.stdin is not None
        assert server.stdout is not None
        request = {"words": [module, *arguments], "output": str(output), "environment": environment}
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        if not select.select([server.stdout], [], [], seconds)[0]:
            self._process = None
            os.killpg(server.pid, signal.SIGKILL)  # with the script
            server.communicate()
            raise subprocess.TimeoutExpired([module, *arguments], seconds)
        return int(server.stdout.readline())

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()

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


def serve() -> list[str] | None:
    """The words of the script that this process is to run: it is the fork. None: nothing more is asked."""
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for line in iter(sys.stdin.buffer.readline, b""):
        request = json.loads(line)
        if (pid := os.fork()) == 0:
            _redirect(Path(request["output"]))
            os.environ.update(request["environment"])
            return list(request["words"])
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(1, f"{code}\n".encode())
    return None


def _redirect(output: Path) -> None:
    for number, name, mode in (
        (0, Path(os.devnull), os.O_RDONLY),
        (1, output / "stdout.txt", os.O_WRONLY | os.O_CREAT),
        (2, output / "stderr.txt", os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(name, mode, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - what was read ahead is the server's


if __name__ == "__main__":
    words = serve()
    if words is not None:
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
