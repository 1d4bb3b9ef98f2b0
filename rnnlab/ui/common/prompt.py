"""A line above the key bar that asks something: a value to type, or a second key to confirm with."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from rnnlab.config import UsageError
from rnnlab.text.sanitise import plain


class Prompt(Horizontal):
    """Hidden until it asks; a line, or a few where the text needs them.

    `Answered` carries what was typed and accepted; escape gives up.
    """

    BINDINGS = [Binding("escape", "give_up", "give up", show=False)]
    DEFAULT_CSS = """
    Prompt { height: auto; max-height: 3; display: none; background: $panel; }
    Prompt.-asking { display: block; }
    Prompt > .prompt--question { width: auto; padding: 0 1; color: $foreground; }
    Prompt > .prompt--message { width: 1fr; height: auto; padding: 0 1; color: $text-error; }
    Prompt > Input { width: 20; padding: 0 1; background: $surface; }
    """

    class Answered(Message):
        """The person has typed a value that is allowed."""

        def __init__(self, topic: str, text: str) -> None:
            super().__init__()
            self.topic = topic
            self.text = text

    class GivenUp(Message):
        """The person has left the question unanswered."""

        def __init__(self, topic: str) -> None:
            super().__init__()
            self.topic = topic

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.topic = ""
        self._check: Callable[[str], object] = str
        self._focused_before: Widget | None = None
        """Where the focus was before a text was asked for; it returns there."""

    def compose(self) -> ComposeResult:
        yield Static(classes="prompt--question", markup=False)
        yield Input(disabled=True, compact=True)
        yield Static(classes="prompt--message", markup=False)

    @property
    def asking(self) -> bool:
        """Whether a question is open."""
        return bool(self.topic)

    def ask(self, topic: str, question: str, value: str, check: Callable[[str], object], width: int = 20) -> None:
        """Ask for a text; `check` raises `UsageError` for what is not allowed, and its sentence is shown."""
        if not self.asking:
            self._focused_before = self.screen.focused
        self.topic, self._check = topic, check
        self._show(question, "")
        field = self.query_one(Input)
        field.styles.width = width
        field.display, field.disabled = True, False
        field.value = plain(value)
        self.add_class("-asking")
        field.focus()
        field.select_all()

    def confirm(self, topic: str, question: str) -> None:
        """Show what a second key would do; the screen handles that key."""
        self.topic = topic
        field = self.query_one(Input)
        field.display, field.disabled = False, True
        self._show("", question)
        self.add_class("-asking")

    def close(self) -> None:
        """Ask nothing any more."""
        self.topic = ""
        field = self.query_one(Input)
        field.disabled = True
        self.remove_class("-asking")

    def action_give_up(self) -> None:
        topic = self.topic
        self.close()
        self._return_focus()
        self.post_message(self.GivenUp(topic))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._check(event.value)
        except UsageError as error:
            self._show_message(str(error) if event.value.strip() else "")
        else:
            self._show_message("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._check(event.value)
        except UsageError as error:
            self._show_message(str(error))
            return
        topic = self.topic
        self.close()
        self._return_focus()
        self.post_message(self.Answered(topic, event.value))

    def _return_focus(self) -> None:
        if self._focused_before is not None:
            self._focused_before.focus()

    def _show(self, question: str, message: str) -> None:
        self.query_one(".prompt--question", Static).update(Content(plain(question)))
        self._show_message(message)

    def _show_message(self, message: str) -> None:
        self.query_one(".prompt--message", Static).update(Content(plain(message)))
