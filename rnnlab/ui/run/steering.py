"""Steering a run that trains: its live settings, and what stands in the way of a command."""

from __future__ import annotations

from typing import Literal

from rnnlab.runs.commands import LIVE_SETTINGS
from rnnlab.runs.current import waiting_text
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.status_figures import planned

RATE, CLIP, DROPOUT = LIVE_SETTINGS
TYPED = {
    "rate": (RATE, "learning rate"),
    "clip": (CLIP, "clip the gradient's norm at"),
    "dropout": (DROPOUT, "dropout"),
}
"""The live settings whose value is typed, by the prompt's topic: the key and the question."""


def live_setting(follower: RunFollower, key: str) -> float | None:
    """The value of a live setting, or the one it will have once the commands sent so far take effect; None: it has none."""
    sent = [command.value for command in follower.pending.values() if command.key == key]
    state = follower.state
    group, _, name = key.partition(".")
    value = sent[-1] if sent else state.live_settings.get(key, state.started and planned(state.started, group, name))
    return float(value) if isinstance(value, int | float) else None


def learning_rate(follower: RunFollower) -> float:
    """The learning rate of the present step, or the one it will be once the commands sent so far take effect."""
    sent = [c.value for c in follower.pending.values() if c.key == RATE and c.value is not None]
    state = follower.state
    if sent:
        return sent[-1]
    if state.lr == 0.0 and state.started is not None:
        value = planned(state.started, "optim", "lr")
        return float(value) if isinstance(value, int | float) else 0.0
    return state.lr


def obstacle_to(verb: str, follower: RunFollower) -> tuple[str, Literal["information", "warning"]] | None:
    """Why no trainer would take the command, as a sentence and its severity; None: one would."""
    state = follower.state
    if follower.problem:
        return "The log of this run cannot be read: there is nothing to steer.", "warning"
    if state.ended:
        nothing = (
            f"there is nothing to {verb}."
            if verb in ("pause", "resume", "stop")
            else "nothing about it can be changed any more."
        )
        return f"This run has ended ({state.status}): {nothing}", "information"
    if state.status == "queued" and verb != "stop":
        return f"This run is {waiting_text('queued')}; it can be steered once it trains.", "information"
    return None
