"""Executing commands between two updates, or between two batches of an evaluation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.commands import Command, Verb
from rnnlab.runs.events import CommandApplied, Event, Phase, Progress
from rnnlab.training.commands import POLL, CommandSource, new_value
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.step.schedule import Schedule
from rnnlab.training.step.update import Update

_AT_ONCE = ("pause", "resume", "stop")
"""Commands that are executed during an evaluation."""


class Commanded(Protocol):
    """What commands act on."""

    config: RunConfig
    checkpoints: CheckpointStore
    meter: ProgressMeter
    schedule: Schedule
    update: Update
    epoch: int
    step: int
    is_over: bool

    def fetch_losses(self) -> None:
        """Fetch the losses that lie on the device."""

    def end_window(self) -> Progress:
        """The window of updates that ends now."""

    def check_command(self, verb: Verb) -> None:
        """Raises `UsageError` where the command cannot be executed now."""

    def roll_back(self) -> float:
        """Resume from the best weights; returns the epoch that they are of."""

    def events_after(self, verb: Verb) -> Iterator[Event]:
        """What an executed command makes happen."""


class CommandHandler:
    """Executes the commands of `source` on `run`. `stopped` and `paused` say what they asked for."""

    def __init__(self, source: CommandSource, run: Commanded) -> None:
        self.stopped = False
        self.paused = False
        self.source = source
        self._run = run
        self._deferred: list[Command] = []
        """Commands that came during an evaluation, for after it."""

    def handle(self) -> Iterator[Event]:
        """Execute what was commanded since the last call. After `pause` this returns when the run is resumed."""
        run = self._run
        phase = run.meter.phase
        commands: Sequence[Command] = ()
        if self._deferred and phase != "evaluating":
            commands, self._deferred = self._deferred, []
        commands = commands or self.source.read(run.step)
        if not commands:
            return
        yield from self._execute_all(commands, phase)
        while self.paused:
            time.sleep(POLL)
            run.fetch_losses()
            if run.meter.due():
                yield run.end_window()
            yield from run.checkpoints.write()
            yield from self._execute_all(self.source.read(run.step), phase)

    def handle_deferred(self) -> Iterator[Event]:
        """Execute, or refuse, what still waits."""
        commands, self._deferred = self._deferred, []
        yield from self._execute_all(commands, self._run.meter.phase)

    def _execute_all(self, commands: Sequence[Command], phase: Phase) -> Iterator[Event]:
        run = self._run
        for command in commands:
            if phase == "evaluating" and command.command not in _AT_ONCE and not run.is_over:
                # An evaluation is of one set of weights, and what follows from it comes before the next command.
                self._deferred.append(command)
                continue
            applied = self._execute(command)
            # Before the event, so that no sign of life says otherwise afterwards.
            run.meter.enter("paused" if self.paused else phase)
            yield applied
            if not applied.error:
                yield from run.events_after(command.command)
                run.meter.enter("paused" if self.paused else phase)

    def _execute(self, command: Command) -> CommandApplied:
        """Execute one command, or say why not."""
        run = self._run
        before = value = error = None
        try:
            match command.command:
                case "pause":
                    self.paused = True
                case "resume":
                    self.paused = False
                case verb:
                    run.check_command(verb)
                    if verb == "stop":
                        self.stopped, self.paused = True, False
                    elif verb == "set":
                        value = new_value(command)
                        before = self._set(command.key, value)
                    elif verb == "rollback":
                        value = run.roll_back()
        except UsageError as refusal:
            error, value = str(refusal), command.value
        return CommandApplied(
            command=command.command,
            command_id=command.id,
            epoch=run.epoch,
            step=run.step,
            seconds=run.meter.seconds,
            key=command.key,
            value=value,
            before=before,
            error=error or "",
        )

    def _set(self, key: str, value: float | None) -> float | None:
        """Change a live setting. Returns its value before."""
        run = self._run
        if not run.config.applies(key):
            raise UsageError(f"{key} means nothing with the other settings of this run")
        if key == "optim.clip_norm":
            before, run.update.clip_norm = run.update.clip_norm, value
            return before
        assert value is not None  # neither of the others can be none
        if key == "model.dropout":
            rate, run.update.dropout = run.update.dropout, value
            return rate
        lr = run.schedule.at(run.step)
        run.schedule.set(run.step, value)
        return lr
