"""Below the browser's table: path and result of the row under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from rich.segment import Segment

from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import LEAKING, SECONDARY, format_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.event_numbers import real
from rnnlab.runs.notes import tags_text
from rnnlab.text.lines import Line, Lines
from rnnlab.text.palette import Role
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prose import cut
from rnnlab.ui.run.panels.panel import Drawn
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.run_rows import Row

Held = TypeVar("Held")


class RowDetail(Drawn):
    """Where the row under the cursor lies on disk, and what it has come to."""

    row: Row | None = None

    def show(self, row: Row | None) -> None:
        """Show another row; None: there is none."""
        self.row = row
        self.redraw()

    def draw(self, width: int, height: int) -> Lines:
        """Two lines: path, and notes or results."""
        row = self.row
        if row is None:
            return []
        palette = self.palette
        role: Role
        if isinstance(row, ListedSession):
            text, role = " ".join(row.notes.split()), "text"
            if row.problem:
                text, role = row.problem, "bad"
            text = text or "no notes yet: e writes some"
        elif isinstance(row, ListedRepeats):
            return [
                [Segment(cut(plain(_seeds_text(row)), width), palette.style("muted"))],
                [Segment(cut(plain(_means_text(row)), width), palette.style("text"))],
            ]
        else:
            text, role = _run_text(row)
            held = row.summary
            text = " · ".join(part for part in (text, tags_text(held.tags), " ".join(held.notes.split())) if part)
        first: Line = [Segment(cut(plain(str(row.path)[:1000]), width), palette.style("muted"))]
        return [first, [Segment(cut(plain(text[:1000]), width), palette.style(role))]]


def _run_text(row: ListedRun) -> tuple[str, Role]:
    """What is wrong with the run, what it waits for, or what it scored; and the colour's role."""
    summary = row.summary
    if summary.status is not None and summary.verdict:
        glyph, sentence, role = status_sentence(summary.status, summary.verdict)
        return f"{glyph} {sentence} · {_result_text(row)}", role
    role = "bad" if summary.problem or summary.status in ("failed", "diverged") else "text"
    return summary.problem or summary.message or _result_text(row), role


def _result_text(row: ListedRun) -> str:
    """What the best weights scored on the test split, or on validation where they were not tested."""
    part, held = _tested_part(row.summary.final)
    figures = [f"{short_title(name)} {format_of(name)(real(held[name]))}" for name in _names(held, row.summary.metric)]
    text = f"{part}: {' · '.join(figures)}" if figures else ""
    return f"{LEAKING}  {text}" if row.summary.leaks else text


def _seeds_text(row: ListedRepeats) -> str:
    """Which seeds or folds, whether of one split, and where they lie."""
    parts = [row.repeats.members_text, row.repeats.split_text, f"{row.session.path}: {row.runs[0].run.name} …"]
    return " · ".join(part for part in parts if part)


def _means_text(row: ListedRepeats) -> str:
    """What the best weights of the seeds scored on the test split, or on validation where they were not tested."""
    part, held = _tested_part({name: row.repeats.of(name) for name in ("test", "validation")})
    if not held:
        return "no seed has got to its end yet" if any(r.held for r in row.runs) else "no seed has got to its end"
    names = _names(held, row.repeats.metric)
    figures = " · ".join(f"{short_title(name)} {spread_text(held[name], name)}" for name in names)
    counted = len(row.repeats.counted)
    leaking = f"{LEAKING}  " if any(listed.summary.leaks for listed in row.runs) else ""
    return f"{leaking}{part}, mean ± std of {counted}: {figures}"


def _tested_part(figures: Mapping[str, Mapping[str, Held]]) -> tuple[str, Mapping[str, Held]]:
    """The part to tell a result by, and its figures: test, or validation of runs that were not tested (`train.test`)."""
    if test := figures.get("test"):
        return "test", test
    return "validation, not tested", figures.get("validation", {})


def _names(figures: Iterable[str], metric: str) -> list[str]:
    """The chief figures, the metric first, the loss last."""
    return sorted(
        (name for name in figures if name not in SECONDARY), key=lambda name: (name != metric, name == "loss")
    )
