"""A learning-rate range test: updates at ever larger rates, with no evaluation and no weights to keep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.commands import Verb
from rnnlab.runs.events import Event, Progress
from rnnlab.runs.lr_range import RangeTest
from rnnlab.training.assemble import is_range_test
from rnnlab.training.loop import Training
from rnnlab.training.update_loop import UpdateLoop

_REFUSED = "a learning-rate range test evaluates nothing and keeps no weights"


class LearningRateRangeTest(UpdateLoop):
    """Tries rates from `optim.lr_from` to `optim.lr_to`, and ends where the loss has blown up.

    Smith 2017, Cyclical learning rates, section 3.3.
    """

    tests_rates = True

    @cached_property
    def result(self) -> RangeTest:
        """The rates tried so far, and their losses."""
        return RangeTest()

    def train(self) -> Iterator[Event]:
        """The updates, and the rate that they suggest."""
        while self.step < self.steps_total and not self.should_stop:
            yield from self.train_epoch()
        yield from self.end_last_window()
        blown_up = self.diverged or self.result.blown_up  # as is to be expected at the largest rates
        completed = blown_up or self.step >= self.steps_total
        yield self.finished("completed" if completed else "stopped", self.result.text())

    def train_epoch(self) -> Iterator[Event]:
        """One pass over the training sequences, each batch at a larger rate than the one before."""
        epochs, done = divmod(self.step, self.steps_per_epoch)
        for batch in self.batches.epoch(epochs + 1, done):
            yield from self.commands.handle()
            if self.should_stop or self.step >= self.steps_total:
                return
            self.epoch = epochs + 1
            lr = self.learning_rate()
            result = self.update(batch, lr)
            if self.record(self.epoch, batch, lr, result):
                yield self.end_window()

    @property
    def should_stop(self) -> bool:
        """Whether a person wants it, or larger rates need not be tried."""
        return self.commands.stopped or bool(self.diverged) or self.result.blown_up

    def end_window(self) -> Progress:
        """The window of updates that ends now, with the rate and the loss of each."""
        progress = self.meter.take()
        self.result.add(progress.rates, [float(loss) for loss in progress.losses])
        return progress

    def given_up(self) -> Iterator[Event]:
        """What the updates so far suggest."""
        yield self.finished("stopped", self.result.text())

    def check_command(self, verb: Verb) -> None:
        """Refuses what needs an evaluation or weights."""
        if verb in ("evaluate", "save", "rollback"):
            raise UsageError(_REFUSED)

    def roll_back(self) -> float:
        """Always refused."""
        raise UsageError(_REFUSED)


def loop_for(config: RunConfig) -> type[UpdateLoop]:
    """The loop that a run with that configuration goes through."""
    return LearningRateRangeTest if is_range_test(config) else Training
