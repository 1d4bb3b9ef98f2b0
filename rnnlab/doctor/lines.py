"""Findings as styled lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.doctor.finding import Finding, Level
from rnnlab.text.lines import Line, Lines, fit
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sections import paragraph

_MARKS: dict[Level, tuple[str, Role]] = {"ok": ("✓", "good"), "warning": ("⚠", "warning"), "problem": ("✗", "bad")}
_GAP = 2


def finding_lines(findings: Sequence[Finding], width: int, palette: Palette) -> Lines:
    """A mark and a name for each finding, what was found, what it means and what to do; then a line that counts them."""
    names = max((cell_len(each.name) for each in findings), default=0)
    room = max(20, width - names - 2 * _GAP)
    lines: Lines = []
    for each in findings:
        mark, role = _MARKS[each.level]
        beside: list[tuple[str, Role]] = [(each.found, "text")]
        # What is as it should be needs no explanation, but for a fact that is not plain from it.
        beside += [(each.meaning, "muted")] if each.meaning else []
        beside += [(f"→ {each.remedy}", "accent")] if each.remedy else []
        rows: Lines = [row for text, shade in beside for row in paragraph(text, room, palette.style(shade))]
        head: Line = [
            Segment(f"{mark} ", palette.style(role, bold=True)),
            Segment(fit(each.name, names + _GAP), palette.style(role)),
        ]
        blank: Line = [Segment(" " * (names + 2 * _GAP))]
        lines += [[*(blank if index else head), *row] for index, row in enumerate(rows)]
    return [*lines, [Segment("")], [Segment(count_text(findings), palette.style("muted"))]]


def count_text(findings: Sequence[Finding]) -> str:
    """`9 ok, 1 warning, no problem`."""
    counts = Counter(each.level for each in findings)
    warnings, problems = counts["warning"], counts["problem"]
    return (
        f"{counts['ok']} ok, {warnings or 'no'} warning{'s' if warnings > 1 else ''}, "
        f"{problems or 'no'} problem{'s' if problems > 1 else ''}"
    )
