"""Keys of the Playground, what they do, and which of them act now."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from rnnlab.ui.common.key_bar import Footer
from rnnlab.ui.playground.state import PlaygroundState

HELP = (
    "The best weights of the run, in a process of their own: training goes on. Type an input as rnnlab predict takes it, or"
    " take a sequence of the test subset (page up, page down, r, #) and change it: the first letter typed replaces it, ← "
    "goes into it. tab goes from the text to the panels and back. Each column is one step. Over it stands what the net "
    "reads, under it what it would predict if the input ended there. Below are hidden state, cell state and gates, a line for "
    "each cell: ░▒▓█ are values above zero, -=≡# below. f lists the sequences of the test subset in which the chosen cell "
    "is most strongly on (of a value below zero: most strongly negative); enter opens one. w loads the best weights again, "
    "when the run has better ones by now. Y copies the panel with the focus as text, its numbers as CSV or Markdown (of states "
    "and gates those of the chosen one), or as an SVG picture; i puts the prediction into a sentence."
)
# Those with priority act in the text, too, whose own scrolling has no use in one line.
KEYS: list[BindingType] = [
    Binding("tab", "switch", "panels / text"),
    Binding("pagedown", "sequence(1)", "next sequence", key_display="pgdn", priority=True),
    Binding("pageup", "sequence(-1)", "sequence before", key_display="pgup", show=False, priority=True),
    Binding("r", "random", "random"),
    Binding("number_sign", "number", "sequence number …", key_display="#", show=False),
    Binding("left", "step(-1)", "step", key_display="←→"),
    Binding("right", "step(1)", "step right", show=False),
    Binding("up", "cell(-1)", "cell", key_display="↑↓", priority=True),
    Binding("down", "cell(1)", "cell down", show=False, priority=True),
    Binding("g", "strip(1)", "gate"),
    Binding("G", "strip(-1)", "state or gate before", show=False),
    Binding("o", "order", "cells by change or by number", show=False),
    Binding("f", "find", "where else"),
    Binding("enter", "enter", "open"),
    Binding("plus,equals_sign", "nudge(1)", "value up", key_display="+"),
    Binding("minus", "nudge(-1)", "value down", key_display="-"),
    Binding("e", "edit", "edit"),
    Binding("c", "channel", "channel"),
    Binding("u", "undo", "undo"),
    Binding("w,f5", "reload", "newest weights"),
    Binding("y", "allow", "load the data"),
    Binding("escape", "back", "back"),
]

_LETTERS = (
    "random",
    "number",
    "strip",
    "order",
    "find",
    "nudge",
    "edit",
    "channel",
    "undo",
    "allow",
    "enter",
    "copy_panel",
    "describe",
)
"""Actions of keys that are part of the text while it has the focus."""


def footer(state: PlaygroundState, *, typing: bool, finding: bool, newer: bool) -> Footer:
    """The keys that the key bar shows, the likeliest first."""
    if state.asks:
        return (("allow", "load the data"), ("switch", "text"), ("back", "back"))
    if finding:
        return (("cell(-1)", "choose"), ("enter", "open it"), ("back", "close the list"))
    weights: Footer = (("reload", "newest weights"),) if newer or state.ended else ()
    if typing:
        return (
            *weights,
            ("switch", "panels"),
            ("sequence(1)", "test sequence"),
            ("cell(-1)", "cell"),
            ("back", "back"),
        )
    values: Footer = (
        ("nudge(1)", "up"),
        ("nudge(-1)", "down"),
        ("edit", "edit"),
        ("undo", "undo"),
        ("channel", "channel"),
    )
    cells: Footer = (("cell(-1)", "cell"), ("strip(1)", "gate"), ("find", "where else"))
    return (
        *weights,
        ("step(-1)", "step"),
        *(values if state.has_curves else ()),
        *cells,
        ("sequence(1)", "sequence"),
        ("random", "random"),
        ("switch", "text"),
        ("back", "back"),
    )


def acts_now(state: PlaygroundState, action: str, *, typing: bool, finding: bool, newer: bool, asking: bool) -> bool:
    """Whether the action does something: `typing` into the text, with the list of a cell's sequences open (`finding`)."""
    if asking:
        return action == "back"
    if typing and (action in _LETTERS or action == "step"):
        return False
    if action == "reload":
        return newer or state.ended
    if action == "allow":
        return state.asks
    if action in ("sequence", "random", "number"):
        return state.opened is not None and not state.ended
    strips = state.predicted is not None and bool(state.predicted.strips)
    if action in ("strip", "order", "find"):
        return strips and not (finding and action != "find")
    if action == "cell":
        return strips or finding
    if action == "step":
        return state.predicted is not None and not finding
    if action in ("nudge", "edit"):
        return state.has_curves and not finding
    if action == "channel":
        return state.has_curves and state.predicted is not None and len(state.predicted.values) > 1
    if action == "undo":
        return state.trial is not None and bool(state.trial.edits)
    return action != "enter" or finding or state.has_curves
