"""One's own data in Setup: choosing the file, and answering what its check asks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rnnlab.ui.setup.draft import OWN
from rnnlab.ui.setup.form import Form
from rnnlab.ui.setup.question import Question, QuestionScreen, question_of
from rnnlab.ui.setup.start import file_of

if TYPE_CHECKING:
    from rnnlab.ui.setup.screen import SetupScreen


def choose_file(setup: SetupScreen) -> None:
    """Choose the file from a list."""
    from rnnlab.ui.setup.pick_file import PickFileScreen

    path, settings = file_of(setup.draft)
    setup.app.push_screen(PickFileScreen(path, settings, setup.file.checks), partial(_take_file, setup))


def _take_file(setup: SetupScreen, path: str | None) -> None:
    if path is not None:
        _set(setup, "data.path", path)
        # What is typed next must not replace the file that was just chosen.
        setup.query_one(Form).cursor_to_end()


def asked(setup: SetupScreen) -> Question | None:
    """What the check of the file asks; None where it asks nothing, or is not done."""
    if setup.draft.card.name != OWN:
        return None
    return question_of(setup.file.checks.known(*file_of(setup.draft)))


def answer(setup: SetupScreen) -> None:
    """Ask which reading of the file is meant, and set what is picked."""
    question = asked(setup)
    if question is None:
        setup.notify("the check of your file asks nothing", markup=False)
    else:
        setup.app.push_screen(QuestionScreen(question), partial(_take_answer, setup))


def _take_answer(setup: SetupScreen, setting: str | None) -> None:
    if setting is not None:
        key, _, text = setting.partition("=")
        _set(setup, key, text)


def _set(setup: SetupScreen, key: str, text: str) -> None:
    """Set the field, go there, and check the file anew."""
    setup.draft.set(key, text)
    setup.draft.settle()
    setup.redraw()
    setup.query_one(Form).go_to(key)
    setup.choices.describe("task")
    setup.file.check()
