"""Check of a file of cells, in a process of its own: `python -P -m rnnlab.models.own.check_cells FILE`.

Each cell is made in a few sizes and led through a few steps; its parameters are counted. Prints one JSON object: `sha256` and
`cells`, or `problem`, a sentence with the file and the line.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.models.own_cells import CellReport, Declaration, OwnCell, place_in_own_cell
from rnnlab.errors import UsageError, error_line
from rnnlab.models.own.own_cells import make_of, read_cells
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell

_STEPS, _BATCH = 4, 2
_SIZES = ((3, 5), (4, 5), (3, 7), (6, 11), (5, 5), (7, 4))
"""Inputs and units in which a cell is made: five numbers are found by them, and one more size confirms them."""


def check_file(path: Path) -> CellReport:
    """The cells of the file, each led through a few steps."""
    try:
        file = read_cells(path)
        cells = [
            _checked(path, file.sha256, kind, file.declared[name], _Where(path, file.declared[name]))
            for name, kind in file.classes.items()
        ]
    except UsageError as error:
        return CellReport(problem=str(error))
    return CellReport(file.sha256, tuple(cells))


class _Where:
    """Names a cell in a sentence about it: its file, line and name."""

    def __init__(self, path: Path, declared: Declaration) -> None:
        self.path, self.name = path, declared.name
        self._line = declared.line

    def error(self, text: str, place: str = "") -> UsageError:
        """The error that says `text` of the cell, at `place`, else where the cell is declared."""
        return UsageError(f"{place or f'{self.path}:{self._line}'}: the cell {self.name}: {text}")

    @contextlib.contextmanager
    def running(self, doing: str = "") -> Iterator[None]:
        """Whatever the cell's own code raises becomes an error at its line, after what it was `doing`. Raises `UsageError`."""
        try:
            yield
        except (Exception, SystemExit) as error:  # the code may raise anything
            raise self.error(doing + error_line(error), place_in_own_cell(error)) from None


def _checked(path: Path, sha256: str, kind: type[nn.Module], declared: Declaration, where: _Where) -> OwnCell:
    if (card := MODELS.get(declared.name)) is not None and not card.file:
        raise where.error("there is an architecture of this name already; give it another one with name=")
    if not isinstance(declared.states, int) or not 1 <= declared.states <= 16:
        raise where.error(f"states = {declared.states!r} is not a whole number from 1 to 16")
    fields = {
        "name": declared.name,
        "title": declared.title,
        "file": path.name,
        "sha256": sha256,
        "summary": declared.summary,
        "equations": declared.equations,
        "source": declared.source,
        "n_states": declared.states,
        "identity_init": declared.identity_init,
    }
    try:
        cell = msgspec.convert(fields, OwnCell)
    except msgspec.ValidationError as error:
        raise where.error(str(error)) from None
    # Found by name while it is made here: the plan of a layer reads its card.
    MODELS[declared.name] = cell.card
    try:
        return msgspec.structs.replace(cell, **_counts(kind, cell.card, where))
    finally:
        del MODELS[declared.name]


def _counts(kind: type[nn.Module], card: ModelCard, where: _Where) -> dict[str, int]:
    """The numbers of the cell's shape, by name, of what it has in each size and with and without biases."""
    rows, weights, biases = [], [], []
    for n, h in _SIZES:
        unbiased = _made(kind, LayerPlan(card.name, n, h, bias=False), where)
        biased = _made(kind, LayerPlan(card.name, n, h), where)
        assert biased is not None
        _check_steps(biased, n, h, card.n_states, where)
        rows.append((h * n, h * h, h, n, 1))
        weights.append(_parameters(biased if unbiased is None else unbiased))
        biases.append((_parameters(biased) - weights[-1]) / h)
    found = np.linalg.lstsq(np.array(rows, float), np.array(weights, float), rcond=None)[0].round().astype(int)
    if (np.array(rows) @ found).tolist() != weights or (found < 0).any() or len(set(biases)) > 1 or biases[0] % 1:
        raise where.error(
            "the number of its parameters is no sum of multiples of h·n, h·h, h, n and one, for n inputs and h units, so it "
            "cannot be counted before it is built"
        )
    names = ("inputs", "states", "vectors", "columns", "scalars")
    return dict(zip(names, found.tolist(), strict=True)) | {"biases": int(biases[0])}


def _made(kind: type[nn.Module], layer: LayerPlan, where: _Where) -> RecurrentCell | None:
    """The cell; None of a layer without biases, where its class refuses that. Raises `UsageError`."""
    with where.running(f"it cannot be made with {layer.input_size} inputs and {layer.hidden_size} units: "):
        try:
            return make_of(kind, layer)
        except UsageError:
            if layer.bias:
                raise
    return None


def _parameters(cell: RecurrentCell) -> int:
    return sum(parameter.numel() for parameter in cell.parameters())


def _check_steps(cell: RecurrentCell, n: int, h: int, n_states: int, where: _Where) -> None:
    """Lead the cell through a few steps. Raises `UsageError` where it does not keep the contract."""
    inputs = torch.randn(_STEPS, _BATCH, n)
    with where.running():
        projected = cell.project(inputs)
        state = cell.initial_state(projected, None)
    for step in projected.unbind(0):
        with where.running():
            output, state = cell.forward_step(step, state)
        _check_states(output, state, h, n_states, where)
    with where.running():
        matrices = cell.recurrent_matrices()
        trace = cell.trace(inputs)
        trace.outputs.sum().backward()  # type: ignore[no-untyped-call]
        gates = trace.gates()
    for matrix in matrices:
        if other := _other_shape(matrix, (h, h)):
            raise where.error(f"recurrent_matrices() has one of shape {other}; each must be (h, h) = {(h, h)}")
    for gate in gates:
        if other := _other_shape(gate.values, (_STEPS, _BATCH, h)):
            raise where.error(f"the gate {gate.name!r} has shape {other}; it must be (steps, batch, h)")


def _check_states(output: Any, state: Any, h: int, n_states: int, where: _Where) -> None:
    """Raise `UsageError` where a step's output or state is not what the next step, or the layer above, needs."""
    if not isinstance(state, tuple) or len(state) != n_states:
        held = len(state) if isinstance(state, tuple) else 1
        raise where.error(f"forward_step returns {held} states, and states = {n_states} is declared")
    named: Sequence[tuple[str, Any]] = [
        ("its output", output),
        *((f"state {at}", part) for at, part in enumerate(state, 1)),
    ]
    for text, values in named:
        if other := _other_shape(values, (_BATCH, h)):
            raise where.error(f"{text} of forward_step is {other}; it must be (batch, hidden_size) = {(_BATCH, h)}")


def _other_shape(values: Any, expected: tuple[int, ...]) -> str:
    """The shape of a tensor, or the class of what is none; empty where it is a tensor of the expected shape."""
    if not isinstance(values, Tensor):
        return type(values).__name__
    return "" if tuple(values.shape) == expected else str(tuple(values.shape))


def main(arguments: list[str]) -> int:
    """Check the file named on the command line. Exit code 0, also where there is a problem with it."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -P -m rnnlab.models.own.check_cells FILE\n")
        return 2
    out = os.dup(1)
    os.dup2(2, 1)  # what the file prints is not the report
    torch.set_num_threads(1)
    report = check_file(Path(arguments[0]))
    sys.stdout.flush()
    os.write(out, msgspec.json.encode(report) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
