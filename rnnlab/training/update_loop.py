"""What a training and a learning-rate range test share: the parts, the record of each update, the state, the last event."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torch import Tensor

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.commands import Verb
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import Event, Outcome, Progress, RunFinished
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.assemble import assemble, is_range_test
from rnnlab.training.command_handler import CommandHandler
from rnnlab.training.commands import CommandSource, NoCommands
from rnnlab.training.data.batches import Batch
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.device_state import on_device, random_state, set_random_state
from rnnlab.training.persist.state_saver import StateSaver
from rnnlab.training.run_events import run_resumed, run_started
from rnnlab.training.step.result import StepResult


class UpdateLoop(ABC):
    """Updates of one run, one after another, as an iterator of events.

    `checkpoints` holds the weights; `commands` is where a person's commands come from. `boundaries` are the updates at which a
    recorded run's windows of `Progress` ended: the same windows then come again; `plans` how many updates were planned from
    which one on, where that run was given more. Raises `UsageError` where the device asked for is missing. A process trains
    one run at a time: PyTorch's generator and its number of threads are set here.
    """

    tests_rates = False
    """Whether the loop is that of a learning-rate range test; `range_test.loop_for` gives the one that suits a configuration."""

    def __init__(
        self,
        config: RunConfig,
        split: Split,
        *,
        run: str = "",
        summary: DataSummary | None = None,
        checkpoints: CheckpointStore | None = None,
        commands: CommandSource | None = None,
        boundaries: Iterable[int] | None = None,
        plans: Sequence[tuple[int, int]] = (),
    ) -> None:
        if is_range_test(config) is not self.tests_rates:
            raise ValueError(f"{type(self).__name__} is not the loop of optim.schedule = {config.optim.schedule}")
        self.config = config
        self.split = split
        self.run = run
        self.summary = summary or summarise_split(split, config)
        self.checkpoints = checkpoints or CheckpointStore()
        self.saver = StateSaver(self.checkpoints.folder, self.checkpoints.insist)
        self.commands = CommandHandler(commands or NoCommands(), self)
        self._plans = list(plans)

        parts = assemble(config, split, self.summary, boundaries=boundaries)
        self.device, self.net = parts.device, parts.net
        self.objective, self.update, self.schedule = parts.objective, parts.update, parts.schedule
        self.batches, self.evaluation, self.forecaster = parts.batches, parts.evaluation, parts.forecaster
        self.running, self.best = parts.running, parts.best
        self.gradients, self.monitor, self.meter = parts.gradients, parts.monitor, parts.meter
        self.interruptible = parts.interruptible
        """Where another thread may take over, to call `given_up`."""
        self.steps_per_epoch = len(parts.batches)
        self.steps_total = parts.steps_total

        self.epoch = 0
        self.step = 0
        """Updates made."""
        self.evaluated_at = 0
        """The update after which the net was last evaluated."""
        self.is_over = False
        self.pause_after = 0
        """The epoch after which the run's sweep has it pause; 0: it trains to its end."""
        """Whether only the best weights are left to be tested."""
        self.diverged = ""
        """What became of the loss, once it is not finite."""
        self.final: dict[str, dict[str, Number]] = {}
        self.extra: dict[str, dict[str, Number]] = {}
        """The figures of the best weights at the end, by part of the split and by further part."""

    def events(self) -> Iterator[Event]:
        """Train from the first weights on: the first event is `RunStarted`, the last `RunFinished`."""
        yield run_started(self.run, self.config, self.summary, self.net, self.device, self.meter, self.steps_per_epoch)
        yield from self.train()

    def resumed(self, after: int, changes: dict[str, int], state: dict[str, Any] | None) -> Iterator[Event]:
        """As `events`, from `state` on (None: the first weights): the first event is `RunResumed`.

        The state was saved when record `after` was written; `changes` are settings that are no longer those of `RunStarted`.
        """
        if state is not None:
            self.load_state_dict(state)
        yield run_resumed(after, changes, self.config, self.device, self.meter)
        yield from self.checkpoints.write(everything=True)  # those on disk may be of updates that are void now
        yield from self.train()

    @abstractmethod
    def train(self) -> Iterator[Event]:
        """All updates that are left, and what follows them; the last event is `RunFinished`."""

    @abstractmethod
    def given_up(self) -> Iterator[Event]:
        """The end of a run whose update or evaluation under way is given up; the state saved is that of the last update.

        It is for another thread, which has taken over within `interruptible`.
        """

    @abstractmethod
    def check_command(self, verb: Verb) -> None:
        """Raises `UsageError` where the command cannot be executed now."""

    @abstractmethod
    def roll_back(self) -> float:
        """Resume from the best weights; returns the epoch that they are of. Raises `UsageError` where there are none."""

    def events_after(self, verb: Verb) -> Iterator[Event]:
        """What an executed command makes happen."""
        yield from ()

    @property
    def is_at_rung(self) -> bool:
        """Whether the run is to pause here, after the evaluation of the epoch that its sweep has named."""
        reached = 0 < self.pause_after * self.steps_per_epoch <= self.step < self.steps_total
        return reached and self.evaluated_at == self.step

    def finished(self, outcome: Outcome, message: str, *, paused_after: int = 0) -> RunFinished:
        """The last event; `paused_after` as it has it."""
        return RunFinished(
            outcome=outcome,
            message=message,
            epoch=self.epoch,
            epochs=self.config.train.epochs,
            step=self.step,
            seconds=self.meter.seconds,
            examples_per_second=self.meter.overall_rate,
            best_epoch=self.best.epoch,
            best_step=self.best.step,
            best=self.best.figures,
            final=self.final,
            extra=self.extra,
            paused_after=paused_after,
        )

    def learning_rate(self) -> float:
        """Learning rate of the next update, by the number of updates planned at the time."""
        while self._plans and self._plans[0][0] <= self.step:
            self.schedule.total = self._plans.pop(0)[1]
        return self.schedule.at(self.step)

    def record(self, epoch: int, batch: Batch, lr: float, result: StepResult) -> bool:
        """Count an update that was made. Returns whether a window of `Progress` ends with it."""
        self.step += 1
        sequences, loss, norm = len(batch), result.loss, result.norm
        if isinstance(loss, float) and isinstance(norm, float):
            if not math.isfinite(loss):
                self.diverge(loss, self.step)
            return self.meter.add(epoch, self.step, sequences, lr, loss, norm) and not self.diverged
        assert isinstance(loss, Tensor)
        assert isinstance(norm, Tensor)
        if self.meter.add_on_device(epoch, self.step, sequences, lr, loss, norm):
            self.fetch_losses()
        return self.meter.due()

    def fetch_losses(self) -> None:
        """Fetch the losses that lie on the device, and see whether they are finite."""
        diverged_at = self.meter.fetch_losses()
        if diverged_at is not None and not self.diverged:
            self.diverge(self.meter.last_loss, diverged_at)
            self.step = diverged_at

    def diverge(self, loss: float, step: int) -> None:
        """Note that the loss of update `step` is not finite."""
        kind = "nan" if math.isnan(loss) else "infinite"
        self.diverged = f"the loss became {kind} at update {step:,}"

    def end_window(self) -> Progress:
        """The window of updates that ends now."""
        return self.meter.take()

    def end_last_window(self) -> Iterator[Progress]:
        """The updates that no `Progress` holds yet."""
        if self.meter.pending:
            self.fetch_losses()
            yield self.end_window()

    def state_dict(self, drawn: Tensor | None = None) -> dict[str, Any]:
        """All that the rest of the run depends on, between two updates when no window is open.

        `drawn` is the random state of the CPU, where that is not the present one.
        """
        return {
            "step": self.step,
            "epoch": self.epoch,
            "evaluated_at": self.evaluated_at,
            "net": self.net.state_dict(),
            "update": self.update.state_dict(),
            "schedule": self.schedule.state_dict(),
            "best": self.best.state_dict(),
            "running": self.running.state_dict(),
            "inspector": self.gradients.state_dict(),
            "monitor": self.monitor.state_dict(),
            "meter": self.meter.state_dict(),
            "weights": self.checkpoints.state_dict(),
            "random": random_state(self.device) | ({} if drawn is None else {"cpu": drawn}),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the state of another process, before the first update. Raises `UsageError` where it is of another net."""
        try:
            self.net.load_state_dict(state["net"])
        except RuntimeError:
            raise UsageError("the state saved is of another net than the configuration describes") from None
        self.update.load_state_dict(state["update"])
        self.schedule.load_state_dict(state["schedule"])
        self.best.load_state_dict(state["best"])
        self.running.load_state_dict(on_device(state["running"], self.device))
        self.gradients.load_state_dict(state["inspector"])
        self.monitor.load_state_dict(state["monitor"])
        self.meter.load_state_dict(state["meter"])
        self.checkpoints.load_state_dict(state["weights"])
        self.step, self.epoch, self.evaluated_at = state["step"], state["epoch"], state["evaluated_at"]
        self.saver.step = self.step
        set_random_state(state["random"], self.device)
