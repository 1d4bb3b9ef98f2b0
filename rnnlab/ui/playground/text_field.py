"""The line in which an input is typed, or in which the text of a sequence of the data is put."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import Input

_TYPED = "\0"
"""What no text is: the text that stands there was typed."""


class TextField(Input):
    """A line that tells what was typed from what was put there."""

    @dataclass
    class Typed(Message):
        """A person has changed the text."""

        text: str

    class CaretMoved(Message):
        """The caret stands elsewhere."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(id="text", compact=True, placeholder=placeholder, select_on_focus=False)
        self._put = ""
        self._entered = False
        """Whether the caret was moved into the text that was put there."""

    def on_mount(self) -> None:
        self.watch(self, "selection", self._selection_moved, init=False)

    def _selection_moved(self) -> None:
        self.post_message(self.CaretMoved())

    def put(self, text: str) -> None:
        """Put a text there, with the caret after it."""
        self._put, self._entered = text, False
        if self.value != text:
            self.value = text
            self.cursor_position = len(text)

    def on_key(self, event: events.Key) -> None:
        """The first letter replaces a text of the data, as if it were selected; any other key goes into it."""
        if not event.is_printable:
            self._entered = True
        elif not self._entered and self.value == self._put:
            self.value = ""

    def on_mouse_down(self) -> None:
        self._entered = True

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        # Put there; or another text stands there by now, of which there is another message.
        if event.value != self._put and event.value == self.value:
            self._put = _TYPED
            self.post_message(self.Typed(event.value))

    @property
    def step(self) -> int | None:
        """Index of the character before the caret; None at the end."""
        return None if self.cursor_position >= len(self.value) else max(0, self.cursor_position - 1)
