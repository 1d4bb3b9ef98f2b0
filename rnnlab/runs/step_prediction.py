"""Prediction for one input step by step: outputs after each step, hidden states and gates; with the requests that ask for it.

A process that holds the net answers requests, a line of JSON each; the app and the command line draw what they hold.
"""

from __future__ import annotations

import sys
from array import array

import msgspec

from rnnlab.runs.prediction import Prediction

LARGEST = 65_534
"""Greatest number that stands for a value of a strip; the one above it is a value that is not finite."""
MOST_COLUMNS = 512
"""Steps of which values are sent: all of a sequence of so many, else some evenly spaced ones."""
LONGEST_LINE = 1 << 20
"""Bytes of a request."""
LONGEST_ANSWER = 1 << 24
"""Bytes of an answer: strips of 512 steps of a large net stay below."""


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """Values of the hidden state or of a gate of one direction of a recurrent layer: a row for each cell, a column for each step.

    `values` are 16-bit numbers, low byte first, the columns of the first cell before those of the second: from 0, which is
    `low`, to `LARGEST`, which is `high`.
    """

    layer: str
    """`lstm 1`, `lstm 1 backwards`."""
    name: str
    """`hidden state`, `forget gate`."""
    cells: int
    columns: int
    low: float
    high: float
    values: bytes
    order: tuple[int, ...] = ()
    """The cells, those whose value changes most over the columns first."""

    @property
    def title(self) -> str:
        """Layer and quantity."""
        return f"{self.layer} · {self.name}"

    def row(self, cell: int) -> list[float]:
        """Values of one cell at each column, (columns,); NaN where one is not finite."""
        numbers = array("H")
        numbers.frombytes(self.values[2 * cell * self.columns : 2 * (cell + 1) * self.columns])
        if sys.byteorder == "big":
            numbers.byteswap()
        unit = (self.high - self.low) / LARGEST
        return [self.low + unit * each if each <= LARGEST else float("nan") for each in numbers]


class ClassSteps(msgspec.Struct, frozen=True, kw_only=True):
    """Probability of one class after each step that is shown, (columns,)."""

    name: str
    probabilities: tuple[float, ...]


class StepPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """Prediction for one input, and how it came about, step by step.

    `columns` are the indices of the steps that are shown, the last one among them, and `labels` what is read at each: a
    character, a word, a number. `classes` are the classes with the highest probabilities, those of the last column in order;
    `numbers` (columns, outputs) what a regression predicts after each step. Both are empty where an output before the last step
    means nothing.
    """

    prediction: Prediction
    problem: str
    steps: int
    columns: tuple[int, ...]
    labels: tuple[str, ...]
    classes: tuple[ClassSteps, ...] = ()
    left_out: int = 0
    """Classes that are not among `classes`."""
    numbers: tuple[tuple[float, ...], ...] = ()
    strips: tuple[Strip, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()
    """Inputs in their own units (channels, columns); empty for tokens."""
    channels: tuple[str, ...] = ()
    """Names of the channels."""
    unit: str = ""
    notes: tuple[str, ...] = ()
    """How the outputs before the last step came about, a sentence each."""
    target: str = ""
    """True class, or true numbers, of a sequence of the data set."""
    correct: bool | None = None
    """Whether the target is predicted; None where there is none, and of numbers."""
    target_steps: tuple[str, ...] = ()
    """True class at each column, `·` where none is asked; empty where there is no class at each step, or it is unknown."""
    after: tuple[float, ...] = ()
    """True numbers: those of a regression, or those that follow a window of a series."""


class SequenceOf(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence of the task's data: its subset, its place in it from 0, and its row in the task's dataset."""

    subset: str
    index: int
    row: int
    rows: int
    """Sequences of the subset."""
    text: str
    """The input as it is typed, or as it is shown where it is too long to be typed."""
    typed: bool
    """Whether `text`, typed, is exactly this input."""
    target: str = ""


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a sequence at which a cell is strongly on: `index` of the sequence in its subset, `step` from 0."""

    index: int
    row: int
    step: int
    steps: int
    value: float
    before: str
    at: str
    """What is read at that step, with what stands before and after it."""
    after: str
    target: str = ""


class Activations(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of the subset at which a cell is most strongly on (`sign` 1) or off (-1), the strongest first, one a sequence."""

    strip: str
    cell: int
    sign: int
    subset: str
    sequences: int
    """How many were read."""
    rows: int
    """How many there are."""
    found: tuple[Activation, ...]


class NetOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The net that the process holds: which weights, and what it reads."""

    epoch: int
    step: int
    """Updates after which the weights were saved: there may be several best ones in one epoch."""
    task: str
    title: str
    example: str
    """An input that can be typed."""
    reads_tokens: bool
    channels: int
    window: int = 0
    """Steps of a window, which a forecast needs in full; 0: inputs may have any length."""
    note: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request: predict a text, or a sequence of the data with edits; find activations; load the best weights again.

    Of `text` and `index` one is given. `edits` are a step, a channel and the new value in the data's own unit.
    """

    number: int
    kind: str
    """`predict`, `find`, `reload`."""
    text: str | None = None
    subset: str = "test"
    index: int | None = None
    row: int | None = None
    """Row of the task's dataset, in place of `index`."""
    edits: tuple[tuple[int, int, float], ...] = ()
    strip: str = ""
    cell: int = 0
    sign: int = 1
    allowed: bool = False
    """Whether a person agreed to load the data that a run from elsewhere names."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer to the request of that number, 0 for the first line of the process: what was asked, or an error in one sentence."""

    number: int
    error: str = ""
    opened: NetOpened | None = None
    predicted: StepPrediction | None = None
    sequence: SequenceOf | None = None
    activations: Activations | None = None
    kind: str = ""
    """Kind of the request that an error is about."""
    asks: bool = False
    """Whether the error is that a person has to agree first."""
