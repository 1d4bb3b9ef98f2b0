"""Patterns of dates: how people write them, as expressions over a template, a word whose digits are all zeros."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from rnnlab.tasks.own.values.date_names import MONTHS, WEEKDAY, ZONES, folded

_LETTERS = r"[^\W\d_]"
_ZONE = (
    rf"(?:\s?(?P<zone>{_LETTERS}{{1,4}}(?<![ap]m)))?(?:\s?(?P<sign>[-+])(?P<zone_hour>00?)(?::?(?P<zone_minute>00))?)?"
    r"(?:\s?[\[(][\w/+\- ]+[\])]|\s[a-z]+/[a-z_]+)?"
)
_HALF_DAY = r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)"
_CLOCK = (
    r"(?P<hour>00?)(?:[:.h]\s?(?P<minute>00)(?:[:.m](?P<second>00)s?(?:[.,:](?P<fraction>0{1,12}))?)?"
    rf"(?:{_HALF_DAY}|\s?(?:uhr|hrs?|h))?|{_HALF_DAY})"
)
_APART = r"(?P<hour>00)(?:\s(?P<minute>00)(?:\s(?P<second>00))?|-(?P<minute>00)-(?P<second>00))"
_HOUR = rf"(?:{_CLOCK}|{_APART}|h?(?P<full_hour>00?)(?:h\b|:|(?=[z+]|\b)))"
_SIGN = r"(?P<s>[-/._ ])"
_NAME = rf"(?P<name>{_LETTERS}{{3,12}})\.?"
_WEEKDAY = rf"(?:{WEEKDAY}(?:\.?,\s?|\.\s?|\s))?"
_YEAR = "(?P<year>0000)"
_YEARS = r"'?(?P<year>0000|00)"
_MONTH, _DAY = "(?P<month>00?)", "(?P<day>00?)"
_RANK = r"(?:st|nd|rd|th|er|º|°)?"
_QUARTER_SIGN = r"(?:q|t|qtr|quarter|quartal|trim|trimestre)\.?\s?"
_NUMBER = r"(?P<number>0{%d,%d}(?:[.,]0+)?|0[.,]0+e\+?00)"


@dataclass(frozen=True)
class Pattern:
    """One way to write a date. `name` for people; `step` the finest calendar unit a date tells.

    `order`: day-first or month-first where the day and the month could be exchanged. `titled`: the words look like plain
    numbers, so that a title or an even rise has to say that they are dates. `years`: the first and last year believed.
    """

    key: str
    name: str
    step: str
    date: str
    order: str = ""
    timed: bool = True
    """Whether a time of day may stand after the date, or before it."""
    titled: bool = False
    years: tuple[int, int] = (1, 9999)
    number: str = ""
    """What a number counts: seconds, milliseconds, … since 1970, days since 1900 (excel) or years."""


_PLAIN_YEARS = (1500, 2200)
_DEFINITIONS = (
    Pattern("iso", "year-month-day", "day", rf"{_YEAR}(?:{_SIGN}\s?{_MONTH}(?P=s)\s?{_DAY})\.?"),
    Pattern("iso month", "year-month", "month", rf"{_YEAR}[-/_ ]{_MONTH}", timed=False, years=_PLAIN_YEARS),
    Pattern(
        "dotted month", "year.month", "month", rf"{_YEAR}\.(?P<month>00)", timed=False, titled=True, years=_PLAIN_YEARS
    ),
    Pattern(
        "colon month", "year:month", "month", rf"{_YEAR}(?::|[-: ]?M)(?P<month>00?)", timed=False, years=_PLAIN_YEARS
    ),
    Pattern("month year", "month/year", "month", rf"{_MONTH}[-/._ ]{_YEAR}", timed=False, years=_PLAIN_YEARS),
    Pattern("day-first", "day/month/year", "day", rf"{_DAY}{_SIGN}\s?{_MONTH}(?P=s)\s?{_YEARS}\.?", "day-first"),
    Pattern("month-first", "month/day/year", "day", rf"{_MONTH}{_SIGN}\s?{_DAY}(?P=s)\s?{_YEARS}\.?", "month-first"),
    Pattern("short year first", "yy/month/day", "day", rf"(?P<year>00){_SIGN}{_MONTH}(?P=s){_DAY}", "year-first"),
    Pattern(
        "day name year",
        "day month-name year",
        "day",
        rf"{_DAY}{_RANK}\.?[-/ ]?(?:of |de )?{_NAME}[-/ ,]*(?:de |del )?{_YEARS}",
    ),
    Pattern("name day year", "month-name day year", "day", rf"{_NAME}[-/ ]*{_DAY}{_RANK}[-/ ,]+{_YEARS}"),
    Pattern("year name day", "year month-name day", "day", rf"{_YEAR}[-/ ,]*{_NAME}[-/ ]*{_DAY}"),
    Pattern(
        "ctime",
        "weekday month-name day time year",
        "second",
        rf"{_WEEKDAY}{_NAME}\s+{_DAY}\s+{_CLOCK}(?:{_ZONE}\s+{_YEAR}|\s+{_YEAR}{_ZONE})",
        timed=False,
    ),
    Pattern("name year", "month-name year", "month", rf"{_NAME}[-/ ,]*(?:de |del )?{_YEARS}", timed=False),
    Pattern("year name", "year month-name", "month", rf"{_YEAR}[-/ ,]*{_NAME}", timed=False),
    Pattern("short year name", "yy-month-name", "month", rf"(?P<late_year>00)[-/ ]{_NAME}", timed=False),
    Pattern(
        "quarter",
        "year and quarter",
        "quarter",
        rf"{_YEAR}[-:/_. ]?\s?(?:{_QUARTER_SIGN}(?P<quarter>0)|(?P<quarter_>0)q)",
        timed=False,
    ),
    Pattern(
        "quarter first",
        "quarter and year",
        "quarter",
        rf"(?:{_QUARTER_SIGN}(?P<quarter>0)|(?P<quarter_>0)(?:st|nd|rd|th)?\.?\s?{_QUARTER_SIGN})[-:/_. ]*(?:FY\s?)?{_YEARS}",
        timed=False,
    ),
    Pattern(
        "months",
        "first and last month, year",
        "quarter",
        rf"{_NAME}\s?-\s?{_LETTERS}{{3,12}}\.?[-/ ,]*{_YEARS}",
        timed=False,
    ),
    Pattern("dotted quarter", "year.quarter", "quarter", rf"{_YEAR}\.(?P<quarter>0)", timed=False, titled=True),
    Pattern("colon quarter", "year:quarter", "quarter", rf"{_YEAR}:(?P<quarter>0)", timed=False),
    Pattern(
        "half-year",
        "year and half-year",
        "month",
        rf"(?:{_YEAR}[- ]?[hs](?P<half_year>0)|[hs](?P<half_year_>0)[- /]?(?P<year_>0000))",
        timed=False,
    ),
    Pattern(
        "week",
        "year and week",
        "week",
        rf"{_YEAR}[-/ ]?(?:w|wk|week|kw)[-. ]?(?:(?P<week>00?)(?:[-.](?P<weekday>0))?|(?P<week_>00)(?P<weekday_>0))",
        timed=False,
    ),
    Pattern("week first", "week and year", "week", rf"(?:w|wk|week|kw)[-. ]?(?P<week>00?)[-/, ]+{_YEAR}", timed=False),
    Pattern("season", "two years", "year", rf"{_YEAR}[-/](?P<next_year>0000|00)", timed=False),
    Pattern("fiscal year", "year", "year", rf"(?:FY|YR|CY)\s?{_YEAR}", timed=False),
    Pattern("compact", "yyyymmdd", "day", r"(?P<year>0000)(?P<month>00)(?P<day>00)", years=_PLAIN_YEARS),
    Pattern(
        "compact time",
        "yyyymmddHHMM",
        "second",
        rf"(?P<year>0000)(?P<month>00)(?P<day>00)[T :_-]?(?P<hour>00)"
        rf"(?:(?P<minute>00)(?P<second>00)?(?:\.(?P<fraction>0+))?)?{_ZONE}",
        timed=False,
        years=_PLAIN_YEARS,
    ),
    Pattern(
        "compact day-first",
        "ddmmyyyy",
        "day",
        r"(?P<day>00)(?P<month>00)(?P<year>0000)",
        "day-first",
        years=(1800, 2100),
    ),
    Pattern(
        "compact month-first",
        "mmddyyyy",
        "day",
        r"(?P<month>00)(?P<day>00)(?P<year>0000)",
        "month-first",
        years=(1800, 2100),
    ),
    Pattern("day of year", "year and day of the year", "day", rf"{_YEAR}-(?P<year_day>000)", years=_PLAIN_YEARS),
    Pattern(
        "clock",
        "time of day",
        "second",
        rf"(?:(?P<days>0+) days? )?(?:{_CLOCK}(?:\s?-\s?00?[:.]00(?:[:.]00)?)?|"
        r"(?P<hours>000?):(?P<minute_>00)(?::(?P<second_>00))?|"
        r"(?P<minute__>00?):(?P<second__>00)[.,](?P<fraction_>0{1,6}))",
        timed=False,
    ),
    Pattern("month/yy", "month/yy", "month", r"(?P<month>00?)/(?P<year>00)", timed=False, titled=True),
    Pattern("yyyyww", "yyyyww", "week", r"(?P<year>0000)(?P<week>00)", timed=False, titled=True, years=(1900, 2150)),
    Pattern("yyyymm", "yyyymm", "month", r"(?P<year>0000)(?P<month>00)", timed=False, titled=True, years=(1700, 2150)),
    Pattern("year", "year", "year", r"(?P<year>0000)(?:\.(?P<zero>0))?", timed=False, titled=True, years=_PLAIN_YEARS),
    Pattern("unix s", "Unix seconds", "second", _NUMBER % (9, 10), timed=False, titled=True, number="seconds"),
    Pattern(
        "unix ms", "Unix milliseconds", "second", _NUMBER % (12, 13), timed=False, titled=True, number="milliseconds"
    ),
    Pattern(
        "unix us", "Unix microseconds", "second", _NUMBER % (15, 16), timed=False, titled=True, number="microseconds"
    ),
    Pattern(
        "unix ns", "Unix nanoseconds", "second", _NUMBER % (18, 19), timed=False, titled=True, number="nanoseconds"
    ),
    Pattern(
        "decimal year", "decimal year", "month", r"(?P<number>0000[.,]0+)", timed=False, titled=True, number="years"
    ),
    Pattern(
        "excel",
        "days since 1900 (Excel)",
        "day",
        r"(?P<number>00000(?:[.,]0+)?)",
        timed=False,
        titled=True,
        number="excel",
    ),
)
PATTERNS: Mapping[str, Pattern] = {pattern.key: pattern for pattern in _DEFINITIONS}


@dataclass(frozen=True)
class Layout:
    """Where the parts of a date stand in the words of one template: `fields` by name, as first and last place (exclusive).

    `fixed` are the parts that the template itself tells: the month by its name, the hours of the zone, 12 hours for p.m.
    """

    fields: Mapping[str, tuple[int, int]]
    fixed: Mapping[str, int]
    clock: str = ""
    """The finest part of the time of day: hour, minute, second, or none."""

    @property
    def short_year(self) -> bool:
        """Whether the year has two digits."""
        start, end = self.fields.get("year", (0, 2 if "late_year" in self.fields else 0))
        return end - start == 2


_BETWEEN = r"(?:\s?T\s?|[,;]?\s+(?:(?:at|um|à|kl\.?|-)\s)?|[,:_-])"
_UNITED = (" - ", " to ", " bis ", "--", "/")
"""What stands between the beginning and the end of an interval."""


@cache
def _expressions(key: str) -> tuple[re.Pattern[str], ...]:
    pattern = PATTERNS[key]
    wholes = [pattern.date]
    if pattern.timed:
        wholes = [
            rf"{_WEEKDAY}{pattern.date}(?:,?\s?\(?{WEEKDAY}\)?)?(?:{_BETWEEN}{_HOUR}{_ZONE}|Z|\s?UTC|\+00:?00)?",
            rf"{_CLOCK}{_ZONE}[, ]\s?{pattern.date}",
        ]
    return tuple(re.compile(_once(rf"[\s\['\"]*{whole}[\s\]'\"]*"), re.IGNORECASE) for whole in wholes)


def _once(expression: str) -> str:
    """The expression with an underscore after each name that stands in it a second time."""
    seen: dict[str, int] = {}

    def renamed(found: re.Match[str]) -> str:
        name = found[1]
        seen[name] = seen.get(name, -1) + 1
        return f"(?P<{name}{'_' * seen[name]}>"

    return re.sub(r"\(\?P<(\w+?)_*>", renamed, expression)


@lru_cache(maxsize=20_000)
def layouts_of(template: str) -> Mapping[str, Layout]:
    """Layouts of a word's template by the keys of the patterns that read it, in the order of the patterns."""
    return {key: layout for key in PATTERNS if (layout := _layout(template, key)) is not None}


@lru_cache(maxsize=20_000)
def layout_of(template: str, key: str) -> Layout | None:
    """Layout of a word's template by the pattern of that key; None where it is not so written."""
    return _layout(template, key)


def _layout(template: str, key: str) -> Layout | None:
    found = _match(template, key) or next((m for part in _beginnings(template) if (m := _match(part, key))), None)
    if found is None:
        return None
    fields: dict[str, tuple[int, int]] = {}
    fixed: dict[str, int] = {}
    for name, text in found.groupdict().items():
        if text is None:
            continue
        name = name.rstrip("_")
        if name == "name":
            month = MONTHS.get(folded(text))
            if month is None:
                return None
            fixed["month"] = month
        elif name == "zone":
            if text.lower() not in ZONES:
                return None
            fixed["zone"] = 3600 * ZONES[text.lower()]
        elif name == "half":
            fixed["afternoon"] = 1 if text.lower() == "p" else 0
        elif name == "sign":
            fixed["sign"] = -1 if text == "-" else 1
        elif name == "full_hour":
            fields["hour"] = found.span("full_hour")
        elif name != "s":
            fields[name] = next(
                found.span(n) for n in found.groupdict() if n.rstrip("_") == name and found[n] is not None
            )
    clock = next((part for part in ("second", "minute", "hour") if part in fields), "")
    return Layout(fields, fixed, clock)


def _match(text: str, key: str) -> re.Match[str] | None:
    return next((match for expression in _expressions(key) if (match := expression.fullmatch(text))), None)


def _beginnings(template: str) -> list[str]:
    """The beginning of an interval, as power exchanges and calendars write it: two dates that are written in one way."""
    halves = [template.partition(sign) for sign in _UNITED if template.count(sign) == 1]
    return [first.rstrip() for first, _, second in halves if first.strip() == second.strip()]
