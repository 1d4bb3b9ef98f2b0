"""Dates as people write them: forms of a column's words, and their moments in seconds since 1970."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.values.date_patterns import PATTERNS, Layout, layout_of, layouts_of
from rnnlab.tasks.own.values.date_steps import evenness, usual_step
from rnnlab.tasks.own.values.date_values import FIRST_YEARS, moments_from
from rnnlab.tasks.own.values.numbers import MISSING, NEARLY_ALL
from rnnlab.text.characters import tidied

__all__ = ["DateForm", "date_forms", "evenness", "is_date_title", "moments_of", "tell_apart", "usual_step"]

_Form = TypeVar("_Form")

LONGEST_DATE = 70
_MOST_TEMPLATES = 2000
"""Maximum number of ways of writing that are tried in one block of words; the commonest."""
_EASTERN = str.maketrans(
    {**dict.fromkeys("年月년월", "-"), **dict.fromkeys("日号일秒초", ""), **dict.fromkeys("時时点시分분", ":")}
)
_DIGITS = str.maketrans("123456789", "000000000")
_TITLE_WORDS = (
    "date dates time times timestamp timestamps datetime day days month months year years yr week weeks quarter period ds "
    "dt ts epoch unix utc datum zeit zeitpunkt zeitstempel uhrzeit tag monat jahr woche quartal fecha hora dia mes ano año "
    "anno heure jour mois annee année semaine data ora giorno mese created updated when yyyymm yyyymmdd yearmonth observation"
)
_TITLES = frozenset(_TITLE_WORDS.split())
_DAY_TITLES = _TITLES - {"time", "times", "ts", "epoch", "unix", "utc", "hora", "heure", "ora", "uhrzeit", "zeit"}


@dataclass(frozen=True)
class DateForm:
    """One way in which the dates of a column are written.

    `name` for people, such as day.month.year hour:minute. `step`: the finest calendar unit that a date tells: year, quarter,
    month, week, day, hour or second. `order`: day-first, month-first or year-first where the numbers could change places.
    """

    key: str
    name: str
    step: str
    order: str = ""
    first_year: int = FIRST_YEARS[0]
    """First of the hundred years that years of two digits are of."""

    @property
    def number(self) -> bool:
        """Whether the dates look like plain numbers: years, yyyymm, Unix time, a spreadsheet's days."""
        return PATTERNS[self.key].titled

    @property
    def clock(self) -> bool:
        """Whether it is a time of day, or a duration, without a date."""
        return self.key == "clock"


@dataclass(frozen=True)
class _Templates:
    """Words by the way they are written: for each template the words' indices."""

    words: Sequence[str]
    indices: dict[str, list[int] | None]
    """None: all words."""

    @classmethod
    def of(cls, words: Sequence[str]) -> _Templates:
        joined = "\n".join(words)
        if not joined.isascii() or len(joined) > (LONGEST_DATE + 1) * len(words):
            words = [_western(tidied(word)) if len(word) <= LONGEST_DATE else "" for word in words]
            joined = "\n".join(words)
        templates = joined.translate(_DIGITS).split("\n")
        if len(templates) != len(words):
            words = ["" if "\n" in word else word for word in words]
            templates = "\n".join(words).translate(_DIGITS).split("\n")
        distinct = set(templates)
        if len(distinct) == 1:
            return cls(words, {templates[0]: None})
        if len(distinct) > _MOST_TEMPLATES:
            distinct = {template for template, _ in Counter(templates).most_common(_MOST_TEMPLATES)}
        indices: dict[str, list[int] | None] = {}
        for template in distinct:
            if "0" in template and len(template) <= LONGEST_DATE:
                indices[template] = []
        for index, template in enumerate(templates):
            found = indices.get(template)
            if found is not None:
                found.append(index)
        return cls(words, indices)

    def count(self, template: str) -> int:
        """How many words are written so."""
        indices = self.indices[template]
        return len(self.words) if indices is None else len(indices)

    def layouts(self, key: str) -> dict[str, Layout]:
        """Layouts of the templates that the pattern reads."""
        return {template: layout for template in self.indices if (layout := layout_of(template, key)) is not None}

    def by_pattern(self) -> dict[str, dict[str, Layout]]:
        """Layouts of the templates that each pattern reads, by the patterns' keys, in their order."""
        found: dict[str, dict[str, Layout]] = {}
        for template in self.indices:
            for key, layout in layouts_of(template).items():
                found.setdefault(key, {})[template] = layout
        return {key: found[key] for key in PATTERNS if key in found} if found else found

    def moments(
        self, key: str, first_year: int = FIRST_YEARS[0], layouts: Mapping[str, Layout] | None = None
    ) -> NDArray[np.float64]:
        """Seconds since 1970 (words,) by the pattern of that key; `layouts` are those that it has, where they are known."""
        moments = np.full(len(self.words), np.nan)
        for template, layout in (self.layouts(key) if layouts is None else layouts).items():
            indices = self.indices[template]
            if indices is None:
                return moments_from(self.words, PATTERNS[key], layout, first_year)
            some = [self.words[index] for index in indices]
            moments[indices] = moments_from(some, PATTERNS[key], layout, first_year)
        return moments


def _western(word: str) -> str:
    """The word with signs in place of the characters for year, month and day."""
    return word if word.isascii() else word.translate(_EASTERN).strip("-: ")


_Found = tuple[float, float, DateForm, NDArray[np.float64]]
"""Share of the words that a form reads, how even their steps are, the form, and the moments."""


def date_forms(words: Sequence[str], title: str = "") -> tuple[DateForm, ...]:
    """Forms in which nearly all words are dates, the most likely first, as `dated` finds them."""
    return tuple(form for form, _ in dated(words, title))


def dated(words: Sequence[str], title: str = "") -> tuple[tuple[DateForm, NDArray[np.float64]], ...]:
    """Forms in which nearly all words are dates, the most likely first; missing values are passed over.

    Plain numbers are dates only where the title says so, or where they rise as dates do. The words stand in the order of the
    file: of forms that read them all, as 03/04/2020 can be read in two ways, the one with even steps comes first. Beside each
    form the moments of the words that are present, in seconds since 1970.
    """
    absent = {word for word in set(words) if len(word) < 10 and tidied(word).lower() in MISSING}
    present = [word for word in words if word not in absent] if absent else words
    if not present:
        return ()
    templates = _Templates.of(present)
    found: list[_Found] = []
    for key, layouts in templates.by_pattern().items():
        if sum(map(templates.count, layouts)) < NEARLY_ALL * len(present):
            continue
        pattern = PATTERNS[key]
        moments = templates.moments(key, layouts=layouts)
        first_year = FIRST_YEARS[0]
        if any(layout.short_year for layout in layouts.values()):
            first_year, moments = _century(key, templates, moments)
        read = float(np.isfinite(moments).mean())
        if read >= NEARLY_ALL and (not pattern.titled or _believed(key, moments, title)):
            found.append((read, evenness(moments), _form(key, layouts, templates, first_year), moments))
    if not found:
        return ()
    best = max(read for read, *_ in found)
    # A 13th month rules a form out, even if it is one row in a thousand.
    found = [entry for entry in found if entry[0] == best] if best == 1.0 else found
    found = _without_unlikely(found)
    ordered = sorted(found, key=lambda entry: (-entry[0], -round(entry[1], 3)))
    return tuple((form, moments) for _, _, form, moments in ordered)


def _century(key: str, templates: _Templates, moments: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]]:
    """First of the hundred years by which years of two digits make the evener series, with the moments (words,)."""
    best = FIRST_YEARS[0], moments
    most = _order(moments)
    for first_year in FIRST_YEARS[1:] if most < 1 else ():
        others = templates.moments(key, first_year)
        if np.array_equal(others, moments, equal_nan=True) or (order := _order(others)) <= most:
            continue
        best, most = (first_year, others), order
    return best


def _without_unlikely(found: list[_Found]) -> list[_Found]:
    """Without forms that only exotic files have, where a common one reads the words."""
    common = [entry for entry in found if entry[2].order in ("day-first", "month-first")]
    keys = {entry[2].key for entry in found}
    rest = found
    if common:
        steady = max(even for _, even, *_ in common)
        rest = [entry for entry in rest if entry[2].order != "year-first" or (entry[1] >= 0.98 and steady < 0.9)]
        if "short year first" in {entry[2].key for entry in rest}:
            rest = [entry for entry in rest if entry[2].order == "year-first"]
        elif "clock" in keys:
            rest = [entry for entry in rest if entry[2].key != "clock"]
    if "compact" in keys:
        rest = [entry for entry in rest if not entry[2].key.startswith("compact ")]
    if "season" in keys and "iso month" in keys:
        rest = [entry for entry in rest if entry[2].key != "iso month"]
    if "quarter" in keys or "colon quarter" in keys:
        rest = [entry for entry in rest if entry[2].key not in ("half-year", "colon month")]
    if any(key not in ("unix s", "unix ms", "unix us", "unix ns") for key in keys):
        rest = [entry for entry in rest if not entry[2].key.startswith("unix")]
    return rest


def _form(key: str, layouts: dict[str, Layout], templates: _Templates, first_year: int) -> DateForm:
    """Form of the pattern, with the time of day that the words have."""
    pattern = PATTERNS[key]
    usual = max(layouts, key=templates.count)
    layout = layouts[usual]
    name, step = pattern.name, pattern.step
    if pattern.timed:
        sign = re.search(r"0([-/._ ])\s?0", usual)
        if sign and key in ("iso", "day-first", "month-first", "short year first"):
            name = re.sub("[-/]", sign[1], name)
        if layout.clock:
            name += {"hour": " hour", "minute": " hour:minute", "second": " hour:minute:second"}[layout.clock]
            step = "hour" if layout.clock == "hour" else "second"
        if "afternoon" in layout.fixed:
            name += " am/pm"
    if "zone" in layout.fixed or "sign" in layout.fixed:
        name += " with offset" if "sign" in layout.fixed else " UTC" if not layout.fixed["zone"] else " with zone"
    return DateForm(key, name, step, pattern.order, first_year)


def is_date_title(title: str, days: bool = False) -> bool:
    """Whether the title of a column says that it holds dates; with `days`, dates of at least a day."""
    parts = re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])", title)
    return any(part.lower() in (_DAY_TITLES if days else _TITLES) for part in parts)


def _believed(key: str, moments: NDArray[np.float64], title: str) -> bool:
    """Whether words that look like plain numbers are dates: by the column's title, or because they rise as dates do."""
    known = moments[np.isfinite(moments)]
    titled = is_date_title(title, days=key == "excel")
    if key == "yyyyww" and not re.search(r"w(?:ee)?k|kw|yw|woche|semana|semaine", title, re.IGNORECASE):
        return False
    if key in ("month/yy", "dotted quarter") and evenness(known) < NEARLY_ALL:
        return False  # too much like other numbers to be believed by a title alone
    if titled and key.startswith("unix"):
        return True  # so many digits under such a title are nothing else, in whatever order the rows are
    steps = np.diff(known)
    if (steps < 0).any() and (steps > 0).any():
        # Series one under another begin again and again; numbers that go up and down are measurements.
        return titled and float((steps >= 0).mean()) > 0.6
    if titled or not len(steps):
        return titled
    if key == "excel" or len(known) < 5:
        return False
    if key == "decimal year":
        return bool((steps > 0).all()) and float(steps.max()) < 400 * 86_400 and evenness(known) > 0.95
    return bool((steps != 0).any()) and evenness(known) >= 0.9


def moments_of(words: Sequence[str], form: DateForm) -> NDArray[np.float64]:
    """Seconds since 1970 UTC (words,), offsets applied; NaN where a word is no date of the form."""
    return _Templates.of(words).moments(form.key, form.first_year) if len(words) else np.zeros(0)


def tell_apart(forms: Sequence[_Form], moments: Sequence[NDArray[np.float64]]) -> _Form | None:
    """The one form whose moments (over all rows, one array a form) are dates of a series; None where a person has to say.

    The form that reads more rows is it; of forms that read the same rows, the one with even steps, or in whose order the file is.
    """
    if len(forms) < 2:
        return forms[0] if forms else None
    known = [int(np.isfinite(of_form).sum()) for of_form in moments]
    best = max(known)
    left = [index for index, count in enumerate(known) if count == best]
    if len(left) == 1 or all(np.array_equal(moments[left[0]], moments[i], equal_nan=True) for i in left[1:]):
        return forms[left[0]]
    scores = sorted(((_order(moments[i]), i) for i in left), reverse=True)
    (first, winner), (second, _) = scores[:2]
    return forms[winner] if first > 0.6 and first - second > 0.02 else None


def _order(moments: NDArray[np.float64]) -> float:
    """How much like a series the moments are: even steps, in one order throughout."""
    known = moments[np.isfinite(moments)]
    steps = np.diff(known)
    ordered = max(float((steps >= 0).mean()), float((steps <= 0).mean())) if len(steps) else 1.0
    return evenness(known) * ordered
