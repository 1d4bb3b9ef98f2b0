"""Opening a run that was queued elsewhere starts nothing; the Run screen asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.events import RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from tests.engines.running import SHORT
from tests.engines.running import until as until_ended
from tests.foreign import files_of, make_foreign
from tests.recorded import record
from tests.ui.opened import open_run, settled, text_of, until

QUESTION = "This run was queued elsewhere. y: train it here"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = create_session("lab", root=tmp_path / "sessions")
    yield session
    for run in session.runs():
        run.send("stop")
    until_ended(lambda: not runner_alive(session) and not any(map(run_alive, session.runs())), "everything has ended")


@pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "small"])
async def test_a_run_from_elsewhere_is_trained_when_that_is_said(session: Session, size: tuple[int, int]) -> None:
    """With real followers, which start real runners."""
    run = make_foreign(session.create_run(RunConfig.from_settings(SHORT)))
    before = files_of(session.path)
    async with RnnlabApp().run_test(size=size) as pilot:
        screen = await open_run(pilot, run.path)
        await until(lambda: QUESTION in " ".join(text_of(pilot.app).split()))
        asked = screen.follower._checked_at
        await until(lambda: screen.follower._checked_at > asked)  # the follower has checked again
        await settled(pilot)
        assert files_of(session.path) == before
        await pilot.press("l")
        assert not screen.query_one(Prompt).asking
        assert "queued elsewhere" in text_of(pilot.app)
        assert "unasked" in text_of(pilot.app)
        await pilot.press("y")
        await until(lambda: "completed" in text_of(pilot.app))
    assert read_state(run.events_path)[0].status == "completed"


async def test_a_dead_run_from_elsewhere_says_so_and_asks(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    before = files_of(run.session.path)
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await open_run(pilot, run.path)
        await until(lambda: "✗ process gone · y: resume it here" in text_of(pilot.app))
        await until(lambda: "This run was trained elsewhere. y: resume it here" in text_of(pilot.app))
        assert "ex/s" not in text_of(pilot.app).splitlines()[1]
    assert files_of(run.session.path) == before


async def test_a_run_that_ended_elsewhere_is_gone_on_with_when_that_is_said(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "failed"))
    before = files_of(run.session.path)
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await open_run(pilot, run.path)
        await pilot.press("g")
        await until(lambda: "This run was trained elsewhere. y: resume it here" in text_of(pilot.app))
        await pilot.press("n")
        await settled(pilot)
    assert files_of(run.session.path) == before


async def test_a_log_of_which_nothing_is_left_is_damaged(session: Session) -> None:
    run = RunFolder(record(session.path.parent, "finished"))
    run.events_path.write_bytes(run.events_path.read_bytes().replace(b"\n", b"\r\n"))
    before = files_of(run.session.path)
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await open_run(pilot, run.path)
        await until(lambda: "✗ unreadable" in text_of(pilot.app))
        # Where the sentence is wrapped depends on the length of the path.
        assert "is damaged" in " ".join(text_of(pilot.app).replace("│", " ").split())
        assert "queued" not in text_of(pilot.app)
    assert files_of(run.session.path) == before
    starts = [r for r in read_records(run.events_path)[0] if isinstance(r.data, RunStarted | RunResumed)]
    assert starts == []
