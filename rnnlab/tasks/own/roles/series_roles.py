"""Roles of the columns of a series: the dates, the value to forecast, and the other values that go in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import TOLERATED, Choice, Findings, Refusal
from rnnlab.tasks.own.roles.column_roles import Roles
from rnnlab.tasks.own.roles.columns import (
    LIKELY_CLOCK,
    SURE_CLOCK,
    UNTITLED_CLOCK,
    begins_anew,
    clock_rank,
    is_id,
    is_index,
    listed,
    nature,
    title_rank,
    titled,
)
from rnnlab.tasks.own.roles.date_roles import Dates, date_columns, seems_date
from rnnlab.tasks.own.roles.named import named_column, named_columns, refuse_shared
from rnnlab.tasks.own.roles.profile import MOST_COUNTED, ColumnProfile
from rnnlab.tasks.own.roles.titles import GROUP_TITLES, ID_TITLES, PLACE_TITLES, VALUE_TITLES
from rnnlab.tasks.own.tables.shapes import shape_of
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import NumberStyle, settled
from rnnlab.text.numbers import percent

_FEW = 20
"""Maximum number of different whole numbers that are a flag or a code rather than a measurement."""
_FEWEST_STEPS = 5
"""Rows that each series of a table has at least, on average."""
_MOST_APART = 6
"""Columns among which those are looked for that tell series apart."""
_WIDE = 20
"""Minimum number of numeric columns at which a table without dates is hardly a series."""


def series_roles(table: Table, profiles: Sequence[ColumnProfile], data: Data, findings: Findings) -> Roles:
    """The dates, the value to forecast and the inputs. Raises `Refusal` where there is no value, or a reading is not safe."""
    name, header = findings.name, table.header
    dates = date_columns(table, profiles, data, name)
    clocks = _clocks(profiles, dates)
    values = _value_columns(profiles, dates, clocks)
    target = named_column(table.header, data.target_column, "data.target_column", name) if data.target_column else None
    named = named_columns(table.header, data.input_column, "data.input_column", name)
    groups = named_columns(table.header, data.group_column, "data.group_column", name)
    groups = groups or _blocks(profiles, dates)
    counting = _counting(profiles, groups)
    values = [index for index in values if index not in groups and index not in counting]
    chosen = set(values)
    set_dates = dates.columns if data.date_column else ()
    refuse_shared(
        header, {"data.date_column": set_dates, "data.target_column": () if target is None else (target,)}, name
    )
    refuse_shared(header, {"data.date_column": set_dates, "data.input_column": named}, name)
    if target is None:
        candidates = [index for index in named if index in chosen] or values or list(named)
        if not candidates:
            candidates = _last_resort(profiles, dates, findings)
        axes = {"x", "z"} <= {profile.title.strip().lower() for profile in profiles}
        target = min(candidates, key=lambda index: _promise(profiles[index], axes=axes))
    inputs = (target, *(index for index in named or values if index != target))
    others = tuple(index for index in values if index != target) if not data.target_column else ()
    _note_clocks(profiles, [index for index in clocks if index not in (*values, *inputs)], groups, findings)
    notes = dict.fromkeys(dates.columns, dates.note) if dates.note else {}
    if others:
        notes[target] = f"could also be {listed(header, others)}: data.target_column"
    if not dates.columns and len(inputs) >= _WIDE:
        _note_wide(len(inputs), findings)
    if not named:
        passed = dates.every | {target}
        constant = [p.title for p in profiles if p.numeric and p.distinct == 1 and p.index not in passed]
        warn_constant(constant, findings)
    taken = {*inputs, *dates.columns}
    reasons = dict.fromkeys(counting, "counts the steps of each series")
    left_out = tuple(
        (p.index, reasons.get(p.index) or _reason(p, named, dates)) for p in profiles if p.index not in taken
    )
    styles = number_styles_of(profiles, inputs, data, table, name)
    warn_stand_ins(profiles, inputs, findings, target)
    return Roles(
        "series",
        dates=dates.columns,
        form=dates.form,
        target=target,
        inputs=inputs,
        left_out=left_out,
        others=others,
        notes=style_notes(profiles, styles, notes, table),
        styles=styles,
        apart=groups or _apart(dates, profiles, dates.every | {target}),
        series=data.series,
        group=groups,
    )


def _promise(profile: ColumnProfile, *, axes: bool) -> tuple[float, bool]:
    """How likely the column is the value to forecast: by its title, then what is measured before a flag or a place.

    `axes`: other columns are called x and z.
    """
    few = profile.whole and profile.distinct <= min(_FEW, profile.rows // 2)
    rank = title_rank(profile, VALUE_TITLES)
    if len(VALUE_TITLES) <= rank < 2 * len(VALUE_TITLES):
        rank -= len(VALUE_TITLES)  # `Weekly_Sales` promises as much as `Sales`, and more than `Temperature`
    if axes and profile.title.strip().lower() == "y":
        rank = float("inf")  # one axis of three
    return rank, few or titled(profile, PLACE_TITLES)


def _apart(dates: Dates, profiles: Sequence[ColumnProfile], taken: Collection[int]) -> tuple[int, ...]:
    """The columns of few words, or of few whole numbers, that may tell several series of one table apart."""
    date = profiles[dates.columns[0]] if len(dates.columns) == 1 else None
    if date is not None and date.unique and any(fit.rising or fit.falling for fit in date.fits):
        return ()  # no date stands twice
    found = [
        p
        for p in profiles
        if p.index not in taken
        and 1 < p.distinct <= min(MOST_COUNTED, p.rows // _FEWEST_STEPS)
        and not p.nearly_empty
        and (p.whole if p.numeric else not p.fits)
    ]

    def key(p: ColumnProfile) -> tuple[bool, bool, bool, int]:
        named = titled(p, GROUP_TITLES) or titled(p, ID_TITLES)
        return not named, p.numeric, p.runs != p.distinct, p.index

    return tuple(p.index for p in sorted(found, key=key)[:_MOST_APART])


def _blocks(profiles: Sequence[ColumnProfile], dates: Dates) -> tuple[int, ...]:
    """The column, titled as a person or an id, whose words each stand in rows that follow one another; empty where there is none.

    Whatever its title, where a counter begins anew with each of its words.

    Not where the rows are in the order of their dates, which no series begins anew.
    """
    fits = profiles[dates.columns[0]].fits if len(dates.columns) == 1 else ()
    if len(dates.columns) > 1 or any(fit.rising or fit.falling for fit in fits):
        return ()
    passed = dates.every
    # Without a title to say so: a counter of steps begins anew where its word changes, and nowhere else.
    anew = {p.falls + 1 for p in profiles if not dates.columns and begins_anew(p)}
    found = [
        p.index
        for p in profiles
        if p.index not in passed
        and (titled(p, GROUP_TITLES) or titled(p, ID_TITLES) or p.runs in anew)
        and 1 < p.distinct == p.runs
        and p.rows >= _FEWEST_STEPS * p.distinct
        and (p.whole if p.numeric else not p.fits)
    ]
    return tuple(found[:1])


def _counting(profiles: Sequence[ColumnProfile], groups: Sequence[int]) -> frozenset[int]:
    """Columns that count the steps of each of several series, which stand below one another."""
    runs = {profiles[index].runs for index in groups}
    return frozenset(p.index for p in profiles if begins_anew(p) and p.falls + 1 in runs)


def _clocks(profiles: Sequence[ColumnProfile], dates: Dates) -> list[int]:
    """Columns beside the dates that tell the time, or count the steps, and are not even; the surest first."""
    ranks = {p.index: clock_rank(p) for p in profiles if p.index not in dates.every and p.distinct > 1}
    likely = [index for index, rank in ranks.items() if rank == LIKELY_CLOCK]
    # Beside a date, or another clock, such a title is that of a measurement.
    measured = likely if dates.columns or any(rank <= SURE_CLOCK for rank in ranks.values()) else likely[1:]
    found = [index for index, rank in ranks.items() if 0 < rank < float("inf") and index not in measured]
    return sorted(found, key=lambda index: (ranks[index], index))


def _note_clocks(
    profiles: Sequence[ColumnProfile], clocks: Sequence[int], groups: Sequence[int], findings: Findings
) -> None:
    """Notes a clock that no title names, and one that begins anew where no column tells series apart."""
    for profile in (profiles[index] for index in clocks):
        title = profile.title[:40]
        if clock_rank(profile) == UNTITLED_CLOCK:
            findings.warn(
                "clock",
                f"{title} rises by steps of nearly one size, as a clock does: it was taken for the order of the rows, and not "
                "for a value",
                choices=(Choice("it is the value to forecast", f"data.target_column={profile.index + 1}"),),
            )
        elif profile.falls and not groups:
            times = "once" if profile.falls == 1 else f"{profile.falls:,} times"
            findings.warn(
                "restart",
                f"the clock {title} begins anew {times}: the rows were taken for one series all the same; where each stretch "
                "is a series of its own, add a column that names it, and set data.group_column",
                count=profile.falls,
            )


def _note_wide(columns: int, findings: Findings) -> None:
    """Notes that a table of many columns was taken for one series."""
    findings.warn(
        "wide",
        f"{findings.name} has {columns:,} columns of numbers and no dates: each row was taken for a step of one "
        "series; if a row is a whole sequence, set data.kind=rows and name its label with data.target_column",
    )


def warn_constant(titles: Sequence[str], findings: Findings) -> None:
    """Notes the columns that never change, which tell nothing."""
    if titles:
        some = ", ".join(title[:40] for title in titles[:8]) + (", …" if len(titles) > 8 else "")
        findings.warn("constant column", f"columns that never change are left out: {some}", count=len(titles))


def warn_stand_ins(
    profiles: Sequence[ColumnProfile], inputs: Sequence[int], findings: Findings, target: int | None = None
) -> None:
    """Notes the numbers that seem to stand for a missing value, with the setting that makes them missing.

    It says so where the column to forecast, `target`, would lack too many values then to be trained on.
    """
    standing = [(profiles[index], *pair) for index in inputs for pair in profiles[index].standing]
    if not standing:
        return
    numbers = list(dict.fromkeys(f"{value:.10g}" for _, value, _ in standing))
    rows = sum(times for _, _, times in standing)
    columns = list(dict.fromkeys(profile.title[:40] for profile, _, _ in standing))
    titles = ", ".join(columns[:6]) + (", …" if len(columns) > 6 else "")
    what = f"one value, {numbers[0]}, stands" if len(numbers) == 1 else f"the values {', '.join(numbers)} stand"
    setting = f"data.missing={','.join(numbers)}"
    missing = 0.0 if target is None else _missing_then(profiles[target])
    limit, reading = "", "a missing value"
    if target is not None and missing > TOLERATED:
        title = profiles[target].title[:40]
        reading += f"; {title} then cannot be forecast"
        limit = (
            f"; with {setting} {title} lacks {percent(missing, 1)} of its values, and of the column to forecast at most "
            f"{percent(TOLERATED)} may be missing: name another with data.target_column as well, or fill them in the file"
        )
    findings.warn(
        "stand-in",
        f"{what} {rows:,} times in {titles}, far from all others, as for a missing value: read as any other number{limit}",
        count=rows,
        choices=(Choice(reading, setting),),
    )


def _missing_then(target: ColumnProfile) -> float:
    """Share of a column's fields without a value, were its stand-ins missing; 0 where it has none."""
    stand_ins = sum(times for _, times in target.standing)
    return (target.missing + stand_ins) / target.rows if stand_ins else 0.0


def _value_columns(profiles: Sequence[ColumnProfile], dates: Dates, clocks: Sequence[int]) -> list[int]:
    """Columns of measurements: numbers that are no date, no counter, no clock, no id, and change.

    Where nothing but `clocks` is left, the surest of them is the clock, and the others are values.
    """
    passed = dates.every
    found = [
        profile.index
        for profile in profiles
        if profile.numeric
        and profile.index not in passed
        and not profile.nearly_empty
        and not profile.clock
        and profile.distinct > 1
        and not is_id(profile)
    ]
    told = bool(dates.columns) or any(profile.clock for profile in profiles)
    rising = [index for index in clocks if index in found]
    measured = [index for index in found if index not in rising]
    return measured or [index for index in found if told or index not in rising[:1]] or found


def _last_resort(profiles: Sequence[ColumnProfile], dates: Dates, findings: Findings) -> list[int]:
    """Columns of numbers that are no measurements, where there are no others. Raises `Refusal` where there is none."""
    passed = dates.every
    rest = [profile for profile in profiles if profile.numeric and profile.index not in passed]
    if not rest:
        words = [
            profile
            for profile in profiles
            if profile.index not in dates.columns and profile.filled and not profile.nearly_empty and not profile.fits
        ]
        likeliest = max(words, key=lambda profile: profile.digits, default=None)
        why = ""
        if likeliest is not None:
            held = (likeliest.not_number, *likeliest.examples, *likeliest.counts)
            word = next((word for word in held if word and shape_of(word) == "text"), "")
            why = f": the column {likeliest.title[:40]} holds {word[:30]!r}, which is not a number" if word else ""
        raise Refusal("columns", f"{findings.name} has no column of numbers to forecast{why}")
    first = rest[0]
    if first.clock or is_index(first):
        findings.warn(
            "counter", f"the column {first.title[:40]} rises by the same step at every row: there is little to forecast"
        )
    return [first.index]


def number_styles_of(
    profiles: Sequence[ColumnProfile], indices: Sequence[int], data: Data, table: Table, name: str
) -> dict[int, NumberStyle]:
    """Style of the numbers of each column. Raises `Refusal` where 1.150 may be both one and a bit and a thousand and more."""
    wanted = {"point": ".", "comma": ","}.get(data.decimal)
    # Semicolons alone do not make a file German: where dates have no dots either, 50.129 is what it is everywhere else.
    dotted = any("." in fit.form.name for profile in profiles for fit in profile.fits if not fit.form.number)
    delimiter = table.dialect.delimiter if dotted else ","
    # A file is written in one way: columns that can be read in one style alone decide the others.
    elsewhere = list(dict.fromkeys(profile.styles[0] for profile in profiles if len(profile.styles) == 1))
    chosen = {}
    for index in indices:
        profile = profiles[index]
        fitting = [style for style in profile.styles if style.decimal == wanted] if wanted else []
        style = fitting[0] if fitting else None
        if style is None and profile.styles:
            style = settled(profile.styles, elsewhere, delimiter)
            if style is None:
                raise _decimal_question(profile, name)
        if style is not None:
            chosen[index] = style
    return chosen


def style_notes(
    profiles: Sequence[ColumnProfile], styles: Mapping[int, NumberStyle], notes: Mapping[int, str], table: Table
) -> dict[int, str]:
    """Notes with how the numbers are written, where that is not plain, or may well be otherwise."""
    found = dict(notes)
    for index, style in styles.items():
        said = style.name
        doubtful = settled(profiles[index].styles, (), table.dialect.delimiter) is None
        for other in profiles[index].styles if doubtful else ():
            word = _told_apart(profiles[index], style, other)
            if word:
                setting = "comma" if other.decimal == "," else "point"
                said = f"{said}, " if said else ""
                said += f"{word} is {style.value(word):.10g} (data.decimal={setting} reads {other.value(word):.10g})"
                break
        if said:
            found[index] = f"{found[index]}; {said}" if found.get(index) else said
    return found


def _told_apart(profile: ColumnProfile, style: NumberStyle, other: NumberStyle) -> str:
    """A word of the column that the two styles read differently; empty where there is none."""
    if style == other:
        return ""
    for word in (*profile.examples, *profile.counts):
        values = style.value(word), other.value(word)
        if None not in values and values[0] != values[1]:
            return word
    return ""


def _decimal_question(profile: ColumnProfile, name: str) -> Refusal:
    point, comma = (next((s for s in profile.styles if s.decimal == sign), None) for sign in ".,")
    word = (point and comma and _told_apart(profile, point, comma)) or profile.example

    def reading(style: NumberStyle | None) -> str:
        value = style.value(word) if style else None
        return f"{word} is {value:,.10g}" if value is not None else ""

    return Refusal(
        "decimal",
        f"{name}: {word[:30]!r} in the column {profile.title[:40]} may be read in two ways",
        choices=(Choice(reading(comma), "data.decimal=comma"), Choice(reading(point), "data.decimal=point")),
    )


def _reason(profile: ColumnProfile, named: Sequence[int], dates: Dates) -> str:
    if profile.index in dates.also and not dates.columns:
        return "times without a date: the rows stay in their order"
    if profile.index in dates.also:
        return "dates as well" if not profile.numeric else "part of the date as well"
    what = nature(profile)
    if profile.fits and profile.fits[0].form.clock:
        return "times of day" if dates.columns else "times of day: the rows stay in the order of the file"
    if seems_date(profile) and not profile.nearly_empty:
        ordered = "" if dates.columns else ": the rows stay in the order of the file"
        return f"no dates that can be read, as {profile.example[:20]!r}{ordered}"
    if named and profile.numeric:
        return f"{what}; not among data.input_column"
    return what
