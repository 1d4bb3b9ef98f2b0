"""Which column a person means who types its name: in full, its title, or the beginning of either."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from rnnlab.config.tree import FIELDS
from rnnlab.errors import UsageError
from rnnlab.plots.comparison.columns import FIXED, canonical, figure_of, figures_in, has_column, short_key
from rnnlab.plots.run.figure_table import short_title
from rnnlab.runs.comparison import Comparison
from rnnlab.text.sanitise import plain

_ALSO = {"tag": "tags", "note": "notes", "seed": "seeds", "name": "run", "split": "data.split"}
_LEAST = 2
"""Letters of a name's beginning at least."""
_MOST_NAMED = 16
"""Names in a sentence."""


class ColumnNames:
    """The names that the columns of some comparisons have, worked out once: a table may have thousands of rows."""

    def __init__(self, comparisons: Sequence[Comparison]) -> None:
        self.comparisons = comparisons
        self._figures = _figures(comparisons)
        self._differing = {short_key(key).casefold(): key for each in comparisons for key in each.differing}

    def key_called(self, name: str) -> str:
        """The key of the column called `name`: a figure's (of validation, where no part is named) before a setting's.

        Raises `UsageError` where there is none such, with the nearest name, or where several begin so.
        """
        wanted = name.casefold().strip()
        if wanted in self._figures:
            return self._figures[wanted]
        for key in (canonical(name), _ALSO.get(wanted, "")):
            if key and any(has_column(comparison, key) for comparison in self.comparisons):
                return key
        for names in (self._figures, self._differing, _fixed(), _settings()):
            if len(wanted) < _LEAST:
                break
            found = {key: each for each, key in names.items() if each.startswith(wanted)}
            if len(found) == 1:
                return next(iter(found))
            if found:
                raise UsageError(f"{plain(name, 40)!r} may be {' or '.join(sorted(found.values()))}; write more of it")
        raise UsageError(self._unknown(name))

    def _unknown(self, name: str) -> str:
        names = [*self._figures, *self._differing, *FIXED, *_settings(), *FIELDS]
        close = difflib.get_close_matches(name.casefold(), names, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        short = [each for each in self._figures if "." not in each and " " not in each]
        offered = list(dict.fromkeys([*short, *map(short_key, self._differing.values()), *FIXED]))[:_MOST_NAMED]
        there_are = f"there are {', '.join(offered)}, and every setting by its key, such as optim.lr"
        return f"{plain(name, 40)!r} is no column{hint}; {there_are}"


def _figures(comparisons: Iterable[Comparison]) -> dict[str, str]:
    """Keys of figures by every name they have: `accuracy` is that of validation, where any row has it there."""
    keys = list(dict.fromkeys(key for comparison in comparisons for key in figures_in(comparison)))
    named: dict[str, str] = {key.casefold(): key for key in keys}
    for part in ("validation", "test", "training"):
        for key in keys:
            of_part, figure = figure_of(key) or ("", "")
            if of_part == ("train" if part == "training" else part):
                named.setdefault(figure.casefold(), key)
                named.setdefault(short_title(figure).casefold(), key)
    return named


def _settings() -> dict[str, str]:
    return {short_key(key).casefold(): key for key in FIELDS}


def _fixed() -> dict[str, str]:
    return {name.casefold(): key for key, shown in FIXED.items() for name in (key, shown.column.title)}
