"""Markup in every text of a run and its session: it stands on the screens as it is, and a click does nothing of what it says.

    python -m benchmarks.reliability.markup [--quick] [--hours 1] [--again]

A trial is one of the two hundred texts of `tests/hostile_markup.py` in a lab of `tests/hostile_lab.py`. The Run screen with its
panels and its sentences, the session and the list of sessions are opened; each place where the text stands is clicked.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.reliability.promise import Part, Plan, Promise, Trial, command, main
from benchmarks.reliability.worker_processes import tried_in_processes
from rnnlab.cores import cores
from tests.hostile_lab import write_lab
from tests.hostile_markup import MARKUP

MOST_CLICKS = 12
"""Places of a screen that are clicked; the text stands in dozens."""
STARTS = 6
"""Characters of the text by which it is found: a cell may be narrow."""


def tried(plan: Plan) -> Iterator[Trial]:
    """The texts, some to a process, for most of the time is waited for the screens."""
    return tried_in_processes(
        plan.numbers,
        lambda chosen: command("benchmarks.reliability.markup", "--worker", json.dumps(chosen)),
        beside=1 if plan.quick else 2 * cores(),
    )


def in_screens(number: int) -> str:
    """What is wrong with the screens on the lab of one text; empty: nothing."""
    text = MARKUP[number]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("RNNLAB_DATA", "RNNLAB_CACHE", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(root / "own" / name)
        lab = write_lab(root, text, 0)
        os.environ["RNNLAB_SESSIONS"] = str(lab.session.parent)
        try:
            found = asyncio.run(_screens(text, lab.session, lab.runs[0]))
        except Exception as error:
            found = [f"{type(error).__name__}: {str(error)[:300]}"]
    return f"{text!a}: {'; '.join(found)}" if found else ""


async def _screens(text: str, session: Path, run: Path) -> list[str]:
    from tests.ui.opened import open_run, open_session, open_sessions, settled, shown

    found: list[str] = []
    seen = 0
    async with shown((140, 45)) as pilot:
        await open_run(pilot, run)
        for key in ("4", "6", "3", "7", "i", "escape"):
            await pilot.press(key)
            await settled(pilot)
            seen += await _clicked(pilot, text, f"Run, {key}", found)
    for name, opened in (("Session", lambda pilot: open_session(pilot, session)), ("Sessions", open_sessions)):
        async with shown((140, 45)) as pilot:
            await opened(pilot)
            await pilot.press("down")
            await settled(pilot)
            seen += await _clicked(pilot, text, name, found)
    return found if seen else [*found, "the text stands on no screen as it is"]


async def _clicked(pilot: Any, text: str, where: str, found: list[str]) -> int:
    """Click where the text stands; how often it does. What it brought about is added to `found`."""
    from tests.ui.opened import assert_harmless, settled, text_of

    app = pilot.app
    assert_harmless(app)
    found += [f"{where}: {words}" for words in _links(app)]
    start = text[:STARTS]
    places = [(row, line.index(start)) for row, line in enumerate(text_of(app).splitlines()) if start in line]
    for row, column in places[:MOST_CLICKS]:
        before = len(app.screen_stack)
        await pilot.click(offset=(column + min(1, len(start) - 1), row))
        await settled(pilot)
        if not app.is_running:
            found.append(f"{where}: a click ended the app")
            return len(places)
        if len(app.screen_stack) < before:
            found.append(f"{where}: a click left the screen")
            return len(places)
        while len(app.screen_stack) > before:  # a row that is clicked opens what it is of
            await pilot.press("escape")
            await settled(pilot)
    return len(places)


def _links(app: Any) -> Iterator[str]:
    """Actions and links on the screen that the text names."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            action = str(segment.style.meta.get("@click", "")) if segment.style else ""
            if any(word in action for word in ("quit", "bell", "dismiss")):
                yield f"{segment.text!a} has become the action {action}"
            if segment.style and segment.style.link and "evil" in segment.style.link:
                yield f"{segment.text!a} has become a link"


PROMISE = Promise(
    18,
    "markup",
    "Markup in a text of a run or a session stands on the screen as it is, and a click on it is a click on a text.",
    (Part("texts on the screens of a run and its session, clicked", tried, asked=len(MARKUP), quick=2),),
)

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        for each in json.loads(sys.argv[2]):
            print(json.dumps(in_screens(each)[:3000]), flush=True)
        sys.exit(0)
    sys.exit(main(PROMISE))
