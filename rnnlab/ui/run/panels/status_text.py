"""What a run's status says in sentences: why it failed, what it waits for, what was noticed."""

from __future__ import annotations

from rich.segment import Segment

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import UsageError
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.current import room_text, waiting_text
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import few_updates_text, verdict_of
from rnnlab.text.lines import Lines, fit
from rnnlab.text.numbers import rate, whole
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prose import wrap
from rnnlab.ui.run.following.follow import RunFollower

FOREIGN = (
    "Queued elsewhere, or with other settings: nothing is trained unasked. y trains it here with the settings below."
)
GONE = "Its process is gone: the run is resumed from its last saved state."
GONE_ELSEWHERE = "Its process is gone, and it was queued elsewhere. y resumes it here."


def trouble_block(follower: RunFollower, width: int, most: int, palette: Palette) -> Lines:
    """Why the run failed and what to do, or why its log cannot be read."""
    state = follower.state
    lines: Lines = []
    if follower.problem:
        lines += _paragraph("✗ ", follower.problem, width, most, palette, "bad")
    elif state.failed:
        lines += _paragraph("✗ ", state.message or state.status, width, most, palette, "bad")
        if state.hint:
            lines += _paragraph("→ ", state.hint, width, max(1, most - len(lines)), palette, "text")
    elif verdict := verdict_of(state):
        glyph, sentence, role = status_sentence(state.status, verdict)
        lines += _paragraph(f"{glyph} ", f"{sentence}.", width, 3, palette, role)
    elif state.message:
        lines += _paragraph("", state.message, width, 2, palette, "muted")
    if few := few_updates_text(state):
        lines += _paragraph("⚠ ", f"{few}.", width, 3, palette, "warning")
    if state.reason:
        text = f"{state.reason}: the run continues by itself when there is room"
        lines += _paragraph("⚠ ", text, width, 3, palette, "warning")
    if follower.gone:
        lines += _paragraph("⚠ ", GONE_ELSEWHERE if follower.foreign else GONE, width, 3, palette, "warning")
    if follower.note:
        lines += _paragraph("⚠ ", follower.note, width, 2, palette, "warning")
    damage = damage_text(follower)
    if damage:
        lines += _paragraph("⚠ ", damage, width, 2, palette, "warning")
    return lines


def damage_text(follower: RunFollower) -> str:
    """What the log has lost, as a phrase; empty where it is whole."""
    parts = []
    if follower.damaged:
        parts.append(f"{whole(follower.damaged)} damaged line{'s' if follower.damaged > 1 else ''} of the log skipped")
    elif follower.state.missing:
        parts.append(f"{whole(follower.state.missing)} events are missing from the log")
    if follower.unknown:
        parts.append(f"{whole(follower.unknown)} events of a newer version skipped")
    return "; ".join(parts)


def _paragraph(mark: str, text: str, width: int, most: int, palette: Palette, role: Role) -> Lines:
    style = palette.style(role, bold=role == "bad")
    wrapped = wrap(plain(text[:2000]), width - len(mark), most)
    return [
        [Segment(mark if i == 0 else " " * len(mark), palette.style(role, bold=True)), Segment(line, style)]
        for i, line in enumerate(wrapped)
    ]


def waiting_block(follower: RunFollower, width: int, palette: Palette) -> Lines:
    """What is to be trained, while there are no figures yet."""
    state = follower.state
    if state.started is not None or state.ended or follower.problem or not follower.opened.is_set():
        return []
    lines = _paragraph("", waiting_sentence(follower), width, 3, palette, "text")
    try:
        config = follower.run.config()
    except UsageError as error:
        return lines + _paragraph("⚠ ", str(error), width, 3, palette, "warning")
    shown = [
        ("task", config.task.name),
        ("model", f"{MODELS[config.model.name].title} {','.join(map(str, config.model.hidden))}"),
        ("optimiser", f"{config.optim.name} · rate {rate(config.optim.lr)}"),
        (
            "plan",
            f"{_plan(config.train.epochs, config.train.updates)} · batch {config.train.batch_size} · seed {config.train.seed}",
        ),
    ]
    if follower.foreign and config.data.path:
        shown.append(("data", config.data.path))
    lines.append([])
    for name, value in shown:
        lines.append(
            [
                Segment(fit(name, 10), palette.style("muted")),
                Segment(fit(value, width - 10), palette.style("text")),
            ]
        )
    return lines


def waiting_sentence(follower: RunFollower) -> str:
    """What a run waits for that has not begun, with what a person needs to know of it."""
    if follower.foreign and follower.status == "queued":
        return FOREIGN
    text = waiting_text(follower.status, room_text(follower.run))
    sentence = f"{text[:1].upper()}{text[1:]}." if text else ""
    return f"{sentence} Nothing needs to be kept open for that." if follower.status == "queued" else sentence


def _plan(epochs: int, updates: int | None) -> str:
    """How long the run is to be; `updates` None: no number of updates ends it."""
    return f"{updates:,} updates, at most {epochs} epochs" if updates else f"{epochs} epochs"


def diagnoses_block(state: RunState, width: int, most: int, palette: Palette) -> Lines:
    """The last warnings, the newest first, each kind once."""
    lines: Lines = []
    seen: set[str] = set()
    for diagnosis in reversed(state.diagnoses):
        if diagnosis.kind in seen:
            continue
        seen.add(diagnosis.kind)
        text = diagnosis.message + (f" → {diagnosis.remedy}" if diagnosis.remedy else "")
        lines += _paragraph("⚠ ", text, width, min(3, most), palette, "warning")
        if len(lines) >= most:
            break
    return lines[:most]
