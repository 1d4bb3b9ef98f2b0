"""Questions that a course asks, with what the runs show."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.errors import UsageError
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Heading, Paragraph
from rnnlab.reports.document.options import names_of
from rnnlab.reports.material.material import Material
from rnnlab.reports.questions.catalogue import QUESTIONS


def questions(material: Material, block: Block) -> Iterator[Element]:
    """A heading for each question of which the runs show something, and what they show."""
    only = names_of(block.options["only"])
    names = [question.name for question in QUESTIONS]
    if unknown := [name for name in only if name not in names]:
        raise UsageError(f"{block.where}: only = {unknown[0]!r} is no question; there are {', '.join(names)}")
    any_answered = False
    for question in sorted(QUESTIONS, key=lambda each: only.index(each.name) if each.name in only else 0):
        if only and question.name not in only:
            continue
        answers = [(group, list(question.answer(material, group))) for group in material.groups]
        answered = [(group, elements) for group, elements in answers if elements]
        if not answered:
            continue
        any_answered = True
        yield Heading(question.text)
        for group, elements in answered:
            if len(material.groups) > 1:
                yield Heading(group.heading, 2)
            yield from elements
    if not any_answered:
        yield Paragraph("These runs answer none of the questions.", "note")
