"""A data set's card as lines: whether its split leaks, some rows, its classes, lengths, parts and baselines.

`document` is what `rnnlab data show --json` prints. A key that is not there leaves its part out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.analysis import histogram
from rnnlab.plots.dataset.samples import sample_block, series_block
from rnnlab.plots.run.figures import format_of, title_of
from rnnlab.runs.data_columns import labelled
from rnnlab.text.leaks import LEAK_KINDS, contradiction_text, leak_text, plural
from rnnlab.text.lines import Line, Lines, beside, fit, padded
from rnnlab.text.numbers import figure, percent, whole
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph, heading, paragraph, paragraphs

TWO_COLUMNS = 96
"""Cells from which on the parts stand in two columns."""
PARTS = ("train", "validation", "test")
_ROLES: dict[str, Role] = {"train": "train", "validation": "validation", "test": "test"}
_SHORT = {"train": "train", "validation": "valid.", "test": "test"}
_MOST_CLASSES = 60
_WORDS = 40
"""Words of a vocabulary that are listed, the most frequent."""
LENGTHS_ROWS = 9
"""Rows of the histogram of lengths."""

Document = Mapping[str, Any]


def data_card_lines(document: Document, width: int, palette: Palette) -> Lines:
    """The whole card in lines of `width` cells."""
    width = max(24, width)
    muted = palette.style("muted")
    lines = _title(document, width, palette)
    lines += leak_block(document, width, palette)
    summary = paragraph(str(document["summary"]), width, muted) if document.get("summary") else []
    blocks = [lines, summary]
    if width >= TWO_COLUMNS:
        left, right = (width - 3) // 2, width - 3 - (width - 3) // 2
        columns = [
            _stacked([_parts(document, left, palette), _classes(document, left, palette)], left),
            _stacked(
                [
                    series_block(document, right, palette),
                    sample_block(document, right, palette),
                    _lengths(document, right, palette),
                    _baselines(document, right, palette),
                ],
                right,
            ),
        ]
        blocks.append(beside(columns, [left, right], gap=3))
    else:
        blocks += [
            series_block(document, width, palette),
            sample_block(document, width, palette),
            _parts(document, width, palette),
            _classes(document, width, palette),
            _lengths(document, width, palette),
            _baselines(document, width, palette),
        ]
    blocks.append(_facts(document, width, palette))
    return _stacked(blocks, width)


def _stacked(blocks: Sequence[Lines], width: int) -> Lines:
    """The blocks that hold anything, an empty line between."""
    lines: Lines = []
    for block in blocks:
        if block and lines:
            lines.append([Segment(" " * width)])
        lines += [padded(line, width) for line in block]
    return lines


def _title(document: Document, width: int, palette: Palette) -> Lines:
    """What it is and how it is split: in one line, or the title by itself where that is too narrow."""
    title = fit(str(document.get("title", document.get("name", ""))), min(width, 60)).rstrip()
    note = title_text(document)
    head, muted = Segment(title, palette.style("text", bold=True)), palette.style("muted")
    if cell_len(title) + 3 + cell_len(note) <= width:
        return [[head, Segment(f" · {note}", muted)]]
    return [[head], *paragraph(note, width, muted)]


def title_text(document: Document) -> str:
    """Problem, rows and split in one line."""
    parts = [str(document.get("problem", "")), _counted(document.get("rows"), "row"), _split_text(document)]
    return " · ".join(plain(part) for part in parts if part)


def _split_text(document: Document) -> str:
    fold = f", fold {document['fold']} of {document['folds']}" if document.get("folds") else ""
    return f"split: {document['split']}, seed {document.get('seed', 0)}{fold}" if document.get("split") else ""


def _counted(count: Any, noun: str) -> str:
    return "" if count is None else f"{whole(count)} {noun}{'' if count == 1 else 's'}"


# Leaks.


def leak_block(document: Document, width: int, palette: Palette) -> Lines:
    """Whether the split lets training see what it is tested on, and what to do about it."""
    leaks = document.get("leaks")
    if leaks is None:
        return []
    refused = leaks.get("refused", LEAK_KINDS)
    shared = leak_text({kind: leaks.get(kind, 0) for kind in refused}, str(document.get("group") or ""))
    contradiction = contradiction_text(leaks, str(document.get("problem", "")))
    lines: Lines = []
    if shared:
        others = [name for name in document.get("splits_known", ()) if name != document.get("split")]
        lines += paragraph(
            f"⚠ This split leaks: training shares {shared} with validation or test. Figures on it would flatter any net.",
            width,
            palette.style("bad", bold=True),
        )
        remedy = f"choose another data.split ({', '.join(others)})" if others else "take other data"
        lines += paragraph(
            f"→ {remedy}; or data.leaks=allow trains on it all the same, and marks every figure of the run.",
            width,
            palette.style("warning"),
        )
    else:
        lines += paragraph(
            f"✓ Nothing leaks: no {_absent(document)} in training and in another part.", width, palette.style("good")
        )
    if contradiction:
        grouped = "grouped" in document.get("splits_known", ()) and document.get("split") != "grouped"
        remedy = ". data.split=grouped keeps each input in one part." if grouped else "."
        lines += paragraph(f"→ {contradiction}{remedy}", width, palette.style("muted"))
    return lines


def _absent(document: Document) -> str:
    """What could have been shared and is not."""
    names = ["row"]
    parts = document.get("splits", {}).values()
    if any("people" in part for part in parts):
        names.append("person")
    elif any("groups" in part for part in parts):
        names.append(str(document.get("group") or "group"))
    if "series" in document:
        names = ["window", "step of the future"]
    return " or ".join(names)


# What it holds.


def _parts(document: Document, width: int, palette: Palette) -> Lines:
    """Train, validation and test: how many rows, which share, from whom."""
    parts = document.get("splits") or {}
    if not parts:
        return []
    total = sum(part.get("rows", 0) for part in parts.values()) or 1
    muted = palette.style("muted")
    lines: Lines = [heading("parts", width, palette, _split_text(document).removeprefix("split: "))]
    bar = max(4, min(24, width - 38))
    for name, part in parts.items():
        rows = part.get("rows", 0)
        filled = round(rows / total * bar)
        who = _who(part, str(document.get("group") or "group"))
        line: Line = [
            Segment(fit(name, 11), palette.style(_ROLES.get(name, "text"))),
            Segment(fit(whole(rows), 9, "right"), palette.style("text", bold=True)),
            Segment(fit(percent(rows / total), 7, "right") + "  ", muted),
            Segment("━" * filled, palette.style(_ROLES.get(name, "text"))),
            Segment("─" * (bar - filled), palette.style("grid")),
        ]
        lines.append(padded(line, width))
        if who:
            lines += [[Segment(" " * 11), *row] for row in paragraph(who, width - 11, muted)[:3]]
    for name, rows in (document.get("further_tests") or {}).items():
        lines.append(
            padded(
                [
                    Segment(fit(name, 11), palette.style("test")),
                    Segment(fit(whole(rows), 9, "right"), palette.style("text", bold=True)),
                    Segment("  tested once more at the end", muted),
                ],
                width,
            )
        )
    return lines


def _who(part: Mapping[str, Any], group: str) -> str:
    """Whose rows they are: `21 people: 1, 3, 5, …`; `group` names one of the groups where these are not people."""
    for key, one, many in (("people", "person", "people"), ("groups", group, plural(group))):
        if key in part:
            names = part[key]
            shown = ", ".join(plain(str(name), 16) for name in names[:30])
            return f"{len(names)} {one if len(names) == 1 else many}: {shown}{', …' if len(names) > 30 else ''}"
    return ""


def _classes(document: Document, width: int, palette: Palette) -> Lines:
    """A row a class: a bar of its rows, and how many each part holds."""
    classes = document.get("classes") or {}
    if not classes:
        return []
    per_step = document.get("problem") == "per-step classification"
    distinct = (document.get("duplicates") or {}).get("classes") or {}
    repeats = any(distinct.get(name, count) != count for name, count in classes.items())
    note = "steps" if per_step else "rows as published" if repeats else "rows"
    shown = list(classes.items())[:_MOST_CLASSES]
    columns = [(part[:5], part) for part in PARTS if part in (document.get("splits") or {})]
    widest = max(len(whole(count)) for count in classes.values())
    digits = max(6, widest + 1)
    names = max(3, min(16, max(cell_len(fit(name, 16).rstrip()) for name, _ in shown), width // 4))
    fixed = names + digits + (digits if repeats else 0)
    columns = columns if width - fixed - len(columns) * digits >= 6 else []
    bar = max(0, min(30, width - fixed - len(columns) * digits - 2))
    muted = palette.style("muted")
    head: Line = [
        Segment(" " * (names + 1 + bar)),
        Segment(fit("rows" if not per_step else "steps", digits, "right"), muted),
    ]
    if repeats:
        head.append(Segment(fit("dist.", digits, "right"), muted))
    head += [Segment(fit(short, digits, "right"), palette.style(_ROLES[part])) for short, part in columns]
    lines: Lines = [heading("classes", width, palette, f"{len(classes)} · {note}"), padded(head, width)]
    most = max(classes.values()) or 1
    for name, count in shown:
        filled = round(count / most * bar)
        filled = max(filled, 1) if count else 0
        line: Line = [
            Segment(fit(name, names) + " ", palette.style("text")),
            Segment("█" * filled + " " * (bar - filled), palette.style("train")),
            Segment(fit(whole(count), digits, "right"), palette.style("text", bold=True)),
        ]
        if repeats:
            line.append(Segment(fit(whole(distinct.get(name, count)), digits, "right"), muted))
        for _, part in columns:
            held = document["splits"][part].get("classes", {}).get(name)
            line.append(Segment(fit("" if held is None else whole(held), digits, "right"), muted))
        lines.append(padded(line, width))
    if len(classes) > len(shown):
        more = f"+{len(classes) - len(shown)} more"
        lines.append([Segment(fit(more, width), palette.style("muted", italic=True))])
    return lines


def _lengths(document: Document, width: int, palette: Palette) -> Lines:
    """How long the sequences are: a histogram of the ranges of lengths."""
    lengths = document.get("lengths") or {}
    if "min" not in lengths:
        return []
    low, high = lengths["min"], lengths["max"]
    note = f"all {whole(low)} step{'' if low == 1 else 's'}"
    if low != high:
        note = f"{whole(low)} to {whole(high)} steps · mean {figure(lengths.get('mean', 0.0))}"
        note += f" · median {lengths['median']:g}" if "median" in lengths else ""
    lines: Lines = [heading("lengths", width, palette, note)]
    ranges = [(float(start), float(end), float(count)) for start, end, count in lengths.get("histogram") or []]
    if low != high and ranges:
        lines += histogram(ranges, width=min(width, 64), height=LENGTHS_ROWS, palette=palette, x_name="steps")
    return lines


def baselines_of(document: Document) -> Mapping[str, Mapping[str, Any]]:
    """The scores of each baseline by part, under its name."""
    baseline = document.get("baseline") or {}
    return document.get("baselines") or ({str(baseline["name"]): baseline} if "name" in baseline else {})


def _baselines(document: Document, width: int, palette: Palette) -> Lines:
    """The baselines' scores on each part."""
    named = baselines_of(document)
    if not named:
        return []
    metric = str(document.get("metric", ""))
    shown = format_of(metric)
    parts = [part for part in PARTS if any(part in scores for scores in named.values())]
    longest = max(cell_len(fit(name, 40).rstrip()) for name in named)
    cells = 11 if longest + 11 * len(parts) <= width else 8
    names = max(8, min(longest, width - cells * len(parts)))
    unit = f" · {plain(str(document['unit']), 24)}" if document.get("unit") else ""
    text = palette.style("text")
    heads = [Segment(fit(p if cells > 8 else _SHORT[p], cells, "right"), palette.style(_ROLES[p])) for p in parts]
    lines: Lines = [
        heading("baselines", width, palette, title_of(metric) + unit),
        padded([Segment(" " * names), *heads], width),
    ]
    for name, scores in named.items():
        # A name that is too long continues below, its figures beside its end.
        *above, last = textwrap.wrap(plain(name, 80), names, subsequent_indent=" ") or [""]
        lines += [[Segment(fit(row, width), text)] for row in above]
        line: Line = [Segment(fit(last, names), text)]
        for part in parts:
            value = shown(scores[part]) if part in scores else "–"
            line.append(Segment(fit(value, cells, "right"), palette.style("text", bold=part == "test")))
        lines.append(padded(line, width))
    return lines


def _facts(document: Document, width: int, palette: Palette) -> Lines:
    facts = card_facts(document)
    return [heading("to know", width, palette), *paragraphs(facts, width, palette)] if facts else []


def card_facts(document: Document) -> list[Paragraph]:
    """What else is to be known: repeats, ranges of values, notes, source and terms."""
    facts: list[Paragraph] = []
    duplicates = document.get("duplicates") or {}
    if duplicates.get("rows"):
        text = f"{_counted(duplicates['rows'], 'row')} repeat an earlier one"
        text += f"; {whole(duplicates['distinct'])} are distinct" if "distinct" in duplicates else ""
        if "random_split_leak" in duplicates:
            leak = percent(duplicates["random_split_leak"], 1)
            text += f". Split at random with them, {leak} of the test rows would be training rows too"
        facts.append(Paragraph(text, "warning", "repeats"))
    elif "rows" in duplicates:
        facts.append(Paragraph("none: every row is there once", label="repeats"))
    if duplicates.get("several_classes"):
        several = duplicates["several_classes"]
        text = f"{'1 input stands' if several == 1 else f'{whole(several)} inputs stand'} under several classes"
        if "ceiling" in duplicates:
            digits = 1 if duplicates["ceiling"] < 0.9995 else 2
            text += f"; the best possible accuracy is {percent(duplicates['ceiling'], digits)}"
        facts.append(Paragraph(text, label="ambiguous"))
    if (used := _used(document)) is not None:
        facts.append(Paragraph(f"{_counted(used, 'row')} of them", label="used"))
    published = (document.get("baseline") or {}).get("published")
    if duplicates.get("rows") and published is not None:
        share = format_of(str(document.get("metric", "")))(published)
        facts.append(
            Paragraph(f"{document['baseline'].get('name', '')}, all rows as published: {share}", label="baseline")
        )
    for key in ("values", "targets"):
        if key in document:
            unit = f" {document['unit']}" if key == "targets" and document.get("unit") else ""
            facts.append(
                Paragraph(f"{figure(document[key]['min'])} to {figure(document[key]['max'])}{unit}", label=key)
            )
    if document.get("normalised"):
        facts.append(Paragraph(str(document["normalised"]), label="normalised"))
    if document.get("symbols"):
        symbols = str(document["symbols"])
        facts.append(Paragraph(f"{len(symbols)}: {symbols}", label="symbols"))
    if document.get("vocabulary"):
        words = [str(word) for word in document["vocabulary"]]
        shown = " ".join(words[:_WORDS]) + (" …" if len(words) > _WORDS else "")
        facts.append(Paragraph(f"{whole(len(words))} words, the most frequent first: {shown}", label="vocabulary"))
    for label, text in map(labelled, map(str, document.get("notes", ())[:20])):
        facts.append(Paragraph(text, "text" if label else "warning", label or "note"))
    facts += [Paragraph(str(document[key]), "muted", key) for key in ("source", "terms") if document.get(key)]
    return facts


def _used(document: Document) -> int | None:
    """The rows of all parts, where these are neither all rows nor all distinct ones."""
    used = sum(part.get("rows", 0) for part in (document.get("splits") or {}).values())
    known = (document.get("rows"), (document.get("duplicates") or {}).get("distinct"))
    return used if used and known[0] is not None and used not in known else None
