"""Scores of runs row by row, from the predictions that they keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from rnnlab.errors import UsageError
from rnnlab.predictions.predictions_file import read_predictions
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.events import SubsetName
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.sweeps.conclude.conclusions import conclude
from rnnlab.sweeps.results import Conclusions
from rnnlab.sweeps.statistics import RowScores

MOST_READ = 400
"""Runs whose predictions are read for one comparison: of more than that only the seeds' figures are compared."""


def scores_in(session: Session, part: SubsetName, figure: str) -> Callable[[str], RowScores | None] | None:
    """What gives the scores of a run of the session, by its name, whose mean is `figure`; None where rows have no such score.

    Scores of an accuracy are 1 and 0, of a mean absolute error the errors.
    """
    if figure not in ("accuracy", "mae"):
        return None

    @cache
    def scores(name: str) -> RowScores | None:
        try:
            held = read_predictions(RunFolder(session.runs_path / name), part)
        except UsageError:
            return None
        found = held.scores()
        return RowScores(held.rows, -found if figure == "mae" else found, held.groups)

    return scores


def conclusions_of(
    comparison: Comparison, session: Session, part: SubsetName = "validation", against: int | None = None
) -> Conclusions | None:
    """Conclusions from a comparison of the session's runs, by the figure that ranks them; None where no run has it there.

    `against` is the index of the reference row; None: the best one on the validation part that has the figure.
    """
    figure = comparison.ranked_by
    having = [at for at, row in enumerate(comparison.rows) if figure in row.part(part)]
    if not having:
        return None
    if against is None and not any(comparison.rows[at].best for at in having):
        against = having[0]
    few = sum(len(row.runs) for row in comparison.rows) <= MOST_READ
    scores = scores_in(session, part, figure) if few else None
    return conclude(comparison, figure=figure, part=part, against=against, scores=scores)
