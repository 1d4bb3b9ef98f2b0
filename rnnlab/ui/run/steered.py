"""Steering the run of a screen: the keys that command its trainer, resume it, or ask for leave to train it here."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType

from rnnlab.config import UsageError, field_of
from rnnlab.engines.resume import GIVEN_MORE, is_ours, resume, start
from rnnlab.runs.commands import Verb
from rnnlab.runs.folders import RunFolder
from rnnlab.text.numbers import rate
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.run.panels.status_figures import planned
from rnnlab.ui.run.steering import RATE, TYPED, learning_rate, live_setting, obstacle_to


class SteeredScreen(FittedScreen[None]):
    """A screen on one run that commands its trainer; it has a `Prompt`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "resume", "resume"),
        Binding("p", "pause", "pause"),
        Binding("s", "stop", "stop"),
        Binding("left_square_bracket", "rate(0.5)", "rate ÷2", key_display="["),
        Binding("right_square_bracket", "rate(2)", "rate ×2", key_display="]"),
        Binding("r", "type('rate')", "rate…"),
        Binding("b", "send('rollback')", "to best"),
        Binding("c", "type('clip')", "clip the gradient's norm at …", show=False),
        Binding("d", "type('dropout')", "dropout …", show=False),
        Binding("v", "send('evaluate')", "evaluate now", show=False),
        Binding("w", "send('save')", "save weights and state now", show=False),
        Binding("y", "yes", "yes", show=False),
    ]

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run
        self._refusals = 0
        self._opened = False
        self._asked = False
        self._more: dict[str, int] | None = None
        """The settings with which a run from elsewhere is to be resumed, once that is allowed; None: it is to be started."""

    @property
    def follower(self) -> RunFollower:
        """The run's follower, which lives on the App."""
        return followers_of(self.app).follow(self.run)

    def say(self, text: str, severity: str) -> None:
        """A sentence in passing; it may hold text from anywhere."""
        self.notify(plain(text), severity=severity, markup=False, timeout=6)  # type: ignore[arg-type]

    def refocus(self) -> None:
        """The focus to where it belongs once a question has been answered."""

    def show_refusals(self) -> None:
        """Show a command that the trainer refused once, and those of before the screen was opened not at all."""
        refused = [mark for mark in self.follower.state.applied_commands if mark.error]
        if self._opened:
            for mark in refused[self._refusals :]:
                self.say(f"{mark.command}: {mark.error}", "warning")
        self._refusals = len(refused)
        self._opened = self.follower.opened.is_set()

    def ask_once(self) -> None:
        """Ask for leave to train a run that comes from elsewhere, the first time that it is seen to."""
        follower = self.follower
        if follower.foreign and not self._asked and not self.query_one(Prompt).asking:
            self._asked = True
            self._ask_to_train({} if follower.gone else None)

    def action_pause(self) -> None:
        paused = self.follower.state.status == "paused"
        for sent in self.follower.pending.values():
            # The last command counts, though it has not taken effect.
            paused = {"pause": True, "resume": False}.get(sent.command, paused)
        if self._steerable("resume" if paused else "pause"):
            self._send("resume" if paused else "pause")

    def action_stop(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.topic == "stop":
            self.action_yes()
        elif self._steerable("stop"):
            prompt.confirm(
                "stop", "Stop this run? Its best weights are kept.  s or y: stop  any other key: keep training"
            )

    def action_yes(self) -> None:
        prompt, follower = self.query_one(Prompt), self.follower
        if prompt.topic == "stop":
            prompt.close()
            if self._steerable("stop"):
                self._send("stop")
        elif prompt.topic == "train":
            prompt.close()
            self._train_here(self._more)
        elif follower.foreign and not prompt.asking:
            self._train_here({} if follower.gone else None)

    def _ask_to_train(self, more: dict[str, int] | None) -> None:
        """A run whose settings come from elsewhere is trained only once a person has agreed."""
        self._more = more
        what = (
            "queued elsewhere. y: train it here with these settings"
            if more is None
            else "trained elsewhere. y: resume it here, with its settings"
        )
        self.query_one(Prompt).confirm("train", f"This run was {what}  any other key: leave it")

    @work(thread=True, group="resume", exit_on_error=False)
    def _train_here(self, more: dict[str, int] | None) -> None:
        try:
            start(self.run) if more is None else resume(self.run, more)
        except (UsageError, OSError) as error:
            self.app.call_from_thread(self.say, str(error), "warning")

    def action_rate(self, factor: float) -> None:
        if not self._steerable("set"):
            return
        try:
            value = field_of(RATE).check(float(f"{learning_rate(self.follower) * factor:.6g}"))
        except UsageError as error:
            self.say(str(error), "warning")
            return
        self._send("set", RATE, value)

    def action_type(self, topic: str) -> None:
        """Ask for a new value of a live setting."""
        key, question = TYPED[topic]
        if self._steerable("set"):
            value = (
                rate(learning_rate(self.follower))
                if key == RATE
                else field_of(key).text(live_setting(self.follower, key))
            )
            self.query_one(Prompt).ask(topic, question, value, field_of(key).parse)

    def action_send(self, verb: Verb) -> None:
        if self._steerable(verb):
            self._send(verb)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic in TYPED and self._steerable("set"):
            key, _ = TYPED[event.topic]
            self._send("set", key, field_of(key).parse(event.text))
        elif event.topic in GIVEN_MORE:
            self._resume({event.topic: field_of(event.topic).parse(event.text)})
        self.refocus()

    def on_prompt_given_up(self) -> None:
        self.refocus()

    def action_resume(self) -> None:
        """Resume a run that has ended; where it needs more of something for that, ask how much."""
        state = self.follower.state
        if state.status == "completed" and state.started is not None:
            by_updates = state.started.steps_total < state.started.epochs * state.started.steps_per_epoch
            self._ask_for_more("train.updates" if by_updates else "train.epochs")
        elif state.status == "early-stopped":
            self._ask_for_more("train.patience")
        elif state.ended:
            self._resume({})
        else:
            self.say("This run has not ended: there is nothing to resume.", "information")

    def _ask_for_more(self, key: str) -> None:
        group, _, name = key.partition(".")
        started = self.follower.state.started
        had = planned(started, group, name) if started is not None else None
        more = had * 2 if isinstance(had, int) else 1
        self.query_one(Prompt).ask(key, f"{name} in all", str(more), field_of(key).parse)

    @work(thread=True, group="resume", exit_on_error=False)
    def _resume(self, more: dict[str, int]) -> None:
        try:
            if not is_ours(self.run):
                self.app.call_from_thread(self._ask_to_train, more)
                return
            if other := resume(self.run, more):
                self.app.call_from_thread(self.say, other, "warning")
        except UsageError as error:
            self.app.call_from_thread(self.say, str(error), "warning")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rolling back to the best weights is for a run that trains, resuming for one that has ended."""
        ended = self.follower.state.ended
        return not ended if action == "send" and parameters == ("rollback",) else ended if action == "resume" else True

    def _steerable(self, verb: str) -> bool:
        """Whether there is a trainer to take the command; where not, say why."""
        obstacle = obstacle_to(verb, self.follower)
        if obstacle is not None:
            self.say(*obstacle)
        return obstacle is None

    def _send(self, verb: Verb, key: str = "", value: float | None = None) -> None:
        try:
            self.follower.send(verb, key, value)
        except UsageError as error:
            self.say(str(error), "error")

    def on_key(self, event: events.Key) -> None:
        """Any key but the confirming ones takes the question back."""
        prompt = self.query_one(Prompt)
        confirming = {"stop": ("s", "y", "escape"), "train": ("y", "escape")}.get(prompt.topic)
        if confirming is not None and event.key not in confirming:
            prompt.close()
