"""Columns that a setting names, by their titles or by their numbers from 1, the same for tables and recordings."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from rnnlab.tasks.own.common.findings import Refusal

_LISTED = 12
"""Titles that a refusal writes out."""


def named_column(titles: Sequence[str], name: str, key: str, file: str) -> int:
    """Index of the column called `name`, or numbered so from 1.

    Raises `Refusal`, with the number of columns and their titles, where there is none, or where case alone tells several apart.
    """
    wanted = " ".join(name.split())
    if wanted in titles:
        return titles.index(wanted)
    folded = [" ".join(title.lower().split()) for title in titles]
    found = [index for index, title in enumerate(folded) if title and title == wanted.lower()]
    if len(found) > 1:
        alike = " or ".join(titles[index][:40] for index in found[:_LISTED])
        raise Refusal("columns", f"{file}: {key} = {wanted[:40]!r} may be {alike}; write it as it stands in the file")
    if found:
        return found[0]
    # No longer number names a column, and Python refuses to read the longest.
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 and 1 <= int(wanted) <= len(titles):
        return int(wanted) - 1
    near = difflib.get_close_matches(wanted, [title for title in titles if 0 < len(title) < 200], n=1)
    hint = f" (did you mean {near[0][:40]}?)" if near else ""
    raise Refusal("columns", f"{file} has no column {wanted[:40]!r}{hint}, which {key} names; {_columns(titles)}")


def named_columns(titles: Sequence[str], names: str | None, key: str, file: str) -> tuple[int, ...]:
    """Indices of several columns, named with commas between; a title that holds a comma is one name.

    Raises `Refusal` where one is not there, or is named twice.
    """
    if not names:
        return ()
    if names.strip() in titles:
        return (titles.index(names.strip()),)
    first = {title: index for index, title in reversed(list(enumerate(titles)))}
    found: dict[int, None] = {}
    for name in filter(str.strip, names.split(",")):
        known = first.get(" ".join(name.split()))
        index = named_column(titles, name, key, file) if known is None else known
        if index in found:
            title = titles[index] or f"column {index + 1}"
            raise Refusal("columns", f"{file}: {key} = {names[:60]!r} names the column {title[:40]} twice")
        found[index] = None
    if not found:
        raise Refusal("columns", f"{file}: {key} = {names[:40]!r} names no column; {_columns(titles)}")
    return tuple(found)


def refuse_shared(titles: Sequence[str], named: Mapping[str, Sequence[int]], file: str) -> None:
    """Raises `Refusal` where two settings, the keys of `named`, name the same column."""
    taken: dict[int, str] = {}
    for key, indices in named.items():
        for index in indices:
            if index in taken:
                title = titles[index] or f"column {index + 1}"
                raise Refusal("columns", f"{file}: {taken[index]} and {key} are the same column, {title[:40]}")
            taken[index] = key


def _columns(titles: Sequence[str]) -> str:
    """How many columns there are, and what they are called."""
    if len(titles) == 1:
        return f"its one column is {titles[0][:40] or 'without a title'}"
    if not any(titles):
        return f"its {len(titles):,} columns have no titles, and are numbered 1 to {len(titles)}"
    listed = ", ".join(title[:40] or f"column {index}" for index, title in enumerate(titles[:_LISTED], start=1))
    more = ", …" if len(titles) > _LISTED else ""
    return f"its columns are 1 to {len(titles)}: {listed}{more}"
