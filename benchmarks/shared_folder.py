"""Machines on this one that share a folder over the network: each has its own host name, boot, processes and mount of it.

A file server (OpenSSH's `sftp-server`) listens on loopback; each machine mounts what it serves by sshfs, in namespaces of its
own. What one writes, another sees by asking the server alone, at once or, where mounts keep what they read, late. It serves
tests and benchmarks. Linux, root; Debian's packages `sshfs` and `openssh-sftp-server`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server")
_PROGRAMS = ("unshare", "nsenter", "sshfs", "mount")
_UNCACHED = ("dir_cache=no", "attr_timeout=0", "entry_timeout=0", "negative_timeout=0")
"""Options of a mount that asks the server each time."""
_CACHED = ("dcache_timeout=20", "attr_timeout=20", "entry_timeout=20")
"""Options of a mount that keeps names, sizes and times for twenty seconds."""
_BOOT = "/proc/sys/kernel/random/boot_id"
_UP = 30.0


def missing() -> str:
    """Why no folder can be shared here, in one sentence; empty where it can be."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "folders are mounted by root on Linux alone"
    if absent := [name for name in _PROGRAMS if shutil.which(name) is None]:
        return f"{', '.join(absent)} not found: apt-get install sshfs"
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse"
    return "" if _server() else "sftp-server not found: apt-get install openssh-sftp-server"


def _server() -> str:
    return next((path for path in _SERVERS if Path(path).exists()), "")


class FileServer:
    """Serves the files of this machine on loopback, each answer and question `delay` seconds late."""

    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._served: list[subprocess.Popen[bytes]] = []
        self._connections: list[socket.socket] = []
        self._passing: list[threading.Thread] = []
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # closing alone would leave the thread in `accept`
        self._socket.close()
        self._thread.join()
        for process in self._served:
            process.kill()
        for connection in self._connections:
            with contextlib.suppress(OSError):  # the other side has gone
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._passing:
            thread.join()
        for process in self._served:
            with process:  # closes its pipes and waits
                pass
        for connection in self._connections:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self._delay:
                with connection:
                    self._served.append(
                        subprocess.Popen([_server()], stdin=connection.fileno(), stdout=connection.fileno())
                    )
                continue
            process = subprocess.Popen([_server()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            self._served.append(process)
            assert process.stdin is not None
            assert process.stdout is not None
            self._connections.append(connection)
            for source, target in ((connection, process.stdin), (process.stdout, connection)):
                thread = threading.Thread(target=self._pass_on, args=(source.fileno(), target.fileno()), daemon=True)
                self._passing.append(thread)
                thread.start()

    def _pass_on(self, source: int, target: int) -> None:
        with contextlib.suppress(OSError):  # one side has gone
            while piece := os.read(source, 1 << 16):
                time.sleep(self._delay)
                while piece:
                    piece = piece[os.write(target, piece) :]


class Machine:
    """A machine called `host`, on which `folder` shows what the server has in `served`, until it is lost."""

    def __init__(self, host: str, server: FileServer, served: Path, folder: Path, *, caching: bool) -> None:
        self.host = host
        self._started: list[subprocess.Popen[str]] = []
        folder.mkdir(parents=True, exist_ok=True)
        boot = served.parent / f"{host}.boot"
        boot.write_text(f"{uuid.uuid4()}\n")
        options = ",".join([f"directport={server.port}", *(_CACHED if caching else _UNCACHED)])
        script = (
            f'hostname "$0" && mount --bind "$1" {_BOOT} && sshfs -o {options} "127.0.0.1:$2" "$3" && echo up && '
            "exec sleep infinity"
        )
        unshare = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._holder = subprocess.Popen(
            [*unshare, "sh", "-c", script, host, str(boot), str(served), str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "up\n":
            with self._holder:  # closes its pipe and waits
                self._holder.kill()
            raise OSError(f"{host} cannot mount the folder: exit code {self._holder.returncode}")
        # The process that was forked is the first of the new namespaces.
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children").read_text().split()
        self._first = int(children[0])

    def command(self, *arguments: str) -> list[str]:
        """The command line that carries out another one, of these `arguments`, on this machine."""
        return ["nsenter", f"--target={self._first}", "--mount", "--uts", "--pid", "--", *arguments]

    def start(self, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """A program on this machine; what it prints has to be read."""
        process = subprocess.Popen(
            self.command(*arguments),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def lose(self) -> None:
        """End every process of the machine at once, as a loss of power does: nothing is written any more."""
        self._holder.kill()
        self._holder.wait()
        if self._holder.stdout is not None:
            self._holder.stdout.close()
        for process in self._started:
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._started.clear()
        deadline = time.monotonic() + _UP
        while Path(f"/proc/{self._first}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
