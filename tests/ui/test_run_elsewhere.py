"""Opening a run that was queued elsewhere starts nothing; the Run screen asks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rnnlab.claims import Owner
from rnnlab.config import RunConfig
from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Progress, Record, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from tests.engines.running import SHORT
from tests.engines.running import until as until_ended
from tests.foreign import files_of, make_foreign, started_on
from tests.recorded import record
from tests.ui.opened import app_on, open_run, settled, text_of, until

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


def trained_on_n7(folder: Path, behind: float) -> RunFolder:
    """A run that a living process of another machine has, and that wrote an event so long before it renewed its claim."""
    run = RunFolder(record(folder, "running"))
    started_on(run, "n7", "another-boot")
    owner = Owner(host="n7", boot="another-boot", pid=1, started="1", pids="pid:[1]")
    claim = run.events_path.with_name("events.claim-000001")
    claim.write_bytes(msgspec.json.encode(owner))
    renewed = time.time()
    os.utime(claim, (renewed,) * 2)
    os.utime(run.events_path, (renewed - behind,) * 2)
    return run


@pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "small"])
async def test_a_run_of_another_machine_says_how_old_its_news_is(tmp_path: Path, size: tuple[int, int]) -> None:
    """Its events are ten minutes old by the clock of that machine, which says nothing here."""
    run = trained_on_n7(tmp_path, behind=0)
    now = [1000.0]

    def head() -> str:
        return text_of(pilot.app).splitlines()[1]

    async with app_on(clock=lambda: now[0]).run_test(size=size) as pilot:
        screen = await open_run(pilot, run.path)
        now[0] += 8.0
        await until(lambda: screen.follower._checked_at == now[0])
        await settled(pilot)
        assert "training" in head(), "a shared folder may show it some seconds late"
        now[0] += 32.0
        await until(lambda: "◌ last event 40 s ago (on n7)" in head())
        last = read_records(run.events_path)[0][-1]
        line = encode(Record(last.seq + 1, last.wall, last.mono, Progress(epoch=10, step=2200)))
        with run.events_path.open("ab") as log:
            log.write(line)
        await until(lambda: screen.follower.silence == 0)
        now[0] += 1.0
        await until(lambda: "training" in head())


async def test_old_news_of_another_machine_is_told_as_soon_as_it_is_opened(tmp_path: Path) -> None:
    run = trained_on_n7(tmp_path, behind=25.5)
    now = [1000.0]
    async with app_on(clock=lambda: now[0]).run_test(size=(140, 45)) as pilot:
        screen = await open_run(pilot, run.path)
        now[0] += 2.0
        await until(lambda: screen.follower.silence_text == "last event 25 s ago (on n7)")
        now[0] += 1.0
        await until(lambda: "◌ last event 26 s ago (on n7)" in text_of(pilot.app).splitlines()[1])
