"""What a run is doing, or came to, as a glyph, a label and a colour: the same on every screen and in every report."""

from __future__ import annotations

from rnnlab.runs.state import Status
from rnnlab.runs.verdict import Verdict
from rnnlab.text.palette import Role

_MARKS: dict[Status, tuple[str, str, Role]] = {
    "queued": ("○", "queued", "muted"),
    "loading": ("◌", "loading", "accent"),
    "training": ("●", "training", "good"),
    "evaluating": ("●", "evaluating", "good"),
    "saving": ("●", "saving", "good"),
    "paused": ("‖", "paused", "warning"),
    "completed": ("✓", "completed", "good"),
    "stopped": ("■", "stopped", "muted"),
    "early-stopped": ("✓", "stopped early", "good"),
    "diverged": ("✗", "diverged", "bad"),
    "failed": ("✗", "failed", "bad"),
    "interrupted": ("✗", "process gone", "bad"),
}
"""Shapes differ as well as colours: the glyph is enough without colour."""


def status_mark(
    status: Status,
    verdict: Verdict = Verdict(),  # noqa: B008 - it is frozen
    paused_after: int = 0,
) -> tuple[str, str, Role]:
    """Glyph, label and colour's role; a verdict on a bad outcome replaces `completed`.

    `paused_after`: the epoch after which its sweep has paused a run that is stopped now, as in `RunFinished`.
    """
    if verdict:
        return "⚠", verdict.label, "warning"
    if status == "stopped" and paused_after:
        return "‖", paused_text(paused_after), "muted"
    return _MARKS[status]


def paused_text(epoch: int) -> str:
    """Status of a run that its sweep has paused after the epoch, and may have dropped there."""
    return f"paused @ {epoch}"


def status_sentence(status: Status, verdict: Verdict = Verdict()) -> tuple[str, str, Role]:  # noqa: B008 - as above
    """The same where there is room: `⚠`, `completed, never better than its baseline (majority class: .47)`."""
    glyph, label, role = _MARKS[status]
    return ("⚠", f"{label}, {verdict.text}", "warning") if verdict else (glyph, label, role)
