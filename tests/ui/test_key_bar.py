"""The footer: as many keys as fit, help and escape among them."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from rnnlab.ui.common.key_bar import _placed

OPEN, FOLD, BACK, HELP, QUIT = (
    (key, Binding(key, action, text))
    for key, action, text in (
        ("o", "open", "open"), ("f", "fold", "fold it"), ("escape", "back", "back"), ("?", "help", "Help"), ("q", "quit", "Quit"),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (60, "o f escape ? q"),
        (47, "o f escape ? q"),
        (46, "o f escape ?"),
        (39, "o f escape ?"),
        (38, "o escape ?"),
        (28, "o escape ?"),
        (27, "escape ?"),
        (20, "escape ?"),
        (19, "escape"),
        (11, "?"),
        (6, ""),
    ],
)
def test_help_and_escape_are_kept_where_not_all_fit(width: int, keys: str) -> None:
    placed = _placed([OPEN, FOLD, BACK, HELP, QUIT], width)
    assert [key for _, key, _ in placed] == keys.split()
    ends = [column + len(key) + 1 + len(binding.description) for column, key, binding in placed]
    assert all(end <= column - 2 for end, (column, _, _) in zip(ends, placed[1:], strict=False))
    assert max(ends, default=0) <= width
