"""Typing into one line: a text, a cursor, and whether the whole is selected."""

from __future__ import annotations

MOST = 400
"""Characters a line may hold."""


class LineEdit:
    """The line as it is edited. Made with everything selected, so that the first character typed replaces it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.cursor = len(text)
        self.selected = True

    def insert(self, text: str) -> None:
        """Put `text` at the cursor, in place of what is selected."""
        before = "" if self.selected else self.text[: self.cursor]
        after = "" if self.selected else self.text[self.cursor :]
        text = text[: max(0, MOST - len(before) - len(after))]
        self.text, self.cursor, self.selected = before + text + after, len(before) + len(text), False

    def move(self, to: int) -> None:
        """Put the cursor before character `to`, and select nothing."""
        self.cursor, self.selected = min(max(to, 0), len(self.text)), False

    def press(self, key: str) -> bool:
        """Edit or move as `key` does in a line. Returns whether it does anything in one."""
        at = self.cursor
        match key:
            case "left":
                self.move(0 if self.selected else at - 1)
            case "right":
                self.move(len(self.text) if self.selected else at + 1)
            case "home" | "ctrl+a":
                self.move(0)
            case "end" | "ctrl+e":
                self.move(len(self.text))
            case "backspace" | "ctrl+h" if not self.selected:
                self._cut(max(at - 1, 0), at)
            case "delete" if not self.selected:
                self._cut(at, at + 1)
            case "backspace" | "ctrl+h" | "delete":
                self._cut(0, len(self.text))
            case "ctrl+u":
                self._cut(0, at)
            case "ctrl+k":
                self._cut(at, len(self.text))
            case "ctrl+w" | "ctrl+backspace" | "alt+backspace":
                kept = self.text[:at].rstrip(" /,;")
                self._cut(max(kept.rfind(mark) for mark in " /,;") + 1, at)
            case _:
                return False
        return True

    def _cut(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor, self.selected = start, False

    def window(self, width: int) -> tuple[str, int]:
        """The part of the text that is shown in `width` columns, and the cursor's column in it."""
        first = max(0, self.cursor - width + 1)
        return self.text[first : first + width], self.cursor - first
