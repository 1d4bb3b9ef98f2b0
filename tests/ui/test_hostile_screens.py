"""Two hundred hostile strings through the screens that show a run, its session, its examples and what is tried on its net.

The barrier behind all widgets is off where a test does not say otherwise: what it would catch is sanitised where it is shown.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.segment import Segment
from textual.widgets import Input

from rnnlab.runs.codec import encode
from rnnlab.runs.events import AnyEvent, CommandApplied, Diagnosed, Record, RunFailed, RunStarted, Sample
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.notes import Notes, write_notes
from rnnlab.runs.step_prediction import Answer, NetOpened, SequenceOf
from rnnlab.ui.common.barrier import Barrier
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.described.copying import CopyScreen
from rnnlab.ui.guide.tour import TourCard
from rnnlab.ui.setup.presets_screen import PresetsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests import recorded_errors
from tests.hostile_strings import HOSTILE
from tests.recorded import SESSION, record
from tests.recorded_steps import named, strip
from tests.ui.asked import RecordedPlayground, open_examples, open_recorded_playground
from tests.ui.opened import assert_harmless, open_run, open_session, settled, shown, text_of, until

SIZES = [(140, 45), (80, 24)]


@pytest.fixture
def no_barrier(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_they_are(_self: Barrier, segments: list[Segment], _background: object) -> list[Segment]:
        return segments

    monkeypatch.setattr(Barrier, "apply", as_they_are)


def chunks(size: int, strings: Sequence[str] = HOSTILE) -> Iterator[list[str]]:
    """The strings, so many at a time."""
    for at in range(0, len(strings), size):
        yield list(strings[at : at + size])


def in_json(strings: Sequence[str] = HOSTILE) -> list[str]:
    """Those that a log may hold: JSON has no lone surrogates."""
    return [text for text in strings if not any(unicodedata.category(c) == "Cs" for c in text)]


def assert_copied_harmless(text: str) -> None:
    assert text
    strange = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not strange, (text[:200], strange)


def rewritten(run: Path, name: str, change: Callable[[AnyEvent], AnyEvent], more: Sequence[AnyEvent] = ()) -> Path:
    """The run once more beside itself, its events changed and `more` before the last one."""
    copy = run.parent / name
    copy.mkdir()
    (copy / "run.toml").write_bytes((run / "run.toml").read_bytes())
    records, _ = read_records(run / "events.jsonl")
    events = [change(each.data) for each in records]
    events[-1:-1] = more
    last = records[-1]
    lines = [encode(Record(seq, last.wall, last.mono, event)) for seq, event in enumerate(events)]
    (copy / "events.jsonl").write_bytes(b"".join(lines))
    return copy


@pytest.mark.usefixtures("no_barrier")
async def test_the_playground(sessions: Path) -> None:
    async with shown((100, 30)) as pilot:
        screen = await open_recorded_playground(pilot, record(sessions, "finished"), RecordedPlayground)
        await pilot.press("tab")
        for number, part in enumerate(chunks(16), 2):
            first = part[0]
            net = NetOpened(
                epoch=7, step=700, task=first, title=first, example=first, reads_tokens=True, channels=1, note=part[-1]
            )
            predicted = named("x" * len(part))
            classes = zip(predicted.classes, part, strict=False)
            predicted = msgspec.structs.replace(
                predicted,
                labels=tuple(part),
                classes=tuple(msgspec.structs.replace(each, name=text) for each, text in classes),
                strips=(
                    strip(part[1], len(part), low=-1.0, layer=first),
                    strip(part[2], len(part), low=0.0, layer=part[3]),
                ),
                target=part[-1],
                unit=part[-2],
            )
            sequence = SequenceOf(subset="test", index=0, row=1, rows=9, text=first, typed=False, target=part[-1])
            screen._answered(Answer(number=0, opened=net))
            screen._answered(Answer(number=number, predicted=predicted, sequence=sequence))
            await pilot.pause()
            assert_harmless(pilot.app)
            await pilot.press("left", "i")
            assert_harmless(pilot.app)
            if isinstance(pilot.app.screen, TextScreen):
                await pilot.press("escape")
            screen._answered(Answer(number=number, error=" ".join(part), kind="predict"))
            await pilot.pause()
            assert_harmless(pilot.app)
        assert pilot.app.screen is screen


@pytest.mark.parametrize("size", SIZES, ids=["wide", "small"])
@pytest.mark.usefixtures("no_barrier")
async def test_the_examples_of_a_cell(sessions: Path, size: tuple[int, int]) -> None:
    run = record(sessions, "finished")
    async with shown(size) as pilot:
        for part in chunks(40):
            document = recorded_errors.names()
            row = document["worst"][0]
            rows = [
                row | {"row": at, "input": text, "target": text, "prediction": part[-1 - at], "group": text,
                       "likely": [[text, 0.5], [part[-1 - at], 0.4]]}
                for at, text in enumerate(part)
            ]  # fmt: skip
            document |= {"true": part[0], "predicted": part[1], "group": part[2], "notes": part[3:6], "worst": rows}
            await open_examples(pilot, run, document)
            for key in ("down", "pagedown", "s", "end", "i"):
                await pilot.press(key)
                assert_harmless(pilot.app)
            await pilot.press("escape", "escape")
        assert pilot.app.is_running


@pytest.mark.slow
@pytest.mark.usefixtures("no_barrier")
async def test_events_samples_and_sentences_of_a_run_and_what_is_copied(sessions: Path) -> None:
    source = record(sessions, "finished")
    for at, part in enumerate(chunks(54, in_json())):

        def change(event: AnyEvent, part: list[str] = part) -> AnyEvent:
            if isinstance(event, RunStarted):
                labels = tuple(f"{text}{place}" for place, text in enumerate(part[:18]))
                data = msgspec.structs.replace(
                    event.data, classes=labels, title=part[0], baseline_name=part[1], notes=tuple(part[:3])
                )
                return msgspec.structs.replace(event, data=data, model=part[2], device=part[3], device_name=part[4])
            if getattr(event, "samples", None):
                samples = tuple(
                    Sample(input=text, target=text, prediction=text, correct=False, probability=0.5)
                    for text in part[:20]
                )
                return msgspec.structs.replace(event, samples=samples)
            return event

        noticed: list[AnyEvent] = [
            Diagnosed(kind=text, epoch=3, step=700, message=text, remedy=text) for text in part[:27]
        ]
        noticed += [
            CommandApplied(command="set", command_id=str(n), key=text, error=text, epoch=4, step=904)
            for n, text in enumerate(part[27:])
        ]
        run = rewritten(source, f"{60 + at:03}-hostile", change, noticed)
        async with shown((100, 30)) as pilot:
            app = pilot.app
            await open_run(pilot, run)
            await pilot.press("6")
            for _ in range(6):
                await pilot.press("pageup", "up")
                assert_harmless(app)
            for panel in "124":
                await pilot.press(panel)
                assert_harmless(app)
            for panel, formats in (("3", "tcm"), ("6", "t"), ("7", "t"), ("4", "t")):
                await pilot.press(panel, "i")
                await settled(pilot)
                assert_harmless(app)
                if isinstance(app.screen, TextScreen):
                    await pilot.press("escape")
                for name in formats:
                    app.copy_to_clipboard("")
                    await pilot.press("Y")
                    await settled(pilot)
                    if isinstance(app.screen, CopyScreen):
                        assert_harmless(app)
                        await pilot.press(name)
                    await until(lambda app=app: bool(app.clipboard))  # type: ignore[misc]
                    assert_copied_harmless(app.clipboard)
                await pilot.press(panel)
            await pilot.press("3", "m", "m", "m", "enter")
            await settled(pilot)
            assert_harmless(app)


def hostile_session(sessions: Path) -> Path:
    """A session of fifty runs with hostile names, models, reasons and notes."""
    source = record(sessions, "failed")
    for at, part in enumerate(chunks(4, in_json())):

        def change(event: AnyEvent, part: list[str] = part) -> AnyEvent:
            if isinstance(event, RunStarted):
                return msgspec.structs.replace(event, model=part[0], run=part[0], device_name=part[0])
            if isinstance(event, RunFailed):
                return RunFailed(kind="data", message=part[-1], hint=part[0], detail=part[-1])
            return event

        text = os.fsdecode(part[0].replace("/", "").replace("\0", "").encode()[:200])
        run = rewritten(source, f"{100 + at}-{text}", change)
        write_notes(RunFolder(run), Notes("".join(part[1:3]), ("good",)))
    rewritten(source, os.fsdecode(b"200-\xff\xfe"), lambda event: event)
    return sessions / SESSION


@pytest.mark.parametrize("size", SIZES, ids=["wide", "small"])
@pytest.mark.usefixtures("no_barrier")
async def test_a_session_its_rows_and_its_columns(sessions: Path, size: tuple[int, int]) -> None:
    path = hostile_session(sessions)
    async with shown(size) as pilot:
        screen = await open_session(pilot, path)
        screen.table.choose_columns((*screen.table.keys, "reason", "tags", "notes", "model"))
        await settled(pilot)
        for _ in range(6):
            assert_harmless(pilot.app)
            await pilot.press("pagedown", "right")
        await pilot.press("Y")
        await settled(pilot)
        if isinstance(pilot.app.screen, CopyScreen):
            await pilot.press("t")
        await until(lambda: bool(pilot.app.clipboard))
        assert_copied_harmless(pilot.app.clipboard)
        for key in ("d", "escape", "t", "escape", "e", "escape", "r", "escape"):
            await pilot.press(key)
            assert_harmless(pilot.app)


async def test_a_filter_while_it_is_typed(sessions: Path) -> None:
    """The line itself is Textual's: the barrier is on."""
    record(sessions, "failed")
    async with shown((80, 24)) as pilot:
        screen = await open_session(pilot, sessions / SESSION)
        await pilot.press("slash")
        field = screen.query_one("#where", Input)
        for part in chunks(4):
            field.value = f"hidden=6 {' '.join(part)}"
            await pilot.pause()
            assert_harmless(pilot.app)


@pytest.mark.usefixtures("no_barrier")
async def test_presets(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnlab.recipes.presets import Preset

    made = [
        Preset(
            name=part[0],
            title=part[1],
            settings={},
            figure=part[2],
            source=part[3],
            notes=tuple(part[4:]),
            recipe=part[0],
        )
        for part in chunks(12)
        if len(part) > 4
    ]
    monkeypatch.setattr("rnnlab.recipes.presets.presets_of", lambda _: made)
    async with shown((80, 24)) as pilot:
        await pilot.app.push_screen(screen := PresetsScreen("names"))
        await until(lambda: bool(screen._presets))
        for _ in made:
            await settled(pilot)
            assert_harmless(pilot.app)
            await pilot.press("down")


async def test_the_tour() -> None:
    """Its sentences are the app's own: the barrier is on."""
    async with shown((80, 24)) as pilot:
        app: Any = pilot.app
        await app.action_tour()
        await settled(pilot)
        assert isinstance(app.screen, SetupScreen)
        card = app.screen.query_one(TourCard)
        for part in chunks(4):
            card.say(1, part[0], " ".join(part), part[-1])
            await pilot.pause()
            assert_harmless(app)
        assert "Tour" in text_of(app)
