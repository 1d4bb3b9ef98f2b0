"""The line in which a field's value is typed. Imported when the form is first entered, not for the first frame."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input


class Entry(Input):
    """An input that leaves the form's own keys to the form: + and - step, ↑ ↓ move, ? helps.

    In an exponent (`1e-3`) a sign is a sign. In a field of free text every character is one.
    """

    BINDINGS = [
        Binding("ctrl+d", "form_reset", show=False),
        Binding("shift+tab", "form_leave", show=False),
    ]

    class Stepped(Message):
        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    class Left(Message):
        """The person went back, out of the form."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=True)
        self.free_text = False
        self.signed = False

    async def _on_key(self, event: events.Key) -> None:
        if self.free_text or event.character is None:
            return
        if event.character in "+-" and not self._sign_fits(event.character):
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(1 if event.character == "+" else -1))
        elif event.character == "?":
            event.prevent_default()

    def _sign_fits(self, sign: str) -> bool:
        """Whether a sign typed here belongs to the number: after its `e`, or before one that may be negative."""
        before = self.value[: min(self.selection)]
        return before[-1:].lower() == "e" or (self.signed and sign == "-" and not before)

    def action_form_leave(self) -> None:
        self.post_message(self.Left())

    async def action_form_reset(self) -> None:
        await self.run_action("screen.reset_field")
