"""Choosing the columns of a session's table, from settings, figures and what else is known of a run."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from rnnlab.config.tree import FIELDS
from rnnlab.plots.comparison.columns import FIXED, figure_of, short_key
from rnnlab.plots.run.figures import title_of
from rnnlab.text.sanitise import plain
from rnnlab.ui.session.columns import INTERVAL, VERDICT, offered_keys
from rnnlab.ui.session.contents import Contents

_ABOUT = {
    "run": "always shown",
    "status": "what the run is doing, or how it ended",
    "model": "architecture and hidden size",
    "seeds": "seeds of its runs",
    "parameters": "number of weights",
    "seconds": "training time",
    "examples_per_second": "speed of training",
    "best_epoch": "epoch whose weights were kept",
    "task": "what was learned",
    "tags": "tags, each after #",
    "notes": "what you wrote",
    "reason": "why a run failed, was stopped or waits",
    INTERVAL: "interval of the mean over seeds, at 95 %",
    VERDICT: "what follows from the difference to the best",
}


class ColumnsScreen(ModalScreen[tuple[str, ...]]):
    """Gives the keys of the columns that were chosen, in their order."""

    CSS_PATH = "../styles/session.tcss"
    TITLE = "Columns"
    HELP = "Type to search; enter shows a column or hides it, ^d brings the usual ones back, escape closes."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "turn", "show or hide", priority=True),
        Binding("ctrl+d", "usual", "usual ones", priority=True),
        Binding("up", "move(-1)", "up", show=False, priority=True),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("escape", "take", "close", priority=True),
    ]

    def __init__(self, contents: Contents, chosen: tuple[str, ...], usual: tuple[str, ...]) -> None:
        super().__init__()
        self._usual = usual
        self.chosen = list(dict.fromkeys(["run", *chosen]))
        self._offered = list(dict.fromkeys([*self.chosen, *offered_keys(contents)]))
        self.keys: list[str] = []
        """Those that match what was typed, as listed."""

    def compose(self) -> ComposeResult:
        with Vertical(id="columns-box", classes="box") as box:
            box.border_title = "columns"
            box.border_subtitle = Content.assemble(
                ("enter", "$accent"), (" show or hide  ", "$text-muted"), ("^d", "$accent"), (" usual ones  ", "$text-muted"),
                ("esc", "$accent"), (" close", "$text-muted"),
            )  # fmt: skip
            yield Input(placeholder="search: a setting, a figure", compact=True)
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        self._list()
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        self._list()

    def _list(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        self.keys = [key for key in self._offered if all(word in f"{key} {_about(key)}".casefold() for word in words)]
        if words:
            # What is called so before what is said to have to do with it.
            self.keys.sort(key=lambda key: not _title(key).casefold().startswith(words[0]))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([self._prompt(key) for key in self.keys])
        options.highlighted = 0 if self.keys else None

    def _prompt(self, key: str) -> Content:
        mark = ("[x] ", "$success bold") if key in self.chosen else ("[ ] ", "$text-muted")
        return Content.assemble(mark, f"{_title(key):<24} ", (plain(_about(key), 100), "$text-muted"))

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self.keys:
            options.highlighted = max(0, min(len(self.keys) - 1, (options.highlighted or 0) + by))

    def action_turn(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is None or (key := self.keys[at]) == "run":
            return
        if key in self.chosen:
            self.chosen.remove(key)
        else:
            self.chosen.append(key)
        self.query_one(OptionList).replace_option_prompt_at_index(at, self._prompt(key))

    def action_usual(self) -> None:
        self.chosen = list(dict.fromkeys(["run", *self._usual]))
        self._list()

    def action_take(self) -> None:
        self.dismiss(tuple(self.chosen))


def _title(key: str) -> str:
    if key in FIELDS:
        return short_key(key)
    figure = figure_of(key)
    if figure is not None:
        return plain(f"{'training' if figure[0] == 'train' else figure[0]} {title_of(figure[1])}", 60)
    return FIXED[key].column.title if key in FIXED else {INTERVAL: "95 % interval"}.get(key, key)


def _about(key: str) -> str:
    if key in FIELDS:
        return f"{key}: {FIELDS[key].setting.help}"
    return _ABOUT.get(key, key)
