"""Several series in one table: the column that tells them apart, and which of them, or what of all, is the one to forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import cast

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Choice, Findings
from rnnlab.tasks.own.tables.records import Block

KIND = "several series"
AUTO, MEAN, SUM = "auto", "mean", "sum"
"""Values of data.series beside the names of series."""
ONE = ""
"""How the rows of one series without dates are put together: not at all."""
_REPEATED = 0.2
"""Share of rows whose date stood before, from which on a table holds several series, or several rows of a day."""
_APART = 0.99
"""Share of rows that a column has to tell apart from those of the same date."""
_MOST_NAMES = 20_000
"""Words of a column beyond which it tells no series apart, unless data.group_column names it."""
_NAMED = 3
"""Series that a question names."""
_LISTED = 8
_DAY = 86_400.0


class SeriesNames:
    """Words of the columns that may tell series apart, as a code for each row."""

    def __init__(self, columns: Sequence[int], titles: Sequence[str], *, given: bool) -> None:
        self._given = given
        self._open = set(range(len(columns)))
        """Places of the columns that have not turned out to hold too many words."""
        self.titles = tuple(titles)
        self.words: list[dict[str, int]] = [{} for _ in columns]
        self._columns = tuple(columns)
        self._written: list[dict[str, int]] = [{} for _ in columns]
        """Codes by the fields as they are written, with the blanks around them."""
        self._codes: list[list[NDArray[np.int32]]] = [[] for _ in columns]

    def add(self, block: Block, good: NDArray[np.bool_]) -> None:
        """Takes the rows of a block that can be read."""
        for place in sorted(self._open):
            fields, written, names = block.columns[self._columns[place]], self._written[place], self.words[place]
            for word in dict.fromkeys(fields):
                if word not in written:
                    written[word] = names.setdefault(word.strip(), len(names))
            if len(written) > _MOST_NAMES and not self._given:
                self._open.remove(place)
                self.words[place], self._written[place], self._codes[place] = {}, {}, []
                continue
            found = np.fromiter(map(written.__getitem__, fields), dtype=np.int32, count=len(fields))
            self._codes[place].append(found[good])

    def codes(self, place: int) -> NDArray[np.int32]:
        """The code of each row in one of the columns."""
        return np.concatenate(self._codes[place]) if self._codes[place] else np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Groups:
    """Series of a table: the code of each row's, and their names, by the columns `titles`."""

    titles: tuple[str, ...]
    codes: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def column(self) -> str:
        """Titles of the columns, for a sentence."""
        return " and ".join(title[:40] for title in self.titles)

    @property
    def telling(self) -> str:
        """The columns, and that they tell series apart."""
        return f"{self.column} {'tells' if len(self.titles) == 1 else 'tell'} apart"

    def rows(self) -> NDArray[np.int64]:
        """Number of rows of each series."""
        counts: NDArray[np.int64] = np.bincount(self.codes, minlength=len(self.names))
        return counts


@dataclass(frozen=True)
class Chosen:
    """Rows that are taken, how those of one date are put together, and the columns that tell series apart."""

    rows: NDArray[np.bool_]
    moments: NDArray[np.float64]
    """Of each row its date, or its place in its series, where there are no dates."""
    how: str = MEAN
    groups: Groups | None = None


def chosen_series(
    names: SeriesNames, moments: NDArray[np.float64], wish: str, findings: Findings, *, dated: bool, given: bool
) -> Chosen:
    """The rows of the series that `wish` asks for: `auto`, `mean`, `sum`, or the name of one.

    `given`: the columns are those that data.group_column names. Where several series are found and none is asked for, that is
    noted as a question.
    """
    every = np.ones(len(moments), dtype=bool)
    groups = None
    if given:
        groups = _groups(names, range(len(names.titles)))
    elif dated:
        groups = _found(names, moments)
    if wish not in (AUTO, MEAN, SUM):
        groups = groups or _holding(names, wish)
        rows = _named(wish, groups, names, findings)
        return Chosen(every if rows is None else rows, moments, MEAN if dated else ONE, groups)
    if not dated:
        if groups is None:
            return Chosen(every, moments, ONE)
        moments = _places(groups)
    if wish == AUTO and groups is None:
        _ask_days(moments, findings)
    elif wish == AUTO and groups is not None and len(groups.names) > 1:
        _ask(groups, findings)
    return Chosen(every, moments, SUM if wish == SUM else MEAN, groups)


def note_groups(chosen: Chosen, wish: str, findings: Findings) -> None:
    """Adds the columns that tell series apart to the facts, and which series was taken."""
    groups = chosen.groups
    if groups is None:
        return
    taken = {MEAN: "the mean of all", SUM: "the sum of all"}.get(wish, f"{wish} alone" if wish != AUTO else "")
    note = ", ".join(part for part in (f"{len(groups.names):,} series", taken) if part)
    findings.facts["group_column"] = ", ".join(groups.titles)
    roles = cast(list[dict[str, str]], findings.facts.get("roles", []))
    kept = [entry for entry in roles if entry["column"] not in groups.titles]
    findings.facts["roles"] = [*kept, *({"column": title, "role": "group", "note": note} for title in groups.titles)]
    left = cast(list[dict[str, str]], findings.facts.get("left_out", []))
    findings.facts["left_out"] = [entry for entry in left if entry["column"] not in groups.titles]


def _places(groups: Groups) -> NDArray[np.float64]:
    """Place of each row in its series, from 0."""
    order = np.argsort(groups.codes, kind="stable")
    begins = np.concatenate([[0], np.cumsum(groups.rows())[:-1]])
    places = np.empty(len(order))
    places[order] = np.arange(len(order)) - np.repeat(begins, groups.rows())
    return places


def repeated(moments: NDArray[np.float64]) -> float:
    """Share of rows whose date stands in an earlier row."""
    ordered = moments if (moments[1:] >= moments[:-1]).all() else np.sort(moments)
    distinct = len(ordered[:1]) + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
    return 1 - distinct / max(1, len(ordered))


def _groups(names: SeriesNames, places: Sequence[int]) -> Groups:
    """Groups of the rows by the columns at these places."""
    unique, codes = np.unique(_together(names, places), return_inverse=True)
    words = [list(names.words[place]) for place in places]
    labels = []
    for code in unique.tolist():
        parts = []
        for known in reversed(words):
            code, part = divmod(code, len(known))
            parts.append(known[part])
        labels.append(":".join(reversed(parts)))
    return Groups(tuple(names.titles[place] for place in places), codes.reshape(-1), tuple(labels))


def _together(names: SeriesNames, places: Sequence[int]) -> NDArray[np.int64]:
    """One code for each row, of its codes in all of these columns."""
    codes = np.zeros(len(names.codes(places[0])), dtype=np.int64)
    for place in places:
        codes = codes * len(names.words[place]) + names.codes(place)
    return codes


def _found(names: SeriesNames, moments: NDArray[np.float64]) -> Groups | None:
    """The one column, or the two, by which hardly any two rows of one series have the same date; None where there are none."""
    if not len(moments) or not names.titles or repeated(moments) < _REPEATED:
        return None
    _, dates, counts = np.unique(moments, return_inverse=True, return_counts=True)
    most = max(2, 3 * int(counts.max()))
    fitting = [place for place in range(len(names.titles)) if len(names.words[place]) > 1]
    for number in (1, 2):
        for places in combinations(fitting, number):
            codes = _together(names, places)
            if number == 1 and len(names.words[places[0]]) > most:
                continue
            if len(np.unique(codes * len(counts) + dates.reshape(-1))) < _APART * len(moments):
                continue
            groups = _groups(names, places)
            if len(groups.names) <= most:
                return groups
    return None


def _holding(names: SeriesNames, wish: str) -> Groups | None:
    """Groups by the column that holds the name that is asked for."""
    place = next((place for place, words in enumerate(names.words) if wish in words), None)
    return None if place is None else _groups(names, (place,))


def _named(wish: str, groups: Groups | None, names: SeriesNames, findings: Findings) -> NDArray[np.bool_] | None:
    """Which rows are those of the series with this name; None, and noted, where there is none."""
    if groups is not None and wish in groups.names:
        rows: NDArray[np.bool_] = groups.codes == groups.names.index(wish)
        return rows
    if groups is None:
        where = f" in {', '.join(title[:40] for title in names.titles)}" if names.titles else ""
        which = f"{where}, which data.series names; data.group_column names the column that tells the series apart"
    else:
        some = ", ".join(name[:40] for name in groups.names[:_LISTED]) + (", …" if len(groups.names) > _LISTED else "")
        which = f", which data.series names; {groups.column}: {len(groups.names):,} series, {some}"
    findings.stop("series", f"{findings.name} holds no series {wish[:40]!r}{which}")
    return None


def _ask(groups: Groups, findings: Findings) -> None:
    """Notes the question which of several series is to be forecast."""
    rows = groups.rows()
    first = sorted(range(len(groups.names)), key=lambda code: (-int(rows[code]), code))[:_NAMED]
    more = f" (data.series=NAME for any of the {len(groups.names):,})" if len(groups.names) > _NAMED else ""
    choices = [
        Choice(f"{groups.names[code][:40]} alone, {int(rows[code]):,} rows", f"data.series={groups.names[code]}")
        for code in first
    ]
    findings.stop(
        KIND,
        f"{findings.name} holds {len(groups.names):,} series, which {groups.telling}: which is to be forecast{more}",
        choices=(
            *choices,
            Choice("the sum of all, date by date", f"data.series={SUM}"),
            Choice("the mean of all, date by date", f"data.series={MEAN}"),
        ),
    )


def _ask_days(moments: NDArray[np.float64], findings: Findings) -> None:
    """Notes the question what several rows of one day are, where dates have no time of day and nothing tells the rows apart."""
    if not len(moments) or repeated(moments) < _REPEATED or (moments % _DAY).any():
        return
    most = int(np.unique(moments, return_counts=True)[1].max())
    findings.stop(
        KIND,
        f"{findings.name} holds up to {most:,} rows of one day, and no column tells series apart: what is the value of a day",
        choices=(
            Choice("the sum of its rows", f"data.series={SUM}"),
            Choice("the mean of its rows", f"data.series={MEAN}"),
        ),
    )
