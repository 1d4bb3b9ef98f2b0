"""Sequences of the validation split and their predictions, the right ones marked apart from the wrong ones."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Sample
from rnnlab.text.lines import Line, Lines, fit, width_of
from rnnlab.text.numbers import figure, probability
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, text_cell
from rnnlab.ui.common.prose import cut

_LONGEST = 120
"""Characters of a text that are drawn; more never fits beside the others."""


_COLUMNS = ("input", "target", "prediction", "correct", "probability")


def samples_table(samples: Sequence[Sample]) -> Table:
    """Each sample in full: input, target, prediction, whether it is correct, and the prediction's probability."""

    def row(sample: Sample) -> tuple[Cell, ...]:
        texts = [text_cell(text) for text in (sample.input, sample.target, sample.prediction)]
        sure = sample.probability
        share = Cell() if sure is None else Cell(probability(sure), (real(sure),))
        return (*texts, Cell("yes" if sample.correct else "no", (int(sample.correct),)), share)

    return Table(
        "", tuple(Column(name, name, left=name in _COLUMNS[:3]) for name in _COLUMNS), tuple(map(row, samples))
    )


def sample_lines(samples: Sequence[Sample], width: int, height: int, palette: Palette) -> Lines:
    """`✓ input → prediction  .91`, and for a wrong one the target in brackets; at most `height` lines of `width` cells."""
    shown = [
        (plain(s.input, _LONGEST), plain(s.prediction, _LONGEST), plain(s.target, _LONGEST), s)
        for s in samples[:height]
    ]
    if not shown or width < 12:
        return []
    sure = any(s.probability is not None for *_, s in shown)
    # 2 for the mark, 3 for the arrow, 5 for the probability, 2 before what would have been right.
    room = width - 2 - 3 - (5 if sure else 0) - 2
    longest, answers = max(cell_len(i) for i, *_ in shown), max(cell_len(a) for _, a, *_ in shown)
    given = min(longest, max(6, room * 2 // 5))
    # "(…)" beside a wrong one. Where predictions are short, as classes of sentences are, the inputs have the room.
    corrected = max((cell_len(t) + 2 for *_, t, s in shown if not s.correct), default=0)
    predicted = min(answers, max(4, room - given - min(corrected, (room - given) // 2)))
    if predicted == answers:
        given = min(longest, max(given, room - predicted - corrected))
    lines: Lines = []
    for text, prediction, target, sample in shown:
        mark, role = _mark(sample)
        line: Line = [
            Segment(f"{mark} ", palette.style(role, bold=True)),
            Segment(fit(text, given), palette.style("text")),
            Segment(" → ", palette.style("muted")),
            Segment(fit(prediction, predicted), palette.style(role)),
        ]
        if sure:
            share = "" if sample.probability is None else probability(sample.probability)
            line.append(Segment(fit(share, 5, "right"), palette.style("muted")))
        if not sample.correct:
            left = width - width_of(line) - 2
            if left >= 4:
                line.append(Segment("  " + fit(f"({cut(target, left - 2)})", left), palette.style("muted")))
        lines.append(line)
    return lines


def prediction_table(samples: Sequence[Sample], width: int, height: int, palette: Palette) -> Lines:
    """Sequences of a regression: input, target, prediction and its error; a line of headings over them."""
    rows = [
        (plain(s.input, _LONGEST), plain(s.target, 16), plain(s.prediction, 16), _error(s), s) for s in samples[:height]
    ]
    if not rows or height < 2:
        return []
    heads = ("input", "target", "prediction", "off by")
    numbers = [
        max(cell_len(text) for text in (head, *column)) for head, column in zip(heads[1:], _columns(rows), strict=True)
    ]
    room = width - 2 - sum(numbers) - 3 * 3
    given = min(max(cell_len(text) for text in ("input", *(row[0] for row in rows))), max(5, room))
    muted = palette.style("muted")
    lines: Lines = [
        [
            Segment("  " + fit(heads[0], given), muted),
            *(Segment("   " + fit(head, size, "right"), muted) for head, size in zip(heads[1:], numbers, strict=True)),
        ]
    ]
    for text, target, prediction, error, sample in rows[: height - 1]:
        mark, role = _mark(sample)
        lines.append(
            [
                Segment(f"{mark} ", palette.style(role, bold=True)),
                Segment(fit(text, given), palette.style("text")),
                Segment("   " + fit(target, numbers[0], "right"), muted),
                Segment("   " + fit(prediction, numbers[1], "right"), palette.style(role)),
                Segment("   " + fit(error, numbers[2], "right"), palette.style("text")),
            ]
        )
    return lines


def _mark(sample: Sample) -> tuple[str, Role]:
    return ("✓", "good") if sample.correct else ("✗", "bad")


def _columns(rows: Sequence[tuple[str, str, str, str, Sample]]) -> list[list[str]]:
    return [[row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]]


def _error(sample: Sample) -> str:
    try:
        return figure(abs(float(sample.prediction) - float(sample.target)), 2)
    except ValueError:
        return ""
