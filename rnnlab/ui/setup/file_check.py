"""What the check of somebody's own file found, in words: whether it can be trained on, what it is, what is wrong and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from rnnlab.text.numbers import figure, whole
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.own_file import refusal
from rnnlab.ui.setup.subprocess_query import QueryResult

_PLACES = 6
"""Places of a problem that are listed."""
_CLASSES = 8
_KINDS = {
    "text": "texts and their labels",
    "series": "a series to forecast",
    "arrays": "arrays of rows and their targets",
    "recordings": "recordings, a folder a label",
    "ts": "a .ts file of the UCR and UEA archives",
}


def check_text(answer: QueryResult) -> Content:
    """The whole finding: the reason that stops the training first, then what else is wrong, then what it is."""
    document = answer.document
    if not isinstance(document, dict):
        return Content.styled("✗ " + plain(answer.problem or "the file could not be checked", 2000), "$text-error")
    stopped = refusal(answer)
    parts = [Content.styled(f"✗ {plain(stopped, 1000)}", "$text-error")] if stopped else []
    if not stopped:
        parts.append(Content.styled("✓ it can be trained on", "$text-success"))
    for problem in document.get("problems", ()):
        if not (problem.get("stops") and str(problem.get("message")) == stopped):
            parts.append(_problem(problem))
        elif problem.get("places"):
            parts.append(_places(problem))
    parts.append(_found(document))
    return Content("\n").join(part for part in parts if part)


def _found(document: Mapping[str, Any]) -> Content:
    """Kind, rows, lengths, classes, and what was found out of the file."""
    lines = []
    kind = _KINDS.get(str(document.get("kind")), str(document.get("kind") or ""))
    lengths = document.get("lengths") or {}
    words = [kind] if kind else []
    if document.get("problem") == "regression":
        words.append("numbers to learn, no classes")
    if document.get("rows"):
        words.append(f"{whole(document['rows'])} rows")
    if "min" in lengths and document.get("kind") != "series":
        span = (
            whole(lengths["min"])
            if lengths["min"] == lengths["max"]
            else f"{whole(lengths['min'])} to {whole(lengths['max'])}"
        )
        words.append(
            f"{span} steps" + (f", mean {figure(lengths['mean'])}" if lengths["min"] != lengths["max"] else "")
        )
    if words:
        lines.append(" · ".join(words))
    classes = document.get("classes") or {}
    if classes:
        named = [f"{plain(name, 20)} {whole(count)}" for name, count in list(classes.items())[:_CLASSES]]
        more = f", +{len(classes) - _CLASSES} more" if len(classes) > _CLASSES else ""
        lines.append(f"{len(classes)} class{'' if len(classes) == 1 else 'es'}: {', '.join(named)}{more}")
    facts = document.get("facts") or {}
    told = [f"{key.replace('_', ' ')}: {_value(value)}" for key, value in facts.items() if value is not None]
    if told:
        lines.append(" · ".join(told))
    splits = document.get("splits") or {}
    if splits:
        lines.append("split: " + ", ".join(f"{part} {whole(rows)}" for part, rows in splits.items()))
    return Content.styled("\n".join(plain(line, 1000) for line in lines), "$text-muted") if lines else Content("")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name} {' × '.join(map(str, s)) if isinstance(s, list) else s}" for name, s in value.items())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value[:8]) + (", …" if len(value) > 8 else "")
    return str(value)


def _problem(problem: Mapping[str, Any]) -> Content:
    stops = bool(problem.get("stops"))
    message = plain(str(problem.get("message", "")), 1000)
    head = Content.styled(f"{'✗' if stops else '⚠'} {message}", "$text-error" if stops else "$text-warning")
    places = _places(problem)
    return Content("\n").join([head, places]) if places else head


def _places(problem: Mapping[str, Any]) -> Content:
    """Where it is, line by line."""
    places = list(problem.get("places") or ())
    if len(places) < 2:
        return Content("")
    lines = [
        f"  {plain(str(p.get('where', '')), 60)}: {plain(str(p.get('message', '')), 300)}" for p in places[:_PLACES]
    ]
    rest = int(problem.get("count", len(places))) - min(len(places), _PLACES)
    if rest > 0:
        lines.append(f"  … and {whole(rest)} more: rnnlab data check lists them")
    return Content.styled("\n".join(lines), "$text-muted")
