"""What is imported is declared in pyproject.toml, and what is declared is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOOLS = {"import-linter", "mypy", "pytest-asyncio", "pytest-textual-snapshot", "pytest-xdist", "ruff"}
"""Run from a command line, or loaded by pytest."""


def distribution(name: str) -> str:
    """A distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    """Distributions that a list of requirements names."""
    return {distribution(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in requirements}


RUN_TIME = declared(PROJECT["dependencies"])
EXTRAS = {name: declared(texts) - {"rnnlab"} for name, texts in PROJECT["optional-dependencies"].items()}
OFFERED = {"onnxruntime", "pandas", "polars"}
"""What is used where a person has it, and belongs to no extra: data frames, and a second opinion on an ONNX graph."""
OPTIONAL = set().union(*(EXTRAS[name] for name in EXTRAS if name not in ("bench", "dev")))
"""What rnnlab imports where it is installed, and does without where it is not."""


def modules(path: Path) -> Iterator[str]:
    """Top-level modules that a file imports: at its top, in functions, by a name for `import_module` or `importorskip`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "importorskip")):
            name = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value


def imported(*folders: str) -> dict[str, str]:
    """Distribution → one of the files that import it, but for the standard library and this repository's own modules."""
    own = {*sys.stdlib_module_names, "rnnlab", "tests", "benchmarks", "scripts"}
    of_module = packages_distributions()
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in {module.partition(".")[0] for module in modules(path)} - own:
                for each in of_module.get(name, [name]):
                    found.setdefault(distribution(each), str(path.relative_to(ROOT)))
    return found


def test_what_rnnlab_imports_is_a_run_time_dependency() -> None:
    used = imported("rnnlab")
    assert {name: path for name, path in used.items() if name not in RUN_TIME | OPTIONAL | OFFERED} == {}
    assert (RUN_TIME | OPTIONAL) - set(used) == set(), "only tests, or nobody, import these"


def test_what_tests_and_benchmarks_import_is_declared() -> None:
    used = imported("tests", "benchmarks", "scripts")
    allowed = RUN_TIME.union(*EXTRAS.values())
    assert {name: path for name, path in used.items() if name not in allowed} == {}
    assert set().union(*EXTRAS.values()) - TOOLS - OPTIONAL - OFFERED - set(used) == set(), "nobody imports these"
