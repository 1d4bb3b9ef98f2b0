"""Columns of a table: what their titles promise, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rnnlab.tasks.own.roles.profile import MOST_COUNTED, ColumnProfile
from rnnlab.tasks.own.roles.titles import (
    CLOCK_UNITS,
    COUNTER_WORDS,
    ID_TITLES,
    LIKELY_TIMES,
    NUMBERING,
    PART_NAMES,
    TEXT_TITLES,
    TIME_WORDS,
)

_MOST_PARTS = 20
"""Different words, spelt in any way, of a column that says which part of the data a row belongs to."""
_LONGEST = 200
"""Letters of a title beyond which it promises nothing: a damaged file can have a first line of megabytes."""


def parts_of(title: str) -> tuple[str, ...]:
    """Words of a title, in lower case: `user_id`, `UserId` and `User ID` have the same. None of more than `_LONGEST` letters."""
    # Of a damaged file a title may be megabytes long, and thousands of them would be kept.
    return _parts_of(title) if len(title) <= _LONGEST else ()


@lru_cache(maxsize=4096)
def _parts_of(title: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])", " ", title)
    return tuple(re.findall(r"[^\W\d_]+|\d+|#", spaced.lower()))


def title_rank(profile: ColumnProfile, titles: Sequence[str]) -> float:
    """Place of the column's title among `titles`; half a place behind where it is a part of the title; infinite: none."""
    if not profile.titled:
        return float("inf")
    whole = profile.title.strip().lower()
    if whole in titles:
        return titles.index(whole)
    parts = parts_of(profile.title)
    # The last word says what a column is: `tweet_id` is an id, `review_text` a text.
    found = [titles.index(part) for part in parts[-1:] if part in titles]
    found += [titles.index(part) + len(titles) for part in parts[:-1] if part in titles]
    if len(whole) > 1:  # in `acc y` the letter is an axis
        found = [place for place in found if len(titles[place % len(titles)]) > 1]
    return len(titles) + min(found) + 0.5 if found else float("inf")


def titled(profile: ColumnProfile, titles: Sequence[str]) -> bool:
    """Whether the column's title is one of `titles`, or ends so."""
    return title_rank(profile, titles) < 2 * len(titles) + 1


def is_index(profile: ColumnProfile) -> bool:
    """Whether the column counts the rows, whatever its title."""
    return profile.counter and profile.low in (0, 1)


def clock_rank(profile: ColumnProfile) -> float:
    """How surely the column is a clock, or a counter of steps, and no measurement: the lower the surer, infinite: it is none.

    It need not be even. Titled as a clock it rises, though it may stand still, have gaps or begin anew; titled as a counter it
    holds whole numbers with steps of nearly one size, too; the first column without a title rises by such steps throughout.
    """
    if profile.clock:
        return 0.0
    share = profile.falls / max(1, profile.filled - 1)
    if not profile.numeric or profile.nearly_empty or profile.rows < _FEWEST or profile.up < max(1e-9, _ROSE * share):
        return float("inf")
    words = _clock_title(profile)
    if words and words[-1] in TIME_WORDS:
        return SURE_CLOCK
    if len(words) == 1 and words[0] in LIKELY_TIMES:
        return LIKELY_CLOCK
    if words and words[-1] in COUNTER_WORDS and (len(words) == 1 or len(words[-1]) > 1):
        return COUNTER if profile.whole and profile.steady else float("inf")
    untitled = not words and profile.index == 0 and profile.steady
    # Of a log that began within a line the first number may be a part of one, above the second.
    rises = profile.up >= _THROUGHOUT and profile.falls <= 1 + 0.01 * profile.rows
    return UNTITLED_CLOCK if untitled and rises else float("inf")


SURE_CLOCK, LIKELY_CLOCK, COUNTER, UNTITLED_CLOCK = 1.0, 2.0, 3.0, 4.0
"""Ranks of clocks that are not even."""
_FEWEST = 5
"""Rows of a clock at least."""
_ROSE = 4
"""How many times as often as it falls a clock rises, which begins anew where it falls."""
_THROUGHOUT = 0.97
"""Share of rows at which a clock without a title rises at least."""


def _clock_title(profile: ColumnProfile) -> tuple[str, ...]:
    """Words of the column's title, without the unit and what follows `since`; none where the file gives it no title."""
    title = profile.title.strip()
    if not profile.titled or title == f"column {profile.index + 1}" or title.startswith("Unnamed: "):
        return ()
    words = parts_of(title)
    words = words[: words.index("since")] if "since" in words[1:] else words
    known = TIME_WORDS | COUNTER_WORDS | {"t"}
    if len(words) > 1 and words[-1] in CLOCK_UNITS | NUMBERING and (words[-2] in known or words[-1] not in TIME_WORDS):
        words = words[:-1]
    return words or ("",)


def begins_anew(profile: ColumnProfile) -> bool:
    """Whether the column counts whole steps, each number above the one before, again and again from its beginning."""
    rises = round(profile.up * (profile.rows - 1)) + profile.falls >= profile.rows - 1
    counts = profile.numeric and profile.whole and profile.steady and not profile.missing and rises
    return counts and 0 < profile.falls <= profile.rows / _FEWEST


def is_id(profile: ColumnProfile) -> bool:
    """Whether the column tells rows apart, and says no more: another code or another number at each row."""
    if is_index(profile):
        return True
    if profile.words > 1.05 or not (profile.unique or titled(profile, ID_TITLES)):
        return False
    if profile.numeric:
        return profile.whole and titled(profile, ID_TITLES)
    if titled(profile, ID_TITLES) and not profile.few:
        return True
    return profile.digits > 0.95 and title_rank(profile, TEXT_TITLES) == float("inf")


def is_text(profile: ColumnProfile) -> bool:
    """Whether the column may be a text: made of words, not of numbers or dates, and not of one word alone."""
    if profile.nearly_empty or profile.fits or profile.distinct < 2 or (profile.cells and not profile.cells.tokens):
        return False
    return profile.letters >= 0.5 or not profile.numeric or is_code(profile)


def is_code(profile: ColumnProfile) -> bool:
    """Whether the column is made of digits that are no number, as 0110 or a postal code: read sign by sign."""
    return profile.coded and profile.length > 3


def is_sentences(profile: ColumnProfile) -> bool:
    """Whether the column is surely text: several words a field, and hardly any of them twice."""
    return (
        is_text(profile)
        and profile.letters > 0.8
        and (profile.words >= 2.5 or profile.length >= 30)
        and (profile.unique or profile.distinct > min(MOST_COUNTED, 0.3 * profile.filled))
    )


def may_be_label(profile: ColumnProfile) -> bool:
    """Whether the column may be a label: few different words, or few different whole numbers, that are no dates."""
    if profile.words > 3.5 or profile.length > 60 or is_part(profile):
        return False
    absent = profile.missing if profile.numeric else profile.empty  # a class may be called None
    if absent > 0.5 * profile.rows or not profile.few or is_index(profile):
        return False
    if profile.fits and not profile.numeric:
        return False
    return profile.letters >= 0.5 or not profile.numeric or profile.whole


def is_part(profile: ColumnProfile) -> bool:
    """Whether the column says which part of the data a row belongs to: `train`, `test`, and nothing else."""
    if profile.numeric or not 1 < profile.distinct <= _MOST_PARTS:
        return False
    words = {word.strip().lower() for word in profile.counts}
    return len(words) > 1 and words <= PART_NAMES and bool(words & {"train", "training"})


def nature(profile: ColumnProfile) -> str:
    """What a column that is left out is, in a few words."""
    if not profile.filled:
        return "empty"
    if profile.nearly_empty:
        return f"empty in {profile.missing:,} of {profile.rows:,} rows"
    if is_index(profile):
        return "counts the rows"
    if profile.distinct == 1:
        return "the same at every row"
    if profile.cells:
        return f"{profile.cells.text} in each field"
    if profile.fits and not (profile.numeric and profile.few):
        return "dates"
    if is_id(profile):
        return "an id"
    if is_part(profile):
        return "parts of the data"
    if profile.numeric:
        if profile.clock:
            return "rises by even steps, as a clock does"
        anew = f", and begins anew {profile.falls:,} times" if profile.falls > 1 else ""
        return f"rises, as a clock does{anew}" if clock_rank(profile) < float("inf") else "numbers"
    if profile.distinct <= MOST_COUNTED and not profile.unique:
        return f"{profile.distinct:,} different words"
    return "texts" if profile.words >= 1.5 else "words"


def listed(header: Sequence[str], indices: Iterable[int], most: int = 6) -> str:
    """Titles of columns, for a sentence."""
    names = [header[index][:40] for index in indices]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")
