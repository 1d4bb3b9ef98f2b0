"""What `rnnlab sweep` shows while it is carried out: counts, the time left, the best configurations so far."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.cli.table import aligned
from rnnlab.config import FIELDS
from rnnlab.plots.comparison.columns import short_key
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.spread import spread_text
from rnnlab.runs.event_numbers import real
from rnnlab.runs.ranking import ranking_figure
from rnnlab.runs.repeats import spread
from rnnlab.runs.summary import WHOLE, RunSummary
from rnnlab.sweeps.cost.stand_text import counts_text
from rnnlab.sweeps.decide import scorer
from rnnlab.sweeps.sweep import Stand
from rnnlab.sweeps.trials import Carried, by_point

BEST = 5
"""Configurations shown of a sweep."""


def sweep_lines(stand: Stand, keys: Sequence[str], rows: int = BEST) -> list[str]:
    """How the sweep stands: a line of counts and, once runs have been evaluated, a table of its `rows` best configurations.

    `keys` are the swept settings.
    """
    return [counts_text(stand), *_best_table(stand, keys, rows)]


def _best_table(stand: Stand, keys: Sequence[str], rows: int) -> list[str]:
    trials = [each for each in stand.search if each.summary is not None and each.summary.best]
    summaries = [each.summary for each in trials if each.summary is not None]
    metric = next((each.metric for each in summaries if each.metric), "")
    if not metric or rows < 1:
        return []
    figure, score = ranking_figure(summaries, metric), scorer(summaries)

    def runs(group: Sequence[Carried]) -> list[RunSummary]:
        return [each.summary for each in group if each.summary is not None]

    over = stand.over
    ranked = sorted(by_point(trials), key=lambda group: score(runs(group)))[:rows]
    head = ["", "run", *map(short_key, keys), f"validation {short_title(figure)}", "epoch"]
    table = [head]
    for at, group in enumerate(ranked):
        held = runs(group)
        values = [real(each.best[figure]) for each in held if figure in each.best]
        values_text = spread_text(spread(values), figure) if values else ""
        settings = [
            FIELDS[key].text(group[0].trial.config.get(key)) if key in group[0].trial.point.values else "–"
            for key in keys
        ]
        names = held[0].name if len(held) == 1 else f"{held[0].name.split('-')[0]} × {len(held)}"
        table.append(["★" if not at else "", names, *settings, values_text, _epochs_text(held, over)])
    return aligned(table, {0, 1})


def confirmed_lines(stand: Stand, keys: Sequence[str]) -> list[str]:
    """A line for each configuration that was trained again from fresh seeds: its test figure, which is the one to report."""
    groups = by_point(stand.confirming)
    metric = next(
        (each.summary.metric for group in groups for each in group if each.summary and each.summary.metric), ""
    )
    lines = []
    for group in groups:
        whole = [each.summary for each in group if each.summary is not None and each.status in WHOLE]
        values = [real(each.final["test"][metric]) for each in whole if metric in each.final.get("test", {})]
        point = group[0].trial.point
        named = ", ".join(
            f"{short_key(key)} {FIELDS[key].text(point.config.get(key))}" for key in keys if key in point.values
        )
        figure = spread_text(spread(values), metric) if values else "no figure"
        lines.append(f"  {named}: test {short_title(metric)} {figure} ({len(values)} of {len(group)} fresh seeds)")
    if not lines:
        return []
    if _is_on_other_data(stand):
        lines.append(
            "warning: the data were changed after the search, so these configurations were chosen on other data"
        )
    return ["from fresh seeds, and only then tested; these are the figures to report:", *lines]


def _is_on_other_data(stand: Stand) -> bool:
    """Whether a configuration was confirmed on other rows, or another split, than it was searched on; folds are left out."""

    def data(trials: Sequence[Carried]) -> set[tuple[object, str]]:
        return {
            (each.trial.point.config, each.summary.fingerprint)
            for each in trials
            if each.summary is not None and each.summary.fingerprint and each.trial.config.data.folds is None
        }

    searched = data(stand.search)
    points = {point for point, _ in searched}
    return any(each not in searched for each in data(stand.confirming) if each[0] in points)


def _epochs_text(runs: Sequence[RunSummary], over: bool) -> str:
    if all(each.status in WHOLE for each in runs):
        return "done"
    if over and any(each.paused_after for each in runs):
        return f"dropped after {max(each.paused_after for each in runs)}"
    return "/".join(str(number) for number in (min(each.epoch for each in runs), max(each.epochs for each in runs)))
