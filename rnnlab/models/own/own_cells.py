"""Cells of a person's own, imported from the file that they chose, and only from that.

The bytes that are executed are those whose SHA-256 was checked. The file stands alone: its folder is not on the path of imports.
"""

from __future__ import annotations

import hashlib
import inspect
import linecache
import sys
from collections.abc import Callable
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, cast

from torch import Tensor, nn

from rnnlab.catalog.models.own_cells import ATTRIBUTE, MODULE, Declaration, chosen_cell, known, place_in_own_cell
from rnnlab.errors import UsageError, error_line
from rnnlab.files import read_regular
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate, RecurrentCell, State
from rnnlab.runs.queue_entry import CELL_LIMIT


class CellFile(NamedTuple):
    """A file of cells that was imported: its SHA-256, its classes by the name of their cell, and what they declare."""

    sha256: str
    classes: dict[str, type[nn.Module]]
    declared: dict[str, Declaration]


_imported: dict[tuple[Path, str], CellFile] = {}
"""By path and SHA-256, as a class that is made twice is two classes."""


class _Loader(InspectLoader):
    """Loads a module from bytes that were read before, with the file's name in its tracebacks; nothing is written."""

    def __init__(self, source: str, path: str) -> None:
        self._source, self._path = source, path

    def get_source(self, fullname: str) -> str:
        return self._source

    def get_code(self, fullname: str) -> Any:
        return compile(self._source, self._path, "exec", dont_inherit=True)


def read_cells(path: Path, sha256: str = "") -> CellFile:
    """The cells of the file, which is imported. With `sha256` only where it has that one.

    Raises `UsageError`, with the file and the line, where it cannot be read or imported, or declares no cell.
    """
    try:
        data = read_regular(path, CELL_LIMIT, links="follow")
        source = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256:
        raise UsageError(
            f"{path} was changed since the run was queued: its SHA-256 is {found[:12]}…, and was {sha256[:12]}…; queue the run "
            "again with: rnnlab resume"
        )
    if (path, found) not in _imported:
        _imported[path, found] = _cells_of(_import(path, source, found), path, found)
    return _imported[path, found]


def _import(path: Path, source: str, sha256: str) -> ModuleType:
    """The module that the source makes. Raises `UsageError`."""
    name = MODULE + sha256[:16]
    spec = ModuleSpec(name, _Loader(source, str(path)), origin=str(path))
    module = module_from_spec(spec)
    module.__file__ = str(path)
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    sys.modules[name] = module  # as what a class says of its module is looked up there
    try:
        cast("InspectLoader", spec.loader).exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise UsageError(f"{path}:{error.lineno or 1}: {error.msg}") from None
    except (Exception, SystemExit) as error:  # the file may raise anything
        del sys.modules[name]
        raise UsageError(f"{place_in_own_cell(error) or path}: {error_line(error)}") from None
    return module


def _cells_of(module: ModuleType, path: Path, sha256: str) -> CellFile:
    classes: dict[str, type[nn.Module]] = {}
    declared: dict[str, Declaration] = {}
    for kind in vars(module).values():
        if not isinstance(kind, type) or kind.__module__ != module.__name__ or ATTRIBUTE not in vars(kind):
            continue
        declaration: Declaration = vars(kind)[ATTRIBUTE]
        where = f"{path}:{declaration.line}"
        if not issubclass(kind, nn.Module) or not callable(getattr(kind, "forward_step", None)):
            raise UsageError(f"{where}: the class {kind.__name__} must be an nn.Module with a method forward_step")
        if classes.get(declaration.name, kind) is not kind:
            raise UsageError(f"{where}: the file has two cells named {declaration.name}; give one of them another name")
        classes[declaration.name], declared[declaration.name] = kind, declaration
    if not classes:
        raise UsageError(f"{path} declares no cell: write @rnnlab.cell above a class in it")
    return CellFile(sha256, classes, declared)


def make_own(layer: LayerPlan) -> RecurrentCell:
    """One direction of a layer of a person's own cell, from the file that they chose.

    Raises `UsageError` where none was chosen, or its file cannot be imported or is another one by now.
    """
    recorded = known(layer.name)
    assert recorded is not None
    chosen = chosen_cell(recorded)
    return make_of(read_cells(chosen.path, chosen.cell.sha256).classes[layer.name], layer)


def make_of(kind: type[nn.Module], layer: LayerPlan) -> RecurrentCell:
    """A cell of the class, which is a `RecurrentCell` or a plain module."""
    return kind(layer) if issubclass(kind, RecurrentCell) else ModuleCell(kind, layer)


class ModuleCell(RecurrentCell):
    """A plain module as a cell of the contract: `forward_step(inputs, *states)` returns the next states, the first the output."""

    def __init__(self, kind: Callable[..., nn.Module], layer: LayerPlan) -> None:
        super().__init__(layer)
        takes_bias = "bias" in inspect.signature(kind).parameters
        if not (takes_bias or layer.bias):
            raise UsageError(
                f"model.bias = false has no effect on {layer.name}, whose class takes no argument bias; leave it out"
            )
        options = {"bias": layer.bias} if takes_bias else {}
        self.cell = kind(layer.input_size, layer.hidden_size, **options)

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """What the module returns, as the contract has it."""
        returned = cast("Any", self.cell).forward_step(inputs, *state)
        after: State = tuple(returned) if isinstance(returned, tuple | list) else (returned,)
        return after[0], after

    def recurrent_matrices(self) -> list[Tensor]:
        """Those that the module's own method of this name gives; without one, none."""
        own = getattr(self.cell, "recurrent_matrices", None)
        return list(own()) if callable(own) else []

    def gate_values(self, inputs: Tensor, before: State, after: State) -> list[Gate]:
        """Those that the module's own method gives, as pairs of a name and values from 0 to 1; without one, none."""
        own = getattr(self.cell, "gate_values", None)
        return [Gate(*each) for each in own(inputs, before, after)] if callable(own) else []
