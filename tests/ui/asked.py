"""Screens that ask another process, opened with answers that were recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import Answer, NetOpened, SequenceOf, StepPrediction
from rnnlab.ui.data.screen import DataScreen
from rnnlab.ui.examples.query import ExamplesAsked
from rnnlab.ui.examples.screen import ExamplesScreen
from rnnlab.ui.playground.screen import PlaygroundScreen
from rnnlab.ui.queries.subprocess_query import Query, QueryResult
from tests.recorded_cards import CardKind, card
from tests.recorded_steps import NAME, named, window
from tests.ui.opened import settled, until

TASK_OF = {"signals": "digits", "series": "sinusoids"}


class RecordedCard:
    """Answers with a card that was recorded, and remembers what was asked."""

    def __init__(self, kind: CardKind = "text", problem: str = "") -> None:
        self.kind: CardKind = kind
        self.problem = problem
        self.asked: list[tuple[str, ...]] = []
        self.held = asyncio.Event()
        self.held.set()

    async def __call__(self, *words: str, on_progress: Callable[[str], None] | None = None) -> QueryResult:
        self.asked.append(words)
        if on_progress is not None:
            on_progress("3.2 MB of 8.0 MB  40%  1.1 MB/s  left 0:04")
        await self.held.wait()
        return QueryResult(2, problem=self.problem) if self.problem else QueryResult(0, card(self.kind))


async def open_data(pilot: Pilot[Any], recorded: RecordedCard, task: str = "surnames", **settings: str) -> DataScreen:
    """The screen over the app, its card read."""
    given = {f"data.{key}": value for key, value in settings.items()}
    await pilot.app.push_screen(screen := DataScreen(task, given, query=recorded))
    await settled(pilot)
    if recorded.held.is_set():
        await until(lambda: not screen.reading)
    await settled(pilot)
    return screen


async def open_data_of(pilot: Pilot[Any], kind: CardKind, problem: str = "") -> DataScreen:
    """The screen with the recorded card of this kind."""
    return await open_data(pilot, RecordedCard(kind, problem), TASK_OF.get(kind, "surnames"))


def answering(document: object) -> Query:
    """A process that prints this document."""

    async def query(*arguments: str, on_progress: Callable[[str], None] | None = None) -> QueryResult:
        return QueryResult(0, document)

    return query


async def open_examples(pilot: Pilot[Any], run: Path, document: dict[str, Any]) -> ExamplesScreen:
    """The screen with the examples of a recorded report."""
    asked = ExamplesAsked(RunFolder(run), "test", document["true"], document["predicted"])
    await pilot.app.push_screen(screen := ExamplesScreen(asked, query=answering(document)))
    await until(lambda: not screen.reading)
    await settled(pilot)
    return screen


class RecordedPlayground(PlaygroundScreen):
    """Answers as recorded: what a net computes differs in the last digit from machine to machine."""

    answers: tuple[StepPrediction, SequenceOf | None] = (named(), None)

    def _serve(self) -> None:  # type: ignore[override]
        net = NetOpened(
            epoch=7,
            step=700,
            task="names",
            title="Names",
            example=NAME,
            reads_tokens=not self.answers[0].values,
            channels=1,
        )
        self.call_after_refresh(self._answered, Answer(number=0, opened=net))
        self.call_after_refresh(self._answered, Answer(number=1, predicted=self.answers[0], sequence=self.answers[1]))


class RecordedWindow(RecordedPlayground):
    answers = (window(), SequenceOf(subset="test", index=0, row=1460, rows=366, text="…", typed=False, target="54.0"))


async def open_recorded_playground(pilot: Pilot[Any], run: Path, kind: type[RecordedPlayground]) -> RecordedPlayground:
    """The Playground of the run with answers that were recorded."""
    folder = RunFolder(run)
    await pilot.app.push_screen(screen := kind(folder))
    await pilot.app.followers.follow(folder).opened.wait()  # type: ignore[attr-defined]
    await settled(pilot)
    return screen
