"""Setup as a person meets it: what is shown, what the keys and the mouse do."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from rnnlab.config import FIELDS
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.draft.estimate import estimate
from tests.ui.on_setup import choose, go, notices, setup_of, unfold
from tests.ui.opened import text_of

HOSTILE = "[/red][@click=app.quit]x[/]\x1b]52;c;aGk=\x07\u202e\\["


@pytest.mark.parametrize(
    ("size", "theme"), [((80, 24), "rnnlab-dark"), ((140, 45), "rnnlab-dark"), ((100, 30), "rnnlab-light")]
)
def test_setup_looks(snap_compare: object, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(RnnlabApp(theme=theme), terminal_size=size)  # type: ignore[operator]


def test_setup_with_an_error_looks(snap_compare: object) -> None:
    keys = ["tab", "tab", "3", "2", "x", "down", "down", "right"]
    assert snap_compare(RnnlabApp(), press=keys, terminal_size=(80, 24))  # type: ignore[operator]


def test_setup_without_colours_looks(snap_compare: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(RnnlabApp(), press=["tab", "tab", "plus", "down"], terminal_size=(80, 24))  # type: ignore[operator]


async def test_picking_a_task_changes_form_counts_and_command() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 90)) as pilot:
        await unfold(pilot)
        assert "one-hot" in text_of(app)
        await choose(pilot, "binary")
        assert setup_of(app).draft.card.name == "binary"
        text = text_of(app)
        assert "one-hot" not in text
        assert "rnnlab train binary" in text
        (hidden,) = setup_of(app).draft.value("model.hidden")
        # 4 gates × h units × (1 input + h units), two biases each, and a head of h weights and a bias.
        assert f"{4 * hidden * (1 + hidden) + 2 * 4 * hidden + hidden + 1:,}" in text
        await pilot.press("tab", "down")
        await pilot.pause()
        assert "rnnlab train binary --model gru" in text_of(app)
        assert "Gated recurrent unit" in text_of(app)


async def test_the_first_task_is_names_where_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "data" / "names").mkdir(parents=True)
    (tmp_path / "data" / "names" / "Czech.txt").write_text("Novak\n")
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert setup_of(app).draft.card.name == "names"
        assert "no data" not in text_of(app)


async def test_a_wrong_value_is_said_at_once_and_refused(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        form = await go(pilot, "optim.lr")
        await pilot.press("0", "down")
        await pilot.pause()
        assert "optim.lr = 0.0 is not allowed; it must be a number above 0" in text_of(app)
        assert "1 wrong" in text_of(app)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert form.key == "optim.lr"
        assert any("optim.lr" in notice for notice in notices(app))
        assert not (tmp_path / "sessions").exists()
        await pilot.press("0", ".", "1")
        await pilot.pause()
        assert "wrong" not in text_of(app)
        assert setup_of(app).draft.config().optim.lr == 0.1


async def test_numbers_step_choices_turn_and_everything_can_be_undone() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        form = await go(pilot, "model.hidden")
        draft = form.draft
        await pilot.press("plus", "plus", "minus")
        assert draft.value("model.hidden") == (256,)
        await go(pilot, "model.bidirectional")
        await pilot.press("right")
        assert draft.value("model.bidirectional") is True
        await pilot.press("space")
        assert draft.value("model.bidirectional") is False
        await pilot.press("ctrl+z")
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert draft.value("model.hidden") == (128,)
        assert form.key == "model.hidden"


async def test_a_sign_is_typed_in_an_exponent_and_steps_elsewhere() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        form = await go(pilot, "optim.lr")
        await pilot.press("1", "e", "minus", "4")
        assert form.draft.value("optim.lr") == 1e-4
        await pilot.press("plus")
        assert form.draft.value("optim.lr") == 2e-4


async def test_one_field_and_all_fields_go_back_to_their_defaults() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        form = await go(pilot, "model.hidden")
        await pilot.press("6", "4", "down", "3", "ctrl+d")
        await pilot.pause()
        assert form.draft.settings() == {"task.name": "surnames", "model.hidden": (64,)}
        await pilot.press("ctrl+l")
        assert form.draft.settings() == {"task.name": "surnames"}
        await pilot.press("ctrl+z")
        assert form.draft.value("model.hidden") == (64,)


async def test_what_is_typed_right_after_a_tab_goes_into_the_form() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        setup_of(app).query_one("#models").focus()
        await pilot.pause()
        for key, character in (("tab", None), ("6", "6"), ("4", "4")):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        await pilot.pause()
        assert setup_of(app).draft.value("model.hidden") == (64,)


async def test_fields_that_mean_nothing_are_hidden_and_come_back() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 60)) as pilot:
        form = await unfold(pilot)
        assert "momentum" not in text_of(app)
        form.draft.set("optim.name", "sgd")
        form.refresh_fields()
        await pilot.pause()
        assert "momentum" in text_of(app)
        setup_of(app).jump("model.activation")
        await pilot.pause()
        assert "model.name is elman" in notices(app)[-1]


async def test_a_long_form_scrolls_with_the_cursor() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, "model.hidden")
        assert "threads" not in text_of(app)
        await pilot.press("asterisk", "ctrl+end")
        await pilot.pause()
        assert "▸ keep" in text_of(app)
        await pilot.press("ctrl+home")
        await pilot.pause()
        assert "▸ hidden" in text_of(app)


async def test_hostile_text_is_shown_as_text() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await choose(pilot, "names")
        form = await go(pilot, "data.path")
        app.screen.focused.post_message(events.Paste(HOSTILE))  # type: ignore[union-attr]
        await pilot.pause()
        assert form.draft.text("data.path") == HOSTILE
        await go(pilot, "optim.lr")
        app.screen.focused.post_message(events.Paste(HOSTILE))  # type: ignore[union-attr]
        await pilot.press("ctrl+r")
        await pilot.pause()
        text = text_of(app)
        assert "[/red][@click=app.quit]x[/]" in text
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert "\u202e" not in text
        await go(pilot, "data.split")
        lines = text_of(app).splitlines()
        row = next(index for index, line in enumerate(lines) if "path" in line and "[/red]" in line)
        await pilot.click(offset=(lines[row].index("]x[") + 1, row))
        await pilot.pause()
        assert app.is_running
        assert app.return_code is None


async def test_the_command_is_copied() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await go(pilot, "model.hidden")
        await pilot.press("plus", "ctrl+y")
        assert app.clipboard == "rnnlab train surnames --hidden 256"


async def test_the_footer_names_the_keys_and_takes_clicks() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.pause()
        footer = text_of(app).splitlines()[-1]
        for words in ("^r Train", "^z Undo", "^o Sessions", "? Help", "^q Quit"):
            assert words in footer
        await go(pilot, "model.hidden")
        await pilot.press("6")
        await pilot.click(KeyBar, offset=(footer.index("Undo"), 0))
        await pilot.pause()
        await pilot.pause()
        assert setup_of(app).draft.value("model.hidden") == (128,)


async def test_more_cards_than_lines_scroll() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        tasks = setup_of(app).query_one("#tasks", CardList)
        assert f"▸ {tasks.cards[-1].title}" in text_of(app)


async def test_a_key_gives_the_net_the_parameters_of_the_one_before() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        screen = setup_of(app)
        before = estimate(screen.draft)
        assert before is not None
        screen.query_one("#models").focus()
        await pilot.press("down")
        assert screen.draft.value("model.name") == "gru"
        await pilot.press("ctrl+b")
        await pilot.pause()
        after = estimate(screen.draft)
        assert after is not None
        assert after.parameters == pytest.approx(before.parameters, rel=0.01)
        said = [notification.message for notification in app._notifications]
        assert any(f"nearest to the {before.parameters:,} of LSTM 128" in message for message in said)
        await pilot.press("ctrl+z")
        assert screen.draft.value("model.hidden") == (128,)


async def test_sections_are_folded_and_say_what_differs_in_them() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await go(pilot, "train.seed")
        draft = form.draft
        assert "bidirectional" not in text_of(app)
        await pilot.press("down")
        assert "▸ + Model" in text_of(app)
        assert "layer norm" in text_of(app), "what a section holds is said below the form"
        await pilot.press("enter")
        assert "▸ − Model" in text_of(app)
        await pilot.press("down", "right")
        assert draft.value("model.bidirectional") is True
        await pilot.press("up", "left")
        assert "▸•+ Model" in text_of(app)
        assert "bidirectional on" in text_of(app)
        await pilot.press("ctrl+d")
        assert draft.changed("model.bidirectional"), "a head has no default"
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert form.key == "model.bidirectional", "what is undone comes into view"
        assert "bidirectional on" not in text_of(app)


async def test_a_wrong_value_stands_below_its_folded_section() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        form = await go(pilot, "model.dropout")
        await pilot.press("2")
        form.unfolded.clear()
        await pilot.press("ctrl+home")
        form.refresh_fields()
        await pilot.pause()
        assert "model.dropout = 2.0 is not allowed" in text_of(app)
        assert "bidirectional" not in text_of(app)
        await pilot.press("ctrl+r", "0")
        await pilot.pause()
        assert "wrong" not in text_of(app)
        assert form.key == "model.dropout", "mended, it stays under the cursor"


async def test_the_pane_says_what_is_usual_and_why_one_would_change_it() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await go(pilot, "optim.lr")
        text = " ".join(text_of(app).split())
        assert "Usual: 1e-4 to 0.01 with Adam, 0.01 to 1 with SGD." in text
        assert "The first setting to tune" in text


@pytest.mark.parametrize("key", [key for key, field in FIELDS.items() if field.setting.usual])
def test_usual_values_are_allowed(key: str) -> None:
    ends = FIELDS[key].setting.usual.split()[:3:2]
    low, high = (FIELDS[key].parse(end) for end in ends)
    assert low < high
