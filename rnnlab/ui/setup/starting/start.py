"""Starting the run that a draft describes: what stands in its way, and the start itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rnnlab.config import UsageError
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.command_line import arguments_of
from rnnlab.ui.setup.draft.data_of import data_folder, file_of
from rnnlab.ui.setup.draft.draft import OWN
from rnnlab.ui.setup.file.file_checker import know_file
from rnnlab.ui.setup.starting.launch import data_missing, launch, launch_repeats

if TYPE_CHECKING:
    from rnnlab.recipes.recipe import Recipe
    from rnnlab.runs.folders import RunFolder
    from rnnlab.ui.setup.draft.draft import Draft
    from rnnlab.ui.setup.file.own_file import Checks


class Obstacle(NamedTuple):
    """Why a draft cannot be started, as a sentence, and the key of the field to mend, empty where no field does it."""

    reason: str
    key: str = ""


def obstacle_of(draft: Draft) -> Obstacle | None:
    """What stands in the way of starting the draft's run, as far as that is known at once; None: nothing."""
    for key, error in draft.errors.items():
        return Obstacle(plain(str(error)), key)
    card = draft.card
    if data_missing(card, data_folder(draft)):
        return Obstacle(f"the data set {card.name} is not here yet; ^f fetches it, or: rnnlab data fetch {card.name}")
    if card.name == OWN and not file_of(draft)[0]:
        return Obstacle("no file is named yet: choose one with ^g, or type data.path", "data.path")
    return None


async def start_draft(draft: Draft, checks: Checks | None, seeds: str = "") -> list[RunFolder]:
    """Queue the draft's run, or with `seeds` its repeats, and see that a runner trains them.

    `checks` are those of the person's own file, None for another task. Raises `UsageError`, also where the file cannot be
    trained on.
    """
    await _check_file(draft, checks)
    config = draft.config()
    try:
        if seeds:
            return await asyncio.to_thread(launch_repeats, config, seeds)
        return [await asyncio.to_thread(launch, config)]
    except OSError as error:
        raise UsageError(f"the run could not be started: {error.strerror or error}") from None


async def _check_file(draft: Draft, checks: Checks | None) -> None:
    """Check the person's own file, where `checks` are given. Raises `UsageError` where it cannot be trained on."""
    if checks is None:
        return
    from rnnlab.ui.setup.file.own_file import refusal

    path, settings = file_of(draft)
    result = await checks.check(path, settings)
    if reason := refusal(result):
        raise UsageError(reason)
    know_file(draft, path, result)


class StartedSweep(NamedTuple):
    """A sweep that was begun: its session, its runs in all and those of them that were queued now, what the command said."""

    session: str
    runs: int
    queued: int
    notes: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The folder of its session."""
        return Path(self.session)

    @property
    def sentence(self) -> str:
        """What was begun, and what the command said of it."""
        resumed = "" if self.queued == self.runs else f" of {self.runs:,}, of which the others were there,"
        return "; ".join([f"{self.queued:,} runs{resumed} are queued in {self.session}", *self.notes])


async def start_sweep(draft: Draft, checks: Checks | None, seeds: str = "") -> StartedSweep:
    """Queue the runs of the draft's sweep, with `seeds` each configuration's repeats, and see that a runner trains them.

    It is the command shown that is carried out, in a process of its own, as the app imports no SciPy: so its session and what
    becomes of a sweep that was begun before are the command line's. `checks` and what is raised are as in `start_draft`.
    """
    await _check_file(draft, checks)
    return await _start_sweep(*arguments_of(draft, seeds))


async def start_recipe(recipe: Recipe, quick: bool) -> list[StartedSweep]:
    """Queue the runs of the recipe's sweeps, one after the other. Raises `UsageError` where one cannot be started."""
    form = ("--quick",) if quick else ()
    return [await _start_sweep("sweep", recipe.name, *form, "--part", part.name) for part in recipe.parts]


async def _start_sweep(*arguments: str) -> StartedSweep:
    """Begin the sweep that a command line describes, in a process of its own. Raises `UsageError`."""
    from rnnlab.ui.queries.subprocess_query import run_query

    notes: list[str] = []
    result = await run_query(*arguments, "--detach", "--json", on_progress=notes.append)
    document = result.document
    if result.code or not isinstance(document, dict):
        raise UsageError(result.problem or "the sweep could not be started")
    return StartedSweep(str(document["session"]), int(document["runs"]), int(document["queued"]), tuple(notes))
