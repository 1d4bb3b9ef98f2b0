"""Numbers of a figure that is drawn of a run's kept predictions: `rnnlab plot --json` reads them, as the app loads no NumPy."""

from __future__ import annotations

from typing import Any

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.ui.queries.subprocess_query import Query, run_query


class KeptFigure:
    """The numbers of one figure of a run, read once for each file of predictions."""

    def __init__(self, what: str, query: Query = run_query) -> None:
        self._what, self._query = what, query
        self._digest = ""
        self.reading = False
        self.rows: list[dict[str, Any]] = []
        """A row of the figure's numbers each; empty where there are none, or none yet."""
        self.problem = ""

    def is_due(self, state: RunState) -> bool:
        """Whether the run has predictions that were not read yet."""
        return state.predictions is not None and state.predictions.sha256 != self._digest and not self.reading

    async def read(self, run: RunFolder, state: RunState) -> None:
        """Read the numbers; a sentence in `problem` says why there are none."""
        if state.predictions is None:
            return
        self._digest, self.reading = state.predictions.sha256, True
        try:
            result = await self._query("plot", str(run.path), self._what, "--json")
        finally:
            self.reading = False
        document = result.document if isinstance(result.document, dict) else {}
        rows = document.get("numbers")
        self.rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        self.problem = "" if self.rows else result.problem or "There is nothing to draw."
