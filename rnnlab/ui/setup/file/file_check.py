"""The check of a person's own file, as the app shows it: whether it can be trained on, how it is read, what is wrong with it."""

from __future__ import annotations

from textual.content import Content

from rnnlab.plots.dataset.file_check import file_check
from rnnlab.runs.data_columns import LABELS
from rnnlab.text.palette import Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph
from rnnlab.ui.queries.subprocess_query import QueryResult

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
    read = [Paragraph(f"{fact.label}: {fact.text}", cut=True) for fact in found.facts if fact.label in LABELS]
    others = " · ".join(f"{fact.label}: {fact.text}" for fact in found.facts if fact.label not in LABELS)
    return Content("\n").join(map(_styled, [*verdict, *read, *found.problems, Paragraph(others, "muted")]))


def _styled(paragraph: Paragraph) -> Content:
    return Content.styled(paragraph.text, _STYLES.get(paragraph.role, ""))
