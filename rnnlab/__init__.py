"""A terminal lab for recurrent networks.

The names below are what Python code may rely on; each is imported when it is first used (`docs/python.md`).
"""

from __future__ import annotations

from rnnlab.version import __version__

TYPE_CHECKING = False  # as in typing, which would take longer to import than this module
if TYPE_CHECKING:
    from rnnlab.api.cells import use_cells
    from rnnlab.api.curves import Curve, Curves
    from rnnlab.api.predictions import Predictions
    from rnnlab.api.run import Run, TrainingFailed, load_run
    from rnnlab.api.runs import Runs, load_runs
    from rnnlab.api.train import repeat, train
    from rnnlab.catalog.models.own_cells import cell
    from rnnlab.errors import ConfigError, UsageError

_MODULES = {
    "cell": "rnnlab.catalog.models.own_cells",
    "use_cells": "rnnlab.api.cells",
    "ConfigError": "rnnlab.errors",
    "Curve": "rnnlab.api.curves",
    "Curves": "rnnlab.api.curves",
    "Predictions": "rnnlab.api.predictions",
    "Run": "rnnlab.api.run",
    "Runs": "rnnlab.api.runs",
    "TrainingFailed": "rnnlab.api.run",
    "UsageError": "rnnlab.errors",
    "load_run": "rnnlab.api.run",
    "load_runs": "rnnlab.api.runs",
    "repeat": "rnnlab.api.train",
    "train": "rnnlab.api.train",
}
"""The module of each public name."""

__all__ = [
    "ConfigError",
    "Curve",
    "Curves",
    "Predictions",
    "Run",
    "Runs",
    "TrainingFailed",
    "UsageError",
    "__version__",
    "cell",
    "load_run",
    "load_runs",
    "repeat",
    "train",
    "use_cells",
]


def __getattr__(name: str) -> object:
    """The public name, imported now."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
