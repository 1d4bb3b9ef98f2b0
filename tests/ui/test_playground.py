"""The Playground: a real net in a process of its own, typed to and taken sequences from."""

from __future__ import annotations

import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.playground.screen import PlaygroundScreen
from rnnlab.ui.playground.text_field import TextField
from rnnlab.ui.queries.subprocess_query import RUNNING
from tests.foreign import make_foreign
from tests.recorded import record
from tests.training.recorded_runs import lived, recorded, resumed
from tests.ui.opened import open_run, said, settled, shown, text_of, until

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


@pytest.fixture(scope="module")
def parity(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("parity"), task="parity", model__name="gru", train__epochs=1)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("digits"), task="digits", model__name="gru", train__epochs=1)


@asynccontextmanager
async def playing(
    run: RunFolder, size: tuple[int, int] = WIDE, example: tuple[str, int] | None = None
) -> AsyncIterator[tuple[Pilot[Any], PlaygroundScreen]]:
    """The Playground of the run, once the first prediction is shown, or why there is none."""
    async with shown(size, clock=None) as pilot:
        pilot.app.open_playground(run, example)  # type: ignore[attr-defined]
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, PlaygroundScreen)
        await until(lambda: bool(screen.state.predicted or screen.state.error))
        await settled(pilot)
        yield pilot, screen


async def predicted(screen: PlaygroundScreen, text: str) -> None:
    await until(lambda: screen.state.predicted is not None and screen.state.predicted.prediction.input == text)


async def test_what_is_typed_is_predicted_letter_by_letter(parity: RunFolder) -> None:
    async with playing(parity) as (pilot, screen):
        field = screen.query_one(TextField)
        assert field.value == "1011001", "the task's example comes first"
        await pilot.press("0")
        assert field.value == "0", "the first key replaces the example"
        await pilot.press("backspace")
        await settled(pilot)
        assert "type an input" in text_of(pilot.app)
        assert "pgdn test sequence" in text_of(pilot.app)
        await pilot.press(*"1011")
        await predicted(screen, "1011")
        await settled(pilot)
        text = text_of(pilot.app)
        assert "probabilities after each step" in text
        assert "gru 1 · hidden state" in text
        assert "update gate" in text
        # What cannot be read has its reason in place of an old prediction; the next text is predicted again.
        await pilot.press("x")
        await until(lambda: bool(screen.state.error))
        await settled(pilot)
        assert "is not made of bits" in text_of(pilot.app)
        await pilot.press("backspace")
        await predicted(screen, "1011")
        await pilot.press("left", "left")
        await settled(pilot)
        assert screen.state.cursor == 1, "the caret marks the step before it"
        # The keys of the panels are letters of the text until the focus is there.
        await pilot.press("end", "tab", "g", "down", "o")
        await settled(pilot)
        assert "gru 1 · reset gate, cell" in text_of(pilot.app)
        await pilot.press("left")
        await settled(pilot)
        assert "at step 3" in text_of(pilot.app)


async def test_sequences_of_the_data_and_where_else_a_cell_is_on(parity: RunFolder) -> None:
    async with playing(parity, SMALL, ("test", 0)) as (pilot, screen):
        first = screen.state.sequence
        if first is None:
            assert "not in the test subset" in text_of(pilot.app)
        await pilot.press("tab", "number_sign", *"3", "enter")
        await until(lambda: screen.state.sequence is not None and screen.state.sequence.index == 2)
        assert "test sequence 3 of" in text_of(pilot.app).replace("\n", " ")
        await pilot.press("pagedown")
        await until(lambda: screen.state.sequence is not None and screen.state.sequence.index == 3)
        await pilot.press("f")
        await until(lambda: screen.query_one("#found").activations is not None)  # type: ignore[attr-defined]
        await settled(pilot)
        assert "values in all" in text_of(pilot.app) or "test sequences" in text_of(pilot.app)
        await pilot.press("down", "enter")
        chosen = screen.query_one("#found").activations.found[1]  # type: ignore[attr-defined]
        await until(lambda: screen.state.sequence is not None and screen.state.sequence.index == chosen.index)
        assert screen.state.cursor == chosen.step
        await pilot.press("r")
        await settled(pilot)
        assert pilot.app.screen is screen
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert pilot.app.screen is not screen


async def test_values_are_edited_under_the_cursor_and_undone(digits: RunFolder) -> None:
    async with playing(digits) as (pilot, screen):
        assert "test sequence 1 of" in text_of(pilot.app), (
            "an image is not typed: the first of the test subset is taken"
        )
        await pilot.press("tab", "c", "left", "plus")
        await until(lambda: screen.state.predicted is not screen.state.unedited)
        await settled(pilot)
        assert "1 value edited" in text_of(pilot.app)
        assert "as it was" in text_of(pilot.app)
        await pilot.press("e", "home", *"9", "enter")
        await until(lambda: screen.state.trial is not None and len(screen.state.trial.edits) == 2)
        await pilot.press("u", "u")
        await until(lambda: screen.state.predicted is screen.state.unedited)
        await settled(pilot)
        assert "edited" not in text_of(pilot.app)


async def test_values_that_are_typed_can_be_edited_too(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="adding", model__name="lstm", train__epochs=1, train__batch_size=512)
    async with playing(run) as (pilot, screen):
        await pilot.press("tab", "tab", *"0.2* 0.7*")
        await predicted(screen, "0.2* 0.7*")
        await settled(pilot)
        assert "lstm 1 · cell state" in text_of(pilot.app)
        typed = screen.state.predicted
        assert typed is not None
        await pilot.press("tab", "left", "e", *"0.9", "enter")
        await until(lambda: screen.state.predicted is not typed)
        await settled(pilot)
        edited = screen.state.predicted
        assert edited is not None
        assert edited.values[0] == pytest.approx((0.9, 0.7))
        assert edited.prediction.numbers != typed.prediction.numbers
        assert "1 value edited" in text_of(pilot.app)


async def test_numbers_of_the_data_that_cannot_be_typed_are_drawn_and_edited(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="overfit", model__name="elman", train__epochs=1)
    async with playing(run) as (pilot, screen):
        assert screen.query_one(TextField).value == "0.1,0.25,-0.4"
        await pilot.press("pagedown")
        await until(lambda: screen.state.sequence is not None)
        await settled(pilot)
        assert "input, step 3" in text_of(pilot.app)
        await pilot.press("tab")
        await settled(pilot)
        assert "+ up" in text_of(pilot.app)


async def test_keys_that_come_faster_than_answers_lose_nothing_and_edit_no_other_input(digits: RunFolder) -> None:
    async with playing(digits) as (pilot, screen):
        for process in list(RUNNING):
            process.send_signal(signal.SIGSTOP)
        try:
            await pilot.press("pagedown", "pagedown", "pagedown")
            await pilot.press("plus")
            assert "reading" not in text_of(pilot.app), "what was answered stays until there is another answer"
        finally:
            for process in list(RUNNING):
                process.send_signal(signal.SIGCONT)
        await until(lambda: screen.state.sequence is not None and screen.state.sequence.index == 3)
        await settled(pilot)
        assert screen.state.trial is not None
        assert screen.state.trial.edits == (), "the value under the cursor was that of another sequence"


async def test_data_from_elsewhere_are_loaded_when_a_person_agrees(tmp_path: Path) -> None:
    run = make_foreign(recorded(tmp_path, task="digits", model__name="mingru", train__epochs=1, train__batch_size=512))
    async with playing(run) as (pilot, screen):
        assert "before you agree" in text_of(pilot.app)
        await pilot.press("tab", "y")
        await until(lambda: screen.state.sequence is not None)


async def test_before_sequences_of_a_run_from_elsewhere_are_searched_a_person_agrees(tmp_path: Path) -> None:
    run = make_foreign(recorded(tmp_path, task="parity", model__name="gru", train__epochs=1))
    async with playing(run) as (pilot, screen):
        await pilot.press("tab", "f")
        await until(lambda: screen.state.asks)
        await settled(pilot)
        assert "y: load the data" in text_of(pilot.app)
        await pilot.press("y")
        await until(lambda: screen.query_one("#found").activations is not None)  # type: ignore[attr-defined]


async def test_a_run_without_weights_says_so(sessions: Path) -> None:
    run = record(sessions, "loading")
    async with shown(SMALL) as pilot:
        screen = await open_run(pilot, run)
        await pilot.press("t")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "No weights yet" in said(pilot.app)


async def test_better_weights_are_noticed_and_loaded_and_a_deleted_run_can_still_be_tried(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="binary", model__name="elman", train__epochs=1, optim__lr=0.02)
    async with playing(run) as (pilot, screen):
        assert "prediction after each step" in text_of(pilot.app), "bits are typed: a number after each of them"
        lived(run, resumed(run, train__epochs=6))
        await until(lambda: "better weights by now, epoch" in text_of(pilot.app))
        before = screen.state.predicted
        await pilot.press("f5")
        await until(lambda: not screen.newer and screen.state.predicted is not before)
        await settled(pilot)
        await until(lambda: "better weights" not in text_of(pilot.app))
        shutil.rmtree(run.path)
        await pilot.press("1")
        await until(lambda: screen.state.predicted is not None and screen.state.predicted.steps == 9)
        await settled(pilot)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "elman 1" in text_of(pilot.app)


async def test_better_weights_of_the_same_epoch_are_noticed(parity: RunFolder) -> None:
    async with playing(parity) as (_, screen):
        best = read_state(parity.events_path)[0].checkpoints["best"]
        assert screen.state.newer(best) == ""
        assert screen.state.newer(msgspec.structs.replace(best, step=best.step + 40)) == f"update {best.step + 40}"


async def test_a_process_that_ends_is_started_again_on_a_key(parity: RunFolder) -> None:
    async with playing(parity, SMALL) as (pilot, screen):
        for process in list(RUNNING):
            process.kill()
        await until(lambda: screen.state.ended)
        await settled(pilot)
        assert "process with the net has ended (killed by SIGKILL" in text_of(pilot.app).replace("\n", " ")
        await pilot.press("tab", "w")
        await until(lambda: not screen.state.error and screen.state.predicted is not None)
        # So it is while a list is waited for.
        for process in list(RUNNING):
            process.send_signal(signal.SIGSTOP)
        await pilot.press("f")
        await settled(pilot)
        assert "reading the test subset" in text_of(pilot.app)
        for process in list(RUNNING):
            process.kill()
        await until(lambda: screen.state.ended)
        await settled(pilot)
        assert "reading the test subset" not in text_of(pilot.app)
        assert "w newest weights" in text_of(pilot.app)
        await pilot.press("w")
        await until(lambda: not screen.state.error and screen.state.predicted is not None)
        await pilot.press("escape")
        await until(lambda: not RUNNING)
