"""A Slurm cluster of two nodes on this machine, of Debian's packages `slurm-wlm` and `munge`, on loopback; up in seconds.

With `slurmdbd` and `mariadb-server-core` it keeps accounts, too, which `sacct` reads.

It serves the tests and the kill script: nothing of it is for real work. Needs the rights of root, as munge and slurmd want them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.started_cluster import StartedCluster, command_of, free_port

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
ACCOUNTS = ("slurmdbd", "mariadbd", "mariadb-install-db", "my_print_defaults", "sacct", "sacctmgr")
NODES = ("n1", "n2")
_UP = 60.0
"""Seconds that the nodes may take to be idle."""
_CONFIGURATION = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket,cred_expire=10
CryptoType=crypto/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool-%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
KillWait=15
MpiDefault=none
SwitchType=switch/none
SlurmdParameters=config_overrides
{nodes}
PartitionName=short Nodes=n1,n2 Default=YES MaxTime=60 State=UP
"""


_ACCOUNTS = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePass={root}/munge/socket
JobAcctGatherType=jobacct_gather/linux
AccountingStoragePort={port}
"""
_DATABASE = """\
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket
DbdHost=localhost
DbdPort={port}
SlurmUser={user}
StorageType=accounting_storage/mysql
StorageUser={user}
StorageLoc=slurm
PidFile={root}/slurmdbd.pid
LogFile={root}/slurmdbd.log
"""


def missing() -> str:
    """Why no cluster can be started here, in one sentence; empty where one can."""
    absent = [program for program in PROGRAMS if _find(program) is None]
    if absent:
        return f"{', '.join(absent)} not installed: apt-get install slurm-wlm munge"
    return "" if os.geteuid() == 0 else "a cluster on one machine is started by root alone"


def missing_accounts() -> str:
    """Why no cluster with accounts can be started here, in one sentence; empty where one can."""
    absent = [program for program in ACCOUNTS if _find(program) is None]
    return missing() or (
        f"{', '.join(absent)} not installed: apt-get install slurmdbd mariadb-server-core mariadb-client-core"
        if absent
        else ""
    )


class SlurmCluster(StartedCluster):
    """A Slurm cluster of two nodes; with `accounts` a database of what its jobs came to."""

    engine = ("--engine", "slurm", "--array", "3", "--time", "10")
    nodes = NODES

    def __init__(self, root: Path, *, accounts: bool = False) -> None:
        super().__init__(root)
        self.accounts = accounts
        self._database: subprocess.Popen[bytes] | None = None
        self.environment["SLURM_CONF"] = str(root / "slurm.conf")
        self._host = socket.gethostname()

    def start(self) -> None:
        munge = self.root / "munge"
        munge.mkdir(parents=True)
        munge.chmod(0o711)
        key = munge / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        for name in ("state", *(f"spool-{node}" for node in NODES)):
            (self.root / name).mkdir()
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={self._host} NodeAddr=127.0.0.1 Port={free_port()} CPUs=2 RealMemory=2000"
            for node in NODES
        )
        accounts = _ACCOUNTS.format(root=self.root, port=free_port()) if self.accounts else ""
        (self.root / "slurm.conf").write_text(
            accounts
            + _CONFIGURATION.format(
                host=self._host,
                controller=free_port(),
                root=self.root,
                user=pwd.getpwuid(os.geteuid()).pw_name,
                nodes=nodes,
            )
        )
        files = {"socket": "socket", "key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        self.call("munged", "--force", *(f"--{name}={munge / file}" for name, file in files.items()))
        if self.accounts:
            self._start_accounts(accounts)
        self.call("slurmctld")
        for node in NODES:
            self.start_node(node)
        self.wait_for(len(NODES))

    def close(self) -> None:
        super().close()
        if self._database is not None:
            self._database.wait()

    def _start_accounts(self, lines: str) -> None:
        """Start the database, of this cluster alone, and the daemon that writes to it."""
        data, socket_path = self.root / "mysql", self.root / "mysql.sock"
        user = pwd.getpwuid(os.geteuid()).pw_name
        self.environment["MYSQL_UNIX_PORT"] = str(socket_path)
        plain = ("--no-defaults", f"--datadir={data}", f"--user={user}")
        self.call("mariadb-install-db", *plain, "--auth-root-authentication-method=normal", "--skip-test-db")
        self._database = subprocess.Popen(
            [
                _find("mariadbd") or "",
                *plain,
                f"--socket={socket_path}",
                "--skip-networking",
                "--innodb-buffer-pool-size=64M",
            ],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _UP
        while not socket_path.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        configuration = self.root / "slurmdbd.conf"
        port = lines.rpartition("=")[2].strip()
        configuration.write_text(_DATABASE.format(root=self.root, user=user, port=port))
        configuration.chmod(0o600)
        self.call("slurmdbd")
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.call("sacctmgr", "--immediate", "add", "cluster", "lab")
                return
            time.sleep(0.2)
        raise TimeoutError(f"the accounts of the cluster are not up: see {self.root}/slurmdbd.log")

    def start_node(self, node: str) -> None:
        self.call("slurmd", "-N", node)

    def kill_node(self, node: str) -> None:
        for process in self.processes(node):
            with contextlib.suppress(psutil.Error, OSError):
                step = process.parent()
                process.kill()
                if step is not None and step.name() == "slurmstepd":
                    step.kill()

    def forget_jobs(self) -> None:
        """Have the scheduler forget the jobs that are over, as it does some minutes later: it is started anew without them."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if process.name() == "slurmctld":
                    process.kill()
                    process.wait()
        self.call("slurmctld", "-c")
        self.wait_for(len(NODES))

    def wait_for(self, nodes: int) -> None:
        """Wait until so many nodes are ready for work. Raises `TimeoutError`."""
        deadline = time.monotonic() + _UP
        while time.monotonic() < deadline:
            ready = self.call("sinfo", "--noheader", "--Node", "--format=%T").split()
            if sum(state in ("idle", "mixed", "allocated") for state in ready) >= nodes:
                return
            time.sleep(0.2)
        raise TimeoutError(f"the nodes of the cluster are not up: see {self.root}/*.log")

    def processes(self, *nodes: str) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                environment, folder = process.environ(), process.cwd()
            except (psutil.Error, OSError):
                continue
            # A step of Slurm's has written its title over its environment.
            if not nodes and process.name() == "slurmstepd" and folder.startswith(str(self.root)):
                yield process
            if process.pid == os.getpid() or environment.get("SLURM_CONF") != self.environment["SLURM_CONF"]:
                continue
            name = environment.get("SLURMD_NODENAME") or (command_of(process)[-1:] or [""])[0]
            if not nodes or name in nodes:
                yield process

    def call(self, *command: str) -> str:
        """What one of Slurm's programs prints. Raises `OSError` where it fails."""
        program = _find(command[0]) or command[0]
        done = subprocess.run(
            [program, *command[1:]], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise OSError(f"{command[0]} has failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def _find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
