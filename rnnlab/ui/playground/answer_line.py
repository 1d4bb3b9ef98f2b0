"""The line under the input: what is predicted, what is true, where the input is from, and what has to be known about it."""

from __future__ import annotations

from textual.content import Content

from rnnlab.plots.steps.answer import answer_text
from rnnlab.text.sanitise import plain
from rnnlab.ui.playground.state import PlaygroundState

_LONGEST = 300


def answer_line(state: PlaygroundState, newer: str) -> Content:
    """The answer, or why there is none; `newer` are better weights, such as `epoch 3`, where there are any."""
    parts: list[tuple[str, str] | str] = []
    if state.error:
        parts.append((f"✗ {plain(state.error, _LONGEST)}", "$text-error"))
        if state.asks:
            parts.append(("  y: load the data", "bold $accent"))
        elif state.ended:
            parts.append(("  w: start it again", "bold $accent"))
    elif state.opened is None:
        parts.append(("loading the best weights into a process of their own …", "$text-muted"))
    elif state.predicted is None and state.trial is not None:
        reading = "predicting …" if state.trial.text is not None else f"reading the {state.subset} subset …"
        parts.append((reading, "$text-muted"))
    elif state.predicted is None:
        parts.append(("type an input, or take a test sequence with page down", "$text-muted"))
    else:
        parts += _prediction(state)
    if newer and not state.ended:
        parts.append((f"  · better weights by now, {newer}: w or f5", "bold $text-warning"))
    return Content.assemble(*parts)


def _prediction(state: PlaygroundState) -> list[tuple[str, str] | str]:
    predicted = state.predicted
    assert predicted is not None
    mark = {None: "", True: " ✓", False: " ✗"}[predicted.correct]
    style = {None: "bold", True: "bold $text-success", False: "bold $text-error"}[predicted.correct]
    edited = state.trial.edited_values if state.trial is not None else 0
    if edited:
        mark, style = "", "bold"  # the target is that of the sequence as it was
    parts: list[tuple[str, str] | str] = [
        ("→ ", "$accent"),
        (plain(answer_text(predicted.prediction), 120) + mark, style),
    ]
    if predicted.unit:
        parts.append((f" {plain(predicted.unit, 40)}", "$text-muted"))
    if predicted.target and (predicted.correct is not True or edited):
        parts.append((f"  target {plain(predicted.target, 80)}", ""))
    more = []
    if state.sequence is not None:
        at = state.sequence
        more.append(f"{at.subset} sequence {at.index + 1:,} of {at.rows:,} (row {at.row:,} of the data)")
    if edited:
        more.append(f"{edited} value{'' if edited == 1 else 's'} edited")
    more += [plain(note, 160) for note in predicted.notes]
    parts += [(f"  · {text}", "$text-muted") for text in more]
    return parts
