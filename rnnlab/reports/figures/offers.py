"""The figures that a run or a session offers, by the name that a person asks for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, TypedDict

from rnnlab.config.tree import FIELDS
from rnnlab.errors import UsageError
from rnnlab.plots.comparison.columns import named_rows, short_key
from rnnlab.plots.comparison.groups import counted_runs
from rnnlab.plots.comparison.mean import Band
from rnnlab.plots.comparison.table import heading_of
from rnnlab.plots.confusion.cells import Mode
from rnnlab.plots.confusion.order import Order
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.drawing.zoom import WHOLE, Part
from rnnlab.plots.run.extra_tests import described, length_chart, prefix_chart
from rnnlab.plots.run.figures import is_range_test, title_of
from rnnlab.plots.run.report import matrix_of
from rnnlab.reports.figures.confusion import confusion_figure, difference_figure
from rnnlab.reports.figures.curves import loss_figure, mean_figure, metric_figure, overlay_figure
from rnnlab.reports.figures.errors import calibration_figure, error_figure
from rnnlab.reports.figures.extra_tests import early_figure, length_figure, rows_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.forecast import forecast_figure
from rnnlab.reports.figures.gradients import gradient_figure
from rnnlab.reports.figures.over import over_figure
from rnnlab.reports.figures.per_class import class_figure
from rnnlab.reports.figures.predicted import position_figure, scatter_figure
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.events import SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState

if TYPE_CHECKING:
    from rnnlab.predictions.predictions_file import SubsetPredictions


@dataclass(frozen=True)
class Offer:
    """A figure that is offered: its `name`, what it shows in a line, and how it is made (None: there is nothing to draw)."""

    name: str
    about: str
    make: Callable[[], Figure | None]
    zooms: bool = False
    """Whether it is of curves, of which a part can be drawn."""


class CurveOptions(TypedDict):
    """What the figures of curves take of `Axes`."""

    x_axis: XAxis
    log_y: bool | None
    part: Part


@dataclass(frozen=True)
class Axes:
    """The axes that a person asks for, and the part of them; `log_y` None: where the values need it."""

    x_axis: XAxis = "epochs"
    log_y: bool | None = None
    part: Part = WHOLE

    @property
    def options(self) -> CurveOptions:
        """The same by name."""
        return {"x_axis": self.x_axis, "log_y": self.log_y, "part": self.part}


NamedRun = tuple[str, RunState]


def run_offers(
    name: str, state: RunState, axes: Axes = Axes(), folder: RunFolder | None = None, order: Order = "classes"
) -> list[Offer]:
    """The figures of the run called `name`, those alone that there is something to draw of.

    Those of its kept predictions are offered where its `folder` is given. Classes stand in that `order`.
    """
    loss = partial(loss_figure, state, name, **axes.options)
    offers = [Offer("loss", "training and validation loss", loss, zooms=not is_range_test(state))]
    offers += [_curve_offer(name, state, metric, axes) for metric in curve_names(state)]
    offers += _matrix_offers(name, state, order)
    offers += [
        Offer("forecast", "forecast over the truth", lambda: forecast_figure(state, name)),
        Offer("gradients", "gradient reaching each step, by layer and epoch", lambda: gradient_figure(state, name)),
        Offer(
            "length",
            f"test {title_of(state.metric)} over the length of the sequences",
            lambda: length_figure(state, name),
        ),
        Offer("early", f"test {title_of(state.metric)} after the first steps alone", lambda: early_figure(state, name)),
    ]
    if folder is not None and state.predictions is not None and folder.predictions_path.exists():
        offers += _prediction_offers(name, state, folder)
    drawable = {
        "loss": any(state.curves.get(key) for key in ("loss/train", "loss/validation", "loss/tried")),
        "forecast": state.forecast is not None and bool(state.forecast.truth),
        "gradients": bool(state.flows),
        "length": length_chart(state) is not None,
        "early": prefix_chart(state) is not None,
    }
    return [offer for offer in offers if drawable.get(offer.name, True)]


def _matrix_offers(name: str, state: RunState, order: Order) -> list[Offer]:
    """The confusion matrix, of which each cell is a share of its row, of its column or a count, and the figures of each class."""
    counts, note = matrix_of(state)
    classes = state.started.data.classes if state.started else ()
    if counts is None or not classes:
        return []
    modes: dict[Mode, tuple[str, str]] = {
        "rows": ("confusion", "% of each true class"),
        "columns": ("confusion:columns", "% of each predicted class"),
        "counts": ("confusion:counts", "counts"),
    }
    return [
        *(
            Offer(
                key,
                f"confusion matrix, {about} ({note})",
                partial(confusion_figure, counts, classes, name, note, mode=mode, order=order),
            )
            for mode, (key, about) in modes.items()
        ),
        Offer(
            "classes",
            f"precision, recall and F1 of each class ({note})",
            lambda: class_figure(counts, classes, name, note, order=order),
        ),
    ]


def _prediction_offers(name: str, state: RunState, folder: RunFolder) -> list[Offer]:
    """Of classes the calibration and the accuracy by position, of numbers their errors and a scatter plot.

    NumPy is imported where one of these is made.
    """
    assert state.predictions is not None
    subset: SubsetName = "test" if "test" in state.predictions.rows else "validation"
    unit = state.started.data.unit if state.started else ""

    def saved() -> SubsetPredictions:
        from rnnlab.predictions.predictions_file import read_predictions

        return read_predictions(folder, subset)

    if state.started is not None and state.started.data.classes:
        about = f"share of right predictions over their probability ({subset})"
        offers = [Offer("calibration", about, lambda: calibration_figure(saved(), name, subset))]
        if state.started.data.problem == "per-step classification":
            about = f"accuracy by position in the sequence ({subset})"
            offers.append(Offer("positions", about, lambda: position_figure(saved(), name, subset)))
        return offers
    return [
        Offer(
            "errors",
            f"how far the predicted numbers are off ({subset})",
            lambda: error_figure(saved(), name, subset, unit),
        ),
        Offer(
            "scatter",
            f"predicted over true numbers ({subset})",
            lambda: scatter_figure(saved(), name, subset, unit),
        ),
    ]


def _curve_offer(name: str, state: RunState, metric: str, axes: Axes) -> Offer:
    return Offer(
        metric,
        f"{title_of(metric)} on training and validation",
        partial(metric_figure, state, name, metric=metric, **axes.options),
        zooms=True,
    )


def curve_names(state: RunState) -> list[str]:
    """The figures beside the loss that were evaluated over the run, the metric first."""
    if is_range_test(state):
        return []
    found = [key.rpartition("/")[0] for key, series in state.curves.items() if "/" in key and len(series)]
    return [name for name in dict.fromkeys([state.metric, *found]) if name != "loss" and name in found]


def several_offers(runs: Sequence[NamedRun], axes: Axes = Axes()) -> list[Offer]:
    """The figures of several chosen runs: their curves on the same axes, and of two with the same classes both matrices."""
    offers = [
        Offer(
            figure,
            f"{title_of(figure)} of the runs on the same axes",
            partial(overlay_figure, runs, figure, **axes.options),
            zooms=True,
        )
        for figure in common_figures([state for _, state in runs])
    ]
    if len(runs) == 2 and (pair := _matrices(runs)) is not None:
        first, second, classes, note = pair
        offers.append(
            Offer(
                "confusion",
                f"both confusion matrices and their difference ({note})",
                lambda: difference_figure(first, second, classes, note),
            )
        )
    return offers


def common_figures(states: Sequence[RunState]) -> list[str]:
    """`loss`, and the figures that any of the runs was evaluated by."""
    return ["loss", *dict.fromkeys(name for state in states for name in curve_names(state) if name != "plain_loss")]


def _matrices(
    runs: Sequence[NamedRun],
) -> tuple[tuple[str, Sequence[Sequence[int]]], tuple[str, Sequence[Sequence[int]]], Sequence[str], str] | None:
    """Both matrices and their classes; None where there are not two of the same classes and the same part."""
    (first, one), (second, two) = runs
    (a, note), (b, other) = matrix_of(one), matrix_of(two)
    classes = [state.started.data.classes if state.started else () for state in (one, two)]
    part = note.partition(" ")[0]
    if a is None or b is None or classes[0] != classes[1] or not classes[0] or part != other.partition(" ")[0]:
        return None
    return (first, a), (second, b), classes[0], note if note == other else part


def session_offers(
    name: str,
    comparisons: Sequence[Comparison],
    state_of: Callable[[str], RunState],
    axes: Axes = Axes(),
) -> list[Offer]:
    """The figures of a session's runs, of each of its comparisons; `state_of` reads the run of a name.

    Of the second comparison and later ones the names end in `@2`, `@3` …
    """
    offers = []
    for at, comparison in enumerate(comparisons):
        end = f"@{at + 1}" if at else ""
        of = f" · {heading_of(comparison)}" if len(comparisons) > 1 else ""
        held = _of_comparison(slug_name(name, end), comparison, cache(state_of), axes)
        offers += [replace(each, name=each.name + end, about=each.about + of) for each in held]
    return offers


def slug_name(name: str, end: str) -> str:
    """The session's name as figures are called after it."""
    return f"{name} {end.removeprefix('@')}".strip()


def _of_comparison(name: str, comparison: Comparison, state_of: Callable[[str], RunState], axes: Axes) -> list[Offer]:
    figures = list(dict.fromkeys(("loss", comparison.metric, comparison.ranked_by)))

    def overlaid(figure: str) -> Figure | None:
        names = [run for row in comparison.rows for run in row.runs]
        runs = [(run, state_of(run)) for run in names[: len(STYLES)]]
        more = len(names) - len(runs)
        return overlay_figure(runs, figure, name=f"{name} overlay", **axes.options, more=more)

    def averaged(figure: str, band: Band) -> Figure | None:
        groups, more = row_states(comparison, state_of), len(comparison.rows) - len(STYLES)
        shown = comparison.rows[: len(STYLES)]
        uncounted = [run for row in shown for run in row.runs if run not in counted_runs(row)]
        return mean_figure(
            groups, figure, band=band, name=f"{name} {band}", **axes.options, more=more, uncounted=uncounted
        )

    offers = []
    repeated = any(len(row.runs) > 1 for row in comparison.rows)
    for figure in filter(None, figures):
        title = f"validation {title_of(figure)}"
        if repeated:
            std, ends = partial(averaged, figure, "std"), partial(averaged, figure, "range")
            offers += [
                Offer(figure, f"{title}: mean over repeats, band of ± one standard deviation", std, zooms=True),
                Offer(
                    f"{figure}:range",
                    f"{title}: mean over repeats, band from the least to the greatest",
                    ends,
                    zooms=True,
                ),
            ]
        key = f"overlay:{figure}" if repeated else figure
        offers.append(
            Offer(key, f"{title} of up to eight runs on the same axes", partial(overlaid, figure), zooms=True)
        )
    return offers + _extra_offers(name, comparison, state_of) + _over_offers(name, comparison)


def _extra_offers(name: str, comparison: Comparison, state_of: Callable[[str], RunState]) -> list[Offer]:
    """The test metric over the length of the sequences and after first steps, where the runs were tested so."""
    rows = [row for row in comparison.rows if row.extra]
    if not rows:
        return []
    known = state_of(rows[0].runs[0])
    title = f"test {title_of(comparison.metric)}"
    offers = []
    if described(known, "length"):
        make = partial(rows_figure, comparison, state_of, "length", name)
        offers.append(Offer("length", f"{title} over the length of the sequences, of up to eight rows", make))
    if described(known, "prefix"):
        make = partial(rows_figure, comparison, state_of, "prefix", name)
        offers.append(Offer("early", f"{title} after the first steps alone, of up to eight rows", make))
    return offers


def row_states(comparison: Comparison, state_of: Callable[[str], RunState]) -> dict[str, list[RunState]]:
    """The counted runs of each of the first eight rows by rank, under what sets the row apart."""
    rows = named_rows(comparison, comparison.rows[: len(STYLES)])
    return {name: [state_of(run) for run in counted_runs(row)] for name, row in rows.items()}


def _over_offers(name: str, comparison: Comparison) -> list[Offer]:
    """The figure ranked by over each differing setting, and over the first two."""
    if len(comparison.rows) < 2:
        return []
    keys = [(key,) for key in comparison.differing]
    pairs = [tuple(comparison.differing)] if len(comparison.differing) == 2 else []
    title = f"validation {title_of(comparison.ranked_by)}"
    return [
        Offer(
            f"over:{','.join(each)}",
            f"{title} over {' and '.join(map(short_key, each))}",
            partial(over_figure, comparison, each, name=name),
        )
        for each in [*keys, *pairs]
    ]


def asked_over(what: str, comparisons: Sequence[Comparison], name: str) -> Offer | None:
    """The offer of `over:KEY,KEY` for two settings that are not offered by themselves; None for any other name."""
    begun, _, rest = what.partition(":")
    keys = tuple(key.strip() for key in rest.split(","))
    if begun != "over" or not set(keys) <= set(FIELDS) or len(keys) > 2 or len(set(keys)) < len(keys):
        return None
    found = next((each for each in comparisons if set(keys) <= set(each.differing)), None)
    return None if found is None else Offer(what, "", lambda: over_figure(found, keys, name=name))


def chosen(what: str, offers: Sequence[Offer], of: str, metric: str = "") -> Offer:
    """The offer called `what`; `metric` is another name of the metric, behind a colon too. Raises `UsageError` of another."""
    before, colon, last = what.rpartition(":")
    wanted = f"{before}{colon}{metric}" if last == "metric" and metric else what
    found = next((offer for offer in offers if offer.name == wanted), None)
    if found is not None:
        return found
    names = [offer.name for offer in offers]
    if not names:
        raise UsageError(f"{of} has nothing to draw yet")
    near = difflib.get_close_matches(what, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise UsageError(f"{of} has no figure {what!r}{hint}; it has {', '.join(names)}")
