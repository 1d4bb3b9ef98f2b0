"""Asking another `rnnlab` process: the app itself loads no data, so what it shows of it comes from the command line's JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

_MOST = 64 * 2**20
"""Bytes of an answer; no card of a data set comes near."""
_PATIENCE = 1.0
"""Seconds that a process is given to stop by itself: it may have something to put away."""
_RUNNING: set[Process] = set()
_LONGEST_LINE = 2000


@dataclass(frozen=True)
class Answer:
    """What the process printed: the JSON, or the sentence that says why there is none."""

    code: int
    document: Any = None
    problem: str = ""


class Ask(Protocol):
    """Something that asks as `ask` does."""

    async def __call__(self, *words: str, heard: Callable[[str], None] | None = None) -> Answer: ...


async def ask(*words: str, heard: Callable[[str], None] | None = None) -> Answer:
    """Carry out `rnnlab WORDS` in a process of its own; `heard` is called with each line that it says of its progress.

    Where this is cancelled the process is interrupted as by Ctrl-C.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            # -P: a file of the folder one works in must not be imported instead of a library.
            *(sys.executable, "-P", "-m", "rnnlab", *words),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        # ValueError: a path with a zero byte.
        return Answer(1, problem=f"rnnlab {words[0]} cannot be started: {getattr(error, 'strerror', None) or error}")
    _RUNNING.add(process)
    try:
        assert process.stdout is not None
        printed, said = await asyncio.gather(_read(process.stdout), _lines_of(process, heard))
        code = await process.wait()
    finally:
        try:
            await _end(process)
        finally:
            _RUNNING.discard(process)
    try:
        return Answer(code, json.loads(printed))
    except (ValueError, RecursionError):
        words_said = said[-1].removeprefix("rnnlab: ") if said else f"it ended with code {code} and said nothing"
        return Answer(code or 1, problem="" if code == 0 and not printed.strip() else words_said)


async def end_all() -> None:
    """See that no process is left behind when the app goes."""
    await asyncio.gather(*(_end(process) for process in list(_RUNNING)))


async def _read(stream: asyncio.StreamReader) -> bytes:
    printed = bytearray()
    while chunk := await stream.read(2**16):
        if len(printed) < _MOST:
            printed += chunk
    return bytes(printed)


async def _lines_of(process: Process, heard: Callable[[str], None] | None) -> list[str]:
    """The last lines of what the process says beside its answer."""
    assert process.stderr is not None
    lines: list[str] = []
    rest = b""
    while chunk := await process.stderr.read(2**12):
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[-_LONGEST_LINE:]
        for line in whole:
            words = line[:_LONGEST_LINE].decode(errors="replace").strip()
            if words:
                lines = [*lines[-9:], words]
                if heard is not None:
                    heard(words)
    if rest.strip():
        lines.append(rest.decode(errors="replace").strip())
    return lines


async def _end(process: Process) -> None:
    """See that the process is gone."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _PATIENCE)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
