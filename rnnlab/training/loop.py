"""The training loop: an iterator of events. What it shares with the learning-rate range test is in `update_loop`.

The parts (net, update, schedule, evaluation …) are put together in `assemble`; a window is the updates of one `Progress`.

It writes no log and draws no screen. `rnnlab.training.process` appends what it yields to the run's log, `verify` compares it
with an existing log, and a test or a benchmark may simply iterate over it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from torch import Tensor

from rnnlab.config import UsageError
from rnnlab.predictions.predictions_file import KEPT_SUBSETS
from rnnlab.runs.commands import Verb
from rnnlab.runs.events import Evaluated, Event, Forecast, Outcome, SubsetName
from rnnlab.tasks.splitting.types import SUBSET_NAMES
from rnnlab.training.assemble import settings_in_force
from rnnlab.training.evaluation.collect import PredictionCollector
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.observe.diagnosis import diagnose
from rnnlab.training.persist.checkpoints import Kind
from rnnlab.training.persist.predictions import save_predictions
from rnnlab.training.run_events import closing_message, paused_message, unfinished_message
from rnnlab.training.update_loop import UpdateLoop


class Training(UpdateLoop):
    """One run: `events()` trains it, and tests its best weights."""

    is_validating = False
    """Whether an evaluation is under way that is repeated where it is given up."""

    def train(self) -> Iterator[Event]:
        """The epochs that are left, and the test of the best weights."""
        while self.step < self.steps_total and not self.should_stop and not self.is_at_rung:
            yield from self.train_epoch()
        yield from self.end_last_window()
        if not self.diverged:
            # Before the evaluations of the end, which a run that is resumed never had.
            yield from self.save_state()
        if self.is_at_rung and not self.should_stop:
            yield from self.checkpoints.write(everything=True)
            yield self.finished("stopped", paused_message(self.epoch, self.config), paused_after=self.epoch)
            return
        if self.evaluated_at < self.step:
            yield from self.evaluate()
        if self.diverged:
            yield from self.monitor.diverged(epoch=self.epoch, step=self.step)
        outcome = self.outcome
        yield from self.test_best()
        yield from self.checkpoints.write(everything=True)
        settings = settings_in_force(self.config, self.update)
        yield self.finished(outcome, closing_message(outcome, self.best, self.diverged, settings))

    def train_epoch(self) -> Iterator[Event]:
        """One pass over the training sequences, or what is left of it, then an evaluation."""
        every = self.config.train.evaluate_every
        epoch, done = self.position
        self.gradients.plan(self.step)
        if every is not None and self.step and self.step % every == 0 and self.evaluated_at < self.step:
            yield from self.evaluate()  # the one that was given up when the run was stopped
        for batch in self.batches.epoch(epoch, done):
            yield from self.commands.handle()  # returns from `pause` when resumed
            if self.should_stop or self.step >= self.steps_total:
                return
            self.epoch = epoch
            lr = self.learning_rate()
            with self.gradients.watching(self.step):
                result = self.update(batch, lr)  # forward, loss, backward, clip, optimiser step
            window_ends = self.record(epoch, batch, lr, result)
            if window_ends:
                yield self.end_window()
                yield from self.checkpoints.write()
            if self.diverged:
                return
            self.running.add(result.outputs, batch, result.loss)
            if every is not None and self.step % every == 0 and not self.should_stop:
                yield from self.evaluate()
            if window_ends and self.saver.due and not self.meter.pending:
                yield from self.save_state()
        if every is None and not self.should_stop:
            yield from self.evaluate()

    @property
    def position(self) -> tuple[int, int]:
        """The epoch under way and how many of its batches are done; it ends with the evaluation that follows it."""
        epochs, done = divmod(self.step, self.steps_per_epoch)
        if self.step and not done and self.config.train.evaluate_every is None and self.evaluated_at < self.step:
            return epochs, self.steps_per_epoch
        return epochs + 1, done

    @property
    def should_stop(self) -> bool:
        """Whether no further update is wanted."""
        patience = self.config.train.patience
        impatient = patience is not None and self.best.without_better >= patience
        return self.commands.stopped or bool(self.diverged) or impatient

    @property
    def outcome(self) -> Outcome:
        """How the updates ended."""
        if self.diverged:
            return "diverged"
        if self.step >= self.steps_total:
            return "completed"
        return "stopped" if self.commands.stopped else "early-stopped"

    def evaluate(self) -> Iterator[Event]:
        """The training figures so far, an evaluation of the validation part, and checkpoints of the weights."""
        self.fetch_losses()
        if self.diverged:
            return
        self.meter.enter("evaluating")
        self.net.eval()
        running = self.running.take()
        self.is_validating = True
        result = yield from self._evaluate_subset("validation", sampled_at=self.step)
        forecast = self._forecast("validation") if result.finite else None
        self.is_validating = False
        # Only now: an evaluation that is given up is repeated.
        if running is not None:
            yield self._evaluated("train", running, running=True)
        if result.finite:
            self.schedule.after_evaluation(self.step, result.loss)
        else:
            self.diverge(result.loss, self.step)
        better = self.best.consider(result, self.epoch, self.step)
        yield self._evaluated("validation", result, forecast=forecast, best=better)
        if result.finite:
            for event in self.gradients.inspect(self.epoch, self.step):
                self.monitor.inspected(event)
                yield event
            yield from self.monitor.evaluated(running, result, epoch=self.epoch, step=self.step)
            yield from self.monitor.launched(self.update.warning, epoch=self.epoch, step=self.step)
            self.meter.enter("saving")
            self._snapshot(*("best", "last") if better else ("last",))
            yield from self.checkpoints.write()
        self.evaluated_at = self.step
        self.net.train()
        self.meter.enter("training")

    def test_best(self) -> Iterator[Event]:
        """The one evaluation of the test part, with the best weights, of the training part, and of further ones.

        The figures of the validation part are known, as the weights are the best because of them; its predictions are not.
        """
        self.is_over = True
        yield from self.commands.handle_deferred()
        weights = self.checkpoints.weights("best")
        if weights is None:
            return
        self.meter.enter("evaluating")
        self.net.load_state_dict(weights)
        self.net.eval()
        names = SUBSET_NAMES if self.config.train.test else SUBSET_NAMES[:-1]
        collectors = {name: self.evaluation.collector(name) for name in KEPT_SUBSETS if name in names}
        for name in names:
            sampled_at = self.best.step if name == "test" else None
            last = yield from self._evaluate_subset(name, sampled_at, collectors.get(name))
            if name == "validation":
                last = self.best.result or last
            self.final[name] = last.figures
            forecast = self._forecast(name) if name == names[-1] else None
            yield self._evaluated(name, last, forecast=forecast, final=True)
        for part in self.split.extra if "test" in names else ():
            result = yield from self._evaluate_subset(part)
            self.extra[part] = result.figures
            yield self._evaluated("test", result, part=part, final=True)
        collected = {name: collector.predictions() for name, collector in collectors.items()}
        yield from save_predictions(self.checkpoints.folder, collected, self.checkpoints.insist)
        settings = settings_in_force(self.config, self.update)
        at = {"epoch": self.best.epoch, "step": self.best.step}
        for event in diagnose(self.summary, last, names[-1], **at, config=settings):
            if event.kind not in self.monitor.reported:
                yield event

    def _evaluate_subset(
        self, name: str, sampled_at: int | None = None, collector: PredictionCollector | None = None
    ) -> Generator[Event, None, EvaluationResult]:
        """Evaluate all sequences of a part, handling commands between batches. `sampled_at`: with the samples of that update."""
        accumulator = self.evaluation.accumulator(name, sampled_at, collector)
        for batch in self.evaluation.batches(name, shared=self.net.reads_prefixes):
            with self.interruptible:
                accumulator.add(self.net, batch)
            yield from self.commands.handle()
            if self.meter.due():
                yield self.end_window()
        return accumulator.result()

    def _forecast(self, name: SubsetName) -> Forecast | None:
        if self.forecaster is None:
            return None
        with self.interruptible:
            return self.forecaster.forecast(self.net, name)

    def _evaluated(self, name: SubsetName, result: EvaluationResult, *, final: bool = False, **more: Any) -> Evaluated:
        at = self.best if final else self
        return result.event(name, epoch=at.epoch, step=at.step, seconds=self.meter.seconds, final=final, **more)

    def save_state(self, drawn: Tensor | None = None) -> Iterator[Event]:
        """Save all that resuming needs. `drawn` is the random state of the CPU, where that is not the present one."""
        yield from self.saver.save(lambda: self.state_dict(drawn), epoch=self.epoch, step=self.step)

    def _snapshot(self, *kinds: Kind) -> None:
        seed = self.config.train.seed
        self.checkpoints.snapshot(self.net, *kinds, epoch=self.epoch, step=self.step, lr=self.meter.lr, seed=seed)

    def given_up(self) -> Iterator[Event]:
        """The end of a run whose update or evaluation under way is given up; the state saved is that of the last update."""
        if not self.diverged and not self.is_over:
            drawn = self.update.drawn  # the computation under way still draws
            if self.is_validating:
                self.running.put_back()
            if self.meter.pending:
                yield self.end_window()
            if self.saver.step < self.step:
                yield from self.save_state(drawn)
        yield from self.checkpoints.write(everything=True)
        yield self.finished("stopped", unfinished_message(self.step, self.is_over))

    def check_command(self, verb: Verb) -> None:
        """Raises `UsageError` for every command once the training is over, and for an evaluation of untrained weights."""
        if self.is_over:
            raise UsageError("the training is over; the best weights are being tested")
        if verb == "evaluate" and not self.step:
            raise UsageError("nothing was learned yet")

    def events_after(self, verb: Verb) -> Iterator[Event]:
        """The evaluation, or the saving of weights and state, that a person asked for."""
        if verb == "evaluate" and self.evaluated_at < self.step:
            yield from self.evaluate()
        elif verb == "save":
            yield from self.end_last_window()
            if not self.diverged:
                self._snapshot("last")
                yield from self.checkpoints.write(everything=True)
                yield from self.save_state()

    def roll_back(self) -> float:
        """Resume from the best weights with the optimiser's first state; returns the epoch that they are of.

        Patience begins anew; the rate, the schedule and the random state stay. Raises `UsageError` where there are no weights.
        """
        weights = self.checkpoints.weights("best")
        if weights is None:
            raise UsageError("nothing was evaluated yet, so there is nothing to go back to")
        self.net.load_state_dict(weights)
        self.update.reset()
        self.best.without_better = 0
        return float(self.best.epoch)
