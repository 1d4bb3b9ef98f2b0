"""Where an answer about a setting may be that of another: its values were not tried with the same others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnlab.plots.comparison.columns import short_key
from rnnlab.reports.document.elements import Element, Paragraph
from rnnlab.reports.material.material import NOT_TRIED
from rnnlab.runs.comparison import Compared, Comparison, first_eligible
from rnnlab.text.leaks import enumerated


def confounded(comparison: Comparison, keys: Sequence[str], values: Sequence[Any] = ()) -> Iterator[Element]:
    """A warning where values of the settings `keys` were tried with other values of others, among rows that may be the best.

    `values`: of the first of the keys, those alone that are compared; empty: all.
    """
    others = [key for key in comparison.differing if key not in (*keys, *NOT_TRIED)]

    def setting(row: Compared, of: Sequence[str]) -> tuple[str, ...]:
        return tuple(repr(comparison.setting(row, key)) for key in of)

    tried: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for row in comparison.rows:
        if values and comparison.setting(row, keys[0]) not in values:
            continue
        if first_eligible([row], comparison.ranked_by) is not None:
            tried.setdefault(setting(row, keys), set()).add(setting(row, others))
    if len(set(map(frozenset, tried.values()))) < 2:
        return
    apart = [
        short_key(other)
        for at, other in enumerate(others)
        if len({frozenset(each[at] for each in combined) for combined in tried.values()}) > 1
    ]
    name = enumerated([short_key(key) for key in keys])
    how = (
        f"with the same {enumerated(apart)}"
        if apart
        else f"in the same combinations of {enumerated(list(map(short_key, others)))}"
    )
    yield Paragraph(
        f"The values of {name} were not tried {how}: what {name} alone changes, these runs do not show.", "warning"
    )
