"""Roles of the columns of a table of texts: which is the text, and which its label."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Findings, Refusal
from rnnlab.tasks.own.roles.column_roles import Roles
from rnnlab.tasks.own.roles.columns import (
    is_id,
    is_index,
    is_sentences,
    is_text,
    listed,
    may_be_label,
    nature,
    title_rank,
    titled,
)
from rnnlab.tasks.own.roles.named import named_column
from rnnlab.tasks.own.roles.profile import MOST_COUNTED, ColumnProfile
from rnnlab.tasks.own.roles.titles import GROUP_TITLES, HEAD_TITLES, LABEL_TITLES, TEXT_TITLES
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import Missing

_MOST_CODES = 20
"""Different numbers of a column without a title of labels, beyond which it is a measurement."""
_FEW = 20
"""Maximum number of different numbers with decimals that may be classes, such as 0.5 and 1.0."""
_TAG = re.compile(r"O|[BIESLU]-\w+")
"""A tag of a token in the notations IOB and BIOES."""
_LONGER = 1.5
"""Times the length of a headline that a column is at least, whose headline or summary that is."""
_RARE = 0.05
"""Share of rows below which a word such as NA is a missing label, where the field is empty in others."""
_NEVER = frozenset(
    ("nan", "-nan", "nat", "#n/a", "#na", "<na>", "#value!", "#div/0!", "#ref!", "#null!", "#num!", "#name?")
)
"""Words, in lower case, that programs write for a missing value, and nobody for a class."""


def text_roles(
    table: Table, profiles: Sequence[ColumnProfile], data: Data, findings: Findings, missing: Missing
) -> Roles:
    """The text and its label. Raises `Refusal` where there are not two such columns."""
    name, header = findings.name, table.header
    text = named_column(table.header, data.input_column, "data.input_column", name) if data.input_column else None
    label = named_column(table.header, data.target_column, "data.target_column", name) if data.target_column else None
    if len(header) < 2:
        raise Refusal("delimiter", f"{name} has one column only, where text and label need two; {_remedy(table)}")
    if text is not None and text == label:
        raise Refusal("columns", f"{name}: data.input_column and data.target_column name the same column")
    if text is None:
        text = text_column(profiles, label)
    if text is None:
        raise _no_text(profiles, name)
    candidates = label_columns(profiles, text)
    if label is None:
        _ask_for_label(profiles, candidates, name)
        label = candidates[0] if candidates else _any_label(profiles, text, name)
    others = tuple(index for index in candidates if index != label) if not data.target_column else ()
    notes: dict[int, str] = {}
    if not data.input_column and is_sentences(profiles[text]) and (texts := other_texts(profiles, text, label)):
        notes[text] = f"could also be {listed(header, texts)}: data.input_column"
    if others:
        notes[label] = f"could also be {listed(header, others)}: data.target_column"
    if profiles[text].numeric and not profiles[text].coded:
        notes[text] = "it is made of numbers"
        findings.warn("text", f"the column {header[text][:40]} is made of numbers, each of which is read as a text")
    elif is_index(profiles[text]):
        findings.warn("text", f"the column {header[text][:40]} counts the rows, and says nothing of the label")
    likely = frozenset(others)
    left_out = tuple(
        (profile.index, _reason(profile, likely)) for profile in profiles if profile.index not in (text, label)
    )
    kept = kept_labels(profiles[label], missing, findings)
    return Roles("text", text=text, label=label, left_out=left_out, others=others, notes=notes, kept_labels=kept)


def _remedy(table: Table) -> str:
    """What to do with a table of one column, as the file looks."""
    first = [row[0] for row in table.sample[:50] if row]
    if any(line.startswith(">") for line in first):
        return "it looks like FASTA: save a CSV with a column of the sequences and one of the labels"
    if sum(line.startswith("__label__") for line in first) > len(first) / 2:
        return "it looks like a file of fastText: put a tab after each __label__NAME"
    tags = [line.split()[-1] for line in first if len(line.split()) > 1]
    if len(tags) > len(first) / 2 and all(_TAG.fullmatch(tag) for tag in tags):
        return (
            "it looks like tokens with a tag each, as in CoNLL, and tags of tokens are not read: save a CSV with a sentence and "
            "its label in each line"
        )
    for sign in "@|#":
        parts = [line.rsplit(sign, 1) for line in first]
        ends = {part[1].strip() for part in parts if len(part) == 2}
        if all(len(part) == 2 for part in parts) and 1 < len(ends) <= max(2, len(parts) // 3):
            return f"its lines seem to end with a label after {sign}: part them there with a tab"
    return "part them with a comma, a tab or a semicolon"


def text_column(profiles: Sequence[ColumnProfile], label: int | None = None) -> int | None:
    """The column that is the text: titled so and made of words, else the wordiest. None: there is none."""
    words = [profile for profile in profiles if profile.index != label and is_text(profile)]
    if not words:
        return None
    sentences = [profile for profile in words if is_sentences(profile)]
    if sentences:
        words = sentences
    elif any(not profile.few for profile in words if not is_id(profile)):
        words = [profile for profile in words if not is_id(profile)]
    if len(words) > 1 and label is None and not sentences:
        # Of single words the labels have few, the texts many: the column of the fewest is left to be the label.
        fewest = min(words, key=lambda profile: (title_rank(profile, LABEL_TITLES), profile.distinct, -profile.index))
        if titled(fewest, LABEL_TITLES) or not titled(fewest, TEXT_TITLES):
            words = [profile for profile in words if profile is not fewest]
    ranks = {profile.index: title_rank(profile, TEXT_TITLES) for profile in words}
    bodies = [profile for profile in words if ranks[profile.index] < float("inf") and not titled(profile, HEAD_TITLES)]

    def key(profile: ColumnProfile) -> tuple[bool, float, float]:
        headed = titled(profile, HEAD_TITLES) and any(_LONGER * profile.length < body.length for body in bodies)
        return headed, ranks[profile.index], -_wordiness(profile)

    return min(words, key=key).index


def other_texts(profiles: Sequence[ColumnProfile], text: int, label: int) -> list[int]:
    """Columns of sentences beside the text, which could have been meant."""
    return [profile.index for profile in profiles if profile.index not in (text, label) and is_sentences(profile)]


def refuse_numbers(profile: ColumnProfile, name: str) -> None:
    """Raises `Refusal` where the label is a measurement: numbers with decimals that hardly repeat."""
    if profile.numeric and not profile.whole and profile.distinct > max(_FEW, profile.filled // 20):
        many = f"{profile.distinct:,}" if profile.distinct <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"
        raise Refusal(
            "target",
            f"{name}: the column {profile.title[:40]} holds {many} different numbers, such as {profile.example[:20]}, "
            "where the label of a text is a class; name another with data.target_column, or save classes such as low and high",
        )


def _ask_for_label(profiles: Sequence[ColumnProfile], candidates: Sequence[int], name: str) -> None:
    """Raises `Refusal`, a question, where several columns with titles that promise nothing may be the label."""
    if len(candidates) < 2 or not profiles[candidates[0]].titled:
        return
    if title_rank(profiles[candidates[0]], LABEL_TITLES) < float("inf"):
        return
    choices = []
    for profile in (profiles[index] for index in candidates[:6]):
        classes = ", ".join(word[:20] for word in list(profile.counts)[:4])
        more = ", …" if profile.distinct > 4 else ""
        choices.append(Choice(f"{profile.distinct:,} classes: {classes}{more}", f"data.target_column={profile.title}"))
    raise Refusal("columns", f"{name} has several columns that may be the label", choices=tuple(choices))


def _wordiness(profile: ColumnProfile) -> float:
    """Likeness of a column to texts: the number of different ones, then their length."""
    return profile.length * min(profile.distinct, 2000)


def label_columns(profiles: Sequence[ColumnProfile], text: int | None) -> list[int]:
    """Columns that may be the label, the likeliest first: titled so, at an end of the row, of the fewest classes."""
    last = len(profiles) - 1
    found = [profile for profile in profiles if profile.index != text and may_be_label(profile) and not is_id(profile)]
    # Who wrote a text is no label of it, where there is another.
    found = [profile for profile in found if not titled(profile, GROUP_TITLES)] or found
    # Codes such as B00042 name what a text is about; classes may be written so where nothing else is a label.
    found = [profile for profile in found if profile.numeric or profile.digits < 0.95] or found
    # An age or a price is no class where something else is.
    found = [profile for profile in found if not _is_measured(profile)] or found

    def key(profile: ColumnProfile) -> tuple[float, bool, int, int]:
        known = title_rank(profile, LABEL_TITLES)
        return known, profile.index not in (0, last), profile.distinct, -profile.index

    return [profile.index for profile in sorted(found, key=key)]


def _is_measured(profile: ColumnProfile) -> bool:
    untitled = title_rank(profile, LABEL_TITLES) == float("inf")
    return profile.numeric and profile.distinct > _MOST_CODES and untitled


def kept_labels(profile: ColumnProfile, missing: Missing, findings: Findings) -> frozenset[str]:
    """Words of a column of labels, such as None, that are classes there, although they stand for a missing value elsewhere.

    A word that few rows have, where the field is empty in others, is a missing label. Either is noted, with the setting.
    """
    if missing.given:
        return frozenset()
    words = {
        word: rows for word, rows in profile.counts.items() if missing.is_missing(word) and word.lower() not in _NEVER
    }
    rare = {word for word, rows in words.items() if profile.empty and rows < _RARE * profile.rows}
    title = profile.title[:40]
    for word, rows in words.items():
        named = f"{word[:20]!r}, the label of {rows:,} rows in the column {title},"
        if word in rare:
            choices = (Choice("an empty field alone is a missing label", "data.missing=empty"),)
            findings.warn("missing label", f"{named} was taken for a missing label", count=rows, choices=choices)
        else:
            choices = (Choice("a missing label", f"data.missing={word}"),)
            findings.warn("class name", f"{named} was taken for the name of a class", count=rows, choices=choices)
    return frozenset(words.keys() - rare)


def _any_label(profiles: Sequence[ColumnProfile], text: int, name: str) -> int:
    """The column that comes closest to a label, where none has few different words: what is wrong with it is said then.

    Raises `Refusal` where all others are dates, or count the rows.
    """
    others = [profile for profile in profiles if profile.index != text]
    if all(is_index(profile) or (profile.fits and not profile.numeric) for profile in others):
        natures = "; ".join(f"{profile.title[:40]}: {nature(profile)}" for profile in others[:8])
        raise Refusal(
            "columns",
            f"{name} has no column that could be the label of the text {profiles[text].title[:40]} ({natures})",
        )
    return min(
        others,
        key=lambda profile: (
            title_rank(profile, LABEL_TITLES),
            is_index(profile),
            profile.nearly_empty,
            bool(profile.fits),
            profile.distinct if profile.distinct > 1 else 1e9,
            -profile.index,
        ),
    ).index


def _reason(profile: ColumnProfile, others: Collection[int]) -> str:
    return f"{nature(profile)}; could be the label" if profile.index in others else nature(profile)


def _no_text(profiles: Sequence[ColumnProfile], name: str) -> Refusal:
    """Refusal that says what each column is, where none is a text."""
    natures = "; ".join(f"{profile.title[:40]}: {nature(profile)}" for profile in profiles[:8])
    more = "; …" if len(profiles) > 8 else ""
    numeric = any(profile.numeric and not is_index(profile) for profile in profiles)
    choices = (Choice("a series, its rows in the order of the file", "data.kind=series"),) if numeric else ()
    return Refusal("columns", f"{name} has no column of texts ({natures}{more})", choices=choices)
