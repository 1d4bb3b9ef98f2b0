"""The net that the process holds, and its answers: predictions step by step, sequences of the data, activations."""

from __future__ import annotations

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import UsageError
from rnnlab.engines.resume import is_ours
from rnnlab.playground.activations import find_activations
from rnnlab.playground.sequences import TaskSequences, edited
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import Answer, NetOpened, Request, SequenceOf, StepPrediction
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.load import load_unchecked
from rnnlab.tasks.own.encode import own_example
from rnnlab.training.evaluation.predict import load_best
from rnnlab.training.evaluation.predict_steps import predict_steps


class ToBeAllowed(UsageError):
    """A person has to agree first."""


class PlaygroundNet:
    """The best weights of a run, and its data once a sequence of them is asked for."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self.trained = load_best(run)
        self._sequences: TaskSequences | None = None

    def opened(self) -> NetOpened:
        """What the net reads, and which weights it has."""
        data = self.trained.data
        return NetOpened(
            epoch=self.trained.epoch,
            step=self.trained.step,
            task=data.task,
            title=data.title,
            example=_example(data),
            reads_tokens=data.reads_tokens,
            channels=data.input_size,
            window=data.longest if data.problem == "forecasting" else 0,
            note=self.trained.note,
        )

    def answer(self, request: Request) -> Answer:
        """The answer to a request. Raises `UsageError`."""
        if request.kind == "reload":
            self.trained = load_best(self._run)
            return Answer(number=request.number, opened=self.opened())
        if request.kind == "find":
            activations = find_activations(
                self.trained,
                self._data(request.allowed),
                subset=request.subset,
                strip=request.strip,
                cell=request.cell,
                sign=-1 if request.sign < 0 else 1,
            )
            return Answer(number=request.number, activations=activations)
        if request.kind != "predict":
            raise UsageError(f"there is no request {request.kind[:40]!r}")
        if request.text is None:
            return self._sequence(request)
        inputs, lengths = encode_inputs(self.trained.data, [request.text])
        row = edited(inputs[0, : lengths[0]], request.edits, self.trained.data)
        return Answer(number=request.number, predicted=predict_steps(self.trained, request.text, row))

    def _sequence(self, request: Request) -> Answer:
        """A sequence of the data with its prediction; its number counts on from the end past either."""
        sequences = self._data(request.allowed)
        rows = len(sequences.subset(request.subset))
        if request.row is not None:
            index = sequences.index_of(request.subset, request.row)
        else:
            index = (request.index or 0) % max(1, rows)
        row = edited(sequences.encoded(request.subset, index), request.edits, self.trained.data)
        sequence = sequences.described(request.subset, index)
        predicted = predict_steps(self.trained, sequence.text, row)
        after = sequences.numbers_after(request.subset, index)
        predicted = msgspec.structs.replace(
            predicted,
            target=sequence.target,
            target_steps=sequences.target_steps(request.subset, index, predicted.columns),
            after=after,
            correct=_correct(predicted, sequence),
        )
        return Answer(number=request.number, predicted=predicted, sequence=sequence)

    def _data(self, allowed: bool) -> TaskSequences:
        """The run's data, read once. Raises `UsageError` where they are not here, or are others."""
        if self._sequences is not None:
            return self._sequences
        if not allowed and not is_ours(self._run):
            raise ToBeAllowed(
                "this run was not queued by you on this machine, so the data that it names are not loaded before you agree"
            )
        try:
            split = load_unchecked(self.trained.config)
        except UsageError as error:
            raise UsageError(f"sequences of the data set cannot be shown: {error}") from None
        if split.fingerprint() != self.trained.data.fingerprint:
            raise UsageError("the data here are others than those of the run, so no sequence of them is shown")
        self._sequences = TaskSequences(split, self.trained.data)
        return self._sequences


def _example(data: DataSummary) -> str:
    """An input that can be typed; empty where texts of a person's own are read, of which none is known."""
    if data.task == "own":
        return "" if data.reads_tokens else own_example(data)
    card = TASKS.get(data.task)
    return card.example if card is not None else ""


def _correct(predicted: StepPrediction, sequence: SequenceOf) -> bool | None:
    if predicted.prediction.ranked:
        return predicted.prediction.ranked[0][0] == sequence.target
    if predicted.prediction.steps:
        # Where nothing is asked at a step, the target has a dot.
        return all(want in ("·", got) for want, got in zip(sequence.target, predicted.prediction.text, strict=False))
    return None
