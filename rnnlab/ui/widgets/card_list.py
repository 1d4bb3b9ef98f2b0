"""A list of cards of which one is chosen: the tasks, the architectures. To move to a card is to choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.plots.plain import plain


@dataclass(frozen=True, slots=True)
class Card:
    """One entry: `name` is what it is called in a configuration, `line` says it in one, `lacking` what it still needs."""

    name: str
    title: str
    line: str = ""
    lacking: str = ""


class CardList(Widget, can_focus=True):
    """Cards one under the other, the chosen one marked by ▸. With `-roomy` each has its line below its title.

    The container it stands in scrolls; this widget is as high as its cards.
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
        """A card was chosen."""

        def __init__(self, cards: CardList, name: str) -> None:
            super().__init__()
            self.cards = cards
            self.name = name

        @property
        def control(self) -> CardList:
            return self.cards

    class Looked(Message):
        """The list has got the focus."""

        def __init__(self, cards: CardList) -> None:
            super().__init__()
            self.cards = cards

        @property
        def control(self) -> CardList:
            return self.cards

    def __init__(self, cards: Sequence[Card], chosen: str, *, id: str) -> None:
        super().__init__(id=id)
        self.cards = tuple(cards)
        self.set_reactive(CardList.chosen, chosen)

    @property
    def _lines_each(self) -> int:
        return 2 if self.roomy else 1

    @property
    def _index(self) -> int:
        return next((index for index, card in enumerate(self.cards) if card.name == self.chosen), 0)

    def render(self) -> Content:
        width = self.size.width
        cursor = "$block-cursor-foreground on $block-cursor-background" if self.has_focus else ""
        quiet = cursor or "$block-cursor-blurred-foreground on $block-cursor-blurred-background"
        lines = []
        for card in self.cards:
            here = card.name == self.chosen
            mark = "▸ " if here else "  "
            title = Content.styled(mark + plain(card.title), "bold" if here else "")
            if card.lacking and not self.roomy:
                note = Content.styled("no data ", "$text-warning")
                title = title.pad_right(max(width - title.cell_length - note.cell_length, 1)) + note
            block = [title]
            if self.roomy:
                words, style = (card.lacking, "$text-warning") if card.lacking else (card.line, "$text-muted")
                block.append(Content.styled("  " + plain(words), style))
            for line in block:
                line = line.truncate(width, ellipsis=True).pad_right(max(width - line.cell_length, 0))
                lines.append(line.stylize_before(quiet) if here else line)
        return Content("\n").join(lines)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.cards) * self._lines_each

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Looked(self))

    def on_blur(self) -> None:
        self.refresh()

    def watch_chosen(self) -> None:
        self.call_after_refresh(self._show_chosen)

    def _show_chosen(self) -> None:
        if isinstance(self.parent, Widget):
            row = self._index * self._lines_each
            self.parent.scroll_to_region(Region(0, row, 1, self._lines_each), animate=False)

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
        index = event.y // self._lines_each
        if 0 <= index < len(self.cards):
            self.choose(self.cards[index].name)
