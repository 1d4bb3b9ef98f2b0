"""An architecture as it is offered to a person: what it is, its equations and their source, its parameters as a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Family = Literal["recurrent", "convolution", "causal convolution", "dense", "linear"]
"""How a layer reads: step after step; around each step; up to each step; all at once; not at all, there is only the head."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one direction of a recurrent layer of h units learns, reading n numbers a step.

    Weights: `inputs`·h·n + `states`·h·h + `vectors`·h + `scalars`. Biases: `biases`·h as PyTorch (or the package) keeps
    them, `textbook`·h where each sum has one bias alone.
    """

    inputs: int
    states: int
    biases: int
    textbook: int
    vectors: int = 0
    scalars: int = 0

    def weights(self, n: int, h: int) -> int:
        return self.inputs * h * n + self.states * h * h + self.vectors * h + self.scalars

    @property
    def formula(self) -> str:
        """The weights, as one writes them: `4·h·(n + h)`."""
        if self.inputs == self.states:
            parts = [_term(self.inputs, "h·(n + h)")]
        else:
            parts = [_term(self.inputs, "h·n"), _term(self.states, "h·h")]
        parts += [_term(self.vectors, "h"), str(self.scalars) if self.scalars else ""]
        return " + ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One architecture. What is written of `h` and `n` is meant of one layer: h units that read n numbers a step."""

    name: str
    title: str
    summary: str
    equations: tuple[str, ...]
    source: str
    group: str = "recurrent"
    """Under which heading it is listed."""
    family: Family = "recurrent"
    shape: Shape | None = None
    """Of a recurrent layer alone."""
    memory: int = 1
    """Vectors of h numbers that go from step to step; a learned initial state has as many."""
    keeps_input: bool = False
    """Whether the last input is remembered as well, n numbers."""
    equal_widths: bool = False
    """Whether a layer must read as many numbers as it has units; where it does not, a linear map of h·n comes first."""
    forget: tuple[tuple[str, int], ...] = ()
    """Where the biases of a forget gate stand: the parameter and the block of h numbers in it; the first gets the bias."""
    package: str = ""
    """The class of torchrecurrent that computes it."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Settings that suit it better than the usual defaults, by key."""

    @property
    def recurrent(self) -> bool:
        return self.family == "recurrent"

    @property
    def flattens(self) -> bool:
        """Whether it reads a whole sequence as one vector, where one answer is asked for."""
        return self.family in ("dense", "linear")

    @property
    def formula(self) -> str:
        """A layer's weights: `4·h·(n + h)`."""
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
        """A layer's biases: `8·h (textbook 4·h)`."""
        if self.shape is None:
            return {"linear": "none", "causal convolution": "2·h, and h where n is not h"}.get(self.family, "h")
        theirs, ours = _term(self.shape.biases, "h"), _term(self.shape.textbook, "h")
        return theirs if theirs == ours else f"{theirs} (textbook {ours})"


def _term(factor: int, of: str) -> str:
    return "" if not factor else of if factor == 1 else f"{factor}·{of}"
