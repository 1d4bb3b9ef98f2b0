"""The description of a card: of a task, of an architecture, of the person's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.data_of import data_folder, file_of
from rnnlab.ui.setup.starting.launch import data_missing

if TYPE_CHECKING:
    from rnnlab.catalog.model_card import ModelCard
    from rnnlab.catalog.task_card import TaskCard
    from rnnlab.ui.setup.draft.draft import Draft
    from rnnlab.ui.setup.file.own_file import Checks

_METRICS = {"accuracy": "accuracy", "mae": "mean absolute error"}


def model_text(card: ModelCard) -> Content:
    """What an architecture is, its equations and where they are from."""
    return _paragraphs((card.summary, ""), ("\n".join(card.equations), "$secondary"), (card.source, "$text-muted"))


def task_text(draft: Draft, failure: str = "") -> Content:
    """What the draft's task is about, whether its data is here, what is predicted, and on which terms its data comes.

    `failure`: why it could not be fetched.
    """
    task = draft.card
    missing = data_missing(task, data_folder(draft))
    return _paragraphs(
        (f"✗ {failure}" if missing and failure else "", "$text-error"),
        (
            f"Its files are not here yet: f fetches them, or rnnlab data fetch {task.name}" if missing else "",
            "$text-warning",
        ),
        (task.summary, ""),
        (f"{task.problem.capitalize()}: {_target_of(task)}, judged by {_METRICS[task.metric]}.", "$secondary"),
        (f"Source: {task.source}" if task.source else "", "$text-muted"),
        (f"Terms: {task.terms}" if task.terms else "", "$text-muted"),
    )


def file_text(draft: Draft, checks: Checks) -> Content:
    """What the check found in the person's own file and which settings follow from it, above what such a file may be."""
    from rnnlab.ui.setup.file.file_check import check_text
    from rnnlab.ui.setup.file.question import question_of

    path, settings = file_of(draft)
    about = _paragraphs((draft.card.summary, "" if not path else "$text-muted"))
    if not path:
        return Content("\n\n").join([Content.styled("No file yet: ^g chooses one.", "$text-warning"), about])
    known = checks.known(path, settings)
    found = Content.styled("checking it …", "$text-muted") if known is None else check_text(known)
    lines = [Content.styled(plain(path, 300), "bold"), found]
    if (question := question_of(known)) is not None:
        lines.append(Content.styled("^x answers it." if question.stops else "^x reads it otherwise.", "$text-accent"))
    if suited := draft.suited_text():
        lines.append(Content.styled(plain(suited, 1000), "$secondary"))
    return Content("\n\n").join([Content("\n").join(lines), about])


def _target_of(task: TaskCard) -> str:
    """What is predicted, in a few words."""
    if task.problem == "forecasting":
        return "the next value" if task.outputs == 1 else f"the next {task.outputs} values"
    if task.problem == "per-step classification":
        letters = task.inputs == "tokens" and task.outputs >= 26
        return f"one {'letter' if letters else 'class'} a step, of {task.outputs}"
    if task.problem == "classification":
        return f"one of {task.outputs} classes"
    return "a number" if task.outputs == 1 else f"{task.outputs} numbers"


def _paragraphs(*paragraphs: tuple[str, str]) -> Content:
    return Content("\n\n").join(
        Content.styled("\n".join(plain(line) for line in text.split("\n")), style) for text, style in paragraphs if text
    )
