"""The left side of Setup: the lists of tasks and architectures, and the description of the card that was chosen last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.containers import Vertical
from textual.content import Content

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.cards.about import About
from rnnlab.ui.setup.cards.about_text import file_text, model_text, task_text
from rnnlab.ui.setup.cards.card_list import Card, CardList
from rnnlab.ui.setup.cards.task_list import in_short, task_cards
from rnnlab.ui.setup.draft.data_of import data_folder
from rnnlab.ui.setup.draft.draft import OWN, Draft

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from rnnlab.ui.setup.file.file_checker import FileChecker

Described = Literal["task", "model"]


class Choices(Vertical):
    """Both lists and the description, of a `Draft` that they show and do not change."""

    def __init__(self, draft: Draft, file: FileChecker, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.draft = draft
        self.file = file
        self.described: Described = "task"
        self.failure = ""
        """Why the task's data could not be fetched."""

    def compose(self) -> ComposeResult:
        yield CardList(task_cards(data_folder(self.draft)), self.draft.card.name, title="Task", id="tasks")
        models = [Card(card.name, card.title, in_short(card.summary), group=card.group) for card in MODELS.values()]
        yield CardList(models, self.draft.text("model.name"), title="Architecture", id="models")
        yield About(id="about", classes="box")

    @property
    def tasks(self) -> CardList:
        """The upper list, of which the run's task is chosen."""
        return self.query_one("#tasks", CardList)

    @property
    def models(self) -> CardList:
        """The lower list, of which the net's architecture is chosen."""
        return self.query_one("#models", CardList)

    def relist(self) -> None:
        """List the tasks anew: data may have been fetched, or the folder of data sets is another one."""
        self.tasks.cards = tuple(task_cards(data_folder(self.draft)))
        self.tasks.refresh()

    def show_chosen(self) -> None:
        """Mark the cards that the draft names."""
        self.tasks.chosen = self.draft.card.name
        self.models.chosen = self.draft.value("model.name")

    def take_chosen(self) -> None:
        """Give the draft the marked cards: the message of a key pressed just before may have yet to come."""
        self.draft.set("task.name", self.tasks.chosen)
        self.draft.set("model.name", self.models.chosen)

    def describe(self, what: Described) -> None:
        """Describe the draft's task or its architecture."""
        self.described = what
        title, text = self.description()
        about = self.query_one(About)
        about.border_title = Content(plain(title))
        about.text = text

    def description(self) -> tuple[str, Content]:
        """Title and text of what is described now."""
        if self.described == "model":
            model = MODELS[self.draft.value("model.name")]
            return model.title, model_text(model)
        task = self.draft.card
        return task.title, file_text(self.draft, self.file.checks) if task.name == OWN else task_text(
            self.draft, self.failure
        )
