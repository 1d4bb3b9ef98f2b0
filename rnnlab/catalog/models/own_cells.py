"""Cells of a person's own: what `@rnnlab.cell` declares in their file, the card made of it, and which files they chose.

A file is chosen by a person: on the command line, in their configuration, in Python. What a run or a session says of a cell is
data: its card makes the run open, and no file is imported for it. Nothing here imports a person's file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, overload

import msgspec
from msgspec import Meta

from rnnlab.catalog.model_card import ModelCard, Shape
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.errors import UsageError

GROUP = "your own"
"""The heading under which they are listed."""
ATTRIBUTE = "__rnnlab_cell__"
"""The attribute of a class that holds its declaration."""
MODULE = "_rnnlab_own_cells_"
"""How the names of the modules begin that are made of such files."""
_NAME = r"\A[a-z][a-z0-9-]{0,39}\Z"
_MOST_STATES = 16
_Factor = Annotated[int, Meta(ge=0, le=1_000_000)]
_Class = TypeVar("_Class", bound=type)


class OwnCell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cell of a person's own as a run records it: its card, and the file that defines it, by its name and SHA-256.

    `inputs` to `biases` are as in `Shape`. All texts can be printed as they are. Raises `ValueError` for one that cannot.
    """

    name: Annotated[str, Meta(pattern=_NAME)]
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    file: Annotated[str, Meta(min_length=1, max_length=255)]
    sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    summary: Annotated[str, Meta(max_length=1000)] = ""
    equations: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=20)] = ()
    source: Annotated[str, Meta(max_length=300)] = ""
    n_states: Annotated[int, Meta(ge=1, le=_MOST_STATES)] = 1
    inputs: _Factor = 0
    states: _Factor = 0
    vectors: _Factor = 0
    columns: _Factor = 0
    scalars: _Factor = 0
    biases: _Factor = 0
    identity_init: bool = False

    def __post_init__(self) -> None:
        for text in (self.title, self.file, self.summary, self.source, *self.equations):
            if not text.isprintable():
                raise ValueError(f"{text[:40]!r} holds a character that cannot be shown")

    @property
    def card(self) -> ModelCard:
        """The card by which it is listed, counted and estimated."""
        return ModelCard(
            name=self.name,
            title=self.title,
            summary=self.summary or f"A cell of a person's own, defined in {self.file}.",
            equations=self.equations,
            source=self.source or self.file,
            group=GROUP,
            shape=Shape(
                inputs=self.inputs,
                states=self.states,
                biases=self.biases,
                textbook=self.biases,
                vectors=self.vectors,
                scalars=self.scalars,
                columns=self.columns,
            ),
            n_states=self.n_states,
            identity_init=self.identity_init,
            file=self.file,
        )


class CellReport(msgspec.Struct, frozen=True):
    """Result of a check of a file: its cells, or the `problem` with it in one sentence."""

    sha256: str = ""
    cells: tuple[OwnCell, ...] = ()
    problem: str = ""


class CellNeeded(UsageError):
    """The file of a person's own cell has to be given: the sentence says which."""


class ChosenCell(NamedTuple):
    """A cell of a file that a person chose, and the file's absolute path."""

    cell: OwnCell
    path: Path


CHOSEN: dict[str, ChosenCell] = {}
"""The cells of the files that were chosen, by name."""
_RECORDED: dict[str, OwnCell] = {}
"""The cells that runs have recorded, by name: the first one of each."""


def choose(cell: OwnCell, path: Path) -> None:
    """List the cell, of a file that a person chose, among the architectures.

    Raises `UsageError` where its name is that of one that comes with rnnlab, or of a cell of another file.
    """
    card = MODELS.get(cell.name)
    if card is not None and not card.file:
        raise UsageError(f"{path}: there is an architecture named {cell.name} already; give the cell another name")
    before = CHOSEN.get(cell.name)
    if before is not None and before.path != path:
        raise UsageError(f"{path}: {before.path} has a cell named {cell.name}, too; give one of them another name")
    CHOSEN[cell.name] = ChosenCell(cell, path)
    MODELS[cell.name] = cell.card


def record(cell: OwnCell, *, anew: bool = False) -> None:
    """Know the cell that a run has recorded, as data alone, so that the run can be opened.

    One that a person chose, or that comes with rnnlab, keeps its name. With `anew` it replaces one recorded before.
    """
    if cell.name in CHOSEN:
        return
    if cell.name not in MODELS or (anew and MODELS[cell.name].file):
        MODELS[cell.name] = cell.card
        _RECORDED[cell.name] = cell


def known(name: str) -> OwnCell | None:
    """The cell of a person's own that has the name: the chosen one, else the one that a run recorded; None where none has."""
    chosen = CHOSEN.get(name)
    return chosen.cell if chosen is not None else _RECORDED.get(name)


def chosen_cell(cell: OwnCell) -> ChosenCell:
    """The chosen cell that a run's `cell` names. Raises `CellNeeded`, saying which file is needed and how to give it."""
    chosen = CHOSEN.get(cell.name)
    if chosen is None:
        raise CellNeeded(
            f"{cell.name} is a cell of a person's own, defined in their file {cell.file} (SHA-256 {cell.sha256[:12]}…), which is "
            "never imported because a run names it: give the file with --cells FILE (in Python: rnnlab.use_cells)"
        )
    return chosen


def difference(cell: OwnCell) -> str:
    """How the chosen file differs from the one that a run's `cell` was made with, in one sentence; empty where it does not."""
    chosen = CHOSEN.get(cell.name)
    if chosen is None or chosen.cell.sha256 == cell.sha256:
        return ""
    return (
        f"{chosen.path} is not the file that the run was made with: its SHA-256 is {chosen.cell.sha256[:12]}…, and "
        f"was {cell.sha256[:12]}…, so {cell.name} may compute something else"
    )


def place_in_own_cell(error: BaseException) -> str:
    """The file of a person's own cell and its line, where the error was raised there or below; empty where it was not."""
    place, trace = "", error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith(MODULE):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


class Declaration(msgspec.Struct, frozen=True):
    """What `@rnnlab.cell` says of a class; `line` is where it stands in its file."""

    name: str
    title: str
    states: int
    equations: tuple[str, ...]
    summary: str
    source: str
    identity_init: bool
    line: int


@overload
def cell(kind: _Class, /) -> _Class: ...


@overload
def cell(
    *,
    name: str = "",
    title: str = "",
    states: int = 1,
    equations: str | Sequence[str] = (),
    summary: str = "",
    source: str = "",
    identity_init: bool = False,
) -> Callable[[_Class], _Class]: ...


def cell(
    kind: Any = None,
    /,
    *,
    name: str = "",
    title: str = "",
    states: int = 1,
    equations: str | Sequence[str] = (),
    summary: str = "",
    source: str = "",
    identity_init: bool = False,
) -> Any:
    """Declaration of a recurrent cell of one's own, over its class; `--cells FILE` then lists it by `name`.

    The class is an `nn.Module` that is made as `Class(input_size, hidden_size)`, or with `bias=` too, and has
    `forward_step(inputs, *states)`, which returns the next states, the first of which is the output; or it is a `RecurrentCell`
    (`docs/adding-a-cell.md`). `states` is the number of its state vectors. `name` and `title` are the class's name where they
    are not given, `summary` the first line of its docstring. `equations` and `source` are shown beside it. `identity_init`:
    `model.init` may be the identity, which is for cells without gates. Raises `UsageError`.
    """
    line = sys._getframe(1).f_lineno

    def declared(kind: _Class) -> _Class:
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", kind.__name__.replace("_", " "))
        described = (kind.__dict__.get("__doc__") or "").strip().split("\n")[0]
        found = Declaration(
            name=name or spaced.strip().lower().replace(" ", "-"),
            title=title or spaced.strip(),
            states=states,
            equations=(equations,) if isinstance(equations, str) else tuple(equations),
            summary=summary or described,
            source=source,
            identity_init=identity_init,
            line=line,
        )
        if not re.match(_NAME, found.name):
            raise UsageError(
                f"the name of a cell, {found.name!r}, must be 1 to 40 small letters, digits and hyphens, a letter first"
            )
        setattr(kind, ATTRIBUTE, found)
        return kind

    return declared if kind is None else declared(kind)
