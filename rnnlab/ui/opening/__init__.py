"""What a screen asks of the app: another screen, on a run, a session, or what is to be set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from textual.app import App

    from rnnlab.runs.folders import RunFolder
    from rnnlab.runs.summaries import Summaries


@runtime_checkable
class Opening(Protocol):
    """An app that opens its screens; `RnnlabApp` is the one there is."""

    def open_run(self, run: RunFolder) -> None:
        """Show the run over the present screen."""

    async def open_session(self, path: Path, summaries: Summaries | None = None) -> None:
        """Show the runs of the session at `path`."""

    def open_playground(self, run: RunFolder, example: tuple[str, int] | None = None) -> None:
        """Try inputs on the run's best weights; `example`: subset and row of the sequence that is shown first."""

    async def action_setup(self) -> None:
        """The form of a new run, as it was left."""

    async def set_up_run(self, task: str, settings: Mapping[str, str]) -> None:
        """A new run on the task, with these settings entered."""

    async def set_up_from(self, run: RunFolder) -> None:
        """A new run with the settings of this one entered. Raises `UsageError` where they cannot be read."""


def opening(app: App[Any]) -> Opening:
    """The app as what opens screens."""
    assert isinstance(app, Opening)
    return app
