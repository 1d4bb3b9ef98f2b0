"""One's own data in Setup: choosing the file, and answering what its check asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnlab.ui.setup.draft.data_of import file_of
from rnnlab.ui.setup.draft.draft import OWN
from rnnlab.ui.setup.form.form import Form

if TYPE_CHECKING:
    from textual.screen import Screen

    from rnnlab.ui.setup.draft.draft import Draft
    from rnnlab.ui.setup.file.file_checker import FileChecker
    from rnnlab.ui.setup.file.question import Question


class OwnData:
    """The file of a draft, and the question about it; `changed` draws the screen anew after a setting."""

    def __init__(self, screen: Screen[None], draft: Draft, file: FileChecker, changed: Callable[[], None]) -> None:
        self._screen, self._draft, self._file, self._changed = screen, draft, file, changed

    def choose_file(self) -> None:
        """Choose the file from a list."""
        from rnnlab.ui.setup.file.pick_file import PickFileScreen

        path, settings = file_of(self._draft)
        self._screen.app.push_screen(PickFileScreen(path, settings, self._file.checks), self._take_file)

    def asked(self) -> Question | None:
        """What the check of the file asks; None where it asks nothing, or is not done."""
        if self._draft.card.name != OWN:
            return None
        from rnnlab.ui.setup.file.question import question_of

        return question_of(self._file.checks.known(*file_of(self._draft)))

    def answer(self) -> None:
        """Ask which reading of the file is meant, and set what is picked."""
        from rnnlab.ui.setup.file.question import QuestionScreen

        question = self.asked()
        if question is None:
            self._screen.notify("the check of your file asks nothing", markup=False)
        else:
            self._screen.app.push_screen(QuestionScreen(question), self._take_answer)

    def _take_file(self, path: str | None) -> None:
        if path is not None:
            self._set("data.path", path)
            # What is typed next must not replace the file that was just chosen.
            self._screen.query_one(Form).cursor_to_end()

    def _take_answer(self, setting: str | None) -> None:
        if setting is not None:
            key, _, text = setting.partition("=")
            self._set(key, text)

    def _set(self, key: str, text: str) -> None:
        """Set the field, go there, and check the file anew."""
        self._draft.set(key, text)
        self._draft.settle()
        self._changed()
        self._screen.query_one(Form).go_to(key)
        self._file.check()
