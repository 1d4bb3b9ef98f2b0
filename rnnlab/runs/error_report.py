"""Report of the errors of a run's best weights on one subset: what is printed, shown in the app, and written as JSON and CSV."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.runs.events import SubsetName


@dataclass(frozen=True)
class Confused:
    """Rows, or steps, of class `true` that were predicted as class `predicted`."""

    true: str
    predicted: str
    count: int


@dataclass(frozen=True)
class Calibration:
    """How far the probabilities of the predictions can be believed.

    `expected_error` is the expected calibration error over `bins` equal bins of the probability: the mean, over the predictions,
    of the difference between the share of right ones and the mean probability in their bin (Guo et al. 2017).
    """

    expected_error: float
    bins: int
    probability: float
    """Mean probability of the predictions."""
    right: float
    """Share of right predictions."""


@dataclass(frozen=True)
class PositionAccuracy:
    """The share `right` of the `steps` predictions asked for at a position of the sequences, counted from 1."""

    position: int
    steps: int
    right: float


@dataclass(frozen=True)
class WorstError:
    """One row predicted wrong. `score` is 0 of a class, the share of right steps, or minus the mean absolute error."""

    row: int
    """Index of the row in the task's dataset."""
    group: str
    input: str
    """Empty where the data are not at hand."""
    target: str
    prediction: str
    probability: float | None
    """Of the prediction; None of numbers and of classes at each step."""
    score: float
    likely: tuple[tuple[str, float], ...] = ()
    """The likeliest classes and their probabilities, the likeliest first; empty where not all of them are kept."""
    channels: tuple[tuple[float, ...], ...] = ()
    """Values of each channel of an input of measurements, thinned; empty of any other input."""
    steps: tuple[tuple[str, str], ...] = ()
    """Target and prediction at each step, where each has a class; an empty target where nothing is asked."""


@dataclass(frozen=True)
class ErrorReport:
    """Errors of the best weights of `run` on the subset `split`, of the classes asked for where some are.

    Where the same class is asked for as true and predicted, its right rows are listed. `wrong` counts the rows that are not
    entirely right, `asked` those that were asked for among them, or among the right ones. Of numbers all rows count.
    """

    run: str
    split: SubsetName
    problem: str
    rows: int
    wrong: int
    asked: int
    true: str
    predicted: str
    """The classes asked for; empty: all."""
    score: float
    """Mean over the rows of their scores: accuracy, share of right steps, or minus the mean absolute error."""
    unit: str
    confusions: tuple[Confused, ...]
    """The most frequent ones."""
    calibration: Calibration | None
    group: str
    """What a group is: `person`; empty where there are none."""
    worst: tuple[WorstError, ...]
    notes: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether right predictions were asked for."""
        return bool(self.true) and self.true == self.predicted
