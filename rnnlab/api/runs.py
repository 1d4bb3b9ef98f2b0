"""Several runs, as a list and as a table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from rnnlab.api.run import Run, TrainingFailed
from rnnlab.api.wait import wait_for
from rnnlab.engines.local import settle_session
from rnnlab.plots.comparison.columns import Chosen
from rnnlab.plots.comparison.table import comparison_table
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.current import current
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import summarise
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import records
from rnnlab.text.table import Table

if TYPE_CHECKING:
    import pandas
    import polars

_OF_REPEATS = ("runs", "counted")
"""Columns of a comparison that say how many runs a row is of: here a row is of one."""


def load_runs(session: str | os.PathLike[str] = "latest") -> Runs:
    """The runs of a session, in the order they were made; `session` is its name, its folder, or `latest`.

    Raises `UsageError` where there is none.
    """
    found = find_session(os.fspath(session))
    settle_session(found)
    return Runs(Run(run) for run in found.runs())


class Runs(Sequence[Run]):
    """Runs, to go through like a list; `to_pandas` and `to_polars` make a table with a row a run."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = tuple(runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> Runs: ...

    def __getitem__(self, index: int | slice) -> Run | Runs:
        return Runs(self._runs[index]) if isinstance(index, slice) else self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"<Runs: {len(self)}>"

    def to_pandas(self) -> pandas.DataFrame:
        """A row a run: the settings in which they differ, and their figures, as columns of `rnnlab compare --to csv`.

        The table of `rnnlab compare` joins repeats in a row, whose means have columns `_std` and `_n` beside them; here each is
        a row, with its seed in `seeds`. Runs that cannot be read are left out. Raises `UsageError` where pandas is not
        installed.
        """
        from rnnlab.api.frames import pandas_frame

        return pandas_frame(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The same. Raises `UsageError` where polars is not installed."""
        from rnnlab.api.frames import polars_frame

        return polars_frame(self._columns())

    def wait(self, *, progress: bool | None = None) -> Runs:
        """The runs themselves, once all have ended; as `Run.wait`."""
        folders = [RunFolder(run.path) for run in self]
        if folders:
            wait_for(folders, lambda: [run.state for run in self], progress)
        failed = next((run for run in self if run.state.status == "failed"), None)
        if failed is not None:
            raise TrainingFailed(failed)
        return self

    def stop(self) -> None:
        """Ask all that have not ended to stop, as `Run.stop`."""
        for run in self:
            if not run.state.ended:
                run.stop()

    def report(self, file: str | os.PathLike[str], *, spec: str | os.PathLike[str] | None = None) -> Path:
        """Write a report on the runs; as `Run.report`."""
        from rnnlab.api.report import write_report

        return write_report([RunFolder(run.path) for run in self], file, spec)

    def tables(self) -> list[Table]:
        """A table for the runs of each task that were evaluated on the same data, with a row a run, by rank."""
        folders = [RunFolder(run.path) for run in self]
        summaries = [current(folder, summarise(folder)).summary for folder in folders]
        comparisons = compare(summaries, is_share, repeats_together=False)
        return [comparison_table(each, chosen=_chosen(each)) for each in comparisons]

    def _columns(self) -> dict[str, list[Any]]:
        from rnnlab.api.frames import numbers_where_possible

        names, rows = records(self.tables())
        spreads = {f"{name}{end}" for name in names for end in ("_std", "_n") if f"{name}_std" in names}
        columns: dict[str, list[Any]] = {}
        for at, name in enumerate(names):
            if name in spreads or name in _OF_REPEATS:
                continue
            values = [plain(value) if isinstance(value, str) else value for value in (row[at] for row in rows)]
            columns[plain(name)] = numbers_where_possible(values)
        return columns

    def _repr_html_(self) -> str:
        from rnnlab.api.html import tables_html

        return tables_html(self.tables(), len(self))


def _chosen(comparison: Comparison) -> Chosen:
    """Every setting in which the runs differ has a column of its own, and so has the seed."""
    return Chosen(added=("seeds", *comparison.differing, "best_epoch"))
