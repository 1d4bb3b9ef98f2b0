"""Whether the order of rows says anything: neighbouring ones are alike where they follow one another in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCATTERED = 0.7
"""Share of the spread that neighbouring rows differ by at least, where their order says nothing; 1 on average."""


def scattered(values: NDArray[np.float64], groups: NDArray[np.int64] | None = None) -> bool:
    """Whether neighbouring values differ as much as any two (of one group): von Neumann's ratio, Ann. Math. Stat. 12, 1941."""
    if groups is None:
        groups = np.zeros(len(values), dtype=np.int64)
    known = ~np.isnan(values)
    values, groups = values[known], groups[known]
    steps = np.diff(values)[groups[1:] == groups[:-1]]
    spread = [float(np.var(values[groups == group])) for group in np.unique(groups).tolist()]
    return len(steps) > 0 and float(np.mean(steps**2)) >= SCATTERED * 2 * float(np.mean(spread))
