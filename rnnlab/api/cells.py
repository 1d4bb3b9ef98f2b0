"""Files with cells of one's own, for Python."""

from __future__ import annotations

import os
import warnings

from rnnlab.engines.cells import choose_files, choose_usual
from rnnlab.paths import has_usual_cells

_usual_asked = False


def use_cells(*files: str | os.PathLike[str]) -> list[str]:
    """List the cells of the files among the architectures, as `--cells FILE` does, and return their names.

    They are there for `train`, and for what needs the net of a run that was made with them. A file is imported in other
    processes; here it is not. Raises `UsageError` with the file and the line where one cannot be used.
    """
    use_usual()
    return [cell.name for cell in choose_files(files)]


def use_usual() -> None:
    """List the cells of the person's usual files, once; what is wrong with their configuration is a warning.

    Raises `UsageError` as `choose_usual` does.
    """
    global _usual_asked
    if _usual_asked or not has_usual_cells():
        return
    problem = choose_usual()
    _usual_asked = True  # not before: who mends a file of RNNLAB_CELLS and tries again has its cells
    if problem:
        warnings.warn(problem, stacklevel=3)
