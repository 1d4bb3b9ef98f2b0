"""Labels in the names of recordings: `walking_01.csv`, `s03_walking.csv`, `walking.csv`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.tasks.own.roles.titles import PERSONS

_MOST_LABELS = 100
_PARTS = re.compile(r"[\s_\-.,()\[\]+]+")
_CODE = re.compile(r"^([a-z]{1,11})(\d+)$")
_PEOPLE = PERSONS | {"s", "p", "u", "sub", "part"}
_TRIAL_TITLES = "t trial rep repetition r take session sess rec recording file sample seq e exp n no nr set"
_TRIALS = frozenset(_TRIAL_TITLES.split())


class NamedLabel(NamedTuple):
    """What the name of a file says: its label, and its person (empty where none is named)."""

    label: str
    person: str


def labels_of_names(stems: Sequence[str]) -> list[NamedLabel] | None:
    """Label and person of each file, in their order; None where the names do not say.

    Numbers, and codes of persons and trials (s03, trial2), are no part of a label, nor are parts that all names share. Labels
    are said where they repeat, or where the names are nothing else.
    """
    split = [[part for part in _PARTS.split(stem) if part] for stem in stems]
    shared = Counter(part.lower() for parts in split for part in set(parts))
    common = {part for part, count in shared.items() if count == len(split) > 1}
    read = [_read(parts, common) for parts in split]
    counts = Counter(found.label for found, _ in read)
    if not 2 <= len(counts) <= _MOST_LABELS or "" in counts:
        return None
    repeated = all(count >= 2 for count in counts.values())
    plain = not any(shortened for _, shortened in read)
    return [found for found, _ in read] if repeated or plain else None


def is_person(name: str) -> bool:
    """Whether a name is the code of a person and nothing else: P1, s03, subject_3, `user 12`."""
    parts = [part.lower() for part in _PARTS.split(name) if part]
    code = _CODE.match(parts[0]) if len(parts) == 1 else None
    return (code is not None and code[1] in _PEOPLE) or (len(parts) == 2 and parts[0] in _PEOPLE and parts[1].isdigit())


def _read(parts: Sequence[str], common: set[str]) -> tuple[NamedLabel, bool]:
    """Label and person of one name, and whether anything of it is no part of the label."""
    words = []
    person = before = ""
    for part in parts:
        lower = part.lower()
        code = _CODE.match(lower)
        if lower.isdigit():
            if before in _PEOPLE:
                person = f"{before} {part}"
        elif code and code[1] in _PEOPLE:
            person = part
        elif lower in common or (code and code[1] in _TRIALS) or lower in _PEOPLE | _TRIALS:
            pass
        else:
            words.append(part.rstrip("0123456789") or part)
        before = lower
    label = " ".join(words)
    return NamedLabel(label, person), "".join(words) != "".join(parts)
