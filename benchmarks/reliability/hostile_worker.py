"""One process of `benchmarks.reliability.hostile`: some sessions through some commands, or through the app, watched all the time.

What the interpreter is about to do is seen by an audit hook, before it is done: no program but those of rnnlab is started, no
file of a session is compiled, nothing is unpickled, and nothing is written outside of the sessions and the places for output.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS = 10.0
"""Of computing that a command may take for a session, or for the list of all;"""
HANGS = 60.0
"""and of waiting: the machine may be busy."""
FAULTS = ("a fault of rnnlab's", "Traceback (most recent")
UNSAFE = ("\x1b]", "\x9b", "\u202e")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
            "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile")  # fmt: skip
_IN_FOLDER = ("os.remove", "os.rmdir")
"""Those whose second argument is the open folder that the path is in; -1: none is."""
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
_NEVER = ("pickle.find_class", "socket.connect", "urllib.Request", "ctypes.dlopen.own", "marshal.load")
_OTHERS = ("git", "/usr/bin/git", "ps", "sysctl", "loginctl", "findmnt", "uname", "fc-list")
"""Programs that rnnlab asks about the machine and a checkout, and matplotlib about fonts."""


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


class Watch:
    """Sees what the interpreter does; `seen` holds what it must not do, since the last time it was taken."""

    def __init__(self, allowed: Sequence[Path], sessions: Path) -> None:
        self._allowed = tuple(f"{path.resolve()}/" for path in allowed)
        self._sessions = f"{sessions.resolve()}/"
        self.seen: list[str] = []
        self._busy = False
        self._temporary = os.path.join(os.path.realpath(tempfile.gettempdir()), "rnnlab-")  # noqa: PTH118
        sys.addaudithook(self._hook)

    def take(self) -> list[str]:
        """What was seen since the last time."""
        seen, self.seen = self.seen, []
        return seen

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            self._judge(event, arguments)
        except (OSError, ValueError, TypeError):
            pass
        finally:
            self._busy = False

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, str | bytes) and (
                flags & _WRITING or (isinstance(mode, str) and set(mode) & set("wax+"))
            ):
                self._written(event, os.fsdecode(path))
        elif event in _IN_FOLDER and arguments[1] != -1:
            self._written(event, f"{os.readlink(f'/proc/self/fd/{arguments[1]}')}/{os.fsdecode(arguments[0])}")  # noqa: PTH115
        elif event in _CHANGES:
            for path in arguments[:2]:
                if isinstance(path, str | bytes):
                    self._written(event, os.fsdecode(path))
        elif event in _STARTS:
            self._started(event, arguments)
        elif event in _NEVER and not (event == "socket.connect" and not isinstance(arguments[1], tuple)):
            self.seen.append(f"{event} {arguments!a:.200}")
        elif event == "exec":
            name = getattr(arguments[0], "co_filename", "")
            if os.path.realpath(name).startswith(self._sessions):
                self.seen.append(f"code of {name!a} is run")

    def _written(self, event: str, path: str) -> None:
        # Of a link that stands at the path, the link is what is meant: none is followed.
        place = os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.basename(path))  # noqa: PTH100,PTH118,PTH119,PTH120
        if place != os.devnull and not f"{place}/".startswith((*self._allowed, self._temporary)):
            self.seen.append(f"{event} {place!a}")

    def _started(self, event: str, arguments: tuple[Any, ...]) -> None:
        line = (
            [os.fsdecode(each) for each in arguments[1]]
            if isinstance(arguments[1], list | tuple)
            else [str(arguments[1])]
        )
        ours = line[0] == sys.executable and line[1:3] == ["-P", "-m"] and line[3].partition(".")[0] == "rnnlab"
        forked = line[0] == sys.executable and "multiprocessing" in " ".join(line[1:5])
        if not ours and not forked and line[0] not in _OTHERS:
            self.seen.append(f"{event} {line!a:.300}")


def commands_on(
    commands: Sequence[str], sessions: Path, made: Path, names: Sequence[str], watch: Watch
) -> Iterator[Fault]:
    """The commands on each of the sessions; a command that names none is given once."""
    for command in commands:
        for name in names if {"RUN", "SESSION"} & set(command.split()) else ("all",):
            session = sessions / name
            yield from called(arguments_of(command, session, first_run(session), made), command, name, watch)


def arguments_of(command: str, session: Path, run: Path, made: Path) -> list[str]:
    """The words of a command, with what SESSION, RUN and MADE (a file to write, its ending behind it) stand for."""
    places = {"SESSION": str(session), "RUN": str(run), "MADE": str(made / "out")}
    found = []
    for word in command.split():
        first, point, ending = word.partition(".")
        found.append(f"{places[first]}{point}{ending}" if first in places else word)
    return found


def first_run(session: Path) -> Path:
    """The first run's folder; of a session without one the session's own."""
    with contextlib.suppress(OSError):
        return min((session / "runs").iterdir())
    return session


def called(arguments: list[str], command: str, name: str, watch: Watch) -> list[Fault]:
    """What is wrong with the command's output, its time and memory, and with what it did."""
    began = time.monotonic()
    text, raised = printed(arguments)
    faults = [Fault(name, command, raised)] if raised else []
    faults += [
        Fault(
            name,
            command,
            f"printed {words!a} after {time.monotonic() - began:.1f} s: {text[text.find(words) :][-300:]!a}",
        )
        for words in (*FAULTS, *UNSAFE)
        if words in text
    ]
    return faults + [Fault(name, command, words) for words in watch.take()]


def printed(arguments: list[str]) -> tuple[str, str]:
    """What the command prints, and what was wrong with how it ended; empty: nothing."""
    from rnnlab.cli.main import run

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    raised = ""
    with limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(arguments)
        except _TooLong as late:
            raised = str(late)
        except Exception as error:
            raised = f"raised {error!r:.500}"
    text = ""
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        text += stream.read()
    return text, raised


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raises where too much is computed or waited for."""

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


def peak() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


RUN_KEYS = (
    "3", "m", "comma", "4", "i", "escape", "5", "i", "escape", "6", "up", "7", "1", "k", "plus", "0", "escape", "left",
    "x", "e", "l", "Y", "c", "enter", "escape",
)  # fmt: skip
SESSION_KEYS = (
    "down", "i", "escape", "c", "escape", "p", "right", "right", "i", "escape", "escape", "s", "m", "v", "3", "4", "x",
    "escape", "t", "escape", "e", "escape", "r", "escape", "n", "escape",
)  # fmt: skip
SESSIONS_KEYS = ("down", "down", "end", "home", "s", "escape", "slash", "a", "escape")


async def in_app(sessions: Path, names: Sequence[str], watch: Watch) -> list[Fault]:
    """Each session and its first run on their screens, then the browser over all of them."""
    from tests.ui.opened import open_sessions

    faults = []
    for name in names:
        session = sessions / name
        faults += await screen(partial(_on_run, first_run(session)), RUN_KEYS, name, "app: run")
        faults += [Fault(name, "app: run", words) for words in watch.take()]
        faults += await screen(partial(_on_session, session), SESSION_KEYS, name, "app: session")
        faults += [Fault(name, "app: session", words) for words in watch.take()]
    faults += await screen(open_sessions, SESSIONS_KEYS, "all", "app: sessions")
    return faults + [Fault("all", "app: sessions", words) for words in watch.take()]


async def _on_run(run: Path, pilot: Any) -> None:
    from tests.ui.opened import open_run

    await open_run(pilot, run)


async def _on_session(session: Path, pilot: Any) -> None:
    from tests.ui.opened import open_session

    await open_session(pilot, session)


async def lab_screens(session: Path, runs: Sequence[Path]) -> list[Fault]:
    """What is wrong with the screens of these runs, of their session, and of all sessions."""
    from tests.ui.opened import open_sessions

    faults = []
    for run in runs:
        faults += await screen(partial(_on_run, run), RUN_KEYS, run.name, "run")
    faults += await screen(partial(_on_session, session), SESSION_KEYS, session.name, "session")
    return faults + await screen(open_sessions, SESSIONS_KEYS, session.name, "sessions")


async def screen(opened: Callable[[Any], Any], keys: Sequence[str], name: str, what: str) -> list[Fault]:
    """What is wrong with a screen, as it opens and after each key."""
    from rnnlab.ui.setup.screen import SetupScreen
    from tests.ui.opened import assert_harmless, settled, shown

    key = ""
    try:
        async with asyncio.timeout(2 * HANGS), shown(size=(100, 30), clock=None) as pilot:
            await opened(pilot)
            assert_harmless(pilot.app)
            for key in keys:
                if isinstance(pilot.app.screen, SetupScreen):
                    break  # the session is left, and keys of Setup train what is the person's own
                await pilot.press(key)
                await settled(pilot)
                assert_harmless(pilot.app)
    except Exception as error:
        return [Fault(name, what, f"{type(error).__name__} after the key {key!r}: {str(error)[:300]}")]
    return []
