"""The search of Setup and Data: it filters as one types, says where a thing is, and chooses with enter alone."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from rnnlab.config import FIELDS
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.data.screen import DataScreen
from rnnlab.ui.setup.cards.card_list import Card, CardList
from rnnlab.ui.setup.cards.task_list import task_cards
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.screen import SetupScreen
from rnnlab.ui.setup.search.entries import Entry, entries_of, found, no_match_text
from rnnlab.ui.setup.search.search_screen import Hits, SearchScreen
from tests.ui.opened import assert_harmless, said, settled, text_of, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "wide"])
HOSTILE = "[@click=app.quit]x[/]\x1b]52;c;aGk=\x07"
ENTRIES = entries_of(
    Draft(), task_cards(), [Card("gru", "GRU", "Gated recurrent unit"), Card("mingru", "minGRU", "A GRU")]
)


async def open_setup(pilot: Pilot[Any], focus: str) -> SetupScreen:
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    screen.query_one(focus).focus()
    await settled(pilot)
    return screen


def names(app: Any) -> list[str]:
    return [hit.name for hit in app.screen.query_one(Hits).hits]


def test_every_word_is_held_in_any_case_and_what_is_called_so_comes_first() -> None:
    assert [entry.name for entry in found(ENTRIES, "GRU", "task")][:2] == ["gru", "mingru"]
    assert found(ENTRIES, "learning rate", "task")[0].name == "optim.lr"
    assert found(ENTRIES, "lr", "task")[0].name == "optim.lr"
    assert [entry.name for entry in found(ENTRIES, "country surnames", "task")] == ["surnames"]
    assert [entry.kind for entry in found(ENTRIES, " ", "architecture")] == ["architecture"] * 2
    assert found(ENTRIES, "zzz", "task") == []
    everything = {entry.name for kind in ("task", "architecture", "setting") for entry in found(ENTRIES, "", kind)}
    assert everything >= FIELDS.keys() - {"task.name", "model.name"}


def test_of_equal_names_those_of_the_list_one_is_in_come_first() -> None:
    entries = [Entry("architecture", "copy", "Copy"), Entry("task", "copy", "Copy")]
    assert [entry.kind for entry in found(entries, "copy", "task")] == ["task", "architecture"]


def test_what_is_not_among_them_is_said_and_where_it_is() -> None:
    def said_of(text: str, kind: Any = "task") -> str:
        return no_match_text(found(ENTRIES, text, kind), ENTRIES, text, kind)

    assert said_of("gru") == "nothing holds “gru” among tasks; it is an architecture ⏎"
    assert said_of("vigenere", "architecture") == "nothing holds “vigenere” among architectures; it is a task ⏎"
    assert said_of("clip_norm") == "nothing holds “clip_norm” among tasks; it is a setting ⏎"
    assert said_of("zzz") == "nothing holds “zzz” among tasks, architectures or settings"
    assert said_of("surnames") == said_of("") == ""


@SIZES
async def test_nothing_is_chosen_while_one_types(size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await open_setup(pilot, "#models")
        before = setup.draft.settings()
        await pilot.press("slash", *"ind")
        await settled(pilot)
        assert names(app)[0] == "indrnn"
        assert "/ ind" in text_of(app)
        assert setup.draft.settings() == before
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen is setup
        assert setup.draft.settings() == before
        assert setup.query_one("#models").has_focus
        await pilot.press("slash", *"x", "backspace", "backspace")
        await settled(pilot)
        assert app.screen is setup, "nothing is left to take back"
        await pilot.press("slash", *"peephole", "enter")
        await settled(pilot)
        assert setup.draft.value("model.name") == "peepholelstm"
        assert setup.query_one("#models").has_focus
        assert "▸ Peephole LSTM" in text_of(app)


@SIZES
async def test_what_is_elsewhere_is_said_and_enter_goes_there(size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await open_setup(pilot, "#tasks")
        await pilot.press("slash", *"gru")
        await settled(pilot)
        assert "nothing holds “gru” among tasks; it is an architecture ⏎" in text_of(app)
        await pilot.press("enter")
        await settled(pilot)
        assert setup.draft.settings() == {"task.name": "surnames", "model.name": "gru"}
        assert setup.query_one("#models").has_focus
        await pilot.press("slash", *"epochs")
        await settled(pilot)
        assert "among architectures; it is a setting ⏎" in text_of(app)
        await pilot.press("enter", "7")
        await settled(pilot)
        assert setup.query_one(Form).key == "train.epochs"
        assert setup.draft.value("train.epochs") == 7
        setup.query_one("#models").focus()
        await settled(pilot)
        await pilot.press("slash", *"binary", "enter")
        await settled(pilot)
        assert setup.draft.card.name == "binary"
        assert setup.query_one("#tasks").has_focus


async def test_nothing_anywhere_is_said_and_enter_stays() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        before = setup.draft.settings()
        await pilot.press("slash", *"zzz", "enter")
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)
        assert "nothing holds “zzz” among tasks, architectures or settings" in text_of(app)
        await pilot.press("escape")
        await settled(pilot)
        assert setup.draft.settings() == before


async def test_keys_that_come_at_once_go_into_the_search() -> None:
    """No letter is taken for a key of the screen below, and what trains is what enter chose before."""
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        for key in ("slash", "i", "n", "d", "i", "g", "i", "t", "backspace"):
            app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await until(lambda: isinstance(app.screen, SearchScreen))
        await settled(pilot)
        assert app.screen.query_one(Hits).edit.text == "indigi"
        await pilot.press("ctrl+u", *"bits")
        for key in ("enter", "ctrl+r"):
            app.post_message(events.Key(key, None))
        await settled(pilot)
        assert setup.draft.card.name == "binary"


async def test_keys_that_come_at_once_after_the_choice_go_into_the_field() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        for key in ("slash", *"epochs", "enter", *"2000"):
            app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await until(lambda: setup.draft.text("train.epochs") == "2000")


async def test_a_setting_that_means_nothing_here_says_where_it_does() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        setup = await open_setup(pilot, "#tasks")
        await pilot.press("slash", *"nesterov")
        await settled(pilot)
        description = FIELDS["optim.nesterov"].setting.help
        assert description[:40] in text_of(app)
        hits = app.screen.query_one(Hits)
        assert hits.hits[hits.at].line.startswith(f"{description} Applies where optim.name is")
        await pilot.press("enter")
        await settled(pilot)
        assert "optim.nesterov has no effect here" in said(app)
        assert app.screen is setup


async def test_a_slash_in_a_field_of_numbers_or_of_choices_searches() -> None:
    """Each search ends in the form, and the next one changes no setting."""
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        before = setup.draft.settings()
        for key in ("optim.lr", "train.epochs", "model.hidden", "optim.name", "model.bidirectional", "optim.clip_norm"):
            await pilot.press("slash", *key, "enter")
            await settled(pilot)
            assert app.screen is setup
            assert setup.query_one(Form).key == key
        await pilot.press("slash")
        await settled(pilot)
        assert app.screen.query_one(Hits).hits[0].kind == "setting"
        assert app.screen.query_one(Hits).hits[app.screen.query_one(Hits).at].name == "optim.clip_norm"
        await pilot.press("escape")
        await settled(pilot)
        assert setup.draft.settings() == before


async def test_a_slash_searches_from_everything_on_setup_and_on_data() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "CommandBar")
        await pilot.press("slash")
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)
        await pilot.press("escape")
        setup.set_focus(None)
        await settled(pilot)
        await pilot.press("slash")
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)
        await pilot.press("escape", "ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        app.screen.query_one("#card").focus()
        await settled(pilot)
        await pilot.press("slash")
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)


@pytest.mark.parametrize("key", ["data.classes", "data.class_weights"])
async def test_a_slash_may_belong_to_the_name_of_a_class(key: str) -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        setup.draft.set("data.class_weights", "a=1")
        setup.jump(key)
        await settled(pilot)
        await pilot.press("a", "slash", "b")
        await settled(pilot)
        assert app.screen is setup
        assert setup.draft.text(key) == "a/b"


async def test_a_slash_in_a_field_is_a_text() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await open_setup(pilot, "#tasks")
        setup.draft.set("task.name", "own")
        setup.redraw()
        setup.jump("data.path")
        await settled(pilot)
        await pilot.press(*["slash", "a", "slash", "b"])
        await settled(pilot)
        assert app.screen is setup
        assert setup.draft.text("data.path") == "/a/b"


@SIZES
async def test_the_data_screen_searches_its_tasks(size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        screen: Any = app.screen
        await settled(pilot)
        before = screen.named
        await pilot.press("slash", *"harx")
        await settled(pilot)
        assert "nothing holds “harx” among tasks" in text_of(app)
        assert screen.named == before
        await pilot.press("backspace", "enter")
        await settled(pilot)
        assert len(app.screen_stack) == 1, "enter takes what was found and trains nothing"
        assert screen.named == screen.query_one("#tasks", CardList).chosen == "har"


@SIZES
async def test_the_mouse_takes_a_hit_and_hostile_text_is_text(size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await open_setup(pilot, "#tasks")
        await pilot.press("slash")
        await settled(pilot)
        app.screen.post_message(events.Paste(HOSTILE))
        await settled(pilot)
        assert "[@click=app.quit]x[/]" in text_of(app)
        assert_harmless(app)
        await pilot.press("ctrl+u", *"lstm", "down", "up", "down")
        await settled(pilot)
        lines = text_of(app).splitlines()
        row = next(index for index, line in enumerate(lines) if "minLSTM  " in line)
        await pilot.click(offset=(lines[row].index("minLSTM"), row))
        await settled(pilot)
        assert setup.draft.value("model.name") == "minlstm"
