"""A list of cards of which one is chosen: the tasks, the architectures. To move to a card is to choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.text.sanitise import plain

LACKING = "no data yet: f fetches them"


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a list.

    `name` is its name in a configuration, `line` describes it in one line, `lacking` is what it still needs, `group` the
    heading it stands under.
    """

    name: str
    title: str
    line: str = ""
    lacking: str = ""
    group: str = ""


class CardList(Widget, can_focus=True):
    """Cards one under the other, the chosen one marked by ▸. `roomy` gives each its line below its title.

    Where a group begins stands its name. Where there are more cards than lines it draws those around the chosen one.
    """

    BINDINGS = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("home", "move(-1000)", "First", show=False),
        Binding("end", "move(1000)", "Last", show=False),
        Binding("enter,right", "next", "Next", show=False),
    ]
    DEFAULT_CSS = "CardList { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }"
    ALLOW_SELECT = False

    roomy: reactive[bool] = reactive(False, layout=True)
    chosen: reactive[str] = reactive("")

    class Chosen(Message):
        """Another card of the list is chosen, by a key or a click."""

        def __init__(self, cards: CardList, name: str) -> None:
            super().__init__()
            self.cards = cards
            self.name = name

        @property
        def control(self) -> CardList:
            """The list, for Textual's selectors."""
            return self.cards

    class Entered(Message):
        """The list has got the focus."""

        def __init__(self, cards: CardList) -> None:
            super().__init__()
            self.cards = cards

        @property
        def control(self) -> CardList:
            """The list, for Textual's selectors."""
            return self.cards

    def __init__(self, cards: Sequence[Card], chosen: str, *, title: str, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="box")
        self.cards = tuple(cards)
        self.border_title = title
        self.set_reactive(CardList.chosen, chosen)
        self._first = 0

    @property
    def _lines_each(self) -> int:
        return 2 if self.roomy else 1

    @property
    def _index(self) -> int:
        return next((index for index, card in enumerate(self.cards) if card.name == self.chosen), 0)

    def _rows(self) -> list[int]:
        """What each line shows: the index of a card, or -1 - index over the first card of a group."""
        rows = []
        group = ""
        for index, card in enumerate(self.cards):
            if card.group != group:
                group = card.group
                rows.append(-1 - index)
            rows += [index] * self._lines_each
        return rows

    def render(self) -> Content:
        lines: list[Content] = []
        rows = self._rows()
        for at in range(self._first, min(len(rows), self._first + max(1, self.size.height))):
            row = rows[at]
            if row < 0:
                lines.append(Content.styled(f" {plain(self.cards[-1 - row].group)}", "$primary"))
            else:
                # A card of two lines may be cut at the edge.
                second = at > 0 and rows[at - 1] == row
                lines.append(self._card(self.cards[row])[second])
        return Content("\n").join(lines)

    def _scroll(self) -> None:
        """Bring the chosen card into view, and show how many are not."""
        rows = self._rows()
        height = max(1, self.size.height)
        first = rows.index(self._index) if self.cards else 0
        last = first + self._lines_each - 1
        # The name of its group comes with the first card.
        first -= first > 0 and rows[first - 1] < 0 and height > self._lines_each
        self._first = min(max(self._first, last - height + 1), first, max(0, len(rows) - height))
        seen = {row for row in rows[self._first : self._first + height] if row >= 0}
        above, below = min(seen, default=0), len(self.cards) - 1 - max(seen, default=len(self.cards) - 1)
        self.border_subtitle = " ".join(([f"↑{above}"] if above else []) + ([f"↓{below}"] if below else []))

    def on_resize(self) -> None:
        self._scroll()
        self.refresh()  # it may have been painted in this size before, from another card on

    def watch_chosen(self) -> None:
        self._scroll()

    def _card(self, card: Card) -> list[Content]:
        width = self.size.width
        here = card.name == self.chosen
        lines = [Content.styled(("▸ " if here else "  ") + plain(card.title), "bold" if here else "")]
        if self.roomy:
            # A command that is cut says nothing: the key that does the same is shorter.
            lacking = card.lacking if cell_len(card.lacking) + 2 <= width else LACKING
            text, style = (lacking, "$text-warning") if card.lacking else (card.line, "$text-muted")
            lines.append(Content.styled("  " + plain(text), style))
        elif card.lacking:
            note = Content.styled("no data ", "$text-warning")
            lines[0] = lines[0].truncate(max(width - note.cell_length - 1, 1), ellipsis=True)
            lines[0] = lines[0].pad_right(max(width - lines[0].cell_length - note.cell_length, 1)) + note
        lines = [line.truncate(width, ellipsis=True).pad_right(max(width - line.cell_length, 0)) for line in lines]
        if not here:
            return lines
        state = "" if self.has_focus else "-blurred"
        cursor = f"$block-cursor{state}-foreground on $block-cursor{state}-background"
        return [line.stylize_before(cursor) for line in lines]

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._rows())

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Entered(self))

    def on_blur(self) -> None:
        self.refresh()

    def choose(self, name: str) -> None:
        """Choose the card as a person would."""
        if name != self.chosen:
            self.chosen = name
            self.post_message(self.Chosen(self, name))

    def action_move(self, by: int) -> None:
        self.choose(self.cards[min(max(self._index + by, 0), len(self.cards) - 1)].name)

    def action_next(self) -> None:
        self.screen.focus_next()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        rows = self._rows()
        index = rows[self._first + offset.y] if offset and 0 <= self._first + offset.y < len(rows) else -1
        if index >= 0:
            self.choose(self.cards[index].name)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)
