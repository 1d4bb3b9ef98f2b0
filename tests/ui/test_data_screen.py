"""The Data screen: what it tells of a data set, how it asks for it, and that data stays text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from rnnlab.plots.dataset.profile import data_card_lines
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.data.screen import DataScreen
from rnnlab.ui.queries.subprocess_query import run_query
from rnnlab.ui.setup.file.file_list import FileList
from rnnlab.ui.setup.file.pick_file import PickFileScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.recorded_cards import CARDS, CardKind, card
from tests.tasks.namefiles import write_names
from tests.ui.asked import TASK_OF, RecordedCard, open_data
from tests.ui.opened import app_on, assert_harmless, said, settled, shown, text_of, until

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


def on_data(kind: CardKind, *keys: str, problem: str = "") -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def before(pilot: Pilot[Any]) -> None:
        await open_data(pilot, RecordedCard(kind, problem), TASK_OF.get(kind, "surnames"))
        await pilot.press(*keys)
        await settled(pilot)

    return before


@pytest.mark.parametrize("kind", CARDS)
@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_data(snap_compare: Compare, kind: CardKind, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(), terminal_size=size, run_before=on_data(kind))


def test_data_light_scrolled(snap_compare: Compare) -> None:
    before = on_data("signals", "tab", "pagedown")
    assert snap_compare(app_on("rnnlab-light"), terminal_size=SMALL, run_before=before)


def test_data_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app_on(), terminal_size=(100, 30), run_before=on_data("leaky"))


def test_data_refused(snap_compare: Compare) -> None:
    before = on_data("text", problem="data.classes = Klingon is not allowed; it must be classes of the data")
    assert snap_compare(app_on(), terminal_size=SMALL, run_before=before)


@pytest.mark.parametrize("width", [20, 38, 56, 80, 95, 96, 140, 200])
@pytest.mark.parametrize("kind", CARDS)
def test_every_line_of_a_card_has_its_width_and_no_control(kind: CardKind, width: int) -> None:
    for palette in (DARK, MONO):
        lines = data_card_lines(card(kind), width, palette)
        assert {width_of(line) for line in lines} == {max(24, width)}
        assert not any((ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in to_text(lines))


@pytest.mark.parametrize("kind", CARDS)
def test_a_card_without_some_of_its_keys_is_drawn_without_them(kind: CardKind) -> None:
    for missing in card(kind):
        document = {key: value for key, value in card(kind).items() if key != missing}
        assert data_card_lines(document, 100, DARK)
    assert data_card_lines({}, 100, DARK)


async def test_a_card_comes_from_a_process_of_its_own() -> None:
    app = RnnlabApp()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        screen: Any = app.screen
        screen.visit("overfit", {"train.seed": "3"})
        await until(lambda: not screen.reading)
        await settled(pilot)
        text = text_of(app)
        assert "seed 3" in text
        assert "✓ Nothing leaks" in text
        assert "always" in text


async def test_what_was_set_goes_along_from_setup_and_back() -> None:
    app = RnnlabApp()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, SetupScreen)
        setup: Any = app.screen
        setup.draft.set("data.split", "grouped")
        setup.draft.set("data.test", "0.3")
        setup.draft.set("model.hidden", "32")
        await pilot.press("f4")
        await until(lambda: isinstance(app.screen, DataScreen))
        await settled(pilot)
        data: Any = app.screen
        assert data.named == "surnames"
        assert "split: grouped" in text_of(app)
        assert "data.test=0.3" in text_of(app)
        await pilot.press("s", "n")
        await until(lambda: app.screen is setup)
        await settled(pilot)
        assert setup.draft.settings() == {"task.name": "surnames", "data.test": 0.3, "model.hidden": (32,)}
        await pilot.click(app.screen.query_one("TitleBar"), offset=(30, 0))
        await until(lambda: app.screen is data)


async def test_a_card_that_is_known_is_not_asked_for_again() -> None:
    recorded = RecordedCard()
    async with shown() as pilot:
        screen = await open_data(pilot, recorded)
        for asked in (2, 3):
            await pilot.press("s")
            await until(lambda asked=asked: len(recorded.asked) == asked and not screen.reading)  # type: ignore[misc]
        splits = [words[-1].removeprefix("data.split=") for words in recorded.asked]
        assert splits == ["--json", "grouped", "distinct"]
        await pilot.press("s")
        await settled(pilot)
        await until(lambda: not screen.reading)
        assert len(recorded.asked) == 3
        await pilot.press("r")
        await until(lambda: len(recorded.asked) == 4)


async def test_reading_is_told_and_can_be_given_up() -> None:
    recorded = RecordedCard()
    recorded.held.clear()
    async with shown(size=SMALL) as pilot:
        screen = await open_data(pilot, recorded)
        await until(lambda: len(recorded.asked) == 1)
        await until(lambda: "reading surnames" in text_of(pilot.app))
        await pilot.press("escape")
        await settled(pilot)
        await until(lambda: not screen.reading and "r reads it" in text_of(pilot.app))
        recorded.held.set()
        await pilot.press("r")
        await until(lambda: "Nothing leaks" in text_of(pilot.app))


async def test_a_task_that_is_only_passed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # So long that the second key comes before, also on a busy machine.
    monkeypatch.setattr("rnnlab.ui.data.screen.SETTLE_SECONDS", 1.5)
    recorded = RecordedCard()
    async with shown(size=SMALL) as pilot:
        screen = await open_data(pilot, recorded)
        await pilot.press("end")
        await until(lambda: not screen.reading)
        assert "No file is named yet" in text_of(pilot.app)
        for _ in range(2):
            pilot.app.post_message(events.Key("up", None))
        await until(lambda: len(recorded.asked) > 1 and not screen.reading)
        assert [words[2] for words in recorded.asked] == ["surnames", screen.named]


async def test_enter_leads_from_a_task_to_a_new_run_on_it() -> None:
    recorded = RecordedCard()
    async with shown(size=SMALL) as pilot:
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(pilot.app.screen, DataScreen))
        await settled(pilot)
        await pilot.press("home", "down", "down", "enter")
        await until(lambda: isinstance(pilot.app.screen, SetupScreen))
        await settled(pilot)
        assert pilot.app.screen.draft.card.name == "vigenere"  # type: ignore[attr-defined]
    assert not recorded.asked


async def test_ones_own_file_is_chosen_and_shown_from_here(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("text,label\n" + "".join(f"w{n},{'ab'[n % 2]}\n" for n in range(60)))
    recorded = RecordedCard()
    async with shown(size=SMALL) as pilot:
        screen = await open_data(pilot, recorded, "own")
        assert "^g chooses one" in text_of(pilot.app)
        assert "^g File" in text_of(pilot.app)
        await pilot.press("ctrl+g")
        await until(lambda: isinstance(pilot.app.screen, PickFileScreen))
        picker = pilot.app.screen
        picker.query_one(Input).value = f"{tmp_path}/words"
        await until(lambda: [entry.name for entry in picker.query_one(FileList).entries] == ["words.csv"])
        await pilot.press("enter")
        await until(lambda: pilot.app.screen is screen and bool(recorded.asked) and not screen.reading)
        assert recorded.asked[-1][2:] == ("own", "--json", "--set", f"data.path={tmp_path}/words.csv")
        await pilot.press("up")
        await settled(pilot)
        assert "^g File" not in text_of(pilot.app)


async def test_a_fetch_shows_the_terms_asks_and_tells_its_progress(tmp_path: Path) -> None:
    recorded = RecordedCard()
    recorded.held.clear()
    async with shown(size=WIDE) as pilot:
        screen = await open_data(pilot, recorded, "names")
        assert "MIT licence, 2017 Sean Robertson" in text_of(pilot.app)
        assert recorded.asked == []
        await pilot.press("f")
        await settled(pilot)
        assert screen.query_one(Prompt).asking
        await pilot.press("x")
        assert not screen.query_one(Prompt).asking
        await pilot.press("y")
        assert recorded.asked == []
        await pilot.press("f", "y")
        await until(lambda: len(recorded.asked) == 1)
        assert recorded.asked[0][:3] == ("data", "fetch", "names")
        await until(lambda: "3.2 MB of 8.0 MB" in text_of(pilot.app))
        await pilot.press("escape")
        await settled(pilot)
        assert "f fetches them" in text_of(pilot.app)
        await pilot.press("f", "y")
        await until(lambda: len(recorded.asked) == 2)
        write_names(tmp_path / "data")
        recorded.held.set()
        await until(lambda: "Nothing leaks" in text_of(pilot.app))
        assert "names is here" in said(pilot.app)


async def test_why_a_fetch_failed_and_what_to_do_by_hand_stays_to_be_read() -> None:
    recorded = RecordedCard(problem="could not be reached; by hand: type rnnlab data fetch names --from FILE.zip")
    async with shown(size=SMALL) as pilot:
        await open_data(pilot, recorded, "names")
        await pilot.press("f", "y")
        await until(lambda: "could not be fetched" in said(pilot.app))
        pilot.app.clear_notifications()
        await settled(pilot)
        for words in ("✗ could not be reached; by hand", "--from FILE.zip", "f tries again"):
            assert words in text_of(pilot.app)
        recorded.held.clear()
        await pilot.press("f", "y")
        await until(lambda: len(recorded.asked) == 2)
        await settled(pilot)
        assert "could not be reached" not in text_of(pilot.app)


async def test_what_the_command_says_against_it_is_shown() -> None:
    async with shown(size=SMALL) as pilot:
        await open_data(pilot, RecordedCard(problem="data.split = x is not allowed"))
        assert "✗ data.split = x is not allowed" in text_of(pilot.app)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_data_is_text_everywhere(size: tuple[int, int]) -> None:
    hostile = "[@click=app.quit]x[/]\x1b]52;c;aGk=\x07\u202e\\["
    async with shown(size=size) as pilot:
        await open_data(pilot, RecordedCard("hostile"), path=hostile)
        for key in ("f5", "tab", "end", "home", "pagedown"):
            await pilot.press(key)
            await settled(pilot)
            assert_harmless(pilot.app)
        assert "[@click=app.quit]" in text_of(pilot.app)
        assert pilot.app.is_running


# Asking.


async def test_an_answer_is_the_json_and_a_refusal_its_sentence() -> None:
    listed = await run_query("data", "list", "--json")
    assert listed.code == 0
    assert {entry["name"] for entry in listed.document} >= {"surnames", "names"}
    refused = await run_query("data", "show", "nothing", "--json")
    assert refused.code == 2
    assert refused.document is None
    assert "nothing" in refused.problem
    assert not refused.problem.startswith("rnnlab:")


async def test_a_process_that_is_no_longer_wanted_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    create = asyncio.create_subprocess_exec

    async def remembered(*words: Any, **options: Any) -> asyncio.subprocess.Process:
        started.append(await create(*words, **options))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remembered)
    asking = asyncio.create_task(run_query("data", "show", "adding", "--json", "--set", "data.rows=2000000"))
    await until(lambda: bool(started))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert started[0].returncode is not None
