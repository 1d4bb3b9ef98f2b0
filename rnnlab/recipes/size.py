"""Size of a recipe's sweeps: how many runs, and how long they take here."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.text.numbers import count, time_text


@dataclass(frozen=True)
class Size:
    """Runs of a part, or of parts together, and the seconds that they take on all cores, about."""

    runs: int = 0
    seconds: float = 0.0

    def __add__(self, other: Size) -> Size:
        return Size(self.runs + other.runs, self.seconds + other.seconds)

    @property
    def text(self) -> str:
        """`18 runs, about 12 min`."""
        return f"{count(self.runs)} run{'' if self.runs == 1 else 's'}, {time_text(self.seconds)}"
