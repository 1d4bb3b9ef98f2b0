"""Columns of a table: how they are named, what their titles promise, and what they are made of."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rnnlab.tasks.own.common.findings import Refusal
from rnnlab.tasks.own.roles.profile import MOST_COUNTED, ColumnProfile
from rnnlab.tasks.own.tables.table import Table

_LABELS = (
    "label labels class classes target category sentiment polarity score rating overall stars star activity intent emotion toxic "
    "spam language lang country topic verdict outcome species quality output y klasse kategorie classification type genre "
    "mood gold"
)
LABEL_TITLES = tuple(_LABELS.split())
"""Titles that promise labels, the likeliest first."""
_TEXTS = (
    "text texts sentence tweet review message comment body content sms email article post question utterance headline "
    "description summary title phrase query document transcript lyrics caption sequence input word surname name x satz "
    "nachricht kommentar"
)
TEXT_TITLES = tuple(_TEXTS.split())
_VALUES = (
    "value values target y sales price close count demand load temperature volume consumption passengers wert umsatz preis "
    "power usage ot cnt total"
)
VALUE_TITLES = tuple(_VALUES.split())
_LONGEST = 200
"""Letters of a title beyond which it promises nothing: a damaged file can have a first line of megabytes."""
PLACE_TITLES = ("lat", "lon", "lng", "long", "latitude", "longitude", "altitude", "elevation")
"""Titles of where something was measured, which is hardly what is forecast."""
_DATES = (
    "date datetime timestamp time ds day month year week quarter period datum zeit zeitstempel jahr monat tag uhrzeit when "
    "fecha"
)
DATE_TITLES = tuple(_DATES.split())
_IDS = "id ids index idx key uuid guid no nr num number row rownum rowid serial hash url link"
ID_TITLES = tuple(_IDS.split())
_GROUPS = (
    "user userid subject subjectid person participant patient volunteer session trial recording series sequence device "
    "sample case id uid sid pid window segment file episode run experiment player driver"
)
GROUP_TITLES = tuple(_GROUPS.split())
_CLOCKS = (
    "time timestamp t ts ms sec secs second seconds millis msec ns epoch frame tick step elapsed clock offset datetime"
)
CLOCK_TITLES = tuple(_CLOCKS.split())


def named_column(table: Table, name: str, key: str, file: str) -> int:
    """Index of the column called `name`, or numbered so from 1. Raises `Refusal` with the names of all columns."""
    header, wanted = table.header, name.strip()
    if wanted in header:
        return header.index(wanted)
    folded = [title.lower() for title in header]
    if wanted.lower() in folded:
        return folded.index(wanted.lower())
    # No longer number names a column, and Python refuses to read the longest.
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 and 1 <= int(wanted) <= len(header):
        return int(wanted) - 1
    near = difflib.get_close_matches(wanted, header, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    titles = ", ".join(title[:40] for title in header[:12]) + (", …" if len(header) > 12 else "")
    raise Refusal("columns", f"{file} has no column {wanted[:40]!r}{hint}, which {key} names; its columns are {titles}")


def named_columns(table: Table, names: str | None, key: str, file: str) -> tuple[int, ...]:
    """Indices of several columns, named with commas between; a title that holds a comma is one name. Raises `Refusal`."""
    if not names:
        return ()
    if names.strip() in table.header:
        return (table.header.index(names.strip()),)
    return tuple(dict.fromkeys(named_column(table, name, key, file) for name in names.split(",")))


@lru_cache(maxsize=4096)
def parts_of(title: str) -> tuple[str, ...]:
    """Words of a title, in lower case: `user_id`, `UserId` and `User ID` have the same. None of more than `_LONGEST` letters."""
    if len(title) > _LONGEST:
        return ()
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
    if profile.nearly_empty or profile.fits or profile.distinct < 2:
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
    if profile.words > 3.5 or profile.length > 60:
        return False
    absent = profile.missing if profile.numeric else profile.empty  # a class may be called None
    if absent > 0.5 * profile.rows or not profile.few or is_index(profile):
        return False
    if profile.fits and not profile.numeric:
        return False
    return profile.letters >= 0.5 or not profile.numeric or profile.whole


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
    if profile.fits and not (profile.numeric and profile.few):
        return "dates"
    if is_id(profile):
        return "an id"
    if profile.numeric:
        return "rises by even steps, as a clock does" if profile.clock else "numbers"
    if profile.distinct <= MOST_COUNTED and not profile.unique:
        return f"{profile.distinct:,} different words"
    return "texts" if profile.words >= 1.5 else "words"


def listed(header: Sequence[str], indices: Iterable[int], most: int = 6) -> str:
    """Titles of columns, for a sentence."""
    names = [header[index][:40] for index in indices]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")
