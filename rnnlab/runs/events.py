"""Events of a training process, typed, one a line in the run's log.

Each event is a frozen struct, tagged by its name. Numbers that need not be finite are `Number`s: JSON has no NaN, so
`number` writes one as a string and `real` a float of it again.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from rnnlab.catalog.models.own_cells import OwnCell
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import ConfigValue, Confusion, Count, Number, Real, Seconds

LOG_FORMAT = 1
"""The version of the log's vocabulary, written in `RunStarted`; a newer one is refused. A field that is added, and that a
reader may do without, changes nothing."""

SubsetName = Literal["train", "validation", "test"]
Outcome = Literal["completed", "stopped", "early-stopped", "diverged"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="event", omit_defaults=True, gc=False):
    """Something that happened in a run."""


class LayerSummary(msgspec.Struct, frozen=True):
    """One layer of the net: its name and its parameters (PyTorch's convention)."""

    name: str
    parameters: Count


class RunStarted(Event, frozen=True, kw_only=True):
    """The first event: everything that was decided before the first step."""

    log_format: Count = LOG_FORMAT
    run: str
    config: dict[str, dict[str, ConfigValue]]
    """The configuration, nested by group, as in `run.toml`."""
    data: DataSummary
    model: str
    """The net in short: `LSTM 128`."""
    layers: tuple[LayerSummary, ...] = ()
    parameters: Count = 0
    device: str = "cpu"
    """`cpu`, `cuda:0`, `mps`."""
    device_name: str = ""
    threads: Count = 1
    versions: dict[str, str] = {}
    pid: Count = 0
    host: str = ""
    boot: str = ""
    """The machine's name, and which start of it: a process of an earlier one is gone."""
    argv: tuple[str, ...] = ()
    commit: str = ""
    """The command that queued the run, and the commit that git had checked out where it was given."""
    epochs: Count = 0
    steps_per_epoch: Count = 0
    steps_total: Count = 0
    """Updates planned: epochs × steps_per_epoch, or `train.updates` where that is less."""
    cell: OwnCell | None = None
    """The cell, where it is of a person's own: its card and its file's SHA-256."""


Phase = Literal["loading", "training", "evaluating", "paused", "saving"]


class Progress(Event, frozen=True, kw_only=True):
    """The steps since the last one, aggregated: at most ten a second, at least one a second.

    `steps` is how many updates it covers (0 for a sign of life), `step` the update it ends with, `epoch` counts from 1.
    `seconds` is the time trained, pauses left out. `loss`, `loss_low` and `loss_high` are mean, least and greatest of the
    steps' losses; `grad_norm` the mean norm before clipping. `examples_per_second` is over the last seconds of training,
    `eta` the seconds left.
    """

    phase: Phase = "training"
    epoch: Count = 0
    step: Count = 0
    examples: Count = 0
    seconds: Seconds = 0.0
    steps: Count = 0
    loss: Number | None = None
    loss_low: Number | None = None
    loss_high: Number | None = None
    lr: Real = 0.0
    grad_norm: Number | None = None
    examples_per_second: Real = 0.0
    eta: Seconds | None = None
    rates: tuple[Real, ...] = ()
    losses: tuple[Number, ...] = ()
    """Of a learning-rate range test: the rate of each update, and its loss."""
    reason: str = ""
    """What keeps the run from going on where no person paused it: `the disk is full (resume.safetensors)`."""


class Sample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sequence, its target and the net's prediction as text; `probability` is that of the prediction."""

    input: str
    target: str
    prediction: str = msgspec.field(name="answer")
    correct: bool
    probability: Real | None = None


class Forecast(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A forecast over the truth, in the series' own unit, thinned to at most 400 steps.

    `one_step` predicts one step ahead from the true past; `rolling` starts once, at the first step, and continues from its own
    predictions. `baselines` are naive forecasts of the same steps, by name. `first` and `last` name the ends (dates).
    """

    first: str = ""
    last: str = ""
    truth: tuple[Number, ...] = ()
    one_step: tuple[Number, ...] = ()
    rolling: tuple[Number, ...] = ()
    baselines: dict[str, tuple[Number, ...]] = {}


class Evaluated(Event, frozen=True, kw_only=True):
    """An evaluation of one split.

    `metrics` holds accuracy, macro_f1 and balanced_accuracy, top2_accuracy of more than two classes and top5_accuracy of more
    than five; or mae, rmse, r2 and smape; and plain_loss, the mean cross-entropy, where `loss` is a weighted, smoothed or
    focal one. Logs of older versions hold some of them only. `confusion[i][j]` counts rows of class i predicted as class j; it
    is left out beyond 200 classes. `running` marks training figures gathered while the weights moved; `final` marks the
    evaluation of the best weights at the run's end. `best`: this epoch's weights are the best so far.
    """

    split: SubsetName
    epoch: Count
    step: Count
    seconds: Seconds = 0.0
    loss: Number = 0.0
    metrics: dict[str, Number] = {}
    confusion: Confusion | None = None
    samples: tuple[Sample, ...] = ()
    forecast: Forecast | None = None
    extra_test: str = msgspec.field(default="", name="part")
    """Name of a further test at the end, such as `200 steps`; empty for the split itself."""
    running: bool = False
    final: bool = False
    best: bool = False


class GradientFlow(Event, frozen=True, kw_only=True):
    """How much each state of a recurrent layer still moves the loss: the norm of ∂L/∂h_t, later steps' share in it included.

    `norms` has the first step read first and ends with the last one: sequences of different lengths are aligned at their ends,
    so `norms[-1 - k]` is k steps before the end. Each is the mean over the rows that are so long of the norm of the
    gradient of the row's own loss.
    """

    epoch: Count
    step: Count
    layer: str = ""
    """`lstm 1`; with ` backwards` for the direction that reads from the end."""
    norms: tuple[Number, ...] = ()


class GateUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """Saturation of a gate: the shares of its values, over rows and steps, that are shut (below .05) and open (above .95).

    Of `state`, which tanh bounds: below -.95 and above .95. Of `units` of a relu: `shut` is the share of units that were zero
    at every step of every row.
    """

    name: str
    shut: Real = 0.0
    open: Real = 0.0


class LayerFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Figures of one layer.

    `gradient` is the norm of its weights' gradient on the rows inspected, before clipping; `moved` is ‖Δw‖ / ‖w‖ of the update
    before, None where there was none.
    """

    name: str
    gradient: Number = 0.0
    moved: Number | None = None
    gates: tuple[GateUse, ...] = ()


class Inspected(Event, frozen=True, kw_only=True):
    """An inspection of the net, on the same few training rows each time, from input to head."""

    epoch: Count
    step: Count
    layers: tuple[LayerFigures, ...] = ()


class CheckpointSaved(Event, frozen=True, kw_only=True):
    """Weights are safely on disk: `path` is relative to the run's folder.

    `resume` is all that a later process needs to go on after this very event, as if the run had never been interrupted.
    """

    kind: Literal["best", "last", "resume"]
    path: str
    sha256: str
    epoch: Count
    step: Count


class PredictionsSaved(Event, frozen=True, kw_only=True):
    """The predictions of the best weights for each row are safely on disk: `path` is relative to the run's folder.

    `rows` counts the rows held of each split. Logs of older versions have none.
    """

    path: str
    sha256: str
    rows: dict[str, Count] = {}


class CommandApplied(Event, frozen=True, kw_only=True):
    """A person's command took effect after update `step`.

    `value` is the new value of the setting `key` (None: none), or the epoch whose weights were restored. `error` is why a
    command was refused instead.
    """

    command: Literal["pause", "resume", "stop", "set", "evaluate", "save", "rollback"]
    command_id: str = ""
    epoch: Count = 0
    step: Count = 0
    seconds: Seconds = 0.0
    key: str = ""
    value: Real | None = None
    before: Real | None = None
    error: str = ""


class Diagnosed(Event, frozen=True, kw_only=True):
    """A problem noticed in the course of training, in plain words, with a remedy."""

    kind: str
    epoch: Count
    step: Count
    message: str
    remedy: str = ""


class ResumeAsked(Event, frozen=True, kw_only=True):
    """A run that had ended waits to be resumed.

    `changes` are settings that it is given more of, by key; `commands` is how many bytes of `commands.jsonl` were meant for
    the process that is gone.
    """

    changes: dict[str, Count] = {}
    commands: Count = 0
    attempt: Count = 0
    """How often the run has been resumed, now included, because its process was killed; 0: a person asked for it."""


class RunResumed(Event, frozen=True, kw_only=True):
    """The run continues from its state at record `after`; what stands between that record and this one is void.

    `changes` are all settings that differ from `RunStarted`. The rest is as in `RunStarted`, of the new process.
    """

    after: Count
    epoch: Count = 0
    step: Count = 0
    examples: Count = 0
    seconds: Seconds = 0.0
    changes: dict[str, Count] = {}
    epochs: Count = 0
    steps_total: Count = 0
    device: str = "cpu"
    device_name: str = ""
    threads: Count = 1
    versions: dict[str, str] = {}
    pid: Count = 0
    host: str = ""
    boot: str = ""
    argv: tuple[str, ...] = ()
    commit: str = ""
    attempt: Count = 0
    """As in `ResumeAsked`."""
    cell_sha256: str = ""
    """Of the file of the person's own cell, where it is not the one that the run was begun with."""


class RunFinished(Event, frozen=True, kw_only=True):
    """The last event of a run that ended by itself or by a person's command. The figures are those of the best weights.

    Everything a list of runs shows stands here and in `RunStarted`, so that a list need not read whole logs.
    """

    outcome: Outcome
    message: str = ""
    epoch: Count = 0
    epochs: Count = 0
    """Epochs planned in the end, where that is more than `RunStarted` says."""
    step: Count = 0
    seconds: Seconds = 0.0
    examples_per_second: Real = 0.0
    best_epoch: Count = 0
    best_step: Count = 0
    best: dict[str, Number] = {}
    """The validation metrics of the best epoch, `loss` among them."""
    final: dict[str, dict[str, Number]] = {}
    """By split, the metrics of the best weights at the end, `loss` among them."""
    extra: dict[str, dict[str, Number]] = {}
    """The same of the further parts tested, by name."""
    paused_after: Count = 0
    """The epoch after which its sweep has paused the run, to resume it where it is among the best; 0: it was not paused."""


class RunFailed(Event, frozen=True, kw_only=True):
    """The last event of a run that could not continue. `kind` is one of: error, data, memory, killed, disk, config."""

    kind: str
    message: str
    hint: str = ""
    detail: str = ""
    """The end of the traceback, for the curious."""


AnyEvent = (
    RunStarted
    | Progress
    | Evaluated
    | GradientFlow
    | Inspected
    | CheckpointSaved
    | PredictionsSaved
    | CommandApplied
    | Diagnosed
    | ResumeAsked
    | RunResumed
    | RunFinished
    | RunFailed
)

EVENT_NAMES = frozenset(kind.__name__ for kind in get_args(AnyEvent))


class Record(msgspec.Struct, frozen=True, gc=False):
    """An event with its position in the log.

    `seq` counts from 0 without gaps, `wall` is Unix time, `mono` a monotonic clock (seconds; comparable within one boot of one
    machine).
    """

    seq: Count
    wall: Seconds
    mono: Seconds
    data: AnyEvent
