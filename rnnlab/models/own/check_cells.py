"""Check of a file of cells, in a process of its own: `python -P -m rnnlab.models.own.check_cells FILE`.

Each cell is made in a few sizes and led through a few steps; its parameters are counted. Prints one JSON object: `sha256` and
`cells`, or `problem`, a sentence with the file and the line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.models.own_cells import CellReport, Declaration, OwnCell
from rnnlab.errors import UsageError
from rnnlab.models.own.own_cells import make_of, place_in, read_cells, said
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

    def error(self, text: str, raised: BaseException | None = None) -> UsageError:
        """The error that says `text` of the cell, where `raised` comes from."""
        place = place_in(self.path, raised) if raised is not None else ""
        if ":" not in place.removeprefix(str(self.path)):
            place = f"{self.path}:{self._line}"
        return UsageError(f"{place}: the cell {self.name}: {text}")


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
        without = _parameters(_made(kind, LayerPlan(card.name, n, h, bias=False), where))
        whole = _led_through(_made(kind, LayerPlan(card.name, n, h), where), n, h, card.n_states, where)
        without = whole if without is None else without
        assert whole is not None
        rows.append((h * n, h * h, h, n, 1))
        weights.append(without if without is not None else whole)
        biases.append((whole - weights[-1]) / h)
    found = np.linalg.lstsq(np.array(rows, float), np.array(weights, float), rcond=None)[0].round().astype(int)
    if (np.array(rows) @ found).tolist() != weights or (found < 0).any() or len(set(biases)) > 1 or biases[0] % 1:
        raise where.error(
            "the number of its parameters is no sum of multiples of h·n, h·h, h, n and one, for n inputs and h units, so it "
            "cannot be counted before it is built"
        )
    names = ("inputs", "states", "vectors", "columns", "scalars")
    return dict(zip(names, found.tolist(), strict=True)) | {"biases": int(biases[0])}


def _made(kind: type[nn.Module], layer: LayerPlan, where: _Where) -> RecurrentCell | None:
    """The cell; None of a layer without biases where its class knows none."""
    try:
        return make_of(kind, layer)
    except UsageError:
        return None
    except Exception as error:
        raise where.error(
            f"it cannot be made with {layer.input_size} inputs and {layer.hidden_size} units: {said(error)}", error
        ) from None


def _parameters(cell: RecurrentCell | None) -> int | None:
    return None if cell is None else sum(parameter.numel() for parameter in cell.parameters())


def _led_through(cell: RecurrentCell | None, n: int, h: int, n_states: int, where: _Where) -> int:
    """The cell's parameters, once it is seen to keep the contract. Raises `UsageError`."""
    if cell is None:
        raise where.error("it cannot be made")
    try:
        inputs = torch.randn(_STEPS, _BATCH, n)
        projected = cell.project(inputs)
        state = cell.initial_state(projected, None)
        for step in projected.unbind(0):
            output, state = cell.forward_step(step, state)
            _check_shapes(output, state, h, n_states, where)
        matrices = cell.recurrent_matrices()
        trace = cell.trace(inputs)
        trace.outputs.sum().backward()  # type: ignore[no-untyped-call]
        gates = trace.gates()
    except UsageError:
        raise
    except Exception as error:
        raise where.error(said(error), error) from None
    for matrix in matrices:
        if tuple(matrix.shape) != (h, h):
            raise where.error(f"recurrent_matrices() has one of shape {_size(matrix)}; each must be (h, h) = {(h, h)}")
    for gate in gates:
        if tuple(gate.values.shape) != (_STEPS, _BATCH, h):
            raise where.error(f"the gate {gate.name!r} has shape {_size(gate.values)}; it must be (steps, batch, h)")
    return _parameters(cell) or 0


def _check_shapes(output: Any, state: Any, h: int, n_states: int, where: _Where) -> None:
    """Raise `UsageError` where a step's output or state is not what the next step, or the layer above, needs."""
    if not isinstance(state, tuple) or len(state) != n_states:
        held = len(state) if isinstance(state, tuple) else 1
        raise where.error(f"forward_step returns {held} states, and states = {n_states} is declared")
    named: Sequence[tuple[str, Any]] = [
        ("its output", output),
        *((f"state {at}", part) for at, part in enumerate(state, 1)),
    ]
    for text, values in named:
        if not isinstance(values, Tensor) or tuple(values.shape) != (_BATCH, h):
            shape = _size(values) if isinstance(values, Tensor) else type(values).__name__
            raise where.error(f"{text} of forward_step is {shape}; it must be (batch, hidden_size) = {(_BATCH, h)}")


def _size(values: Tensor) -> str:
    return str(tuple(values.shape))


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
