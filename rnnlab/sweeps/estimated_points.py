"""Points of a sweep that a TPE chooses, found again from the runs of its session."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.cores import cores
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.event_numbers import real
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.queue_entry import digest
from rnnlab.runs.ranking import ranking_figure
from rnnlab.runs.summary import WHOLE
from rnnlab.sweeps.complete import Completer
from rnnlab.sweeps.points import Point, configured
from rnnlab.sweeps.specification import POINTS, Specification
from rnnlab.sweeps.tpe import Tried, check_installed, suggest
from rnnlab.sweeps.trials import Carried, by_point, search_trials


class EstimatedPoints:
    """The points that were tried in a session, and the next ones. Raises `UsageError` where Optuna is not installed."""

    def __init__(self, session: Session, specification: Specification, complete: Completer) -> None:
        check_installed()
        if not specification.over:
            raise UsageError("--tpe needs settings to choose values of: name them with --over")
        self.specification = specification
        self.complete = complete
        self._session = session
        self._points: dict[RunConfig, Point] = {}
        self._read: set[str] = set()
        """Names of the runs that were read: what a run was queued with does not change."""

    def tried(self) -> tuple[Point, ...]:
        """The points of which the session has runs, in the order in which they were made."""
        for run in self._session.runs():
            if run.name not in self._read:
                self._read.add(run.name)
                point = self._point_of(run)
                if point is not None:
                    self._points.setdefault(point.config, point)
        return tuple(self._points.values())

    def _point_of(self, run: RunFolder) -> Point | None:
        """The point of a run; None where the run is not one of this sweep."""
        try:
            config = run.config()
            values = {key: config.get(key) for key in self.specification.over}
            point, _ = configured(self.specification, values, self.complete)
        except UsageError:
            return None
        digests = {trial.digest for trial in search_trials(self.specification, [point])}
        return point if digest(config) in digests else None

    def following(self, search: Sequence[Carried]) -> list[Point]:
        """The points to try next beside those that are under way: as many as there are cores, and no more than were asked for."""
        groups = by_point(search)
        pending = sum(not all(each.ended for each in group) for group in groups)
        wanted = min(cores() - pending, (self.specification.points or POINTS) - len(groups))
        if wanted < 1:
            return []
        summaries = [each.summary for each in search if each.summary is not None]
        metric = next((each.metric for each in summaries if each.metric), "")
        figure = ranking_figure(summaries, metric)
        history = [self._tried(group, figure) for group in groups]
        found: list[Point] = []
        for values in suggest(
            self.specification.over, history, wanted, self.specification.draw, higher_is_better=is_share(figure)
        ):
            try:
                point, _ = configured(self.specification, values, self.complete)
            except ConfigError:
                continue
            if point.config not in self._points and point.config not in [each.config for each in found]:
                found.append(point)
        return found

    @staticmethod
    def _tried(group: Sequence[Carried], figure: str) -> Tried:
        values = group[0].trial.point.values
        if not all(each.ended for each in group):
            return Tried(values, pending=True)
        held = [each.summary for each in group if each.summary is not None and each.status in WHOLE]
        scores = [real(each.best[figure]) for each in held if figure in each.best]
        return Tried(values, math.fsum(scores) / len(scores) if len(scores) == len(group) else None)
