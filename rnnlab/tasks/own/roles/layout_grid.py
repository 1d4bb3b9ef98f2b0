"""Columns of a table with a sequence in each row, by channel and step, as the numbers in their titles say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.values.numbers import values_of

_NUMBER = re.compile(r"\d+")


def numbered_grid(columns: Sequence[ColumnProfile], titles: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Columns by channel and step (channels, steps), where the titles number the steps: `acc_x_0`, `t3`, `0_ax`.

    Of several numbers in the titles the one that counts the farthest is that of the step. Empty where none does.
    """
    values, wrong = values_of([titles[column.index] for column in columns])
    if len(columns) > 1 and len(wrong) < len(columns) / 2:  # 1100.0, 1102.5: the titles are the numbers
        strange = frozenset(wrong)
        named = [index for index in range(len(columns)) if index not in strange and values[index] == values[index]]
        return (tuple(columns[index].index for index in sorted(named, key=lambda index: float(values[index]))),)
    best: tuple[tuple[int, ...], ...] = ()
    for place in (-1, 0, 1):
        groups: dict[str, dict[int, int]] = {}
        for column in columns:
            found = list(_NUMBER.finditer(titles[column.index]))
            if not found or not -len(found) <= place < len(found) or len(found[place].group()) > 9:
                continue
            match = found[place]
            title = titles[column.index]
            key = title[: match.start()] + "#" + title[match.end() :]
            groups.setdefault(key, {}).setdefault(int(match.group()), column.index)
        long = max(map(len, groups.values()), default=0)
        channels = [steps for steps in groups.values() if len(steps) == long]
        grid = tuple(tuple(index for _, index in sorted(steps.items())) for steps in channels)
        if long > 1 and long > len(best[0] if best else ()):
            best = grid
    return best
