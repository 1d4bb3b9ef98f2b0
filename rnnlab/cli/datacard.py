"""A data set's card as text."""

from __future__ import annotations

import textwrap
from typing import Any

from rnnlab.plots.analysis import histogram
from rnnlab.plots.dataset.profile import LENGTHS_ROWS
from rnnlab.text.lines import to_text
from rnnlab.text.numbers import figure, probability, whole
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.text.sparkline import sparkline

BAR = 24
"""Columns of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LABEL = 11


def card_lines(document: dict[str, Any], width: int) -> list[str]:
    """The card (`rnnlab.tasks.describe.profile.data_card`) as text, at most `width` columns wide."""
    lines = [plain(f"{document['name']}: {document['title']}", width), ""]
    lines += [plain(line) for line in textwrap.wrap(document["summary"], width)]
    lines += ["", *_facts(document, width), "", *_lengths(document, width)]
    lines += _classes(document, width) if document["classes"] else []
    lines += _samples(document, width)
    return lines


def bar(share: float, width: int) -> str:
    """A bar of `share` of `width` columns, to an eighth of a column; something is never nothing."""
    eighths = max(1 if share > 0 else 0, round(share * width * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def _facts(document: dict[str, Any], width: int) -> list[str]:
    duplicates, parts = document["duplicates"], document["splits"]
    facts = [("source", document["source"]), ("terms", document["terms"]), ("rows", _row_words(document))]
    sizes = ", ".join(f"{part} {whole(parts[part]['rows'])}" for part in parts)
    facts.append(("split", f"{document['split']}, seed {document['seed']}: {sizes}"))
    facts += [(part, _group_words(document, part)) for part in parts if _group_words(document, part)]
    if document["further_tests"]:
        tests = ", ".join(f"{name} ({whole(rows)} rows)" for name, rows in document["further_tests"].items())
        facts.append(("also tests", tests))
    facts.append(("lengths", _length_words(document["lengths"])))
    facts += [
        (key, f"{document[key]['min']:g} to {document[key]['max']:g}{_unit(document, key)}")
        for key in ("values", "targets")
        if key in document
    ]
    if "normalised" in document:
        facts.append(("normalised", document["normalised"]))
    if series := document.get("series"):
        facts.append(("series", _series_words(series)))
        facts.append(("", sparkline(series["curve"], max(8, min(width - _LABEL, 100)))))
    if duplicates["rows"] and "random_split_leak" in duplicates:
        leak = f"{duplicates['random_split_leak']:.1%} of the test rows would be training rows too"
        facts.append(("repeats", f"{whole(duplicates['rows'])} rows; split at random with them, {leak}"))
    if duplicates.get("several_classes"):
        several = duplicates["several_classes"]
        inputs = "1 input stands" if several == 1 else f"{whole(several)} inputs stand"
        ceiling = f"{duplicates['ceiling']:.{1 if duplicates['ceiling'] < 0.9995 else 2}%}"
        facts.append(("ambiguous", f"{inputs} under several classes: knowing all by heart gives {ceiling}"))
    facts.append(("leaks", _leak_words(document)))
    facts += [("baseline", words) for words in _baseline_words(document)]
    facts += [("note", note) for note in document["notes"]]
    return [line for label, text in facts for line in _wrapped(label, text, width)]


def _row_words(document: dict[str, Any]) -> str:
    rows, duplicates = document["rows"], document["duplicates"]
    used = sum(part["rows"] for part in document["splits"].values())
    words = f"{whole(rows)}, all distinct"
    if duplicates["rows"]:
        words = f"{whole(rows)} as published, {whole(duplicates['distinct'])} of them distinct"
    return words if used in (rows, duplicates["distinct"]) else f"{words}; {whole(used)} are used"


def _group_words(document: dict[str, Any], part: str) -> str:
    """Who a part's rows are from: `9 people: 2, 4, 9, …`."""
    held = document["splits"][part]
    names = held.get("people") or held.get("groups")
    if not names:
        return ""
    kind = document["group"] or "group"
    word = "people" if kind == "person" else f"{kind}s"
    return f"{whole(len(names))} {kind if len(names) == 1 else word}: {', '.join(names[:40])}{', …' if len(names) > 40 else ''}"


def _length_words(lengths: dict[str, Any]) -> str:
    if lengths["min"] == lengths["max"]:
        return f"{whole(lengths['min'])} steps each"
    return f"{lengths['min']} to {lengths['max']}, mean {lengths['mean']:.2f}, median {lengths['median']:g}"


def _lengths(document: dict[str, Any], width: int) -> list[str]:
    """The histogram of the lengths, where they differ."""
    lengths = document["lengths"]
    if lengths["min"] == lengths["max"]:
        return []
    ranges = [(float(low), float(high), float(rows)) for low, high, rows in lengths["histogram"]]
    chart = histogram(ranges, width=min(width, 76), height=LENGTHS_ROWS, palette=MONO, title="rows", x_name="steps")
    return [*to_text(chart).splitlines(), ""]


def _unit(document: dict[str, Any], key: str) -> str:
    return f" {document['unit']}" if document["unit"] and key == "targets" else ""


def _series_words(series: dict[str, Any]) -> str:
    ends = f", {series['first']} to {series['last']}" if series["first"] else ""
    return (
        f"{whole(series['points'])} points{ends}, {series['min']:.4g} to {series['max']:.4g}; "
        f"{series['window']} steps in, {series['horizon']} out; season {series['season']}"
    )


def _baseline_words(document: dict[str, Any]) -> list[str]:
    """A line a baseline, the best of the simple ones first."""
    best = document["baseline"]
    lines = [_scores(document, best["name"], document["baselines"][best["name"]])]
    if document["duplicates"]["rows"] and "published" in best:
        lines[0] += f", all rows as published {probability(best['published'], 3)}"
    others = (name for name in document["baselines"] if name != best["name"])
    return lines + [_scores(document, name, document["baselines"][name]) for name in others]


def _scores(document: dict[str, Any], name: str, scores: dict[str, float]) -> str:
    shown = (
        f"{part} {figure(scores[part]) if document['metric'] == 'mae' else probability(scores[part], 3)}"
        for part in document["splits"]
        if part in scores
    )
    return f"{name}: {document['metric']} {', '.join(shown)}"


def _leak_words(document: dict[str, Any]) -> str:
    leaks = document["leaks"]
    group = document["group"] or "person"
    people = "people" if group == "person" else f"{group}s"
    told = []
    for kind, words in (
        ("rows", "rows that are training rows too"),
        ("people", f"{people} who are in training too" if people == "people" else f"{people} that are in training too"),
        ("windows", "windows that overlap training's"),
        ("future", "training rows from after the first step tested"),
    ):
        if leaks[kind]:
            told.append(f"{whole(leaks[kind])} {words}")
    if told:
        return (
            f"{', '.join(told)}: figures would flatter the net, so training is refused but for data.leaks=allow; "
            f"other splits: {', '.join(kind for kind in document['splits_known'] if kind != document['split']) or 'none'}"
        )
    words = "no row in two parts"
    if document["group"]:
        words += f", no {group} either"
    if leaks["inputs"]:
        inputs = "1 input is" if leaks["inputs"] == 1 else f"{whole(leaks['inputs'])} inputs are"
        return f"{words}; {inputs} in two, under another answer" + (
            " (data.split=grouped keeps them together)" if "grouped" in document["splits_known"] else ""
        )
    return words


def _wrapped(label: str, text: str, width: int) -> list[str]:
    folded = textwrap.wrap(plain(text), max(20, width - _LABEL)) or [""]
    return [f"{label if index == 0 else '':<10} {line}"[:width].rstrip() for index, line in enumerate(folded)]


def _classes(document: dict[str, Any], width: int) -> list[str]:
    """A row a class, with a bar of its distinct rows and its rows in each part; its steps where each has a class."""
    distinct = document["duplicates"].get("classes")
    drawn = distinct or document["classes"]
    most = max(1, *drawn.values())
    steps = document["problem"] == "per-step classification"
    name_width = min(24, max(len("class"), *(len(name) for name in document["classes"])))
    bar_width = max(4, min(BAR, width - name_width - 42))
    head = f"{'class':<{name_width}} {'steps' if steps else 'rows':>8} {'distinct' if distinct else '':>8} "
    lines = [f"{head}{'':<{bar_width}} {'train':>7} {'valid.':>6} {'test':>6}"]
    for name, rows in document["classes"].items():
        parts = [document["splits"][part]["classes"].get(name, 0) for part in ("train", "validation", "test")]
        own = f"{distinct[name]:,}" if distinct else ""
        lines.append(
            f"{plain(name, name_width):<{name_width}} {rows:>8,} {own:>8} "
            f"{bar(drawn[name] / most, bar_width):<{bar_width}} {parts[0]:>7,} {parts[1]:>6,} {parts[2]:>6,}"
        )
    return [line[:width].rstrip() for line in lines] + [""]


def _samples(document: dict[str, Any], width: int) -> list[str]:
    lines = ["samples"]
    for sample in document["samples"]:
        target = plain(sample["target"], max(8, min(40, width // 3)))
        lines.append(f"  {plain(sample['input'], max(8, width - len(target) - 5))} → {target}")
    return lines
