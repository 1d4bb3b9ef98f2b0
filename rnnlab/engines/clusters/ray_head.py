"""A Ray cluster of this machine alone, for sessions that name no other: started at need, ended once no session needs it.

`python -m rnnlab.engines.clusters.ray_head`

Whoever reaches a Ray cluster's ports may run programs as the person who started it. So this one listens on loopback alone, asks
for a token that only this person can read, keeps its logs in a folder of theirs, and has neither a dashboard nor usage
statistics.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from rnnlab.cores import cores
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing, read_regular
from rnnlab.locks import Locked, held, is_locked
from rnnlab.logout import detached
from rnnlab.machine import host
from rnnlab.runs.files import open_append, read_tail, write_atomically, write_beside
from rnnlab.runs.secret import state_root

_TOKEN = "ray.token"
_LIMIT = 1 << 12
_START = 120.0
"""Seconds that Ray may take to start."""
_IDLE = 60.0
"""Seconds without a session's owner after which the cluster ends."""
_POLL = 5.0
_MEMORY = 100 << 20
"""Bytes of Ray's store of objects: pilots say in a few bytes how they ended."""
LOOPBACK = "127.0.0.1"


def own_environment() -> dict[str, str]:
    """The environment of processes of this machine's cluster, where Ray asks for, and gives, the token of this person.

    What a person has set for Ray about other clusters is left out. Raises `UsageError` where the token cannot be kept.
    """
    path = state_root() / _TOKEN
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = write_beside(path, secrets.token_hex(32).encode(), mode=0o600)
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)  # whole, and never over another's
            draft.unlink()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): name another folder with RNNLAB_STATE"
        ) from None
    return {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": os.fspath(path),
        "RAY_USAGE_STATS_ENABLED": "0",
        # Ray's name for a cluster of one machine, whatever the machine: it listens on loopback. Else it takes an address that
        # others reach in place of the loopback address that it is given.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    }


def _file(kind: str) -> Path:
    """A file about this machine's cluster: a home directory may be that of other machines, too."""
    return state_root() / f"ray-{re.sub(r'[^0-9A-Za-z.-]', '-', host())}.{kind}"


def local_address() -> str:
    """The address of this machine's cluster, which is started unless it lives. Raises `UsageError`."""
    deadline = time.monotonic() + _START
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        if is_locked(_file("lock")):
            with contextlib.suppress(OSError, UnicodeError):
                return read_regular(_file("address"), _LIMIT).decode()
        elif process is None:
            process = _start()
        elif process.poll() is not None:
            break
        time.sleep(0.1)
    lines = read_tail(_file("log")).strip().splitlines()
    raise UsageError(f"Ray could not be started ({lines[-1][:200] if lines else 'no message'}): see {_file('log')}")


def _start() -> subprocess.Popen[bytes]:
    log = open_append(_file("log"))
    try:
        return subprocess.Popen(
            detached([sys.executable, "-P", "-m", "rnnlab.engines.clusters.ray_head"]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=own_environment(),
        )
    finally:
        os.close(log)


def serve(folder: Path) -> None:
    """Start the cluster, whose files lie in `folder`, say where it is, and keep it for as long as sessions need it."""
    import ray

    ray.init(
        num_cpus=cores(),
        include_dashboard=False,
        object_store_memory=_MEMORY,
        namespace="rnnlab",
        log_to_driver=False,
        configure_logging=False,
        _node_ip_address=LOOPBACK,
        _temp_dir=os.fspath(folder),
    )
    address = ray.get_runtime_context().gcs_address
    write_atomically(_file("address"), address.encode(), mode=0o600)
    needed_at = time.monotonic()
    while time.monotonic() - needed_at < _IDLE:
        time.sleep(_POLL)
        if ray.util.list_named_actors(all_namespaces=True):
            needed_at = time.monotonic()


def main() -> int:
    """Be the head of this machine's cluster, unless another process is. Exit code 0."""
    keep_others_from_writing()

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    with contextlib.suppress(Locked), held(_file("lock")):
        _file("address").unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="rnnlab-ray-"))
        try:
            signal.signal(signal.SIGTERM, end)
            serve(folder)
        finally:
            _file("address").unlink(missing_ok=True)
            if "ray" in sys.modules:
                sys.modules["ray"].shutdown()
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
