"""Predictions of a trained net for new inputs; the run's folder is all that is needed, no data set."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.config import RunConfig, UsageError
from rnnlab.models.net import Net, build_planned, plan_for_data
from rnnlab.models.own.cell_of_run import require_cell
from rnnlab.models.plan.count import count_parameters
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import recorded_config
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.prediction import Prediction
from rnnlab.runs.state import RunState
from rnnlab.tasks.encoding.encode import Encoded, encode_each, encode_inputs, padded
from rnnlab.tasks.encoding.spell import spell
from rnnlab.text.numbers import digits_for
from rnnlab.training.evaluation.saved_weights import load_checked

Checkpoint = Literal["best", "last"]
"""Which weights of a run: those of its best epoch, or of its last."""
_PATIENCE = 10
"""Tries, a tenth of a second apart, while a run in training saves better weights than its log has yet."""
_MOST_STEPS = 50_000
"""Steps of all inputs of a batch together, padding included."""
NOT_FINITE = "the net's output for this input is not a finite number, so nothing is predicted"


@dataclass(frozen=True)
class TrainedNet:
    """The best weights of a run, ready to predict."""

    net: Net
    data: DataSummary
    epoch: int
    config: RunConfig = field(default_factory=RunConfig)
    """Configuration of the run, as its log holds it."""
    note: str = ""
    """How the file of a person's own cell differs from the one that the run was made with; empty where it does not."""
    step: int = 0
    """Updates after which the weights were saved."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The prediction for each text. Raises `UsageError` for one that cannot be an input of the task.

        One for which the net's output is not finite has an error in its place.
        """
        return self._predicted(texts, *encode_inputs(self.data, texts))

    def predict_each(self, texts: Sequence[str]) -> list[Prediction]:
        """The prediction for each text; one that cannot be an input of the task has an error in its place."""
        encoded = encode_each(self.data, texts)
        good = [index for index, row in enumerate(encoded) if not isinstance(row, UsageError)]
        rows = [row for row in encoded if not isinstance(row, UsageError)]
        found = dict(zip(good, self.predict_rows([texts[index] for index in good], rows), strict=True))
        return [
            Prediction(text, error=str(row)) if isinstance(row, UsageError) else found[index]
            for index, (text, row) in enumerate(zip(texts, encoded, strict=True))
        ]

    def predict_rows(self, names: Sequence[str], rows: Sequence[Encoded]) -> list[Prediction]:
        """The prediction for each encoded input, tokens (steps,) or values (steps, channels), under its name.

        One for which the net's output is not finite has an error in its place.
        """
        found: dict[int, Prediction] = {}
        # Those of like length together, so that little is padded.
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        while order:
            most = max(1, _MOST_STEPS // max(1, len(rows[order[-1]])))
            chosen, order = order[-most:], order[:-most]
            batch = self._predicted([names[index] for index in chosen], *padded([rows[index] for index in chosen]))
            found |= dict(zip(chosen, batch, strict=True))
        return [found[index] for index in range(len(rows))]

    @torch.inference_mode()
    def _predicted(self, texts: Sequence[str], inputs: Encoded, lengths: NDArray[np.int64]) -> list[Prediction]:
        outputs = self.net(torch.from_numpy(inputs), torch.from_numpy(lengths)).double()
        used = (
            [row[:length] for row, length in zip(outputs, lengths.tolist(), strict=True)] if self._per_step else outputs
        )
        return [
            prediction if bool(row.isfinite().all()) else Prediction(prediction.input, error=NOT_FINITE)
            for prediction, row in zip(self._read_out(texts, outputs, lengths), used, strict=True)
        ]

    @property
    def _per_step(self) -> bool:
        return self.data.problem == "per-step classification"

    def _read_out(self, texts: Sequence[str], outputs: Tensor, lengths: NDArray[np.int64]) -> list[Prediction]:
        """What the outputs (sequences, …) predict."""
        if not self.data.classes:
            scale = self.data.scale.get("target_scale", 1.0)
            offset = self.data.scale.get("target_offset", 0.0)
            values: NDArray[np.float64] = outputs.numpy() * scale + offset
            digits = digits_for(offset, scale)
            return [
                Prediction(text, numbers=tuple(row.tolist()), digits=digits)
                for text, row in zip(texts, values, strict=True)
            ]
        if self._per_step:
            return [
                self._spelled(text, row[:length].softmax(1).numpy())
                for text, row, length in zip(texts, outputs, lengths.tolist(), strict=True)
            ]
        return [
            Prediction(text, ranked=self._ranked(row.numpy()))
            for text, row in zip(texts, outputs.softmax(1), strict=True)
        ]

    def _spelled(self, text: str, probabilities: NDArray[np.float64]) -> Prediction:
        labels = probabilities.argmax(axis=1)
        steps = tuple(
            (self.data.classes[label], float(row[label])) for label, row in zip(labels, probabilities, strict=True)
        )
        return Prediction(text, steps=steps, text=spell(self.data.classes, labels.tolist()))

    def _ranked(self, probabilities: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-probabilities, kind="stable")
        return tuple((self.data.classes[index], float(probabilities[index])) for index in order)


def load_best(run: RunFolder) -> TrainedNet:
    """The net with the run's best weights, on the CPU.

    Raises `UsageError` where there are none yet, or the file is not the one that the run saved.
    """
    return load_net(run, "best")


def load_net(run: RunFolder, checkpoint: Checkpoint) -> TrainedNet:
    """The net with the weights of a checkpoint of the run, on the CPU. Raises as `load_best`."""
    for attempt in range(_PATIENCE):
        state, _ = read_state(run.events_path)
        try:
            return _load(run, state, checkpoint)
        except UsageError:
            if state.ended or checkpoint not in state.checkpoints or attempt == _PATIENCE - 1:
                raise
            time.sleep(0.1)
    raise AssertionError


def _load(run: RunFolder, state: RunState, checkpoint: Checkpoint) -> TrainedNet:
    path = run.best_path if checkpoint == "best" else run.last_path
    saved = state.checkpoints.get(checkpoint)
    if state.started is None or saved is None:
        reason = "ended before its first evaluation" if state.ended else "has not been evaluated yet"
        raise UsageError(f"the run {run.name} {reason}, so there are no weights to predict with")
    if saved.path != path.name:
        raise UsageError(f"the log of {run.name} names {saved.path!r} as its weights, which lie in {path}")
    note = require_cell(state.started)
    config = recorded_config(state.started, run)
    data = state.started.data
    recorded = [each for each in (saved, state.superseded.get(checkpoint)) if each is not None]
    weights, saved = load_checked(path, recorded)
    tokens = data.reads_tokens
    plan = plan_for_data(
        config,
        input_size=data.input_size,
        outputs=data.outputs,
        problem=data.problem,
        tokens=tokens,
        longest=data.longest,
    )
    other = UsageError(f"{path} holds the weights of another net than the run's log describes")
    # Before it is built: a log from a stranger may describe one that is larger than the memory.
    if sum(part.total for part in count_parameters(plan)) > sum(weight.numel() for weight in weights.values()):
        raise other
    net = build_planned(plan, config, tokens=tokens, scale=data.scale)
    try:
        net.load_state_dict(weights)
    except RuntimeError:
        raise other from None
    return TrainedNet(net.eval(), state.started.data, saved.epoch, config, note, saved.step)
