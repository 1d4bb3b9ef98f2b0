"""What the check of one's own file asks: the readings side by side, of which one is picked, and the settings that choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from rnnlab.ui.queries.subprocess_query import QueryResult


class Question(NamedTuple):
    """A sentence, and for each answer the reading and the setting (`data.date_order=day-first`) that chooses it."""

    message: str
    answers: tuple[tuple[str, str], ...]
    stops: bool = True
    """Whether nothing can be trained before it is answered."""


def question_of(result: QueryResult | None) -> Question | None:
    """The question that stops the training on a checked file, else the first that it may be read by otherwise; None: none."""
    document = result.document if result is not None else None
    problems = document.get("problems") or () if isinstance(document, dict) else ()
    asked = [problem for problem in problems if problem.get("choices")]
    for problem in sorted(asked, key=lambda problem: not problem.get("stops")):
        answers = tuple((str(choice["reading"]), str(choice["setting"])) for choice in problem["choices"])
        return Question(str(problem.get("message", "")), answers, bool(problem.get("stops")))
    return None


class QuestionScreen(ModalScreen[str | None]):
    """Gives the setting of the answer that was picked, or None."""

    TITLE = "Your own data"
    HELP = (
        "Your file can be read in several ways, and nothing in it says which is meant: ↑ ↓ and enter, or its number, pick one. "
        "It is a setting like any other; ^z takes it back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", priority=True),
        *(Binding(str(number), f"pick({number})", show=False) for number in range(1, 10)),
    ]
    DEFAULT_CSS = """
    QuestionScreen { align: center middle; }
    QuestionScreen #question { width: 76; max-width: 96%; height: auto; max-height: 90%; background: $surface; }
    QuestionScreen #asked { height: auto; padding: 0 1 1 1; }
    QuestionScreen OptionList { height: auto; max-height: 16; border: none; background: $surface; }
    QuestionScreen OptionList:focus { border: none; }
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="question", classes="box") as box:
            box.border_title = "How is your file meant?"
            yield Static(Content(plain(self._question.message, 1000)), id="asked", markup=False)
            yield OptionList(*map(self._option, range(len(self._question.answers))), markup=False)
        yield KeyBar()

    def _option(self, index: int) -> Option:
        reading, setting = self._question.answers[index]
        return Option(
            Content.assemble(
                (f" {index + 1}  ", "bold $accent"),
                (plain(reading, 200), "bold"),
                "\n",
                (f"    {plain(setting, 200)}", "$text-muted"),
            )
        )

    def on_mount(self) -> None:
        answers = self.query_one(OptionList)
        answers.highlighted = 0
        answers.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick(event.option_index + 1)

    def action_pick(self, number: int) -> None:
        """Take the answer of that number, counted from 1."""
        if number <= len(self._question.answers):
            self.dismiss(self._question.answers[number - 1][1])

    def action_leave(self) -> None:
        self.dismiss(None)
