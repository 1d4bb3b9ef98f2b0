"""A run that was killed, stopped or given more epochs goes on as if it had never been interrupted, to the bit.

Between two updates, where a window of `Progress` has just been told, everything that the next updates depend on is written
to `resume.safetensors`: the weights, the optimiser's state, the schedule, the random state, the figures gathered since the
last look, the best and the last weights, how long there was nothing better. The order of the rows needs nothing: it is drawn
from (seed, epoch), and where in the epoch the run is follows from the number of updates. A later process loads that and
trains on; the commands that had been given beyond the point are given again after the same updates.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from rnnlab.config import RunConfig, UsageError
from rnnlab.config.files import to_toml
from rnnlab.runs.events import CheckpointSaved, CommandApplied, Event, Record, ResumeAsked, RunResumed, RunStarted
from rnnlab.runs.files import sync_folder, write_atomically
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import changes_now, course
from rnnlab.runs.reduce import SAVEPOINTS
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.commands import CommandSource, LiveCommands, RecordedCommands, ReplayedCommands
from rnnlab.training.persist.checkpoints import CheckpointStore, read_checked, save
from rnnlab.training.persist.disk import Insist, once
from rnnlab.training.persist.state_file import DamagedState, pack, unpack

if TYPE_CHECKING:
    from rnnlab.training.loop import Training

FIRST = 0.5
"""Seconds of a run after which its state may be saved."""
LOST = 0.01
"""The share of the time trained so far that a kill may cost."""
SHARE = 0.001
"""The share of its time that a run may spend on saving its state."""


class StateSaver:
    """Writes the state of a run into its folder (none: never), when it is time to."""

    def __init__(
        self, folder: RunFolder | None, insist: Insist = once, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path: Path | None = None if folder is None else folder.resume_path
        self.step = -1
        """The update after which the state was saved last."""
        self._insist = insist
        self._clock = clock
        self._began = clock()
        self._due_at = self._began + FIRST

    @property
    def due(self) -> bool:
        return self.path is not None and self._clock() >= self._due_at

    def save(self, state: Callable[[], dict[str, Any]], *, epoch: int, step: int) -> Iterator[CheckpointSaved]:
        """Write the state. Raises `OSError`; what stood on disk before then still stands."""
        if self.path is None:
            return
        began = self._clock()
        data = pack(state())
        saved = CheckpointSaved(
            kind="resume", path=self.path.name, sha256=hashlib.sha256(data).hexdigest(), epoch=epoch, step=step
        )
        yield from save(self.path, data, saved, self._insist)
        sync_folder(self.path.parent)
        self.step = step
        now = self._clock()
        self._due_at = now + max(FIRST, (now - began) / SHARE, (now - self._began) * LOST)


def state_of(training: Training, drawn: torch.Tensor | None = None) -> dict[str, Any]:
    """All that the rest of the run depends on; to be asked for between two updates, when no window is open. `drawn` is the random
    state of the CPU where that is not the present one.
    """
    return {
        "step": training.step,
        "epoch": training.epoch,
        "evaluated_at": training.evaluated_at,
        "net": training.net.state_dict(),
        "update": training.update.state_dict(),
        "schedule": training.schedule.state_dict(),
        "best": training.best.state_dict(),
        "running": training.running.state_dict(),
        "inspector": training.inspector.state_dict(),
        "monitor": training.monitor.state_dict(),
        "meter": training.meter.state_dict(),
        "weights": training.keeper.state_dict(),
        "random": random_state(training.device) | ({} if drawn is None else {"cpu": drawn}),
    }


def restore(training: Training, state: dict[str, Any]) -> None:
    """Put a training that has not begun where another one was. Raises `UsageError` where that was of another net."""
    try:
        training.net.load_state_dict(state["net"])
    except RuntimeError:
        raise UsageError("the state saved is of another net than the configuration describes") from None
    training.update.load_state_dict(state["update"])
    training.schedule.load_state_dict(state["schedule"])
    training.best.load_state_dict(state["best"])
    training.running.load_state_dict(on_device(state["running"], training.device))
    training.inspector.load_state_dict(state["inspector"])
    training.monitor.load_state_dict(state["monitor"])
    training.meter.load_state_dict(state["meter"])
    training.keeper.load_state_dict(state["weights"])
    training.step, training.epoch, training.evaluated_at = state["step"], state["epoch"], state["evaluated_at"]
    training.saver.step = training.step
    set_random_state(state["random"], training.device)


def on_device(state: Any, device: torch.device) -> Any:
    """`state` with its tensors on the device: what is gathered from now on is joined to them there."""
    match state:
        case torch.Tensor():
            return state.to(device)
        case dict():
            return {key: on_device(value, device) for key, value in state.items()}
        case list() | tuple():
            return type(state)(on_device(value, device) for value in state)
    return state


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The state of every random generator that training draws from: dropout's masks come from PyTorch's own."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: dict[str, torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])


def go_on(
    run: RunFolder,
    config: RunConfig,
    split: Split,
    orders: LiveCommands,
    records: Sequence[Record],
    insist: Insist = once,
) -> tuple[Training, Iterator[Event]]:
    """The training of `run`, from the first weights where its log is empty, else from where it was, and its events.

    `insist` carries out each write to the disk.

    Raises `UsageError` where the state is missing or damaged, or the data are others than at first.
    """
    from rnnlab.training.loop import Training

    held = course(records)
    started = next((record for record in held if isinstance(record.data, RunStarted)), None)
    state, after = None, -1
    command: CommandSource = orders
    if records:
        assert isinstance(records[-1].data, ResumeAsked)
        orders.skip(records[-1].data.commands)
    if started is not None:
        after, state = _last_state(run, held) or (started.seq, None)
        command = ReplayedCommands(RecordedCommands(_ahead(records, after)), orders)
    training = Training(config, split, run=run.name, keeper=CheckpointStore(run, insist), orders=command)
    if started is None:
        return training, training.events()
    assert isinstance(started.data, RunStarted)
    if training.summary.fingerprint != started.data.data.fingerprint:
        raise UsageError(
            "the data are not those that this run was begun with, so it cannot go on with them; train it again"
        )
    changes = changes_now(records)
    if changes:
        data = to_toml(config).encode()
        insist(lambda: write_atomically(run.config_path, data))  # so that it makes this run again
    return training, training.resumed(after, changes, state)


def _last_state(run: RunFolder, held: Sequence[Record]) -> tuple[int, dict[str, Any]] | None:
    """The state in the run's folder and the number of the record that tells of it; None where none was saved yet."""
    points = {
        record.seq: record.data
        for record in held
        if isinstance(record.data, CheckpointSaved) and record.data.kind == "resume"
    }
    if not points or (len(points) == 1 and not run.resume_path.exists()):
        return None  # a process killed at its first one has told of a file that never came to stand there
    last = dict(list(points.items())[-SAVEPOINTS:])
    try:
        data, saved = read_checked(run.resume_path, list(last.values()))
        return max(seq for seq, point in last.items() if point == saved), unpack(data)
    except DamagedState as error:
        raise UsageError(f"{run.resume_path} cannot be read: {error}") from None


def _ahead(records: Sequence[Record], after: int) -> list[CommandApplied]:
    """The commands that the run was given and that, resumed after record `after`, it has yet to be given."""
    applied: dict[tuple[str, int, str, str], tuple[int, CommandApplied]] = {}
    ahead: dict[tuple[str, int, str, str], CommandApplied] = {}

    def go_back(to: int) -> None:
        for name in [name for name, (seq, _) in applied.items() if seq > to]:
            ahead[name] = applied.pop(name)[1]

    for record in records:
        event = record.data
        if isinstance(event, RunResumed):
            go_back(event.after)
        elif isinstance(event, CommandApplied):
            name = (event.command_id, event.step, event.command, event.key)
            applied[name] = record.seq, event
            ahead.pop(name, None)
    go_back(after)
    return sorted(ahead.values(), key=lambda event: event.step)
