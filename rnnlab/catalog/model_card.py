"""Model card: what an architecture is, its equations and their source, its parameters as a formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Family = Literal["recurrent", "convolution", "causal convolution", "dense", "linear"]
"""How a layer reads a sequence: step by step; around each step; up to each step; all at once; not at all, with a head alone."""


class Shape(msgspec.Struct, frozen=True):
    """Parameters of one direction of a recurrent layer with h units and n inputs a step.

    Weights: `inputs`·h·n + `states`·h·h + `vectors`·h + `columns`·n + `scalars`. Biases: `biases`·h as PyTorch (or the
    package) keeps them, `textbook`·h with one bias a sum.
    """

    inputs: int
    states: int
    biases: int
    textbook: int
    vectors: int = 0
    scalars: int = 0
    columns: int = 0
    """Vectors of n weights, as a cell of a person's own may have; no published one has any."""

    def weights(self, n: int, h: int) -> int:
        """Number of weights for n inputs and h units."""
        return self.inputs * h * n + self.states * h * h + self.vectors * h + self.columns * n + self.scalars

    @property
    def formula(self) -> str:
        """The number of weights as a formula: `4·h·(n + h)`."""
        if self.inputs == self.states:
            parts = [_term(self.inputs, "h·(n + h)")]
        else:
            parts = [_term(self.inputs, "h·n"), _term(self.states, "h·h")]
        parts += [_term(self.vectors, "h"), _term(self.columns, "n"), str(self.scalars) if self.scalars else ""]
        return " + ".join(part for part in parts if part)


class ModelCard(msgspec.Struct, frozen=True):
    """One architecture; `h` and `n` are those of one layer: h units that read n inputs a step."""

    name: str
    title: str
    summary: str
    equations: tuple[str, ...]
    source: str
    group: str = "recurrent"
    """The heading under which it is listed."""
    family: Family = "recurrent"
    shape: Shape | None = None
    """Recurrent layers only."""
    n_states: int = 1
    """State vectors of h numbers that go from step to step; a learned initial state has as many."""
    keeps_input: bool = False
    """Whether the last input is part of the state as well, n numbers."""
    equal_widths: bool = False
    """Whether a layer must have as many inputs as units; where it has not, a linear map of h·n comes first."""
    forget: tuple[tuple[str, int], ...] = ()
    """The biases of the forget gate: the parameter and the block of h numbers in it; the first gets the bias."""
    identity_init: bool = False
    """Whether `model.init` may be the identity, which is for cells without gates."""
    step_seconds: float | None = None
    """Measured seconds of one step, forward and backward, however small the layer; None: estimated from its matrices."""
    package: str = ""
    """The class of torchrecurrent that computes it."""
    file: str = ""
    """The file of a person's own that defines its cell; empty for what comes with rnnlab."""
    defaults: Mapping[str, object] = msgspec.field(default_factory=dict)
    """Defaults of its own, by key of the setting."""

    @property
    def recurrent(self) -> bool:
        """Whether it reads a sequence step by step."""
        return self.family == "recurrent"

    @property
    def cell_module(self) -> str:
        """The module of `rnnlab.models.cells` that defines a recurrent architecture's cell."""
        return "torchrecurrent_cells" if self.package else self.name.replace("-", "_")

    @property
    def flattens(self) -> bool:
        """Whether it reads a whole sequence as one vector, where there is one output a sequence."""
        return self.family in ("dense", "linear")

    @property
    def formula(self) -> str:
        """The number of a layer's weights as a formula: `4·h·(n + h)`."""
        if self.shape is not None:
            first = ", and h·n before where n is not h" if self.equal_widths else ""
            return self.shape.formula + first
        return {
            "convolution": "k·h·n",
            "causal convolution": "k·h·(n + h) + 2·h, and h·n where n is not h",
            "dense": "h·n",
            "linear": "none but the head's",
        }[self.family]

    @property
    def bias_formula(self) -> str:
        """The number of a layer's biases as a formula: `8·h (textbook 4·h)`."""
        if self.shape is None:
            return {"linear": "none", "causal convolution": "2·h, and h where n is not h"}.get(self.family, "h")
        theirs, ours = _term(self.shape.biases, "h"), _term(self.shape.textbook, "h")
        return theirs if theirs == ours else f"{theirs} (textbook {ours})"


def _term(factor: int, of: str) -> str:
    return "" if not factor else of if factor == 1 else f"{factor}·{of}"
