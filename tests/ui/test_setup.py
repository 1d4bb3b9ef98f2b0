"""Setup as a person meets it: what is shown, what the keys and the mouse do."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnnlab.config import RunConfig
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.sessions.screen import SessionsScreen
from rnnlab.ui.setup.card_list import CardList
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.estimate import estimate
from rnnlab.ui.setup.form import Form
from rnnlab.ui.setup.screen import SetupScreen

HOSTILE = "[/red][@click=app.quit]x[/]\x1b]52;c;aGk=\x07\u202e\\["


def setup_of(app: RnnlabApp) -> SetupScreen:
    assert isinstance(app.screen, SetupScreen)
    return app.screen


def shown(app: RnnlabApp) -> str:
    """The screen as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    assert len(lines) == height
    return "\n".join(line.text[:width] for line in lines)


def notices(app: RnnlabApp) -> list[str]:
    return [notice.message for notice in app._notifications]


async def choose(pilot: Pilot[None], task: str) -> None:
    """The task, by the keys that lead to it."""
    tasks = pilot.app.screen.query_one("#tasks", CardList)
    tasks.focus()
    names = [card.name for card in tasks.cards]
    await pilot.press("home", *["down"] * names.index(task))
    await pilot.pause()


async def go(pilot: Pilot[None], key: str) -> Form:
    """To the field."""
    await pilot.pause()
    screen = setup_of(pilot.app)  # type: ignore[arg-type]
    screen.jump(key)
    await pilot.pause()
    return screen.query_one(Form)


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
        await pilot.pause()
        assert "one-hot" in shown(app)
        await choose(pilot, "binary")
        assert setup_of(app).draft.card.name == "binary"
        text = shown(app)
        assert "one-hot" not in text
        assert "rnnlab train binary" in text
        (hidden,) = setup_of(app).draft.value("model.hidden")
        # 4 gates × h units × (1 input + h units), two biases each, and a head of h weights and a bias.
        assert f"{4 * hidden * (1 + hidden) + 2 * 4 * hidden + hidden + 1:,}" in text
        await pilot.press("tab", "down")
        await pilot.pause()
        assert "rnnlab train binary --model gru" in shown(app)
        assert "Gated recurrent unit" in shown(app)


async def test_the_first_task_is_names_where_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "data" / "names").mkdir(parents=True)
    (tmp_path / "data" / "names" / "Czech.txt").write_text("Novak\n")
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert setup_of(app).draft.card.name == "names"
        assert "no data" not in shown(app)


async def test_a_task_without_its_files_says_how_to_get_them_and_does_not_start(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        assert setup_of(app).draft.card.name == "surnames"
        await choose(pilot, "names")
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "rnnlab data fetch names" in shown(app)
        assert "rnnlab data fetch names" in notices(app)[-1]
        assert not (tmp_path / "sessions").exists()


async def test_a_wrong_value_is_said_at_once_and_refused(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        form = await go(pilot, "optim.lr")
        await pilot.press("0", "down")
        await pilot.pause()
        assert "optim.lr = 0.0 is not allowed; it must be a number above 0" in shown(app)
        assert "1 wrong" in shown(app)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert form.key == "optim.lr"
        assert any("optim.lr" in notice for notice in notices(app))
        assert not (tmp_path / "sessions").exists()
        await pilot.press("0", ".", "1")
        await pilot.pause()
        assert "wrong" not in shown(app)
        assert setup_of(app).draft.config().optim.lr == 0.1


async def test_numbers_step_choices_turn_and_everything_can_be_undone() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        form = await go(pilot, "model.hidden")
        draft = form.draft
        await pilot.press("plus", "plus", "minus")
        assert draft.value("model.hidden") == (256,)
        await pilot.press("down", "down", "right")
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
    from textual import events

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


async def test_what_trains_is_what_was_chosen_just_before(tmp_path: Path) -> None:
    from textual import events

    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        await choose(pilot, "names")
        await pilot.press("up")
        await pilot.pause()
        for key in ("down", "ctrl+r"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: bool(notices(app)))
        assert "names is not here yet" in notices(app)[-1]
        assert not (tmp_path / "sessions").exists()


async def test_the_mouse_chooses_types_and_trains() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 36)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await pilot.press("up")
        lines = shown(app).splitlines()
        await pilot.click(offset=(6, next(row for row, line in enumerate(lines) if "Bits →" in line)))
        await pilot.pause()
        assert screen.draft.card.name == "binary"
        lines = shown(app).splitlines()
        row = next(index for index, line in enumerate(lines) if " readout " in line)
        await pilot.click(offset=(lines[row].index("○ max") + 3, row))
        await pilot.pause()
        assert screen.draft.value("model.readout") == "max"
        row = next(index for index, line in enumerate(lines) if " hidden " in line)
        await pilot.click(offset=(lines[row].index("hidden") + 20, row))
        await pilot.press("backspace", "x")
        await pilot.click(CommandBar, offset=(90, 0))
        await pilot.pause()
        assert any("model.hidden" in notice for notice in notices(app))


async def test_fields_that_mean_nothing_are_hidden_and_come_back() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 60)) as pilot:
        form = await go(pilot, "optim.name")
        assert "momentum" not in shown(app)
        form.draft.set("optim.name", "sgd")
        form.refresh_fields()
        await pilot.pause()
        assert "momentum" in shown(app)
        setup_of(app).jump("model.activation")
        await pilot.pause()
        assert "model.name is elman" in notices(app)[-1]


async def test_a_long_form_scrolls_with_the_cursor() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, "model.hidden")
        assert "threads" not in shown(app)
        await pilot.press("ctrl+end")
        await pilot.pause()
        assert "▸ keep" in shown(app)
        await pilot.press("ctrl+home")
        await pilot.pause()
        assert "▸ hidden" in shown(app)


async def test_hostile_text_is_shown_as_text() -> None:
    from textual import events

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
        text = shown(app)
        assert "[/red][@click=app.quit]x[/]" in text
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert "\u202e" not in text
        await go(pilot, "data.split")
        lines = shown(app).splitlines()
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


async def test_train_makes_a_run_that_really_trains(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await go(pilot, "train.epochs")
        await pilot.press("2")
        await go(pilot, "train.patience")
        await pilot.press(*"none", "f5")
        runs = tmp_path / "sessions"
        await until(pilot, lambda: app.screen is not screen)
        (folder,) = runs.glob("*-binary/runs/001-lstm-*")
        asked = {"task.name": "binary", "train.epochs": 2, "train.patience": None}
        assert _config(folder) == RunConfig.from_settings(asked)
        await until(pilot, lambda: (folder / "events.jsonl").exists() and read_state(folder / "events.jsonl")[0].ended)
        state, damaged = read_state(folder / "events.jsonl")
        assert (state.status, state.epoch, damaged) == ("completed", 2, 0)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert screen.draft.value("train.epochs") == 2


async def test_seeds_start_repeats_of_one_split_and_show_them_in_their_session(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await go(pilot, "train.epochs")
        await pilot.press("1", "ctrl+s")
        await until(pilot, lambda: bool(screen.query(Prompt)) and screen.query_one(Prompt).asking)
        await pilot.press(*"3,3")
        await pilot.pause()
        assert "seeds = '3,3' is not allowed" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: screen.focused is screen.query_one(Form))
        assert not (tmp_path / "sessions").exists(), "escape takes it back"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: screen.query_one(Prompt).asking)
        await pilot.press(*"3,5", "enter")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen))
        folders = sorted(tmp_path.glob("sessions/*-binary/runs/*"))
        asked = {"task.name": "binary", "train.epochs": 1, "data.seed": 0}
        assert [_config(folder) for folder in folders] == [
            RunConfig.from_settings(asked | {"train.seed": seed}) for seed in (3, 5)
        ]
        await until(pilot, lambda: "lstm-" in shown(app) and "× 2" in shown(app))
        for folder in folders:
            log = folder / "events.jsonl"
            await until(pilot, lambda log=log: log.exists() and read_state(log)[0].ended)


async def test_sessions_that_cannot_be_written_are_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "file" / "sessions"))
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, "model.hidden")
        await pilot.press("6", "4", "ctrl+r")
        await until(pilot, lambda: bool(notices(app)))
        assert "cannot be written" in notices(app)[-1]
        assert "RNNLAB_SESSIONS" in notices(app)[-1]
        assert setup_of(app).draft.value("model.hidden") == (64,)


async def test_the_footer_names_the_keys_and_takes_clicks() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.pause()
        footer = shown(app).splitlines()[-1]
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
        assert f"▸ {tasks.cards[-1].title}" in shown(app)


def _config(folder: Path) -> RunConfig:
    from rnnlab.config import read_config

    return read_config(folder / "run.toml")


async def until(pilot: Pilot[None], condition: object, seconds: float = 90.0) -> None:
    """Waits for the condition; raises where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come true"
        await pilot.pause()
        await asyncio.sleep(0.02)


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
