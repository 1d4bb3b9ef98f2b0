"""The runs that an app follows. They belong to the app, not to a screen: a run is read on when its screen is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.runs.folders import RunFolder
from rnnlab.ui.run.following.follow import RunFollower, ensure_carried_out

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker

KEPT = 8
"""Ended runs that stay in memory after their screen was left."""


class Followers:
    """The runs an App follows, by folder; the App keeps one of these as `followers`."""

    def __init__(
        self,
        app: App[Any],
        *,
        ensure: Callable[[RunFolder], None] = ensure_carried_out,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._ensure = ensure
        self._clock = clock
        self._followed: dict[Path, tuple[RunFollower, Worker[None]]] = {}

    def follow(self, run: RunFolder) -> RunFollower:
        """The follower of `run`, started at first need. Ended runs that nobody has asked for lately are forgotten."""
        kept = self._followed.get(run.path)
        if kept is not None and kept[0].deleted and not kept[0].watched:
            self.leave(run)  # it may have been put back
            kept = None
        if kept is None:
            follower = RunFollower(run, ensure=self._ensure, clock=self._clock)
            kept = follower, self._app.run_worker(follower.follow(), name=f"follow {run.name}", group="followers")
            self._followed[run.path] = kept
            self._forget_the_oldest()
        return kept[0]

    def leave(self, run: RunFolder) -> None:
        """Follow `run` no longer: it is about to be moved away."""
        kept = self._followed.pop(run.path, None)
        if kept is not None:
            kept[1].cancel()

    def _forget_the_oldest(self) -> None:
        idle = [one.run for one, _ in self._followed.values() if (one.state.ended or one.problem) and not one.watched]
        for run in idle[:-KEPT]:
            self.leave(run)


def followers_of(app: App[Any]) -> Followers:
    """The app's followers."""
    followers = app.followers  # type: ignore[attr-defined]
    assert isinstance(followers, Followers)
    return followers
