"""Columns of a table that hold the dates: one, or several whose words together are a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Refusal
from rnnlab.tasks.own.roles.column_counts import FormFit
from rnnlab.tasks.own.roles.columns import is_index, parts_of, title_rank, titled
from rnnlab.tasks.own.roles.named import named_columns
from rnnlab.tasks.own.roles.profile import MOST_COUNTED, ColumnProfile
from rnnlab.tasks.own.roles.titles import CLOCK_TITLES, DATE_TITLES
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.date_columns import JoinedForm, joined_forms
from rnnlab.tasks.own.values.dates import DateForm, is_date_title
from rnnlab.tasks.own.values.moments import day_of


@dataclass(frozen=True)
class Dates:
    """The columns of the dates and their form. `also` are columns that say the same once more, or a part of it."""

    columns: tuple[int, ...] = ()
    form: DateForm | JoinedForm | None = None
    note: str = ""
    also: frozenset[int] = frozenset()

    @property
    def every(self) -> frozenset[int]:
        """The columns of the dates, and those beside them that say no more."""
        return self.also.union(self.columns)


_MOST_JOINED = 100
"""Number of columns among which parts of a date are looked for."""
_PARTS = (
    "year yr jahr month mon mo monat day dd tag hour hr stunde minute min second sec quarter week weekday dayofweek doy"
)
_PART_TITLES = frozenset(_PARTS.split())


def date_columns(table: Table, profiles: Sequence[ColumnProfile], data: Data, name: str) -> Dates:
    """The columns of the dates, as set or as found. Raises `Refusal` where the set one has none, or their order is a question."""
    named = named_columns(table.header, data.date_column, "data.date_column", name)
    if len(named) > 1:
        return _joined(profiles, named, data) or _not_joined(profiles, named, name)
    if named:
        profile = profiles[named[0]]
        if not profile.fits:
            word = next((word for word in profile.examples if word), "")
            raise Refusal(
                "date",
                f"{name}: {word[:30]!r} in the column {profile.title[:40]}, which data.date_column names, is no date",
            )
        return _of_one(profile, data, name, frozenset())
    found = sorted(filter(_dated, profiles), key=_likeness)
    full = [profile for profile in found if not _clock_only(profile)]
    # A decimal year is a month by its middle, rounded: the month itself is the better date.
    rounded = bool(full) and full[0].fits[0].form.key == "decimal year"
    if rounded or not (full and _tells_rows_apart(full[0])):
        joined = _joined(profiles, range(min(len(profiles), _MOST_JOINED)), data)
        if joined is not None:
            said = {profile.index for profile in found} | {profile.index for profile in filter(_is_part, profiles)}
            return replace(joined, also=frozenset(said.difference(joined.columns)))
    if not full:
        # Times of day without a day begin again and again: the rows stay in their order.
        return Dates(also=frozenset(profile.index for profile in found))
    first = full[0]
    also = {profile.index for profile in found if profile is not first}
    also |= {profile.index for profile in profiles if profile is not first and _is_part(profile)}
    return _of_one(first, data, name, frozenset(also))


def _joined(profiles: Sequence[ColumnProfile], indices: Sequence[int], data: Data) -> Dates | None:
    """Several of the columns as one date; None where they are none."""
    columns = [profiles[index].sample for index in indices]
    titles = [profiles[index].title if profiles[index].titled else "" for index in indices]
    forms = joined_forms(columns, titles, all_of=bool(data.date_column))
    if data.date_order != "auto":
        forms = tuple(form for form in forms if form.order in (data.date_order, "")) or forms
    if not forms:
        return None
    form = replace(forms[0], columns=tuple(indices[index] for index in forms[0].columns))
    return Dates(form.columns, form, note=form.name)


def _not_joined(profiles: Sequence[ColumnProfile], named: Sequence[int], name: str) -> Dates:
    titles = ", ".join(profiles[index].title[:40] for index in named)
    words = " ".join(profiles[index].example[:20] for index in named if profiles[index].examples)
    raise Refusal("date", f"{name}: the columns {titles}, which data.date_column names, make no date: {words!r}")


def _tells_rows_apart(profile: ColumnProfile) -> bool:
    """Whether hardly any date stands twice, so that no other column has to tell the time."""
    return profile.unique or profile.distinct > min(MOST_COUNTED, 0.9 * profile.filled)


def _dated(profile: ColumnProfile) -> bool:
    """Whether the column is a date: words that are dates, or numbers that are and run in order."""
    if not profile.fits or profile.nearly_empty:
        return False
    if not profile.fits[0].form.number:
        # 1.24 may be a time of day, and is a number unless the title says so.
        return not (profile.numeric and _clock_only(profile)) or titled(profile, (*DATE_TITLES, *CLOCK_TITLES))
    ordered = profile.fits[0].rising or profile.fits[0].falling
    sure = profile.fits[0].form.key.startswith("unix")
    named = is_date_title(profile.title) and profile.titled and (profile.up > 0.5 or sure)
    # A year that begins again is that of several countries, one below another; a month that does is a part of a date.
    whole = profile.fits[0].form.step == "year" or not _is_part(profile)
    return not is_index(profile) and (ordered or (named and whole))


def _likeness(profile: ColumnProfile) -> tuple[bool, float, bool, int, int]:
    fit = profile.fits[0]
    return (
        fit.form.number and not titled(profile, DATE_TITLES),
        title_rank(profile, DATE_TITLES),
        not (fit.rising or fit.falling),
        -profile.distinct,
        profile.index,
    )


def _clock_only(profile: ColumnProfile) -> bool:
    return bool(profile.fits) and profile.fits[0].form.clock


def _of_one(profile: ColumnProfile, data: Data, name: str, also: frozenset[int]) -> Dates:
    fit = _chosen_fit(profile, data, name)
    return Dates((profile.index,), fit.form, note=fit.form.name, also=also)


def _chosen_fit(profile: ColumnProfile, data: Data, name: str) -> FormFit:
    """The form of the dates: as set, else the one that makes a series of them. Raises `Refusal` where that is a question."""
    fits = profile.fits
    if data.date_order != "auto":
        fits = tuple(fit for fit in fits if fit.form.order == data.date_order) or fits
    chosen = next((fit for fit in fits if fit.form == profile.form), fits[0] if len(fits) == 1 else None)
    if chosen is not None:
        return chosen
    if data.date_order != "auto" or len({fit.form.order for fit in fits}) < 2:
        return fits[0]
    dotted = [fit for fit in fits if fit.form.order == "day-first" and "day.month" in fit.form.name]
    if dotted:
        return dotted[0]  # nobody parts month-first dates with dots
    choices = tuple(
        Choice(f"{fit.form.name}: {day_of(fit.low)} to {day_of(fit.high)}", f"data.date_order={fit.form.order}")
        for fit in fits
        if fit.form.order in ("day-first", "month-first")
    )
    raise Refusal(
        "date order",
        f"{name}: {profile.example[:30]!r} in the column {profile.title[:40]} may be read in two ways, and both make steps "
        "as even",
        choices=choices,
    )


def _is_part(profile: ColumnProfile) -> bool:
    """Whether the column is a part of a date, by its title and its whole numbers."""
    words = parts_of(profile.title) if profile.titled else ()
    named = bool(words) and words[-1] in _PART_TITLES and profile.numeric and profile.whole
    # A heart rate is called hr as well.
    most = 366 if not words or words[-1] in ("doy", "day", "tag") else 60
    return named and profile.low >= 0 and (profile.high <= most or words[-1] in ("year", "yr", "jahr"))


def seems_date(profile: ColumnProfile) -> bool:
    """Whether the column seems to hold dates, by its title or its looks, that cannot be read."""
    if profile.fits or profile.numeric or profile.nearly_empty or not profile.examples:
        return False
    if titled(profile, DATE_TITLES):
        return profile.digits > 0.5 or profile.distinct > 31  # names of weekdays or months alone are no dates
    return titled(profile, CLOCK_TITLES) and profile.digits > 0.9 and profile.length <= 40 and profile.words <= 6


def unread_dates(profiles: Sequence[ColumnProfile], name: str) -> None:
    """Raises `Refusal` where a column seems to hold dates that cannot be read, and numbers stand beside it."""
    for profile in profiles:
        if seems_date(profile):
            raise Refusal(
                "date",
                f"{name}: the column {profile.title[:40]} seems to be the date, but {profile.example[:30]!r} is not one that "
                "can be read",
                choices=(Choice("a series, its rows in the order of the file", "data.kind=series"),),
            )
