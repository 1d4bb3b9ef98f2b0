"""`import rnnlab` costs nothing, and what it offers is seen by people and by type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rnnlab

HEAVY = {"torch", "sklearn", "numpy", "textual", "scipy", "click", "rich", "msgspec", "pandas", "polars", "matplotlib"}


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after `code` and had not before."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nprint('\\n'.join(set(sys.modules) - before))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_importing_the_package_imports_nothing_else() -> None:
    # Whether `__future__` was there before depends on how the package is installed.
    assert loaded_by("import rnnlab") - {"__future__"} == {"rnnlab", "rnnlab.version"}


def test_naming_an_error_imports_nothing_heavy() -> None:
    assert not loaded_by("import rnnlab; rnnlab.ConfigError") & HEAVY


def test_a_run_is_loaded_without_what_only_its_weights_need() -> None:
    loaded = loaded_by("import rnnlab; run = rnnlab.load_run('demo'); run.metrics; run.settings; run.status")
    assert not loaded & {"torch", "textual", "pandas", "polars", "matplotlib", "numpy"}


def test_every_public_name_is_listed_can_be_had_and_is_seen_by_a_type_checker() -> None:
    tree = ast.parse(Path(rnnlab.__file__).read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    checked = {alias.name for node in nodes if str(node.module).startswith("rnnlab.") for alias in node.names}
    assert checked == set(rnnlab.__all__) == set(dir(rnnlab))
    assert all(getattr(rnnlab, name) is not None for name in rnnlab.__all__)


def test_a_name_that_does_not_exist_is_an_ordinary_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trane'"):
        _ = rnnlab.trane
