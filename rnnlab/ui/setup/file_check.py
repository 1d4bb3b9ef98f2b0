"""The check of a person's own file, as the app shows it: why it cannot be trained on, or that it can, then what it is."""

from __future__ import annotations

from textual.content import Content

from rnnlab.plots.dataset.file_check import file_check
from rnnlab.text.palette import Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph
from rnnlab.ui.setup.subprocess_query import QueryResult

_STYLES: dict[Role, str] = {
    "good": "$text-success",
    "bad": "$text-error",
    "warning": "$text-warning",
    "muted": "$text-muted",
}


def check_text(result: QueryResult) -> Content:
    """The whole finding; where there is none, the reason."""
    document = result.document
    if not isinstance(document, dict):
        return Content.styled("✗ " + plain(result.problem or "the file could not be checked", 2000), "$text-error")
    found = file_check(document)
    verdict = found.verdict if document.get("trainable", True) or not found.problems else []
    facts = " · ".join(f"{fact.label}: {fact.text}" for fact in found.facts)
    return Content("\n").join(map(_styled, [*verdict, *found.problems, Paragraph(facts, "muted")]))


def _styled(paragraph: Paragraph) -> Content:
    return Content.styled(paragraph.text, _STYLES.get(paragraph.role, ""))
