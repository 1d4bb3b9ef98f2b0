"""Predictions of a run's best weights for each row of validation and test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_args

from rnnlab.api.frames import pandas_frame, polars_frame
from rnnlab.predictions.predictions_file import KEPT_SUBSETS, SubsetPredictions, read_predictions
from rnnlab.runs.events import SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, eq=False)
class Predictions(SubsetPredictions):
    """Predictions for the rows of one subset, as `SubsetPredictions` has them, with the names of the classes.

    A class is the index of its name in `classes`, which is empty for numbers.
    """

    classes: tuple[str, ...] = ()

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each row of the subset; where a class is predicted at each step, for each step.

        Raises `UsageError` where pandas is not installed.
        """
        return pandas_frame(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The same. Raises `UsageError` where polars is not installed."""
        return polars_frame(self._columns())

    def _columns(self) -> dict[str, Any]:
        if self.of_numbers:
            return self._of_numbers()
        if self.per_step:
            return self._of_steps()
        columns = self._rows()
        columns |= {"target": self._names(self.targets), "prediction": self._names(self.predictions)}
        columns["correct"] = self.targets == self.predictions
        if self.top is not None:
            columns["probability"] = self.top.astype(float)
        if self.probabilities is not None:
            shares = self.probabilities.astype(float).T
            columns |= {f"probability.{self._name(at)}": share for at, share in enumerate(shares)}
        return columns

    def _of_numbers(self) -> dict[str, Any]:
        """A column for each output; where there is one, its name has no number."""
        columns = self._rows()
        outputs = self.targets.shape[1]
        for name, values in (("target", self.targets), ("prediction", self.predictions)):
            for at in range(outputs):
                columns[name if outputs == 1 else f"{name}.{at + 1}"] = values[:, at].astype(float)
        return columns

    def _of_steps(self) -> dict[str, Any]:
        """The steps that are asked for, each a row: step 1 is the first."""
        row, step = (self.targets >= 0).nonzero()
        targets, predictions = self.targets[row, step], self.predictions[row, step]
        columns: dict[str, Any] = {"row": self.rows[row]}
        if self.groups is not None:
            columns["group"] = self.groups[row]
        columns |= {"step": step + 1, "target": self._names(targets), "prediction": self._names(predictions)}
        columns["correct"] = targets == predictions
        if self.top is not None:
            columns["probability"] = self.top[row, step].astype(float)
        return columns

    def _rows(self) -> dict[str, Any]:
        return {"row": self.rows} | ({} if self.groups is None else {"group": self.groups})

    def _names(self, labels: Any) -> list[str]:
        return [self._name(label) for label in labels.tolist()]

    def _name(self, label: int) -> str:
        return plain(self.classes[label]) if 0 <= label < len(self.classes) else str(label)


class PredictionsBySubset(Mapping[SubsetName, Predictions]):
    """The predictions of a run, read when they are asked for: `run.predictions["test"]`.

    Raises `UsageError` for a subset of which none are kept, with the reason.
    """

    def __init__(self, run: RunFolder, classes: tuple[str, ...]) -> None:
        self._run, self._classes = run, classes

    def __getitem__(self, subset: SubsetName) -> Predictions:
        if subset not in get_args(SubsetName):
            raise KeyError(f"there is no subset {subset!r}; predictions are kept of {' and '.join(KEPT_SUBSETS)}")
        held = read_predictions(self._run, subset)
        return Predictions(**{each.name: getattr(held, each.name) for each in fields(held)}, classes=self._classes)

    def __iter__(self) -> Iterator[SubsetName]:
        return iter(KEPT_SUBSETS)

    def __len__(self) -> int:
        return len(KEPT_SUBSETS)

    def __repr__(self) -> str:
        return f"<Predictions of {self._run.name}: {', '.join(KEPT_SUBSETS)}>"
