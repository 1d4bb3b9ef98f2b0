"""Searching the tasks, the architectures and the settings of Setup at once: what each is called, and which hold a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rnnlab.config import FIELDS, where
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.cards.card_list import Card
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.form.form_lines import NOT_IN_FORM, label_of

Kind = Literal["task", "architecture", "setting"]
ARTICLES: dict[Kind, str] = {"task": "a task", "architecture": "an architecture", "setting": "a setting"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to go to: `name` is its name in a configuration, `line` describes it in one line."""

    kind: Kind
    name: str
    title: str
    line: str = ""


def found(entries: Iterable[Entry], text: str, kind: Kind) -> list[Entry]:
    """The entries that hold every word of `text`, in any case: first those called so, those of `kind` before the others.

    Of an empty text all of `kind`.
    """
    words = text.lower().split()
    if not words:
        return [entry for entry in entries if entry.kind == kind]
    ranked = [(rank, entry.kind != kind, entry) for entry in entries if (rank := _rank(entry, words)) is not None]
    return [entry for _, _, entry in sorted(ranked, key=lambda each: each[:2])]


def _rank(entry: Entry, words: Sequence[str]) -> int | None:
    """How directly the words name the entry, 0 at best; None: they do not."""
    name, title = entry.name.lower(), entry.title.lower()
    short = name.rpartition(".")[2]
    if not all(word in f"{name} {title} {entry.line.lower()}" for word in words):
        return None
    whole = " ".join(words)
    if whole in (name, short, title):
        return 0
    if name.startswith(whole) or short.startswith(whole) or title.startswith(whole):
        return 1
    return 2 if all(word in f"{name} {title}" for word in words) else 3


def no_match_text(hits: Sequence[Entry], entries: Iterable[Entry], text: str, kind: Kind) -> str:
    """A sentence on a search that found nothing of `kind`: where enter would lead, or that nothing was found.

    Empty where something of `kind` was found, or nothing is searched for.
    """
    sought = plain(text.strip(), 30)
    if not sought or any(hit.kind == kind for hit in hits):
        return ""
    if hits:
        return f"nothing holds “{sought}” among {kind}s; it is {ARTICLES[hits[0].kind]} ⏎"
    *first, last = dict.fromkeys(f"{entry.kind}s" for entry in entries)
    return f"nothing holds “{sought}” among {', '.join(first)}{' or ' if first else ''}{last}"


def task_entries(cards: Iterable[Card]) -> list[Entry]:
    """The tasks of a list."""
    return [Entry("task", card.name, card.title, card.lacking or card.line) for card in cards]


def entries_of(draft: Draft, tasks: Iterable[Card], models: Iterable[Card]) -> list[Entry]:
    """All that Setup lets one choose: the cards of its lists, and the fields of its form."""
    entries = task_entries(tasks)
    entries += [Entry("architecture", card.name, card.title, card.line) for card in models]
    for key, field in FIELDS.items():
        if key not in NOT_IN_FORM:
            line = field.setting.help if draft.applies(key) else f"{field.setting.help} Applies where {where(key)}."
            entries.append(Entry("setting", key, label_of(field), line))
    return entries
