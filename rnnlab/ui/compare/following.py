"""The runs of the Compare screen: read as pages of groups, those of the page in sight followed as their logs grow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from textual import work

from rnnlab.plots.comparison.groups import Group, counted_runs
from rnnlab.plots.comparison.pages import Page, distinct_names, read_pages
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.ui.common.in_sight import in_sight
from rnnlab.ui.compare.intervals import intervals_in
from rnnlab.ui.described.screen import DescribedScreen
from rnnlab.ui.opening.fitted import comes
from rnnlab.ui.run.following.follow import RunAdvanced
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run

MOST_RUNS = 96
"""Runs that are followed at once: eight groups of twelve seeds."""
_SHARE = 4.0
"""Times that showing the groups has taken before they are shown anew, at least: of a hundred runs that train it takes a while."""
_QUICK = 0.1
"""Seconds up to which it is done as often as the runs advance."""


class FollowingScreen(DescribedScreen):
    """A screen on groups of runs, one task a page; what shows them is brought up to date by `show_all`."""

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        super().__init__()
        self.asked = list(runs)
        self.runs: list[RunFolder] = []
        """The runs that are drawn and followed."""
        self.pages: list[Page] = []
        self.page = 0
        self.loaded = False
        self.unread: list[str] = []
        self.deleted = 0
        """Runs asked for whose folders are gone."""
        self.shown = asyncio.Event()
        """Set once the groups have been shown."""
        self._due = False
        self._next = 0.0
        """When the groups are shown anew at the earliest."""
        self._known: dict[Path, tuple[str, bool]] = {}
        """What each run was doing when the groups were read."""

    def show_all(self) -> None:
        """Show the groups as they are now."""
        raise NotImplementedError

    def show_intervals(self, intervals: dict[tuple[str, ...], str], concluded: Sequence[str]) -> None:
        """Show the intervals of the means, by the runs of each row, and what follows from them."""
        raise NotImplementedError

    def on_unmount(self) -> None:
        for run in self.runs:
            followers_of(self.app).follow(run).unwatch(self)

    async def shown_data(self) -> DataOf | None:
        """What the first of the runs learns from."""
        return await data_of_run(self.asked[0]) if self.asked else None

    @work(group="compare", exclusive=True, exit_on_error=False)
    async def read(self) -> None:
        """Which runs are repeats of one another, then the intervals of their means."""
        before = self._standing()
        pages, self.unread, self.deleted = await asyncio.to_thread(_read_there, self.asked)
        page = min(self.page, max(0, len(pages) - 1))
        self.pages, self.page, self.loaded = pages, page, True
        self.follow_page()
        read = {page.folders[name].path: (status, False) for page in pages for name, status in page.statuses.items()}
        self._known |= {path: was for path, was in (read | before).items() if path in self._known}
        followers = followers_of(self.app)
        await comes(asyncio.gather(*(followers.follow(run).opened.wait() for run in self.runs)))
        self.show_all()
        self.shown.set()
        sessions = {run.session.path for run in self.asked}
        if len(sessions) == 1 and any(group.row.counted > 1 for each in pages for group in each.groups):
            from rnnlab.ui.queries.subprocess_query import run_query

            result = await run_query("compare", str(sessions.pop()), "--json")
            intervals, sentences = intervals_in(result.document)
            # What is concluded from a table is said where all of its rows are shown: of others it would not hold.
            shown = frozenset(group.row.runs for each in pages for group in each.groups)
            self.show_intervals(intervals, sentences.get(shown, ()) if len(pages) == 1 else ())

    def follow_page(self) -> None:
        """Follow the runs of the groups that are drawn; of too many as many of each group."""
        shown = self.shown_groups
        most = MOST_RUNS // max(1, len(shown))
        self._follow([run for group in shown for run in self.folders_of(group)[:most]])
        self._known = self._standing()

    def _follow(self, runs: list[RunFolder]) -> None:
        followers = followers_of(self.app)
        before, paths = self.runs, {run.path for run in runs}
        self.runs = runs
        for run in runs:
            followers.follow(run).watch(self)
        for run in before:
            if run.path not in paths:
                followers.follow(run).unwatch(self)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        if not self._due:  # many runs advance at once
            self._due = True
            wait = self._next - time.monotonic()
            if wait > 0:
                self.set_timer(wait, self._advance)
            else:
                self.call_later(self._advance)

    def on_screen_resume(self) -> None:
        if self.loaded:
            self._advance()

    def _advance(self) -> None:
        self._due = False
        if not self.is_attached or not in_sight(self):
            return  # as it is then, it is shown when one comes back
        began = time.monotonic()
        self.show_all()
        ended = time.monotonic()
        self._next = ended + _SHARE * (ended - began) if ended - began > _QUICK else 0.0
        if (now := self._standing()) != self._known:
            self._known = now
            self.read()  # a run has begun or ended, so that its figures count now, or is deleted

    def _standing(self) -> dict[Path, tuple[str, bool]]:
        """What each followed run is doing, and whether it is deleted."""
        followed = [followers_of(self.app).follow(run) for run in self.runs]
        return {each.run.path: (each.state.status, each.deleted) for each in followed}

    @property
    def current(self) -> Page | None:
        """The page that is shown."""
        return self.pages[self.page] if self.pages else None

    @property
    def shown_groups(self) -> tuple[Group, ...]:
        """The groups of the page that are drawn."""
        page = self.current
        return page.groups[: len(STYLES)] if page is not None else ()

    @property
    def groups(self) -> dict[str, list[RunState]]:
        """The states of the counted runs of each group that is drawn."""
        return {group.name: self.states_of(group) for group in self.shown_groups}

    def folders_of(self, group: Group) -> list[RunFolder]:
        """The counted runs of a group of the page."""
        page = self.current
        assert page is not None
        return [page.folders[name] for name in counted_runs(group.row)]

    def states_of(self, group: Group) -> list[RunState]:
        """The states of the group's runs that are followed."""
        return [state for _, state in self.followed_of(group)]

    def followed_of(self, group: Group) -> Iterator[tuple[RunFolder, RunState]]:
        """The group's runs that are followed, with their states."""
        followers, followed = followers_of(self.app), {run.path for run in self.runs}
        for run in self.folders_of(group):
            if run.path in followed:
                yield run, followers.follow(run).state

    @property
    def left_out(self) -> int:
        """Counted runs of the groups that are drawn without them, as they are too many."""
        return sum(len(self.folders_of(group)) for group in self.shown_groups) - len(self.runs)


def _read_there(asked: Sequence[RunFolder]) -> tuple[list[Page], list[str], int]:
    """The pages of the runs that are there, those of them that cannot be read, and how many are deleted."""
    there = [run for run in asked if run.path.is_dir()]
    pages, unread = read_pages(there)
    # One may have been deleted while the others were read.
    left = {name for name, run in distinct_names(there).items() if run.path.is_dir()}
    return pages, [name for name in unread if name in left], sum(not run.path.is_dir() for run in asked)
