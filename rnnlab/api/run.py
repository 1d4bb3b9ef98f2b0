"""One run, read from its folder; nothing is read before it is asked for, and the log only as far as it is new."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.api.cells import use_usual
from rnnlab.api.wait import wait_for
from rnnlab.errors import UsageError
from rnnlab.runs.current import current
from rnnlab.runs.demo import find_recorded
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, Status, initial_state
from rnnlab.runs.summary import summarise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from rnnlab.api.curves import Curves
    from rnnlab.api.predictions import PredictionsBySubset
    from rnnlab.runs.prediction import Prediction
    from rnnlab.training.evaluation.predict import TrainedNet

Inputs = str | Sequence[str | Sequence[float]]
"""One text, or several inputs: texts as `rnnlab predict` takes them, or sequences of numbers."""


class TrainingFailed(Exception):
    """A run failed: the message says which, why and what to do, `run` is the run."""

    def __init__(self, run: Run) -> None:
        state = run.state
        super().__init__(f"{run.name}: {state.message}" + (f"; {state.hint}" if state.hint else ""))
        self.run = run


def load_run(run: str | os.PathLike[str] = "latest") -> Run:
    """The run that `run` names: a folder, `SESSION/RUN`, a run's name or its number in the latest session, or `latest`.

    Raises `UsageError` where there is none, or several.
    """
    return Run(find_recorded(os.fspath(run)))


class Run:
    """A run, trained or in training. Its attributes are read from its folder each time they are asked for."""

    __slots__ = ("_cursor", "_folder", "_net", "_stamp", "_state")

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._net: tuple[str, TrainedNet] | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._forget()

    @property
    def name(self) -> str:
        """The folder's name, such as `003-lstm-128`."""
        return self._folder.name

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._folder.path

    @property
    def session(self) -> str:
        """The name of its session."""
        return self._folder.session.name

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting by its key, such as `optim.lr`. Raises `UsageError` where `run.toml` cannot be read."""
        return self._folder.config().flat()

    @property
    def status(self) -> Status:
        """How it stands now.

        `queued`, `loading`, `training`, `evaluating`, `saving`, `paused`; or how it ended: `completed`, `early-stopped`,
        `stopped`, `diverged`, `failed`; `interrupted` where its process is gone.
        """
        state = self.state
        if state.ended:
            return state.status
        summary = current(self._folder, summarise(self._folder)).summary
        if summary.problem:
            raise UsageError(summary.problem)
        return summary.status or state.status

    @property
    def message(self) -> str:
        """Why it ended, or what keeps it waiting; may be empty."""
        state = self.state
        return state.message if state.ended else current(self._folder, summarise(self._folder)).summary.message

    @property
    def state(self) -> RunState:
        """Everything that the log adds up to, as the app shows it. Raises `UsageError` for a log of a newer rnnlab."""
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return self._state
        if stamp is None or self._stamp is None or stamp[2] != self._stamp[2] or stamp[0] < self._stamp[0]:
            self._forget()
        try:
            reduce_all(self._state, self._cursor.stream())
        except BaseException:  # an interrupt between two fields of the state, too
            self._forget()
            raise
        self._stamp = stamp
        return self._state

    @property
    def metric(self) -> str:
        """The name of the task's metric, such as `accuracy`; empty before the run has begun."""
        return self.state.metric

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """The figures of the best weights at the end, by part of the data: `run.metrics["test"]["accuracy"]`."""
        return {part: _floats(values) for part, values in self.state.final.items()}

    @property
    def best(self) -> dict[str, float]:
        """The figures of the best evaluation on the validation part so far; empty before there is one."""
        return _floats(self.state.best.metrics) if self.state.best else {}

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the best weights."""
        return self.state.best.epoch if self.state.best else None

    @property
    def parameters(self) -> int | None:
        """Number of parameters of the net, as the log has it."""
        return self.state.started.parameters if self.state.started else None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; none of a regression or a forecast."""
        return self.state.started.data.classes if self.state.started else ()

    @property
    def curves(self) -> Curves:
        """Losses and metric over the epochs, as NumPy arrays."""
        from rnnlab.api.curves import Curves

        return Curves(self.state)

    @property
    def predictions(self) -> PredictionsBySubset:
        """What the best weights predict for each row of a subset: `run.predictions["test"]`."""
        from rnnlab.api.predictions import PredictionsBySubset

        return PredictionsBySubset(self._folder, self.classes)

    @property
    def confusion(self) -> NDArray[np.int64] | None:
        """Counts of the test part with the best weights, (classes, classes): row i holds what was class i.

        Before the end, those of the best evaluation on the validation part. None where there are none.
        """
        import numpy as np

        state = self.state
        counts = state.final_confusion or (state.best.confusion if state.best else None)
        return None if counts is None else np.asarray(counts, np.int64)

    def predict(self, inputs: Inputs) -> list[Prediction]:
        """A prediction for each input, by the best weights, as `rnnlab predict` makes it.

        Raises `UsageError` where an input is none that the task reads, or the run has no weights.
        """
        return self._trained().predict(_texts(inputs))

    def model(self) -> nn.Module:
        """The net with the best weights, in evaluation mode, on the CPU; called as `net(*run.encode(inputs))`.

        It returns logits of classes, (batch, classes), or (batch, steps, classes) where each step has one; of numbers, scaled
        ones. Each call makes a copy: what is done to it changes no prediction of the run. Raises `UsageError` where there are no
        weights.
        """
        return copy.deepcopy(self._trained().net)

    def encode(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Inputs as the net reads them: tokens (batch, steps) or values (batch, steps, channels), and lengths (batch,).

        Raises `UsageError`.
        """
        import torch

        from rnnlab.tasks.encoding.encode import encode_inputs

        if self.state.started is None:
            raise UsageError(f"{self.name} has not begun yet, so it is not known how its inputs are encoded")
        values, lengths = encode_inputs(self.state.started.data, _texts(inputs))
        return torch.from_numpy(values), torch.from_numpy(lengths)

    def wait(self, *, progress: bool | None = None) -> Run:
        """The run itself, once it has ended; progress stands in one line on a terminal or in a notebook, or as `progress` says.

        An interrupt (Ctrl-C) stops it, waits for its clean end, and is raised. Raises `TrainingFailed` where it failed.
        """
        wait_for([self._folder], lambda: [self.state], progress)
        if self.state.status == "failed":
            raise TrainingFailed(self)
        return self

    def stop(self) -> None:
        """Ask the run to stop after the update that it makes; its weights are tested and kept. Raises `UsageError`."""
        try:
            self._folder.send("stop")
        except OSError as error:
            raise UsageError(f"{self._folder.commands_path} cannot be written: {error.strerror}") from None

    def report(self, file: str | os.PathLike[str], *, spec: str | os.PathLike[str] | None = None) -> Path:
        """Write a report on the run, `.html` or `.md`, as `rnnlab report` does; `spec` is your Markdown with blocks.

        Returns its path. Raises `UsageError`.
        """
        from rnnlab.api.report import write_report

        return write_report([self._folder], file, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.path.absolute() == other.path.absolute()

    def __hash__(self) -> int:
        return hash(self.path.absolute())

    def __repr__(self) -> str:
        from rnnlab.text.sanitise import plain

        return plain(f"<Run {self.session}/{self.name}: {self.state.status}>")

    def _repr_html_(self) -> str:
        from rnnlab.api.html import run_html

        status = " · ".join(part for part in (self.status, self.message) if part)
        return run_html(f"{self.session}/{self.name}", status, self.state)

    def _trained(self) -> TrainedNet:
        saved = self.state.checkpoints.get("best")
        if saved is not None and self._net is not None and self._net[0] == saved.sha256:
            return self._net[1]
        from rnnlab.training.evaluation.predict import load_best

        use_usual()
        trained = load_best(self._folder)
        if trained.note:
            warnings.warn(trained.note, stacklevel=3)
        self._net = None if saved is None else (saved.sha256, trained)
        return trained

    def _stamp_now(self) -> tuple[int, int, int] | None:
        """Size, time and inode of the log; None where there is none."""
        try:
            found = self._folder.events_path.stat()
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns, found.st_ino

    def _forget(self) -> None:
        """Read the log from its start when it is asked for next."""
        self._cursor = LogCursor(self._folder.events_path)
        self._state = initial_state()
        self._stamp = None


def _floats(values: Mapping[str, Number]) -> dict[str, float]:
    return {name: real(value) for name, value in values.items()}


def _texts(inputs: Inputs) -> list[str]:
    """The inputs as `rnnlab predict` takes them. Raises `UsageError` for numbers that are in no sequence."""
    if isinstance(inputs, str):
        return [inputs]
    if any(isinstance(each, Real) for each in inputs):
        raise UsageError("an input is a text or a sequence of numbers; of one sequence write [[1, 0, 1]]")
    return [each if isinstance(each, str) else " ".join(_written(value) for value in each) for each in inputs]


def _written(value: float) -> str:
    """The number with all of its digits; a whole one without a point, as bits are written."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
