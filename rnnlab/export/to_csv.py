"""A run as CSV tables: its evaluations, its updates, its classes and, where they are kept, its predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlab.errors import UsageError
from rnnlab.predictions.predictions_file import KEPT_SUBSETS, SubsetPredictions, read_predictions
from rnnlab.runs.events import Evaluated, Progress, Record, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import saved_predictions
from rnnlab.text.spreadsheet import rows_to_csv
from rnnlab.text.table import Value

TABLES = ("evaluations", "updates", "classes", "predictions")
"""The tables, each a file of its name."""

_EVALUATION = ("split", "part", "epoch", "step", "seconds", "weights", "best", "loss")
_UPDATES = (
    "epoch", "step", "updates", "examples", "seconds", "loss", "loss_low", "loss_high", "lr", "grad_norm",
    "examples_per_second",
)  # fmt: skip
_CLASSES = ("split", "part", "epoch", "class", "rows", "predicted", "precision", "recall", "f1")


def csv_tables(run: RunFolder, records: Sequence[Record], names: Sequence[str] = TABLES) -> dict[str, str]:
    """The tables called `names`, by name, as CSV; one that the run has nothing for is left out.

    `records`: those of the log that hold. Raises `UsageError` where predictions are kept that cannot be read.
    """
    started = next((each.data for each in records if isinstance(each.data, RunStarted)), None)
    classes = started.data.classes if started is not None else ()
    evaluations = [each.data for each in records if isinstance(each.data, Evaluated)]
    made = {}
    for name in names:
        match name:
            case "evaluations":
                text = _evaluations(evaluations)
            case "updates":
                text = _updates([each.data for each in records if isinstance(each.data, Progress)])
            case "classes":
                text = _classes(evaluations, classes)
            case _:
                text = _predictions(run, classes)
        if text:
            made[name] = text
    return made


def _evaluations(events: Sequence[Evaluated]) -> str:
    """One row an evaluation.

    `weights`: `moving` (of training, gathered while they moved), `current`, or `best` at the run's end; `best`: 1 where these
    were the best so far.
    """
    if not events:
        return ""
    metrics = list(dict.fromkeys(name for event in events for name in event.metrics))
    rows: list[list[Value]] = []
    for event in events:
        weights = "best" if event.final else "moving" if event.running else "current"
        figures = [event.metrics.get(name) for name in metrics]
        best = int(event.best)
        rows.append(
            [event.split, event.extra_test, event.epoch, event.step, event.seconds, weights, best, event.loss, *figures]
        )
    return rows_to_csv([*_EVALUATION, *metrics], rows)


def _updates(events: Sequence[Progress]) -> str:
    """One row for the updates that the log tells of together: at most ten rows a second."""
    rows: list[list[Value]] = [
        [
            event.epoch, event.step, event.steps, event.examples, event.seconds, event.loss, event.loss_low,
            event.loss_high, event.lr, event.grad_norm, event.examples_per_second,
        ]
        for event in events
        if event.steps
    ]  # fmt: skip
    return rows_to_csv(_UPDATES, rows) if rows else ""


def _classes(events: Sequence[Evaluated], classes: Sequence[str]) -> str:
    """Precision, recall and F1 of each class, from the confusion counts.

    With the best weights at the run's end; before there is one, with the best on validation so far.
    """
    from rnnlab.plots.confusion.cells import is_square
    from rnnlab.plots.run.per_class import class_figures

    rows: list[list[Value]] = []
    counted = [event for event in events if event.confusion and not event.running]
    chosen = [event for event in counted if event.final] or [event for event in counted if event.best][-1:]
    for event in chosen:
        counts = event.confusion
        if counts and is_square(counts, classes):
            for name, figures in zip(classes, class_figures(counts), strict=True):
                held = [figures.rows, figures.predicted, figures.precision, figures.recall, figures.f1]
                rows.append([event.split, event.extra_test, event.epoch, name, *held])
    return rows_to_csv(_CLASSES, rows) if rows else ""


def _predictions(run: RunFolder, classes: Sequence[str]) -> str:
    """One row a row of the data; where each step has a class, one row a step that has a target."""
    saved = saved_predictions(run)
    held = {name: read_predictions(run, name) for name in KEPT_SUBSETS if saved is not None and name in saved.rows}
    if not held:
        return ""
    first = next(iter(held.values()))
    known = [str(each) for each in classes]
    if first.of_numbers:
        outputs = first.targets.shape[1]
        names = [f"{kind}_{index}" for index in range(1, outputs + 1) for kind in ("target", "prediction")]
    else:
        names = ["target", "prediction", "probability"]
    steps = ["step"] if first.per_step else []
    shares = [f"p({name})" for name in known] if first.probabilities is not None else []
    rows = [row for name, subset in held.items() for row in _rows(name, subset, known)]
    return rows_to_csv(["split", "row", "group", *steps, *names, *shares], rows)


def _rows(name: str, held: SubsetPredictions, classes: Sequence[str]) -> Iterator[list[Value]]:
    def called(label: int) -> str:
        if not 0 <= label < len(classes):
            raise UsageError(
                f"the predictions of the {name} part name class {label}, which the run's log does not have"
            )
        return classes[label]

    groups = held.groups.tolist() if held.groups is not None else [None] * len(held)
    top = held.top.tolist() if held.top is not None else None
    shares = held.probabilities.tolist() if held.probabilities is not None else None
    pairs = zip(held.rows.tolist(), groups, held.targets.tolist(), held.predictions.tolist(), strict=True)
    for index, (row, group, target, prediction) in enumerate(pairs):
        head: list[Value] = [name, row, group]
        if held.of_numbers:
            yield head + [value for pair in zip(target, prediction, strict=True) for value in pair]
        elif held.per_step:
            for step, (wanted, found) in enumerate(zip(target, prediction, strict=True), start=1):
                if wanted >= 0:
                    chance = top[index][step - 1] if top else None
                    yield [*head, step, called(wanted), called(found), chance]
        else:
            chance = top[index] if top else None
            yield [*head, called(target), called(prediction), chance, *(shares[index] if shares else [])]
