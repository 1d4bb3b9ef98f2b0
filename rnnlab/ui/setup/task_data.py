"""The data of Setup's task: asking for its terms, fetching it, and saying how far that is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rnnlab.text.sanitise import plain
from rnnlab.ui.queries.fetching import fetch_question, fetch_refusal
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.draft.data_of import data_folder
from rnnlab.ui.setup.starting.launch import data_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen
    from textual.timer import Timer
    from textual.widget import Widget

    from rnnlab.ui.common.prompt import Prompt
    from rnnlab.ui.queries.fetching import Fetches
    from rnnlab.ui.setup.draft.draft import Draft

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SECONDS = 0.2


class TaskData:
    """Fetches the data of a draft's task; `changed` is called when a download has ended."""

    def __init__(self, screen: Screen[None], draft: Draft, changed: Callable[[], None]) -> None:
        self._screen, self._draft, self._changed = screen, draft, changed
        self._listening = False
        self._timer: Timer | None = None
        self._focused_before: Widget | None = None

    @property
    def _fetches(self) -> Fetches:
        app: Any = self._screen.app
        if not self._listening:
            self._listening = True
            app.fetches.listen(self._ended)
        fetches: Fetches = app.fetches
        return fetches

    def missing(self) -> bool:
        """Whether the files of the task have yet to be fetched."""
        return data_missing(self._draft.card, data_folder(self._draft))

    @property
    def fetching(self) -> bool:
        """Whether they are being fetched."""
        return self._listening and self._draft.card.name in self._fetches

    def ask(self, prompt: Prompt) -> None:
        """Ask whether the terms are accepted; where there is nothing to fetch, say why."""
        task = self._draft.card.name
        if refused := fetch_refusal(self._fetches, task, self.missing()):
            self._screen.notify(plain(refused), markup=False)
            return
        # The answer is a key of the screen: no field may take it.
        self._focused_before = self._screen.focused
        self._screen.set_focus(None)
        prompt.confirm("fetch", fetch_question(task))

    def answer(self, prompt: Prompt, accepted: bool) -> None:
        """Close the question, and fetch where the terms are accepted."""
        prompt.close()
        if self._focused_before is not None:
            self._screen.set_focus(self._focused_before, scroll_visible=False)
        if accepted:
            self._fetches.start(self._draft.card.name, data_folder(self._draft))
            self.show()

    def stop(self) -> None:
        """Give the download up."""
        self._fetches.stop(self._draft.card.name)

    def show(self) -> None:
        """Say on the command's line how far the download of the task is; nothing where there is none."""
        bar = self._screen.query_one(CommandBar)
        if not self.fetching:
            bar.note = ""
            if self._timer is not None:
                self._timer.stop()
                self._timer = None
            return
        task = self._draft.card.name
        glyph = _SPINNER[int(time.monotonic() / _SECONDS) % len(_SPINNER)]
        bar.note = f"{glyph} fetching {task} · esc stops it · {self._fetches.progress(task)}"
        if self._timer is None:
            self._timer = self._screen.set_interval(_SECONDS, self.show)

    def failure(self) -> str:
        """Why the last download of the task did not succeed."""
        return self._fetches.failed.get(self._draft.card.name, "") if self._listening else ""

    def _ended(self, task: str) -> None:
        if self._screen.is_attached:
            self.show()
            self._changed()
