"""Where else a cell is on, as a list: the value, what is read there, and around it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.runs.step_prediction import Activation, Activations
from rnnlab.text.lines import Line, Lines, fit
from rnnlab.text.numbers import probability
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain

_LONGEST_TARGET = 16


def activation_lines(activations: Activations, *, width: int, height: int, palette: Palette, chosen: int = -1) -> Lines:
    """A line for each sequence, the one with the strongest value first; those around the `chosen` one, at most `height`."""
    found = activations.found
    first = max(0, min(chosen - height // 2, len(found) - height))
    shown = found[first : first + height]
    target = min(_LONGEST_TARGET, max((cell_len(plain(each.target)) for each in shown), default=0))
    room = width - 2 - 6 - 7 - target - 2
    before = min(room // 2, max((cell_len(plain(each.before)) for each in shown), default=0))
    return [
        _line(each, palette, before=before, after=max(0, room - before - 3), target=target, here=first + at == chosen)
        for at, each in enumerate(shown)
    ]


def _line(each: Activation, palette: Palette, *, before: int, after: int, target: int, here: bool) -> Line:
    text, muted = palette.style("text", bold=here), palette.style("muted")
    left = plain(each.before)
    while cell_len(left) > before:
        left = left[1:]
    return [
        Segment("▸ " if here else "  ", palette.style("accent", bold=True)),
        Segment(
            fit(probability(each.value), 5, "right") + " ", palette.style("train" if each.value >= 0 else "validation")
        ),
        Segment(fit(f"@{each.step + 1}", 6) + " ", muted),
        Segment(fit(left, before, "right"), text),
        Segment(f"[{plain(each.at, 8)}]", palette.style("accent", bold=True)),
        Segment(fit(plain(each.after), max(0, after - cell_len(plain(each.at, 8)) + 1)), text),
        Segment("  " + fit(each.target, target), muted),
    ]
