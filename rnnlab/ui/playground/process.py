"""The process that holds a net for the Playground: started with the screen, asked line by line, ended with it.

One request is under way at a time. Of those that wait, a newer one of a kind replaces the older: the newest text wins.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence

import msgspec

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import LONGEST_ANSWER, Answer, Request
from rnnlab.text.sanitise import plain
from rnnlab.ui.queries.subprocess_query import RUNNING, end_process, lines_of_errors

_LONGEST_SENTENCE = 400


def _why(code: int | None, lines: Sequence[str]) -> str:
    """Why a process has ended: the signal, else the last of its `lines` on standard error, else its exit code."""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"killed by {name}, as the system does where memory is short" if code == -signal.SIGKILL else name
    return plain(lines[-1], _LONGEST_SENTENCE) if lines else f"code {code}"


class NetProcess:
    """A process with the net of a run. `on_answer` is called with each answer, `on_end` with why there will be no more."""

    def __init__(self, run: RunFolder, on_answer: Callable[[Answer], None], on_end: Callable[[str], None]) -> None:
        self._run = run
        self._on_answer = on_answer
        self._on_end = on_end
        self._waiting: dict[str, Request] = {}
        self._wanted = asyncio.Event()

    def ask(self, request: Request) -> None:
        """Ask as soon as the process is ready for it; one of the same kind that still waits is dropped."""
        self._waiting[request.kind] = request
        self._wanted.set()

    async def serve(self) -> None:
        """Start the process and carry requests to it until this is cancelled, or it ends."""
        try:
            process = await asyncio.create_subprocess_exec(
                # -P: a file of the folder one works in must not be imported instead of a library.
                *(sys.executable, "-P", "-m", "rnnlab.playground", str(self._run.path)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=LONGEST_ANSWER + 1024,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._on_end(f"the net cannot be opened: {getattr(error, 'strerror', None) or error}")
            return
        RUNNING.add(process)
        errors = asyncio.create_task(lines_of_errors(process, None))
        errors.add_done_callback(lambda _: self._wanted.set())
        try:
            answered = await self._converse(process, errors)
            await process.wait()
            lines = await errors
        finally:
            errors.cancel()
            try:
                await end_process(process)
            finally:
                RUNNING.discard(process)
        if not answered:
            self._on_end(f"the process with the net has ended ({_why(process.returncode, lines)})")

    async def _converse(self, process: Process, errors: asyncio.Task[list[str]]) -> bool:
        """Carry requests and answers; whether the process has said itself why it ends. `errors` ends with the process."""
        assert process.stdin is not None
        first = await self._read(process)
        if first is None:
            return False
        if first.opened is None:
            self._on_end(first.error)
            return True
        self._on_answer(first)
        while True:
            await self._wanted.wait()
            if not self._waiting:
                return False  # the process has ended
            request = self._waiting.pop(next(iter(self._waiting)))
            if not self._waiting and not errors.done():
                self._wanted.clear()
            try:
                process.stdin.write(msgspec.json.encode(request) + b"\n")
                await process.stdin.drain()
            except (ConnectionError, BrokenPipeError):
                return False
            answer = await self._read(process)
            if answer is None:
                return False
            self._on_answer(answer)

    async def _read(self, process: Process) -> Answer | None:
        """The next answer; None where there is none any more."""
        assert process.stdout is not None
        try:
            line = await process.stdout.readline()
            return msgspec.json.decode(line, type=Answer) if line else None
        except (ValueError, msgspec.MsgspecError):
            return None
