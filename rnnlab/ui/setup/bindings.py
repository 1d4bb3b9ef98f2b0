"""The keys of Setup; those of its panels are theirs."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

BINDINGS: Final[list[BindingType]] = [
    # Not before the keys that came first: what trains is what was typed.
    Binding("ctrl+r,f5", "train", "Train"),
    Binding("ctrl+s,f8", "repeat", "Seeds"),
    Binding("ctrl+g,f6", "choose_file", "File", priority=True),
    Binding("ctrl+x,f11", "answer", "Answer", priority=True),
    Binding("ctrl+z", "undo", "Undo"),
    Binding("ctrl+d", "reset_field", "Default"),
    Binding("ctrl+l", "reset_all", "All defaults", show=False),
    Binding("ctrl+y", "copy_command", "Copy command", show=False),
    Binding("ctrl+b,f7", "match", "Match parameters", show=False),
    Binding("i,f9", "about", "About", show=False),
    Binding("f10", "app.recipes", "Recipes", show=False),
    Binding("f,ctrl+f", "fetch", "Fetch data", key_display="f"),
    Binding("p", "presets", "Presets", show=False),
    Binding("r", "range_test", "Learning-rate range test", show=False),
    Binding("t", "tune", "Tune batch size and threads", show=False),
    Binding("y", "yes", "Yes", show=False),
    # Before the lists, so that what is typed right after it goes into the search.
    Binding("slash", "search", "Search", show=False, priority=True),
    Binding("escape", "back", "Back", show=False),
    # Before the keys that follow: what is typed right after a tab is meant for where it leads.
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
]
