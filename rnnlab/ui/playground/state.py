"""State of the Playground: the net that is open, what is tried on it, its prediction, and the cursor."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.step_prediction import Answer, NetOpened, SequenceOf, StepPrediction
from rnnlab.ui.playground.trial import Trial

_NUDGE = 0.05
"""Share of a channel's range by which a key changes a value."""
FEW_STEPS = 16
"""Steps of one channel up to which the input is read as text and needs no curve."""


@dataclass
class PlaygroundState:
    """What the screen shows; `trial` is what was asked for last, `predicted` what was answered last."""

    trial: Trial | None = None
    opened: NetOpened | None = None
    predicted: StepPrediction | None = None
    sequence: SequenceOf | None = None
    cursor: int | None = None
    """Column that is marked; None: the last one."""
    error: str = ""
    asks: bool = False
    """Whether the error is that a person has to agree to the data being loaded."""
    ended: bool = False
    """Whether the process has ended, so that nothing can be predicted."""
    unedited: StepPrediction | None = None
    """The prediction before values were edited."""
    asked: int = 0
    """Number of the latest request for a prediction."""
    since: int = 0
    """Number of the first request for the input that is tried, whatever was edited in it since."""
    shown: int = 0
    """Number of the request that `predicted` answers: an earlier one while the latest is under way."""
    _input: Trial | None = None
    """What is tried, without its edits."""
    to_step: int | None = None
    """Step at which the cursor stands once the sequence asked for is shown."""

    @property
    def subset(self) -> str:
        """Subset whose sequences are taken."""
        return self.trial.subset if self.trial is not None else "test"

    @property
    def what_to_type(self) -> str:
        """What may be typed, with an example where one is known."""
        if self.opened is None:
            return ""
        what = f"{self.opened.window} values" if self.opened.window else "an input"
        return f"type {what}" + (f" such as {self.opened.example}" if self.opened.example else "")

    @property
    def from_data(self) -> bool:
        """Whether a sequence of the data is tried, and no typed text."""
        return self.trial is not None and self.trial.text is None

    @property
    def has_curves(self) -> bool:
        """Whether the input is shown as curves: numbers, unless a few of one channel that stand in the text, such as bits."""
        predicted = self.predicted
        if predicted is None or not predicted.values:
            return False
        if self.sequence is not None and not self.sequence.typed:
            return True
        return predicted.problem == "forecasting" or len(predicted.values) > 1 or predicted.steps > FEW_STEPS

    @property
    def column(self) -> int:
        """The column under the cursor, the last one where there is none."""
        last = len(self.predicted.columns) - 1 if self.predicted is not None else 0
        return last if self.cursor is None else min(last, self.cursor)

    def newer(self, best: CheckpointSaved | None) -> str:
        """Epoch of the run's best weights, or their update in the same epoch, where they are others than those that are open."""
        if best is None or self.opened is None or best.step == self.opened.step:
            return ""
        return f"epoch {best.epoch}" if best.epoch != self.opened.epoch else f"update {best.step:,}"

    @property
    def lines_of_outputs(self) -> int | None:
        """Lines of the upper panels: as many as there are classes; None: as many as they may have."""
        if self.predicted is None or self.has_curves or not self.predicted.classes:
            return None
        border, heads = 2, 3 if self.predicted.problem == "per-step classification" else 1
        return max(6, len(self.predicted.classes) + border + heads)

    def first_trial(self) -> Trial:
        """What is tried first: the example of a task that is typed, else the first test sequence."""
        opened = self.opened
        if opened is not None and opened.example:
            bits = opened.channels == 1 and not opened.window and len(opened.example) <= FEW_STEPS
            if opened.task != "own" and (opened.reads_tokens or bits):
                return Trial(text=opened.example)
        return Trial(index=0)

    def move(self, by: int) -> None:
        """Move the cursor by so many columns."""
        if self.predicted is not None:
            self.cursor = min(len(self.predicted.columns) - 1, max(0, self.column + by))

    def asking(self, number: int) -> None:
        """What is tried now is asked for by the request with this number."""
        if (tried := self._unedited_trial) != self._input:
            self._input, self.since = tried, number
        self.asked = number

    @property
    def _unedited_trial(self) -> Trial | None:
        return None if self.trial is None else replace(self.trial, edits=())

    def take(self, number: int, predicted: StepPrediction, sequence: SequenceOf | None) -> None:
        """Show a prediction, that of the request with this number; what is tried by now may be something else."""
        self.error, self.asks = "", False
        self.predicted, self.sequence, self.shown = predicted, sequence, number
        if self.trial is not None and number == self.asked:
            if sequence is not None and self.trial.text is None:
                self.trial = replace(self.trial, index=sequence.index, row=None)
                self._input = self._unedited_trial
            if not self.trial.edits:
                self.unedited = predicted
        if (step := self.to_step) is not None and number == self.asked:
            self.cursor = min(range(len(predicted.columns)), key=lambda at: abs(predicted.columns[at] - step))
            self.to_step = None
        elif self.cursor is not None:
            self.cursor = self.column

    def refuse(self, answer: Answer) -> None:
        """Show why there is no prediction."""
        self.error, self.asks = answer.error, answer.asks
        self.predicted, self.sequence = None, None

    def clear(self) -> None:
        """Nothing is tried."""
        self.trial, self.predicted, self.sequence, self.error, self.asks = None, None, None, "", False

    def value_at_cursor(self, channel: int | None) -> tuple[int, int, float] | None:
        """Step, channel and value under the cursor, the first channel where none is chosen; None where there is no value.

        None also while the values that are shown are those of another input than the one that is tried.
        """
        if self.predicted is None or not self.predicted.values or self.trial is None or self.shown < self.since:
            return None
        at = min(channel or 0, len(self.predicted.values) - 1)
        step = self.predicted.columns[self.column]
        pending = [value for edited, of, value in self.trial.edits if (edited, of) == (step, at)]
        return step, at, pending[-1] if pending else self.predicted.values[at][self.column]

    def nudged(self, by: int, channel: int | None) -> Trial | None:
        """The trial with the value under the cursor changed by `by` twentieths of its channel's range."""
        here = self.value_at_cursor(channel)
        if here is None or self.unedited is None or self.trial is None:
            return None
        step, at, value = here
        values = self.unedited.values[at]
        span = (max(values) - min(values)) or abs(value) or 1.0
        return self.trial.edited(step, at, float(f"{value + by * _NUDGE * span:.6g}"))
