"""Running another `rnnlab` process: the app itself loads no data, so what it shows of it is the command line's JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from rnnlab.ui.queries.end_with_app import VARIABLE

_MOST = 64 * 2**20
"""Bytes of output; no card of a data set comes near."""
_PATIENCE = 1.0
"""Seconds that a process is given to stop by itself: it may have something to put away."""
RUNNING: set[Process] = set()
"""Processes that are ended with the app."""
_LONGEST_LINE = 2000


class QueryResult(msgspec.Struct, frozen=True):
    """What the process printed: the JSON as `document`, or as `problem` the sentence that says why there is none."""

    code: int
    document: Any = None
    problem: str = ""


class Query(Protocol):
    """Something that runs a command as `run_query` does."""

    async def __call__(self, *arguments: str, on_progress: Callable[[str], None] | None = None) -> QueryResult: ...


async def run_query(*arguments: str, on_progress: Callable[[str], None] | None = None) -> QueryResult:
    """Run `rnnlab ARGUMENTS` in a process of its own; `on_progress` is called with each line of its standard error.

    Where this is cancelled the process is interrupted as by Ctrl-C.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            # -P: a file of the folder one works in must not be imported instead of a library.
            *(sys.executable, "-P", "-m", "rnnlab", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
            env=os.environ | {VARIABLE: "1"},
        )
    except (OSError, ValueError) as error:
        # ValueError: a path with a zero byte.
        return QueryResult(
            1, problem=f"rnnlab {arguments[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
        )
    RUNNING.add(process)
    try:
        assert process.stdout is not None
        printed, lines = await asyncio.gather(_read(process.stdout), lines_of_errors(process, on_progress))
        code = await process.wait()
    finally:
        try:
            await end_process(process)
        finally:
            RUNNING.discard(process)
    try:
        return QueryResult(code, json.loads(printed))
    except (ValueError, RecursionError):
        problem = lines[-1].removeprefix("rnnlab: ") if lines else f"it ended with code {code} and printed nothing"
        return QueryResult(code or 1, problem="" if code == 0 and not printed.strip() else problem)


async def end_all() -> None:
    """See that no process is left behind when the app goes."""
    await asyncio.gather(*(end_process(process) for process in list(RUNNING)))


async def _read(stream: asyncio.StreamReader) -> bytes:
    printed = bytearray()
    while chunk := await stream.read(2**16):
        if len(printed) < _MOST:
            printed += chunk
    return bytes(printed)


async def lines_of_errors(process: Process, on_progress: Callable[[str], None] | None) -> list[str]:
    """The last lines of the process's standard error."""
    assert process.stderr is not None
    lines: list[str] = []
    rest = b""
    while chunk := await process.stderr.read(2**12):
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[-_LONGEST_LINE:]
        for line in whole:
            text = line[:_LONGEST_LINE].decode(errors="replace").strip()
            if text:
                lines = [*lines[-9:], text]
                if on_progress is not None:
                    on_progress(text)
    if rest.strip():
        lines.append(rest.decode(errors="replace").strip())
    return lines


async def end_process(process: Process) -> None:
    """See that the process is gone, also where this is cancelled while it waits: then it is killed at once."""
    if process.returncode is not None:
        return
    _signal(process, signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        _signal(process, signal.SIGKILL)
        await process.wait()
    except asyncio.CancelledError:
        _signal(process, signal.SIGKILL)
        await process.wait()
        raise


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
