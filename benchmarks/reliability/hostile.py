"""Hostile session folders through every command and the app: nothing outside is touched, nothing fails, all others are listed.

    python -m benchmarks.reliability.hostile [--quick]

Writes the sessions of `tests/hostile.py` to a temporary folder, puts each through each command, and opens each run in the app.
Every command's process may compute 10 s for a session and 300 MB, the memory of PyTorch left out where the command needs it. The
files outside, and all logs and settings within, must be as they were. `--quick` keeps every twentieth session, and opens
one of them in the app.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from tests.hostile import HONEST, Hostile, make, snapshot

SECONDS = 10.0
"""Of computing that a command may take for a session, or for the list of all;"""
HANGS = 60.0
"""and of waiting: the machine may be busy."""
MEGABYTES = 300.0
QUICK = 20
OPENED = 20
"""Runs that one process opens in the app."""
LISTING = ("sessions", "sessions --json")
EACH = ("show RUN", "show RUN --json", "show SESSION", "compare SESSION --plot", "replay RUN --instant", "replay RUN --json",
        "replay RUN --at 1", "errors RUN", "errors RUN --json",
        "tell RUN pause", "resume RUN", "replay RUN --verify")  # fmt: skip
WITH_TORCH = ("predict RUN abc",)
FAULTS = ("a fault of rnnlab's", "Traceback (most recent")
UNSAFE = ("\x1b]", "\x9b", "\u202e")


@dataclass(frozen=True)
class Fault:
    """What went wrong with a session in a command, or in the app."""

    session: str
    command: str
    words: str

    def __str__(self) -> str:
        return f"{self.command}: {self.session!a}: {self.words}"


class _TooLong(BaseException):
    pass


def check(root: Path, *, every: int = 1) -> list[Fault]:
    """All faults found. `every`: of so many sessions one is left; the app opens one in so many of those."""
    hostile = _thinned(make(root), every)
    before = snapshot(hostile.outside), _within(hostile)
    faults = []
    plain = _memory("show RUN", hostile, (HONEST,))[1]
    for command in (*LISTING, *EACH):
        faults += _in_process(command, hostile, MEGABYTES)
    torch = _memory(WITH_TORCH[0], hostile, (HONEST,))[1]
    for command in WITH_TORCH:
        faults += _in_process(command, hostile, MEGABYTES + torch - plain)
    opened = hostile.names[::every]
    for first in range(0, len(opened), OPENED):
        # Each run is opened in an app of its own, and what an app leaves behind in a process is not what is measured.
        faults += _in_process("app", hostile, MEGABYTES, opened[first : first + OPENED])
    if snapshot(hostile.outside) != before[0]:
        faults.append(Fault("all", "all", "files outside the sessions were changed"))
    after = _within(hostile)
    faults += [
        Fault(name, "all", "was changed")
        for name in sorted({*before[1], *after})
        if before[1].get(name) != after.get(name)
    ]
    return faults


def _thinned(hostile: Hostile, every: int) -> Hostile:
    """Every so manieth session and the honest one; the others are deleted."""
    kept = tuple(dict.fromkeys((*hostile.names[::every], HONEST)))
    for name in set(hostile.names) - set(kept):
        shutil.rmtree(hostile.sessions / name)
    return replace(hostile, names=kept)


def _within(hostile: Hostile) -> dict[str, tuple[int, int, int]]:
    """Size, mode and time of all that stands in the sessions, locks and what a refused command leaves apart."""
    found = {}
    for place, _, names in os.walk(hostile.sessions):
        for name in names:
            path = Path(place, name)
            if not name.endswith(".lock") and name not in ("commands.jsonl", "runner.log"):
                about = path.lstat()
                found[str(path.relative_to(hostile.sessions))] = about.st_size, about.st_mode, about.st_mtime_ns
    return found


def _memory(command: str, hostile: Hostile, names: tuple[str, ...]) -> tuple[list[Fault], float]:
    """What the command's process found, and the most memory it had, in MB."""
    code = [sys.executable, "-m", "benchmarks.reliability.hostile", "--worker", command, str(hostile.sessions)]
    process = subprocess.Popen([*code, *map(ascii, names)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    faults = [Fault(*json.loads(line)) for line in output.splitlines()]
    if process.returncode:
        faults.append(Fault("all", command, f"the process ended with {process.returncode}"))
    return faults, usage.ru_maxrss / 1000


def _in_process(command: str, hostile: Hostile, megabytes: float, names: tuple[str, ...] | None = None) -> list[Fault]:
    names = () if command in LISTING else hostile.names if names is None else names
    faults, peak = _memory(command, hostile, names)
    if peak > megabytes:
        faults.append(Fault("all", command, f"the process took {peak:.0f} MB where {megabytes:.0f} are allowed"))
    return faults


def _work(command: str, sessions: Path, names: list[str]) -> Iterator[Fault]:
    """In a process of its own: the command on each of the sessions; no names: once for all."""
    os.environ["RNNLAB_SESSIONS"] = str(sessions)
    if command == "app":
        yield from asyncio.run(_in_app(sessions, names))
        return
    if not names:
        output = ""
        for fault in _called(command.split(), command, "all"):
            output = fault.words if fault.command == "output" else output
            if fault.command != "output":
                yield fault
        if HONEST not in output and "a session" not in output:
            yield Fault(HONEST, command, "is not listed")
        return
    for name in names:
        session = sessions / name
        places = {"SESSION": str(session), "RUN": str(_first_run(session))}
        arguments = [places.get(word, word) for word in command.split()]
        yield from (fault for fault in _called(arguments, command, name) if fault.command != "output")


def _first_run(session: Path) -> Path:
    with contextlib.suppress(OSError):
        return min((session / "runs").iterdir())
    return session


def _called(arguments: list[str], command: str, name: str) -> Iterator[Fault]:
    from rnnlab.cli.main import run

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    began = time.monotonic()
    raised = ""
    # Nothing is yielded in here: who takes it prints it.
    with _limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(arguments)
        except _TooLong as late:
            raised = str(late)
        except Exception as error:
            raised = f"raised {error!r}"
    if raised:
        yield Fault(name, command, raised)
    text = ""
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        text += stream.read()
    for words in (*FAULTS, *UNSAFE):
        if words in text:
            yield Fault(name, command, f"printed {words!a} after {time.monotonic() - began:.1f} s")
    yield Fault(name, "output", text)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def ring(number: int, _frame: FrameType | None) -> None:
        what = f"computed for more than {SECONDS:.0f}" if number == signal.SIGPROF else f"took more than {HANGS:.0f}"
        raise _TooLong(f"{what} s")

    # What a busy machine adds is not the command's; one that waits for ever computes nothing.
    for number, timer, seconds in (
        (signal.SIGPROF, signal.ITIMER_PROF, SECONDS),
        (signal.SIGALRM, signal.ITIMER_REAL, HANGS),
    ):
        signal.signal(number, ring)
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


async def _in_app(sessions: Path, names: list[str]) -> list[Fault]:
    """Each first run on the Run screen, its panels and samples; then the browser over all of them."""
    from tests.ui.opened import assert_harmless, open_run, open_sessions, settled, shown

    faults = []
    for name in names:
        try:
            async with asyncio.timeout(HANGS), shown(size=(100, 30), clock=None) as pilot:
                await open_run(pilot, _first_run(sessions / name))
                for key in ("3", "m", "comma", "4", "5", "escape", "left", "x", "l", "enter", "escape"):
                    await pilot.press(key)
                    await settled(pilot)
                    assert_harmless(pilot.app)
        except Exception as error:
            faults.append(Fault(name, "app", f"{type(error).__name__}: {str(error)[:200]}"))
    try:
        async with asyncio.timeout(2 * HANGS), shown(size=(100, 30), clock=None) as pilot:
            await open_sessions(pilot)
            for key in ("down", "down", "end", "home", "slash"):
                await pilot.press(key)
                await settled(pilot)
                assert_harmless(pilot.app)
    except Exception as error:
        faults.append(Fault("all", "app: sessions", f"{type(error).__name__}: {str(error)[:200]}"))
    return faults


def main() -> int:
    """Exit code 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every twentieth session, one of them in the app")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        command, sessions, *names = arguments.worker
        import ast

        for fault in _work(command, Path(sessions), [ast.literal_eval(name) for name in names]):
            print(json.dumps([fault.session, fault.command, fault.words]), flush=True)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("RNNLAB_DATA", "RNNLAB_CACHE", "XDG_CONFIG_HOME"):
            os.environ[name] = str(Path(folder, name))
        faults = check(Path(folder, "sessions"), every=QUICK if arguments.quick else 1)
    for fault in faults:
        print(fault)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    print(f"{len(faults)} faults, {time.monotonic() - began:.0f} s, at most {peak:.0f} MB")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
