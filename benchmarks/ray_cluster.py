"""A Ray cluster of three nodes on this machine, on loopback, with a token: a head and two more raylets; up in half a minute.

It serves the tests and the kill script: nothing of it is for real work.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.started_cluster import StartedCluster, free_port

NODES = ("n0", "n1", "n2")
"""The first is the head."""
NODE, CLUSTER = "RNNLAB_RAY_NODE", "RNNLAB_RAY_CLUSTER"
"""In the environment of every process of a node: which one, and of which cluster."""
CORES = 1
_APART = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"')
"""Begins a command that sees an empty folder in place of the one that is its next word."""
_UP = 120.0
"""Seconds that a node may take to be up, on a busy machine."""
_QUIET = ("--disable-usage-stats", "--block", "--object-store-memory=80000000")


def missing() -> str:
    """Why no cluster can be started here, in one sentence; empty where one can."""
    return "" if importlib.util.find_spec("ray") else "Ray is not installed: pip install 'rnnlab[ray]'"


class RayCluster(StartedCluster):
    """A Ray cluster of a head and two more nodes; where another folder than `hidden` stands in its place, for root alone."""

    engine = ("--engine", "ray", "--array", "3")
    nodes: tuple[str, ...] = NODES

    def __init__(self, root: Path, nodes: tuple[str, ...] = NODES, *, hidden: Path | None = None) -> None:
        super().__init__(root)
        self._hidden = hidden
        self.nodes = nodes
        self.address = f"127.0.0.1:{free_port()}"
        self._folder = Path(tempfile.mkdtemp(prefix="rnnlab-ray-"))  # the path of a socket must be short
        self._daemons: list[subprocess.Popen[bytes]] = []
        self.environment |= {
            CLUSTER: str(root),
            "RAY_ADDRESS": self.address,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_DISABLE_IMPORT_WARNING": "1",
        }

    def start(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        for node in self.nodes:
            self.start_node(node)

    def start_node(self, node: str) -> None:
        host, _, port = self.address.partition(":")
        first = node == self.nodes[0]
        role = ("--head", f"--port={port}", "--include-dashboard=false") if first else (f"--address={self.address}",)
        where = [f"--node-ip-address={host}", f"--num-cpus={CORES}", *([f"--temp-dir={self._folder}"] if first else [])]
        environment = self.environment | {NODE: node}
        if first:
            environment.pop("RAY_ADDRESS")
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *role, *where, *_QUIET]
        if self._hidden is not None and not first:
            command = [*_APART, str(self._hidden), *command]
        path = self.root / f"{node}.log"
        before = path.stat().st_size if path.exists() else 0
        with path.open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._daemons.append(process)
        deadline = time.monotonic() + _UP
        while b"Ray runtime started" not in path.read_bytes()[before:]:
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"the node {node} is not up: {path.read_text(errors='replace')[-1000:]}")
            time.sleep(0.1)

    def close(self) -> None:
        super().close()
        for process in self._daemons:
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill_node(self, node: str) -> None:
        for _ in range(3):  # those, too, that it has started meanwhile
            for process in self.processes(node):
                with contextlib.suppress(psutil.Error, OSError):
                    process.kill()

    def processes(self, *nodes: str) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                environment = process.environ()
            except (psutil.Error, OSError):
                continue
            if process.pid == os.getpid() or environment.get(CLUSTER) != str(self.root):
                continue
            if not nodes or environment.get(NODE) in nodes:
                yield process
                with contextlib.suppress(psutil.Error, OSError):
                    yield from process.children()  # Ray's agents have written their titles over their environments
