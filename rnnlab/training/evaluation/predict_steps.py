"""Predictions step by step: what a trained net predicts after each step of an input, its hidden states and its gates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.errors import UsageError
from rnnlab.models.step_outputs import Recorded, is_causal, prefix_outputs, recorded_states
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.step_prediction import LARGEST, MOST_COLUMNS, ClassSteps, StepPrediction, Strip
from rnnlab.tasks.encoding.encode import Encoded, encode_inputs
from rnnlab.tasks.encoding.words import UNKNOWN
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.training.evaluation.predict import NOT_FINITE, TrainedNet

MOST_CLASSES = 40
"""Classes whose probabilities are given: those that are likeliest at any step."""
MOST_PREFIX_STEPS = 20_000
"""Steps of all prefixes together, where each is read anew."""
_MOST_VALUES = 1_500_000
"""Values of all strips: with more of them only the first layers are given."""
_LABEL = 12
"""Characters of a label."""


def predict_text(trained: TrainedNet, text: str) -> StepPrediction:
    """Prediction for a typed input, step by step. Raises `UsageError` for one that cannot be an input of the task."""
    inputs, lengths = encode_inputs(trained.data, [text])
    return predict_steps(trained, text, inputs[0, : lengths[0]])


def predict_steps(trained: TrainedNet, name: str, row: Encoded) -> StepPrediction:
    """Prediction for an encoded input, tokens (steps,) or values (steps, channels), step by step, under its name.

    `prediction` is what `TrainedNet.predict` gives, to the bit, and so are the outputs of the last step. Raises `UsageError`
    where an output is not finite.
    """
    prediction = trained.predict_rows([name], [row])[0]
    if prediction.error:
        raise UsageError(prediction.error)
    data, net = trained.data, trained.net
    inputs = torch.from_numpy(row)[None]
    columns = _columns(len(row), MOST_COLUMNS)
    notes = []
    forecast = data.problem == "forecasting"
    if not forecast and net.readout != "steps" and not is_causal(net):
        columns = _columns(len(row), min(MOST_COLUMNS, max(1, MOST_PREFIX_STEPS // len(row))))
    if len(columns) < len(row):
        notes.append(f"{len(columns)} of {len(row):,} steps are shown, evenly spaced")
    classes: tuple[ClassSteps, ...] = ()
    numbers: tuple[tuple[float, ...], ...] = ()
    left_out = 0
    if not forecast:
        notes += _how(trained)
        outputs = prefix_outputs(net, inputs, [column + 1 for column in columns]).double()
        if not bool(outputs.isfinite().all()):
            raise UsageError(NOT_FINITE)
        if data.classes:
            classes, left_out = _classes(data, outputs.softmax(1).numpy(), prediction.ranked)
        else:
            numbers = _numbers(data, outputs.numpy(), prediction.numbers)
    strips, omitted = _strips(recorded_states(net, inputs), len(row), columns)
    return StepPrediction(
        prediction=prediction,
        problem=data.problem,
        steps=len(row),
        columns=tuple(columns),
        labels=labels_of(data, row, columns),
        classes=classes,
        left_out=left_out,
        numbers=numbers,
        strips=strips,
        values=_values(data, row, columns),
        channels=data.columns.get("input", ()),
        unit=data.unit,
        notes=(*notes, *omitted),
    )


def _columns(steps: int, most: int) -> list[int]:
    """Indices of at most so many steps, evenly spaced, the last one among them."""
    if steps <= most:
        return list(range(steps))
    return sorted({round((each + 1) * steps / most) - 1 for each in range(most)})


def _how(trained: TrainedNet) -> list[str]:
    """How the outputs before the last step come about, where that is not plain."""
    net = trained.net
    if net.readout == "steps":
        both = any(getattr(layer, "backwards", None) is not None for layer in net.layers)
        return ["the net reads both ways: its output at a step depends on later steps, too"] if both else []
    if not is_causal(net):
        return ["each column is the output for the first steps alone, which are read anew each time"]
    if net.readout in ("mean", "max", "attention"):
        return [f"each column is the readout ({net.readout}) over the first steps"]
    return []


def _classes(
    data: DataSummary, probabilities: NDArray[np.float64], ranked: Sequence[tuple[str, float]]
) -> tuple[tuple[ClassSteps, ...], int]:
    """Probabilities (columns, classes) by class, the likeliest at the end first, and how many classes are left out."""
    if ranked:
        known = dict(ranked)
        probabilities[-1] = [known[name] for name in data.classes]
    final = probabilities[-1] if ranked else probabilities.mean(axis=0)
    chosen = np.argsort(-probabilities.max(axis=0), kind="stable")[:MOST_CLASSES]
    order = chosen[np.argsort(-final[chosen], kind="stable")]
    found = [ClassSteps(name=data.classes[at], probabilities=tuple(probabilities[:, at].tolist())) for at in order]
    return tuple(found), len(data.classes) - len(found)


def _numbers(data: DataSummary, outputs: NDArray[np.float64], last: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    scaled = outputs * data.scale.get("target_scale", 1.0) + data.scale.get("target_offset", 0.0)
    return (*(tuple(row) for row in scaled[:-1].tolist()), last)


def _strips(recorded: Sequence[Recorded], steps: int, columns: Sequence[int]) -> tuple[tuple[Strip, ...], list[str]]:
    """Strips of what was recorded of one sequence, and a sentence on what is left out or has fewer steps."""
    strips: list[Strip] = []
    notes: list[str] = []
    room = _MOST_VALUES
    for each in recorded:
        values = each.values[:, 0].double().numpy()
        room -= len(columns) * values.shape[1]
        if room < 0:
            notes.append(f"of {len(recorded)} strips the first {len(strips)} are shown: the net is too large for all")
            break
        # Convolutions before the layers leave fewer steps: several columns then show the same one.
        shown = [column * len(values) // steps for column in columns]
        strips.append(_strip(each, values[shown]))
        if len(values) != steps and not notes:
            notes.append(f"after its convolutions the net reads {len(values)} steps: columns show the nearest one")
    return tuple(strips), notes


def _strip(recorded: Recorded, values: NDArray[np.float64]) -> Strip:
    """Values (columns, cells) as a strip; of what has no bounds `high` is the largest size, and `low` minus that."""
    finite = np.isfinite(values)
    largest = max(1.0, float(np.abs(values[finite]).max(initial=0.0)))
    low = -largest if recorded.low is None else recorded.low
    high = largest if recorded.high is None else recorded.high
    packed = np.round((np.clip(np.where(finite, values, low), low, high) - low) / (high - low) * LARGEST)
    packed = np.where(finite, packed, LARGEST + 1).astype("<u2")
    return Strip(
        layer=recorded.layer,
        name=recorded.name,
        cells=values.shape[1],
        columns=values.shape[0],
        low=low,
        high=high,
        values=packed.T.tobytes(),
        order=tuple(np.argsort(-np.ptp(packed.astype(np.int64), axis=0), kind="stable").tolist()),
    )


def labels_of(data: DataSummary, row: Encoded, columns: Sequence[int]) -> tuple[str, ...]:
    """What the net reads at the steps `columns`: a character or a word, one number, or of several channels the step's number."""
    if data.reads_tokens:
        alphabet = data.vocabulary or data.symbols
        return tuple(alphabet[token - 1][:_LABEL] if token else UNKNOWN for token in row[list(columns)].tolist())
    if row.shape[1] == 1:
        return tuple(
            f"{value:.4g}" for value in as_read(row[list(columns), 0].astype(np.float32)[:, None], data.scale)[:, 0]
        )
    return tuple(str(column + 1) for column in columns)


def _values(data: DataSummary, row: Encoded, columns: Sequence[int]) -> tuple[tuple[float, ...], ...]:
    if data.reads_tokens:
        return ()
    own = as_read(row[list(columns)].astype(np.float32), data.scale).astype(np.float64)
    return tuple(tuple(channel) for channel in own.T.tolist())
