"""The state of a run: everything that is shown of it, as `rnnlab.runs.reduce` makes it from the log.

A live view, a reopened run, a replay, a report and a snapshot test all read a `RunState`; none keeps figures of its own. The
state is bounded: curves are thinned (`Series`), and of matrices, commands and diagnoses only so many are kept.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from rnnlab.config.objectives import selected_figure
from rnnlab.runs.event_numbers import Confusion, Number
from rnnlab.runs.events import (
    CheckpointSaved,
    Diagnosed,
    Forecast,
    GradientFlow,
    Inspected,
    PredictionsSaved,
    RunStarted,
    Sample,
    SubsetName,
)
from rnnlab.runs.series import Series
from rnnlab.runs.thinned import Thinned

Status = Literal[
    "queued",
    "loading",
    "training",
    "evaluating",
    "saving",
    "paused",
    "completed",
    "stopped",
    "early-stopped",
    "diverged",
    "failed",
    "interrupted",
]
"""`interrupted`: its process is gone without a last event, which no log records of itself."""
ENDED: tuple[Status, ...] = ("completed", "stopped", "early-stopped", "diverged", "failed")


class Matrix(msgspec.Struct, frozen=True):
    """The confusion counts of one evaluation: `counts[true][predicted]`."""

    epoch: int
    step: int
    counts: Confusion


class AppliedCommand(msgspec.Struct, frozen=True):
    """A person's command, where it took effect, or why it was refused."""

    command: str
    step: int
    epoch: float
    seconds: float
    key: str = ""
    value: float | None = None
    before: float | None = None
    error: str = ""


class Best(msgspec.Struct, frozen=True):
    """The best evaluation so far, by the figure that `RunState.selected` names, on the validation split."""

    epoch: int
    step: int
    seconds: float
    metrics: dict[str, Number]
    """`loss` among them."""
    confusion: Confusion | None = None


class RunState(msgspec.Struct):
    """One run, as its log adds up.

    `curves` maps a name to its `Series`: `loss/train` (every update), `loss/validation`, `METRIC/train`, `METRIC/validation`,
    `lr`, `grad_norm`. `latest` and `final` map a split to its last figures, `loss` among them; `final` is the evaluation of
    the best weights at the end.
    """

    status: Status = "queued"
    started: RunStarted | None = None
    message: str = ""
    """Why it ended; may be empty."""
    paused_after: int = 0
    """Of a run that has ended, as in `RunFinished`."""
    hint: str = ""
    reason: str = ""
    """Why it is paused, where no person paused it; it resumes by itself."""
    kind: str = ""
    """The kind of failure."""
    detail: str = ""

    epoch: int = 0
    step: int = 0
    examples: int = 0
    seconds: float = 0.0
    eta: float | None = None
    lr: float = 0.0
    grad_norm: Number | None = None
    loss: Number | None = None
    examples_per_second: float = 0.0

    curves: dict[str, Series] = {}
    latest: dict[str, dict[str, Number]] = {}
    final: dict[str, dict[str, Number]] = {}
    matrices: dict[str, Thinned[Matrix]] = {}
    final_confusion: Confusion | None = None
    """Of the test split, with the best weights."""
    samples: tuple[Sample, ...] = ()
    samples_epoch: int = 0
    samples_split: SubsetName = "validation"
    forecast: Forecast | None = None
    forecast_split: SubsetName = "validation"
    extra: dict[str, dict[str, Number]] = {}
    """The figures of further parts tested at the end, such as other lengths, by name."""
    best: Best | None = None
    live_settings: dict[str, float | None] = msgspec.field(default_factory=dict, name="knobs")
    """Values of the settings that were changed while the run trained, by key."""
    applied_commands: list[AppliedCommand] = msgspec.field(default_factory=list, name="marks")
    diagnoses: list[Diagnosed] = []
    checkpoints: dict[str, CheckpointSaved] = {}
    superseded: dict[str, CheckpointSaved] = {}
    """The checkpoint before that: a process killed between two of them may leave it standing."""
    predictions: PredictionsSaved | None = None
    """Where the predictions of the best weights are kept; None before the end, and of a log of an older version."""
    flows: dict[str, Thinned[GradientFlow]] = {}
    """By layer, from input to head; of a bidirectional one each direction."""
    inspected: Inspected | None = None
    """The last inspection of the net."""

    savepoints: dict[int, RunState] = {}
    """The state at the points from which the run can be resumed, by the number of their record."""

    last_seq: int = -1
    missing: int = 0
    """Events whose line was damaged or lost: holes in `seq`."""
    first_wall: float = 0.0
    last_wall: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether the run's last event has been read."""
        return self.status in ENDED

    @property
    def failed(self) -> bool:
        """Whether the run ended without a usable result."""
        return self.status in ("failed", "diverged")

    @property
    def leaks(self) -> dict[str, int]:
        """What the run's training split shares with the others; where there is anything, every figure is marked."""
        return self.started.data.leaks if self.started else {}

    @property
    def metric(self) -> str:
        """The task's metric; empty before the run has started."""
        return self.started.data.metric if self.started else ""

    @property
    def selected(self) -> str:
        """The validation figure by which the best epoch is chosen (`train.select`): the metric, unless another was asked for."""
        train = self.started.config.get("train", {}) if self.started else {}
        return selected_figure(train.get("select"), self.metric)

    def without_savepoints(self) -> RunState:
        """The state without its savepoints: all that is shown of the run."""
        return msgspec.structs.replace(self, savepoints={})

    def digest(self) -> str:
        """SHA-256 of the whole state: equal for two readers that saw the same events, however they were fed."""
        return hashlib.sha256(msgspec.json.encode(self.without_savepoints())).hexdigest()

    def curve(self, name: str) -> Series:
        """The curve called `name`, made at first need."""
        series = self.curves.get(name)
        if series is None:
            series = self.curves[name] = Series([], [], [], [], [], [], [])
        return series


def initial_state() -> RunState:
    """The state of a run whose log is still empty."""
    return RunState(
        curves={},
        latest={},
        final={},
        extra={},
        matrices={},
        live_settings={},
        applied_commands=[],
        diagnoses=[],
        checkpoints={},
        superseded={},
        savepoints={},
        flows={},
    )
