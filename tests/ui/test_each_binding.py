"""Every key that a footer names, pressed where it acts: what a person sees then is as this table says.

A screen is opened as for its picture (`scenes.py`), anew before each key, in one app. A key that a screen offers and the table
does not name fails the test, so that a new key gets its line here. Those of the
Playground, where each key asks another process, are in its own tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlab.ui.queries import subprocess_query
from rnnlab.ui.queries.subprocess_query import QueryResult
from rnnlab.ui.setup import recipes_screen
from tests.ui.opened import app_on, said, settled, text_of, until
from tests.ui.scenes import SCENES, write_recorded

TABLE: dict[str, dict[str, str]] = {
    "setup": {"repeat": "Seeds of one split"},
    "presets": {"take": "!Presets for names", "leave": "!Presets for names"},
    "recipes": {
        "start(True)": "data are not here yet", "start(False)": "rnnlab data fetch har", "leave": "!published experiments",
    },
    "file-check": {
        "take": "!this folder, as a whole", "complete": "mine/words.csv", "scroll_check(1)": "it can be trained on",
        "leave": "!this folder, as a whole",
    },
    "file-question": {"leave": "!How is your file meant"},
    "search": {"take": "LSTM|GRU", "leave": "!nothing holds"},
    "doctor": {"dismiss_findings": "!two processes could train", "check_again": "two processes could train"},
    "run": {
        "pause": "pausing …", "stop": "y stop|stop", "rate(0.5)": "→ 7.5e-4", "rate(2)": "→", "type('rate')": "learning rate",
        "send('rollback')": "restoring the best weights", "zoom(1)": "evaluations", "back": "!epoch 8.46",
    },
    "matrix": {"examples": "No predictions are kept", "order": "most errors first", "zoom(1)": "1 loss", "back": "2 accuracy"},
    "samples": {"close": "!samples · validation"},
    "copying": {
        "copy('txt')": "of text", "copy('csv')": "as CSV", "copy('md')": "as Markdown", "leave": "!Copy confusion",
    },
    "sentences": {"dismiss_text": "!Best evaluation"},
    "sessions": {
        "choose": "forecast", "fold": "by session", "new": "Basic settings", "filter": "words to search for",
        "order": "by best figure", "session": "by validation", "compare": "compares with nothing", "notes": "leave them",
        "delete": "to the trash?", "undo": "Nothing was deleted",
    },
    "session": {
        "choose": "1 loss", "filter": "hidden=256 acc>.8", "order": "by run", "columns": "usual ones", "charts": "2 of 4",
        "compare": "1 loss", "new_from": "the settings are those of 021-lstm-128", "delete": "to the trash?",
    },
    "columns": {"usual": "[x] hidden", "turn": "[ ] hidden", "take": "!usual ones"},
    "charts": {
        "turn(1)": "3 of 4", "scroll(1)": "2 of 4", "figure": "figure to", "back": "lstm-128 × 5",
    },
    "notes": {"save": "!leave them", "leave": "!leave them"},
    "compare": {
        "zoom(1)": "loss epoch 19.0", "zoom(3)": "3 what differs", "zoom(4)": "4 confusion", "log": "loss · log",
        "axis": "x steps", "figure": "figure to", "move(-1, 0)": "epoch",
    },
    "examples": {"sort": "by row|lowest", "back": "Basic settings"},
}  # fmt: skip
"""By scene and action, what is seen after its key on the screen or in a notice; `!` what is seen no longer, `|` either."""
ELSEWHERE = {
    ("setup", "train"): "test_setup_trains.py",
    ("setup", "reset_field"): "test_setup.py",
    ("setup", "undo"): "test_setup.py",
    ("compare", "back"): "test_compare_screen.py",
    ("examples", "play"): "test_examples.py",
    ("matrix", "resume"): "test_steering.py",
    ("copying", "copy('svg')"): "test_copying.py",
    ("matrix", "pause"): "run",
    ("matrix", "stop"): "run",
    ("matrix", "rate(0.5)"): "run",
    ("matrix", "rate(2)"): "run",
    ("matrix", "type('rate')"): "run",
}
"""Keys that start processes, or are those of another line."""


@pytest.fixture
def _recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_recorded(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", "sessions")
    monkeypatch.setenv("RNNLAB_DATA", "data")

    async def nothing(*_: str, on_progress: object = None) -> QueryResult:
        return QueryResult(0, [])

    monkeypatch.setattr(recipes_screen, "run_query", nothing)
    answered: dict[tuple[str, ...], QueryResult] = {}
    really = subprocess_query.run_query

    async def once(*words: str, on_progress: object = None) -> QueryResult:
        if words not in answered:
            answered[words] = await really(*words)
        return answered[words]

    monkeypatch.setattr(subprocess_query, "run_query", once)


def offered(app: Any) -> Iterator[tuple[str, str]]:
    """The action and the key of each binding that the footer names here, those of the app left out."""
    seen = set()
    for each in app.screen.active_bindings.values():
        ours = each.node is not app and type(each.node).__module__.startswith(("rnnlab", "tests"))
        if ours and each.enabled and each.binding.show and each.binding.action not in seen:
            seen.add(each.binding.action)
            yield each.binding.action, each.binding.key


def is_seen(app: Any, expected: str) -> bool:
    text = " ".join(f"{text_of(app)} {said(app)}".split())
    if expected.startswith("!"):
        return expected[1:] not in text
    return any(one in text for one in expected.split("|"))


@pytest.mark.usefixtures("_recorded")
@pytest.mark.parametrize("scene", TABLE)
async def test_each_key_does_what_the_table_says(scene: str) -> None:
    async with app_on().run_test(size=(140, 45)) as pilot:
        app: Any = pilot.app
        await pilot.pause()
        await SCENES[scene](pilot)
        keys = {action: key for action, key in offered(app) if (scene, action) not in ELSEWHERE}
        assert set(keys) == set(TABLE[scene]), "each key has its line in the table"
        for number, (action, key) in enumerate(keys.items()):
            if number:
                await SCENES[scene](pilot)
            before = text_of(app), said(app)
            await pilot.press(key)
            expected = TABLE[scene][action]
            try:
                await until(lambda expected=expected: is_seen(app, expected), 20)  # type: ignore[misc]
            except TimeoutError:
                raise AssertionError(f"{key} ({action}) on {scene}: “{expected}” is not seen") from None
            moved = (text_of(app), said(app)) != before
            assert moved or action in UNMOVED, f"{key} ({action}) on {scene} changes nothing"
            app._notifications.clear()
            await app.go("setup")
            await settled(pilot)


UNMOVED = {"scroll_check(1)", "check_again", "fold", "scroll(1)", "usual"}
"""Keys that change nothing where all is in sight, or is as usual already."""
