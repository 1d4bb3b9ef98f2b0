"""Fetching data sets from the app: begun on one screen, shown on all, stopped on any."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.worker import WorkerError

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.text.sanitise import plain
from rnnlab.ui.queries.subprocess_query import Query, run_query

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker

REPORTS = "0.5"
"""Seconds between two lines of a download's progress."""
Ended = Callable[[str], None]


@dataclass
class _Download:
    """A download underway, and the lines that it has printed."""

    worker: Worker[None] | None = None
    lines: list[str] = field(default_factory=list)


class Fetches:
    """The downloads of one app, each `rnnlab data fetch` in a process of its own; listeners get the task that ended."""

    def __init__(self, app: App[Any], query: Query = run_query) -> None:
        self._app = app
        self._query = query
        self._underway: dict[str, _Download] = {}
        self._stopping: dict[str, Worker[None]] = {}
        """Downloads that were stopped, and may not have let go of what has come."""
        self._listeners: list[Ended] = []
        self.failed: dict[str, str] = {}
        """By task, why the last download did not succeed."""

    def __contains__(self, task: str) -> bool:
        return task in self._underway

    def listen(self, ended: Ended) -> None:
        """Call `ended` with the task whenever a download has ended or was stopped."""
        self._listeners.append(ended)

    def progress(self, task: str) -> str:
        """How far the download is: its last line."""
        lines = self._underway[task].lines
        return lines[-1] if lines else "asking for it"

    def start(self, task: str, path: str | None = None) -> None:
        """Fetch the task's files; `path` is the folder of data sets that is set, which is said where it is another one."""
        if task in self._underway:
            return
        self.failed.pop(task, None)
        download = self._underway[task] = _Download()
        download.worker = self._app.run_worker(self._fetch(task, path, download), name=f"fetch {task}", group="fetch")

    def stop(self, task: str) -> None:
        """Give the download up; what has come is kept."""
        download = self._underway.pop(task, None)
        if download is not None and download.worker is not None:
            download.worker.cancel()
            self._stopping[task] = download.worker
            self._say(f"stopped; what has come of {task} is kept, and f resumes the download")
            self._tell(task)

    async def _fetch(self, task: str, path: str | None, download: _Download) -> None:
        if (before := self._stopping.pop(task, None)) is not None:
            with suppress(WorkerError):
                await before.wait()
        try:
            result = await self._query(
                "data", "fetch", task, "--json", "--every", REPORTS, on_progress=download.lines.append
            )
        finally:
            if self._underway.get(task) is download:  # it may have been stopped, and begun anew
                del self._underway[task]
        if result.problem:
            # It names what the person can do, and stays to be read.
            self.failed[task] = result.problem
            self._say(f"{task} could not be fetched", "error")
        else:
            self._say(f"{task} is here" + (f", but data.path names another folder: {path}" if path else ""))
        self._tell(task)

    def _tell(self, task: str) -> None:
        for ended in self._listeners:
            ended(task)

    def _say(self, text: str, severity: Any = "information") -> None:
        self._app.notify(plain(text), severity=severity, markup=False, timeout=8)


def fetch_refusal(fetches: Fetches, task: str, missing: bool) -> str:
    """Why there is nothing to fetch for the task; empty where there is."""
    card = TASKS[task]
    if not card.found_by:
        return f"{task} needs no fetching: it is {card.source or 'generated'}"
    if task in fetches:
        return f"{task} is being fetched already"
    return "" if missing else f"the files of {task} are here already"


def fetch_question(task: str) -> str:
    """What is asked before the task's files are fetched, with the terms on which they come."""
    return f"y: accept the terms and fetch · any other key: no. Terms: {plain(TASKS[task].terms, 600)}"
