"""Starting the runs that Setup describes, once at a time, and showing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnlab.config import UsageError
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.draft import OWN, Draft
from rnnlab.ui.setup.starting.start import start_draft, start_sweep

if TYPE_CHECKING:
    from textual.screen import Screen

    from rnnlab.ui.setup.file.file_checker import FileChecker


class Starter:
    """Starts the run of a draft, its repeats or its sweep by a worker of `screen`, and leads to what was started."""

    def __init__(self, screen: Screen[None], draft: Draft, file: FileChecker) -> None:
        self._screen, self._draft, self._file = screen, draft, file
        self._starting = False

    def start(self, seeds: str = "") -> None:
        """Start the run and show it, or, with `seeds`, its repeats and the session; nothing while that is underway."""
        if not self._starting:
            self._starting = True
            self._screen.run_worker(self._start(seeds), name="start runs")

    async def _start(self, seeds: str) -> None:
        draft, say = self._draft, self._screen.notify
        checks = self._file.checks if draft.card.name == OWN else None
        if checks is not None and not self._file.known:
            say("your file is checked first", markup=False)
        app: Any = self._screen.app
        try:
            if draft.is_sweep:
                say("the runs of the sweep are being queued", markup=False)
                sweep = await start_sweep(draft, checks, seeds)
                await app.open_session(sweep.path)
                say(plain(sweep.sentence, 1000), markup=False)
                return
            runs = await start_draft(draft, checks, seeds)
        except UsageError as error:
            say(plain(str(error), 1000), severity="error", timeout=15, markup=False)
            return
        finally:
            self._starting = False
        if not seeds:
            app.open_run(runs[0])
            return
        await app.open_session(runs[0].session.path)
        say(f"{len(runs)} seeds are queued in {plain(str(runs[0].session.path))}", markup=False)
