"""What the check of a person's own file found, as paragraphs: the verdict, the problems, the facts.

`document` is what `rnnlab data check --json` prints. The command line wraps the paragraphs to its width, the app to its panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from shlex import quote
from typing import Any, NamedTuple

from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.runs.data_columns import column_lines, labelled
from rnnlab.text.numbers import figure, whole
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph

PLACES = 5
"""Places of a problem that are listed, unless more are asked for."""
_CLASSES = 12

Document = Mapping[str, Any]


class FileCheck(NamedTuple):
    """The three parts of a finding, in paragraphs each."""

    verdict: list[Paragraph]
    problems: list[Paragraph]
    facts: list[Paragraph]


def file_check(document: Document, places: int = PLACES) -> FileCheck:
    """The finding in `document`, with up to `places` places of each problem. Problems that stop the training come first."""
    trainable = bool(document.get("trainable", True))
    verdict = Paragraph("✓ it can be trained on", "good")
    if not trainable:
        verdict = Paragraph("✗ it cannot be trained on as it is", "bad")
    found = sorted(document.get("problems") or (), key=lambda problem: not problem.get("stops"))
    problems = [paragraph for problem in found for paragraph in _problem(problem, places)]
    facts = [Paragraph(plain(text, 2000), label=label) for label, text in _facts(document)]
    return FileCheck([verdict], problems, facts)


def read_notes(notes: Iterable[str]) -> list[Paragraph]:
    """The notes of a reading, as a run keeps them: the lines on its columns, then what was found."""
    return [
        Paragraph(plain(text if label else f"⚠ {text}", 2000), "text" if label else "warning", label)
        for label, text in map(labelled, notes)
    ]


def _problem(problem: Document, most: int) -> list[Paragraph]:
    """The problem's sentence, line by line where it is, and of a question the settings that answer it."""
    stops = bool(problem.get("stops"))
    text = f"{'✗' if stops else '⚠'} {plain(str(problem.get('message', '')), 1000)}"
    places = list(problem.get("places") or ())
    listed = places[:most] if len(places) > 1 else []
    lines = [Paragraph(text, "bad" if stops else "warning")]
    lines += [
        Paragraph(
            f"  {plain(str(place.get('where', '')), 60)}: {plain(str(place.get('message', '')), 300)}",
            "muted",
            cut=True,
        )
        for place in listed
    ]
    lines += [
        Paragraph(
            f"  --set {quote(plain(str(choice.get('setting', '')), 200))}: {plain(str(choice.get('reading', '')), 300)}"
        )
        for choice in problem.get("choices") or ()
    ]
    rest = int(problem.get("count", len(places))) - len(listed)
    if listed and rest > 0:
        hint = ": rnnlab data check --all lists more" if len(places) > most else ""
        lines.append(Paragraph(f"  … and {whole(rest)} more{hint}", "muted"))
    return lines


def _facts(document: Document) -> list[tuple[str, str]]:
    """What was found out of the file: a label and a text each."""
    facts = document.get("facts") or {}
    kind = str(document.get("kind") or "")
    rows = [
        *column_lines(KIND_TITLES.get(kind, kind), facts),
        ("steps" if kind == "series" else "rows", whole(document["rows"]) if document.get("rows") else ""),
        ("lengths", _lengths(document.get("lengths") or {}) if kind != "series" else ""),
        ("classes", _classes(document.get("classes") or {})),
        ("split", ", ".join(f"{name} {whole(count)}" for name, count in (document.get("splits") or {}).items())),
        ("to learn", "numbers, not classes: a regression" if document.get("problem") == "regression" else ""),
        ("tokens", _tokens(facts)),
        ("arrays", "; ".join(_array(name, shape, facts) for name, shape in (facts.get("arrays") or {}).items())),
        ("format", _format(facts)),
        *_files(document, facts),
    ]
    return [(label, text) for label, text in rows if text]


def _format(facts: Document) -> str:
    parts = []
    if "columns" in facts:
        parts.append("1 column" if facts["columns"] == 1 else f"{facts['columns']} columns")
    if "delimiter" in facts:
        parts.append(f"delimiter {facts['delimiter']}")
    if "header" in facts:
        parts.append("a header" if facts["header"] else "no header")
    if "encoding" in facts:
        parts.append(f"encoding {facts['encoding']}")
    return ", ".join(parts)


def _tokens(facts: Document) -> str:
    """How texts are read, and by what that was chosen."""
    found = facts.get("tokens") or {}
    if not found:
        return ""
    kind = str(found.get("kind"))
    if not found.get("chosen"):
        return f"{kind}, as data.tokens says"
    other = "characters" if kind == "words" else "words"
    mean = figure(float(found.get("words", 0.0)))
    return f"{kind}: a text has {mean} words on average (data.tokens={other} reads it otherwise)"


def _files(document: Document, facts: Document) -> list[tuple[str, str]]:
    """Which file is trained on, where a test set lies beside it."""
    if not facts.get("test_file"):
        return []
    train, test = str(facts.get("train_file")), str(facts["test_file"])
    given = PurePath(str(document.get("file", ""))).name
    if given == train:
        return [("test set", f"{test}, beside it")]
    beside = ", beside it" if given == test else ""
    return [("train set", f"{train}{beside}: what is trained on"), ("test set", test)]


def _lengths(lengths: Document) -> str:
    if "min" not in lengths:
        return ""
    low, high = lengths["min"], lengths["max"]
    return (
        f"{whole(low)} to {whole(high)} steps, mean {figure(lengths['mean'])}" if low < high else f"all {whole(high)}"
    )


def _classes(classes: Mapping[str, int]) -> str:
    if not classes:
        return ""
    named = [f"{plain(name, 30)} {whole(count)}" for name, count in list(classes.items())[:_CLASSES]]
    return f"{whole(len(classes))}: {', '.join(named)}{', …' if len(classes) > _CLASSES else ''}"


def _array(name: str, shape: Any, facts: Document) -> str:
    """An array's meaning and shape, with its name in the file where that is another."""
    called = (facts.get("array_names") or {}).get(name)
    return f"{name} {_shape(shape)}" + (f" ({plain(str(called), 40)})" if called else "")


def _shape(shape: Any) -> str:
    return " × ".join(map(str, shape)) if isinstance(shape, list) else str(shape)
