"""The training loop: an iterator of events, to be read from top to bottom.

It writes no log and draws no screen. `rnnlab.training.process` appends what it yields to the run's log, `verify` compares it
with a log that is there already, and a test or a benchmark may simply go through it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

import torch

from rnnlab.config import RunConfig, UsageError
from rnnlab.models.net import build
from rnnlab.runs.commands import Command
from rnnlab.runs.events import (
    CommandApplied,
    DataSummary,
    Evaluated,
    Event,
    Forecast,
    Number,
    Outcome,
    Phase,
    Progress,
    RunFinished,
    SubsetName,
    number,
)
from rnnlab.runs.lr_range import RangeTest
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.training.commands import POLL, CommandSource, NoCommands, new_value
from rnnlab.training.data.augmentation import Augmentation
from rnnlab.training.data.batches import Batches, drawn_evenly, sorted_together
from rnnlab.training.device import choose_device, narrow_type, prepare, use_threads
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.evaluation.evaluate import Evaluation, EvaluationResult, RunningScores
from rnnlab.training.evaluation.forecast import Forecaster
from rnnlab.training.observe.diagnosis import diagnose
from rnnlab.training.observe.gradients import GradientInspector
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.observe.warnings import Monitor
from rnnlab.training.persist.checkpoints import CheckpointStore, Kind
from rnnlab.training.persist.device_state import on_device, random_state, set_random_state
from rnnlab.training.persist.state_saver import StateSaver
from rnnlab.training.run_events import first_words, last_words, unfinished_words, words_on_resuming
from rnnlab.training.step.cuda_graphs import capturer_for
from rnnlab.training.step.interruptible import Interruptible
from rnnlab.training.step.loss import Objective
from rnnlab.training.step.schedule import Schedule
from rnnlab.training.step.update import Update

TRIED = (100, 400)
"""Updates of a learning-rate range test, where `train.updates` says nothing: one pass, but within these bounds."""


def tries_rates(config: RunConfig) -> bool:
    """Whether the run is a learning-rate range test."""
    return config.applies("optim.lr_from")


class Training:
    """One run: `events()` trains it.

    `keeper` holds the weights, `orders` brings a person's commands. `boundaries` are the steps at which a recorded run's
    `Progress` windows ended: with them the same windows come again; `plans` how many updates were planned from which one
    on, where that run was given more. Raises `UsageError` where the device asked for is
    missing. A process trains one run at a time: PyTorch's generator and its number of threads are set here.
    """

    def __init__(
        self,
        config: RunConfig,
        split: Split,
        *,
        run: str = "",
        summary: DataSummary | None = None,
        keeper: CheckpointStore | None = None,
        orders: CommandSource | None = None,
        boundaries: Iterable[int] | None = None,
        plans: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.config = config
        self.split = split
        self.run = run
        self.summary = summary or summarise_split(split, config)
        self.keeper = keeper or CheckpointStore()
        self.orders = orders or NoCommands()

        self.interruptible = Interruptible()
        """Where another thread may take over, to call `given_up`."""
        self.device = choose_device(config.runtime.device)
        prepare(self.device, config.runtime)
        torch.manual_seed(config.train.seed)
        # Made on the CPU and moved, so that the first weights do not depend on the device.
        card = split.card
        self.net = build(
            config,
            input_size=split.input_size,
            outputs=split.outputs,
            problem=card.problem,
            tokens=card.inputs == "tokens",
            longest=split.longest,
            scale=split.scale,
        ).to(self.device)
        self.net.autocast_dtype = narrow_type(config.runtime)
        self.threads = config.runtime.threads or 1  # none: nobody has measured
        use_threads(self.threads, self.net)
        self.objective = Objective(config, split, self.device)
        train = config.train
        parameters = list(self.net.parameters())
        self.update = Update(
            self.net,
            self.objective,
            config.optim,
            parameters,
            train,
            self.device,
            capturer=capturer_for(self.device, config),
            interruptible=self.interruptible,
        )
        balance = drawn_evenly(config.data.balance) if card.problem == "classification" else "none"
        augmentation = Augmentation(config.data, tokens=card.inputs == "tokens", seed=train.seed, device=self.device)
        self.batches = Batches(
            split.train,
            self.update.rows,
            train.seed,
            self.device,
            balance=balance,
            bucketing=sorted_together(config.data.bucketing, split),
            augmentation=augmentation,
        )
        self.steps_per_epoch = len(self.batches)
        self.steps_total = train.epochs * self.steps_per_epoch
        if train.updates is not None:
            self.steps_total = min(self.steps_total, train.updates)
        self.trial = RangeTest() if tries_rates(config) else None
        """Of a learning-rate range test: there are no looks, and no weights to keep."""
        if self.trial is not None:
            self.steps_total = train.updates or min(max(self.steps_per_epoch, TRIED[0]), TRIED[1])
        self.schedule = Schedule(config.optim, self.steps_total, self.steps_per_epoch)
        self._plans = list(plans)
        self.evaluation = Evaluation(split, self.objective, self.device, train.seed)
        self.forecaster = Forecaster(split, self.device) if split.series is not None else None
        self.inspector = GradientInspector(
            self.net, self.objective, split.train, train, train.evaluate_every or self.steps_per_epoch, self.device
        )
        self.running = RunningScores(self.objective)
        softmax = self.objective.classification and config.model.head_activation == "softmax"
        self.monitor = Monitor(self.summary, softmax=softmax, settings=self._settings_now)
        self.meter = ProgressMeter(
            self.steps_total,
            each=self.trial is not None,
            looks_left=self._looks_left,
            heard=self.monitor.add,
            boundaries=boundaries,
        )
        self.saver = StateSaver(self.keeper.folder, self.keeper.insist)

        self.epoch = 0
        self.step = 0
        self.evaluated_at = 0
        self.paused = False
        self._waiting: list[Command] = []
        """Commands heard during a look, for after it."""
        self.stopped = False
        self.over = False
        """Whether nothing is left but the last look."""
        self._looking = False
        """Whether an evaluation is under way that would be made again if it were given up."""
        self.diverged = ""
        """What became of the loss, once it is no number."""
        self.best = Selection(split.card, train.min_delta, train.select, train.ties)
        self.final: dict[str, dict[str, Number]] = {}
        self.extra: dict[str, dict[str, Number]] = {}
        """The figures of the best weights at the end, by part of the split and by further part."""

    def events(self) -> Iterator[Event]:
        """Train, from the first weights to the last word: the first event is `RunStarted`, the last `RunFinished`."""
        yield first_words(
            self.run, self.config, self.summary, self.net, self.device, self.steps_per_epoch, self.steps_total
        )
        yield from self._to_the_end()

    def resumed(self, after: int, changes: dict[str, int], state: dict[str, Any] | None) -> Iterator[Event]:
        """As `events`, from `state` on (None: the first weights), which was saved when record `after` was written: the first
        event is `RunResumed`. `changes` are settings that are no longer what `RunStarted` says.
        """
        if state is not None:
            self.load_state_dict(state)
        yield words_on_resuming(
            after,
            changes,
            self.config,
            self.device,
            self.meter,
            steps_total=self.steps_total,
            threads=self.threads,
            epoch=self.epoch,
            step=self.step,
        )
        yield from self.keeper.write(everything=True)  # what stands there may be of updates that are void now
        yield from self._to_the_end()

    def _to_the_end(self) -> Iterator[Event]:
        while self.step < self.steps_total and not self._ending:
            yield from self._pass()
        if self.meter.pending:
            self._fetch_figures()
            yield self._told()
        if not self.diverged and self.trial is None:
            # Before the looks of the end, which a run that is resumed never had.
            yield from self._save_state()
        if self.evaluated_at < self.step and not self.diverged:
            yield from self._evaluate()
        if self.diverged and self.trial is None:
            yield from self.monitor.diverged(epoch=self.epoch, step=self.step)
        outcome = self._outcome()
        yield from self._look_at_the_best()
        yield from self.keeper.write(everything=True)
        yield self.finished(
            outcome,
            self.trial.words() if self.trial else last_words(outcome, self.best, self.diverged, self._settings_now()),
        )

    def given_up(self) -> Iterator[Event]:
        """The end of a run whose update or evaluation under way is given up: another thread asks, which has taken over within
        `interruptible`. The state saved is that of the last update.
        """
        trains = not self.diverged and self.trial is None and not self.over
        if trains:
            drawn = self.update.drawn  # what is under way goes on drawing
            if self._looking:
                self.running.put_back()
            if self.meter.pending:
                yield self._told()
            if self.saver.step < self.step:
                yield from self._save_state(drawn)
        yield from self.keeper.write(everything=True)
        yield self.finished("stopped", self.trial.words() if self.trial else unfinished_words(self.step, self.over))

    def finished(self, outcome: Outcome, message: str) -> RunFinished:
        """The last event."""
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
        )

    def state_dict(self, drawn: torch.Tensor | None = None) -> dict[str, Any]:
        """All that the rest of the run depends on; to be asked for between two updates, when no window is open. `drawn` is the
        random state of the CPU where that is not the present one.
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
            "inspector": self.inspector.state_dict(),
            "monitor": self.monitor.state_dict(),
            "meter": self.meter.state_dict(),
            "weights": self.keeper.state_dict(),
            "random": random_state(self.device) | ({} if drawn is None else {"cpu": drawn}),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put a training that has not begun where another one was. Raises `UsageError` where that was of another net."""
        try:
            self.net.load_state_dict(state["net"])
        except RuntimeError:
            raise UsageError("the state saved is of another net than the configuration describes") from None
        self.update.load_state_dict(state["update"])
        self.schedule.load_state_dict(state["schedule"])
        self.best.load_state_dict(state["best"])
        self.running.load_state_dict(on_device(state["running"], self.device))
        self.inspector.load_state_dict(state["inspector"])
        self.monitor.load_state_dict(state["monitor"])
        self.meter.load_state_dict(state["meter"])
        self.keeper.load_state_dict(state["weights"])
        self.step, self.epoch, self.evaluated_at = state["step"], state["epoch"], state["evaluated_at"]
        self.saver.step = self.step
        set_random_state(state["random"], self.device)

    def _pass(self) -> Iterator[Event]:
        """One pass over the training rows, or as much of it as is wanted, and the look that follows it."""
        meter, running, schedule, orders, update = self.meter, self.running, self.schedule, self.orders, self.update
        inspector = self.inspector
        inspector.plan(self.step)
        every = self.config.train.evaluate_every
        epoch, done = self._place
        if every is not None and self.step and self.step % every == 0 and self.evaluated_at < self.step:
            yield from self._evaluate()  # which was given up when the run was stopped
        for batch in self.batches.epoch(epoch, done):
            if commands := self._waiting or orders.read(self.step):
                self._waiting = []
                yield from self._apply(commands)
            if self._ending or self.step >= self.steps_total:
                return
            self.epoch = epoch
            while self._plans and self._plans[0][0] <= self.step:
                schedule.total = self._plans.pop(0)[1]
            lr = schedule.at(self.step)
            if watched := self.step == inspector.watched:
                inspector.before()
            outputs, loss, norm = update(batch, lr)
            if watched:
                inspector.after()
            rows = len(batch.rows)
            self.step += 1
            if isinstance(loss, float) and isinstance(norm, float):
                if not math.isfinite(loss):
                    self._diverge(loss, self.step)
                    meter.add(epoch, self.step, rows, lr, loss, norm)
                    return
                running.add(outputs, batch, loss)
                window_ends = meter.add(epoch, self.step, rows, lr, loss, norm)
            else:
                assert isinstance(loss, torch.Tensor)
                assert isinstance(norm, torch.Tensor)
                running.add(outputs, batch, loss)
                if meter.add_on_device(epoch, self.step, rows, lr, loss, norm):
                    self._fetch_figures()
                window_ends = meter.due()
            if window_ends:
                yield self._told()
                yield from self.keeper.write()
            if every is not None and self.step % every == 0 and not self._ending:
                yield from self._evaluate()
            if window_ends and self.saver.due and not self.meter.pending and self.trial is None:
                yield from self._save_state()
        if every is None and not self._ending:
            yield from self._evaluate()

    def _told(self) -> Progress:
        """The window that has just ended."""
        progress = self.meter.take()
        if self.trial is not None:
            self.trial.add(progress.rates, [float(loss) for loss in progress.losses])
        return progress

    def _save_state(self, drawn: torch.Tensor | None = None) -> Iterator[Event]:
        """`drawn` is the random state of the CPU to go on with, where it is not the present one."""
        yield from self.saver.save(lambda: self.state_dict(drawn), epoch=self.epoch, step=self.step)

    @property
    def _place(self) -> tuple[int, int]:
        """The epoch under way and how many of its batches are done; it ends with the look that follows it."""
        epochs, done = divmod(self.step, self.steps_per_epoch)
        if self.step and not done and self.config.train.evaluate_every is None and self.evaluated_at < self.step:
            return epochs, self.steps_per_epoch
        return epochs + 1, done

    def _evaluate(self) -> Iterator[Event]:
        """The training figures so far, a look at the validation part, and weights to keep."""
        self._fetch_figures()
        if self.trial is not None:
            self.running.take()
            self.evaluated_at = self.step
        if self.diverged or self.trial is not None:
            return
        self.meter.enter("evaluating")
        self.net.eval()
        running = self.running.take()
        self._looking = True
        look = yield from self._look("validation", shown_at=self.step)
        forecast = self._forecast("validation") if look.finite else None
        self._looking = False
        # Told of only now: an evaluation that is given up is made again.
        if running is not None:
            yield self._evaluated("train", running, running=True)
        if not look.finite:
            self._diverge(look.loss, self.step)
        else:
            self.schedule.looked(self.step, look.loss)
        better = self.best.consider(look, self.epoch, self.step)
        yield self._evaluated("validation", look, forecast=forecast, best=better)
        if look.finite:
            for event in self.inspector.look(self.epoch, self.step):
                self.monitor.inspected(event)
                yield event
            yield from self.monitor.evaluated(running, look, epoch=self.epoch, step=self.step)
            yield from self.monitor.launched(self.update.word, epoch=self.epoch, step=self.step)
            self.meter.enter("saving")
            self._keep(*("best", "last") if better else ("last",))
            yield from self.keeper.write()
        self.evaluated_at = self.step
        self.net.train()
        self.meter.enter("training")

    def _look_at_the_best(self) -> Iterator[Event]:
        """The one look at the test part, with the best weights, at the training part beside it, and at further ones. What they
        say of the validation part is known: they are the best because of it.
        """
        weights = self.keeper.weights("best")
        if weights is None:
            return
        self.over = True
        yield from self._carry_out(self._waiting, self.meter.phase)
        self.meter.enter("evaluating")
        self.net.load_state_dict(weights)
        self.net.eval()
        for name in SUBSET_NAMES:
            tested = name == "test"
            if name == "validation" and self.best.look is not None:
                look = self.best.look
            else:
                look = yield from self._look(name, shown_at=self.best.step if tested else None)
            self.final[name] = look.figures
            forecast = self._forecast(name) if tested else None
            yield self._evaluated(name, look, forecast=forecast, final=True)
        tested_look = look
        for part in self.split.extra:
            look = yield from self._look(part)
            self.extra[part] = look.figures
            yield self._evaluated("test", look, part=part, final=True)
        at = {"epoch": self.best.epoch, "step": self.best.step}
        for event in diagnose(self.summary, tested_look, "test", **at, config=self._settings_now()):
            if event.kind not in self.monitor.said:
                yield event

    def _look(self, name: str, shown_at: int | None = None) -> Generator[Event, None, EvaluationResult]:
        """Every row of a part, between whose batches commands are heard. `shown_at`: some rows are shown, those of that step."""
        tally = self.evaluation.tally() if shown_at is None else self.evaluation.tally(name, shown_at)
        for batch in self.evaluation.batches(name, shared=self.net.reads_prefixes):
            with self.interruptible:
                tally.add(self.net, batch)
            if commands := self.orders.read(self.step):
                yield from self._apply(commands)
            if self.meter.due():
                yield self._told()
        return tally.look()

    def _forecast(self, name: SubsetName) -> Forecast | None:
        if self.forecaster is None:
            return None
        with self.interruptible:
            return self.forecaster.forecast(self.net, name)

    def _apply(self, commands: Sequence[Command]) -> Iterator[Event]:
        """Do what a person commands. After `pause` this returns when the run is to go on."""
        phase = self.meter.phase
        yield from self._carry_out(commands, phase)
        while self.paused:
            time.sleep(POLL)
            self._fetch_figures()
            if self.meter.due():
                yield self._told()
            yield from self.keeper.write()
            yield from self._carry_out(self.orders.read(self.step), phase)

    def _carry_out(self, commands: Sequence[Command], phase: Phase) -> Iterator[Event]:
        for command in commands:
            if phase == "evaluating" and command.command not in ("pause", "resume", "stop") and not self.over:
                # A look is at one set of weights, and what follows from it comes before what a person wants next.
                self._waiting.append(command)
                continue
            applied = self._applied(command)
            # Before it is told, so that no sign of life says otherwise afterwards.
            self.meter.enter("paused" if self.paused else phase)
            yield applied
            if applied.error:
                continue
            if command.command == "evaluate" and self.evaluated_at < self.step:
                yield from self._evaluate()
            elif command.command == "save":
                yield from self._save_now()
            self.meter.enter("paused" if self.paused else phase)

    def _applied(self, command: Command) -> CommandApplied:
        """Carry out one command, or say why not."""
        before = value = error = None
        try:
            match command.command:
                case "pause":
                    self.paused = True
                case "resume":
                    self.paused = False
                case _ if self.over:
                    raise UsageError("the training is over; the best weights are being tested")
                case "evaluate" | "save" | "rollback" if self.trial is not None:
                    raise UsageError("a learning-rate range test looks at nothing and keeps no weights")
                case "stop":
                    self.stopped, self.paused = True, False
                case "set":
                    value = new_value(command)
                    before = self._set(command.key, value)
                case "evaluate" if not self.step:
                    raise UsageError("nothing was learned yet")
                case "rollback":
                    value = self._roll_back()
        except UsageError as refusal:
            error, value = str(refusal), command.value
        return CommandApplied(
            command=command.command,
            command_id=command.id,
            epoch=self.epoch,
            step=self.step,
            seconds=self.meter.seconds,
            key=command.key,
            value=value,
            before=before,
            error=error or "",
        )

    def _set(self, key: str, value: float | None) -> float | None:
        """Turn a knob; where it stood before."""
        if not self.config.applies(key):
            raise UsageError(f"{key} means nothing with the other settings of this run")
        update = self.update
        if key == "optim.clip_norm":
            before, update.clip_norm = update.clip_norm, value
            return before
        assert value is not None  # neither of the others can be none
        if key == "model.dropout":
            rate, update.dropout = update.dropout, value
            return rate
        lr = self.schedule.at(self.step)
        self.schedule.set(self.step, value)
        return lr

    def _settings_now(self) -> RunConfig:
        """The settings in force, with those that a person changed while it trains."""
        live = {"optim.clip_norm": self.update.clip_norm, "model.dropout": self.update.dropout}
        return RunConfig.from_settings(self.config.flat() | live)

    def _roll_back(self) -> float:
        """Go on from the best weights so far, with an optimiser that remembers nothing of the way to others; patience begins
        anew, and the rate, the schedule and the random state stay. Returns the epoch of those weights.
        """
        weights = self.keeper.weights("best")
        if weights is None:
            raise UsageError("nothing was evaluated yet, so there is nothing to go back to")
        self.net.load_state_dict(weights)
        self.update.forget()
        self.best.without_better = 0
        return float(self.best.epoch)

    def _save_now(self) -> Iterator[Event]:
        """The weights as they are, and everything to go on from them."""
        if self.meter.pending:
            self._fetch_figures()
            yield self._told()
        if not self.diverged:
            self._keep("last")
            yield from self.keeper.write(everything=True)
            yield from self._save_state()

    def _keep(self, *kinds: Kind) -> None:
        seed = self.config.train.seed
        self.keeper.keep(self.net, *kinds, epoch=self.epoch, step=self.step, lr=self.meter.lr, seed=seed)

    @property
    def _ending(self) -> bool:
        patience = self.config.train.patience
        if self.trial is not None and self.trial.blown_up:
            return True
        return self.stopped or bool(self.diverged) or (patience is not None and self.best.without_better >= patience)

    def _outcome(self) -> Outcome:
        if self.trial is not None and (self.diverged or self.trial.blown_up):
            return "completed"  # as is to be expected at the largest rates
        if self.diverged:
            return "diverged"
        if self.step >= self.steps_total:
            return "completed"
        return "stopped" if self.stopped else "early-stopped"

    def _diverge(self, loss: float, step: int) -> None:
        word = "nan" if math.isnan(loss) else "infinite"
        self.diverged = f"the loss became {word} at update {step:,}"

    def _fetch_figures(self) -> None:
        """Have the figures that lie on the device, and see whether they are numbers."""
        diverged_at = self.meter.look()
        if diverged_at is not None and not self.diverged:
            self._diverge(self.meter.last_loss, diverged_at)
            self.step = diverged_at

    def _looks_left(self, step: int) -> float:
        """Looks at the validation part still to come, the last one at the other parts counted in as so many of them."""
        every = self.config.train.evaluate_every or self.steps_per_epoch
        split = self.split
        parts = [split.train, split.test, *split.extra.values()]
        last = sum(map(len, parts)) / max(1, len(split.validation))
        return -(-self.steps_total // every) - step // every + last

    def _evaluated(
        self,
        name: SubsetName,
        look: EvaluationResult,
        *,
        forecast: Forecast | None = None,
        part: str = "",
        running: bool = False,
        final: bool = False,
        best: bool = False,
    ) -> Evaluated:
        return Evaluated(
            split=name,
            epoch=self.best.epoch if final else self.epoch,
            step=self.best.step if final else self.step,
            seconds=self.meter.seconds,
            loss=number(look.loss),
            metrics=look.numbers,
            confusion=look.confusion,
            samples=look.samples,
            forecast=forecast,
            extra_test=part,
            running=running,
            final=final,
            best=best,
        )
