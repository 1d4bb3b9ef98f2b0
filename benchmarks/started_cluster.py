"""A cluster that is started on this machine for tests and benchmarks: its processes, and a person's commands on it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_DOWN = 10.0


class StartedCluster:
    """A cluster whose files lie in `root`, from entering the context to leaving it.

    `environment`: what its users' programs need; `engine`: the options of a sweep that is carried out on it;
    `nodes`: the names of its nodes.
    """

    engine: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = dict(os.environ)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the cluster. Raises `OSError`, `TimeoutError`."""
        raise NotImplementedError

    def start_node(self, node: str) -> None:
        """Start a node, or one that was killed again."""
        raise NotImplementedError

    def kill_node(self, node: str) -> None:
        """Kill a node as a loss of power would: its daemon and everything that runs on it."""
        raise NotImplementedError

    def processes(self, *nodes: str) -> Iterator[psutil.Process]:
        """The processes of the cluster; of some nodes: their daemons and what runs there."""
        raise NotImplementedError

    def close(self) -> None:
        """End every process of the cluster, those too that others of it start meanwhile."""
        deadline = time.monotonic() + _DOWN
        while (left := list(self.processes())) and time.monotonic() < deadline:
            for process in left:
                with contextlib.suppress(psutil.Error, OSError):
                    process.kill()
            psutil.wait_procs(left, 1.0)

    def trainers(self) -> list[psutil.Process]:
        """The trainers that pilots on the cluster have started."""
        return [each for each in self.processes(*self.nodes) if "rnnlab.training" in " ".join(command_of(each))]

    def rnnlab(self, sessions: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """A command of a person on the login node, whose sessions lie in a folder; what it prints is left out."""
        return subprocess.Popen(
            [sys.executable, "-m", "rnnlab", *arguments],
            env={**self.environment, "RNNLAB_SESSIONS": str(sessions)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def command_of(process: psutil.Process) -> list[str]:
    """The words of a process's command line; none where it is gone."""
    try:
        return list(process.cmdline())
    except (psutil.Error, OSError):
        return []


def free_port() -> int:
    """The number of a port on loopback that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
