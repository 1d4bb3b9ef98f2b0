"""A run as it grows: the log is read on from where it was left, and the watchers are notified once a draw.

Opening a long log and living with a short one have budgets of their own, and neither holds the event loop for longer than
one slice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

from msgspec.structs import replace
from textual.message import Message

from rnnlab.config import UsageError
from rnnlab.file_system import is_shared
from rnnlab.runs.commands import Command, Verb, new_command, send_command
from rnnlab.runs.events import CommandApplied
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.follow import lost_text
from rnnlab.runs.liveness import queued_here, seconds_behind_claim, standing
from rnnlab.runs.log import is_held
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.silence import is_elsewhere, process_text, silence_text, speaks
from rnnlab.runs.state import RunState, Status, initial_state

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

T = TypeVar("T")
SLICE_SECONDS = 0.02
"""Of reading before keys have their turn; reducing what was read takes about as long again."""
SLICE_RECORDS = 3000
POLL_SECONDS = 0.25
ENDED_POLL_SECONDS = 1.0
"""An ended log should not grow; where it does, that is seen too, only later."""
DRAW_SECONDS = 0.1
"""Seconds between two notifications of the watchers at least."""
SILENCE_SECONDS = 1.5
"""A trainer writes an event every second: after so long without one, its process is checked."""
ENSURE_SECONDS = 2.0
"""Seconds between two checks of whether a process trains the run."""
_LONGEST = 30 * 86_400.0
"""Seconds of silence that are counted at most."""


class RunAdvanced(Message):
    """A followed run has changed: its state, its damage or what is known of its process."""

    def __init__(self, follower: RunFollower) -> None:
        super().__init__()
        self.follower = follower

    @property
    def run(self) -> RunFolder:
        """The folder of the run that has changed."""
        return self.follower.run

    @property
    def state(self) -> RunState:
        """Everything that is known of the run now, reduced from its log."""
        return self.follower.state

    def can_replace(self, message: Message) -> bool:
        """Whether the message is of the same run: only the newest counts."""
        return isinstance(message, RunAdvanced) and message.follower is self.follower


def ensure_carried_out(run: RunFolder) -> None:
    """Start the session's runner where none lives.

    It trains what is queued, resumes what was killed, and writes the final event of what crashed. Raises `UsageError`.
    """
    from rnnlab.engines.local import ensure_runner

    ensure_runner(run.session)


def _slots_problem(run: RunFolder) -> str:
    from rnnlab.engines.slots import slots_problem

    return slots_problem(run.session)


class RunFollower:
    """One followed run.

    `opened` is set when everything that was in the log at first has been read. `damaged` counts lines that could not be
    read, `problem` is why the log cannot be followed at all, `deleted` that it or its folder is gone, `note` what stands in
    the way of its being trained, `pending` the commands sent that have not taken effect; `begun` says that a trainer has
    the log before it wrote an event, `gone` that none has it any more, and `foreign` that it was queued elsewhere, so that
    nothing is started for it unasked.
    """

    def __init__(
        self,
        run: RunFolder,
        *,
        ensure: Callable[[RunFolder], None] = ensure_carried_out,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.run = run
        self._state: RunState = initial_state()
        self.problem = ""
        self.deleted = False
        self.note = ""
        self.pending: dict[str, Command] = {}
        self.begun = False
        self.gone = False
        self.foreign = False
        self.opened = asyncio.Event()
        self._ensure = ensure
        self._clock = clock
        self._cursor = LogCursor(run.events_path)
        self._watchers: WeakSet[MessagePump] = WeakSet()
        self._last_event_at = clock()
        self._checked_at = clock() - ENSURE_SECONDS
        self._drawn = clock() - DRAW_SECONDS
        self._changed = False
        self._shown_damage = (0, 0)
        self._process = ""
        self._shown_silence = 0
        self._missed = 0
        """How often in a row there was no log where one was read before, or no folder."""
        self._replaced = ""
        self._is_shared = False
        """Whether other machines see the run's folder, so that a file server answers for it."""
        self._writing: asyncio.Task[None] | None = None
        """The command that is being written to a shared folder, last."""

    @property
    def status(self) -> Status:
        """What the run is doing; `loading` where its trainer has the log but has yet to write, `interrupted` where it is gone."""
        return "loading" if self.begun else "interrupted" if self.gone else self._state.status

    @property
    def state(self) -> RunState:
        """The run as its log has it, with its `status` as it is now: all that is drawn of a run agrees on it."""
        status = self.status
        return self._state if status == self._state.status else replace(self._state, status=status)

    @property
    def damaged(self) -> int:
        """Lines of the log that were changed since they were written."""
        return self._cursor.damaged

    @property
    def unknown(self) -> int:
        """Events of a kind that only a newer version knows."""
        return self._cursor.unknown

    @property
    def torn(self) -> bool:
        """Whether the log ends in an unfinished line: being written, or cut off."""
        return self._cursor.torn

    @property
    def silence(self) -> float:
        """Seconds since the run's last event, by this process's clock."""
        return self._clock() - self._last_event_at

    @property
    def silence_text(self) -> str:
        """For how long the run has been silent, and what its process is doing; empty where it writes events or need not."""
        if self.gone or not speaks(self._state):
            return ""
        return silence_text(self.silence, self._process, elsewhere=is_elsewhere(self._state.started))

    def watch(self, watcher: MessagePump) -> None:
        """Post `RunAdvanced` to `watcher` from now on, the present state first."""
        self._watchers.add(watcher)
        watcher.post_message(RunAdvanced(self))

    @property
    def watched(self) -> bool:
        """Whether there are watchers."""
        return bool(self._watchers)

    def unwatch(self, watcher: MessagePump) -> None:
        """Post nothing to `watcher` any more."""
        self._watchers.discard(watcher)

    def send(self, verb: Verb, key: str = "", value: float | None = None) -> Command:
        """Send a command to the trainer; `pending` holds it until the log has that it took effect.

        Raises `UsageError` where the command cannot be written. In a shared folder it is written by a thread, for which keys do
        not wait, and `note` says so where it cannot be.
        """
        command = new_command(verb, key, value)
        if self._is_shared:
            self._writing = asyncio.create_task(self._write_after(self._writing, command))
        else:
            self._write(command)
        self.pending[command.id] = command
        self._notify(now=True)
        return command

    def _write(self, command: Command) -> None:
        try:
            send_command(self.run.commands_path, command)
        except OSError as error:
            raise UsageError(
                f"the command could not be written to {self.run.commands_path}: {error.strerror}"
            ) from None

    async def _write_after(self, before: asyncio.Task[None] | None, command: Command) -> None:
        if before is not None:
            await before  # commands are carried out in the order in which they stand
        try:
            await asyncio.to_thread(self._write, command)
        except UsageError as error:
            self.pending.pop(command.id, None)
            self._set_note(str(error))

    async def follow(self) -> None:
        """Read the log for as long as the task that runs this lives."""
        await self._open()
        if self._state.status == "queued":
            await self._check_process()
        while not self.problem:
            await asyncio.sleep(ENDED_POLL_SECONDS if self.state.ended else POLL_SECONDS)
            if await self._catch_up():
                self._last_event_at = self._clock()
                self.gone = False
            await self._update_begun()
            self._count_silence()
            self._notify()
            await self._check_if_silent()
        if self._changed:
            self._notify(now=True)  # the last that is known of it, however soon after a draw

    async def _open(self) -> None:
        self._is_shared = await asyncio.to_thread(is_shared, self.run.path)
        await self._catch_up()
        await self._update_begun()
        self.opened.set()
        self._notify(now=True)

    async def _catch_up(self) -> bool:
        """Read on to the end of what is there, in slices that keep no key waiting; whether there was anything."""
        found = False
        while not self.problem:
            found |= await self._read()
            if self._cursor.caught_up:
                break
            self._notify()
            await asyncio.sleep(0)
        return found

    async def _read(self) -> bool:
        """Read one slice; whether there was anything."""
        read = partial(self._cursor.read, max_records=SLICE_RECORDS, max_seconds=SLICE_SECONDS)
        try:
            batch = await self._asked(read)
        except UsageError as error:
            self._stop_with(str(error))
            return False
        except OSError as error:
            self._stop_with(f"{self.run.events_path} cannot be read: {error.strerror or error}")
            return False
        self._state = reduce_all(self._state, batch)
        for record in batch if self.pending else ():
            if isinstance(record.data, CommandApplied):
                self.pending.pop(record.data.command_id, None)
        self._changed |= bool(batch)
        await self._check_in_place()
        damage = (self._cursor.damaged, self._cursor.unknown)
        if damage != self._shown_damage:
            self._shown_damage = damage
            self._changed = True
        return bool(batch)

    async def _asked(self, question: Callable[[], T]) -> T:
        """The answer of the file system: of a server that may take long in a thread, as keys are not to wait for it."""
        return await asyncio.to_thread(question) if self._is_shared else question()

    async def _check_in_place(self) -> None:
        """A log that another file has replaced is read anew, and one that was deleted no longer."""
        lost = await self._asked(partial(lost_text, self.run, self._cursor))
        if lost and self._cursor.replaced:
            self._cursor = LogCursor(self.run.events_path)
            self._state = initial_state()
            self._replaced = "the run's log was replaced by another file: this is what the new one holds"
            self._set_note(self._replaced)
            return
        # A folder that is being deleted loses its files first.
        self._missed = self._missed + 1 if lost else 0
        if self._missed > 1:
            self.deleted = True
            self._stop_with(lost)

    def _stop_with(self, problem: str) -> None:
        self.problem = problem
        self._changed = True

    def _notify(self, now: bool = False) -> None:
        if self.state.ended and self.pending:
            self.pending.clear()
            self._changed = True
        if not (now or (self._changed and self._clock() - self._drawn >= DRAW_SECONDS)):
            return
        self._changed = False
        self._drawn = self._clock()
        for watcher in list(self._watchers):
            if not watcher.post_message(RunAdvanced(self)):
                self._watchers.discard(watcher)

    async def _update_begun(self) -> None:
        """A trainer takes the log first, and then some seconds to load."""
        begun = False
        if self._state.status == "queued":
            begun = await self._asked(partial(is_held, self.run.events_path))
        if begun != self.begun:
            self.begun = begun
            self._changed = True

    def _count_silence(self) -> None:
        """Notify once a second of how long a run has been silent: nothing else changes."""
        silence = int(self.silence) if self.silence_text else 0
        if silence != self._shown_silence:
            self._shown_silence = silence
            self._changed = True

    async def _check_if_silent(self) -> None:
        """Where a log without a final event is silent, see whether a process writes it."""
        if self.state.ended or self.problem or self.silence < SILENCE_SECONDS:
            return
        if self._clock() - self._checked_at >= ENSURE_SECONDS:
            await self._check_process()

    async def _check_process(self) -> None:
        self._checked_at = self._clock()
        try:
            # In a thread: a runner takes a moment to start, and a lock on a far disk may take longer.
            self._set_note(await asyncio.to_thread(self._ensure_trained))
        except UsageError as error:
            self._set_note(str(error))
        except OSError as error:
            self._set_note(
                f"nobody carries out {self.run.name}, and a runner cannot be started: {error.strerror or error}"
            )

    def _ensure_trained(self) -> str:
        """See whether a process trains the run; where none does, start a runner, if it was queued here. Returns the note."""
        note = self._replaced
        stands = standing(self.run)
        before = (self.gone, self.foreign, self._process)
        self.gone = stands.state == "dead"
        self.foreign = False
        if stands.state == "damaged":
            self._stop_with(stands.problem)
        elif stands.state == "training":
            self._process = process_text(self.state.started)
            if stands.last is not None:
                # It may have been silent for long when it was opened. The clock of another machine may be another one.
                age = seconds_behind_claim(self.run) if stands.host else max(0.0, time.time() - stands.last.wall)
                self._last_event_at = min(self._last_event_at, self._clock() - min(age, _LONGEST))
        elif stands.state in ("queued", "dead"):
            self.foreign = not queued_here(self.run, stands.last)
            if not self.foreign:
                self._ensure(self.run)
                note = note or _slots_problem(self.run)
        if before != (self.gone, self.foreign, self._process):
            self._changed = True
        return note

    def _set_note(self, note: str) -> None:
        if note != self.note:
            self.note = note
            self._notify(now=True)
