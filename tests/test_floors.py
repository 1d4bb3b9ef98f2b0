"""What stands lower knows nothing of what is above it: no import goes in a circle, not even one inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVIEST = 15
FAMILIES = {"cli", "runs", "tasks/own", "catalog/tasks", "models/cells"}
"""Folders of many like files, of one subject."""


def modules() -> dict[str, Path]:
    found = {}
    for path in (ROOT / "rnnlab").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of the file's syntax tree."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """The modules of rnnlab that a file imports: at its top, in functions, and for its type hints alone."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


@cache
def module_graph() -> dict[str, set[str]]:
    """What each module imports. Read when a test asks: every worker of the tests imports this file, one needs the graph."""
    return {name: set(imported(path)) - {name} for name, path in MODULES.items()}


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """The names along one circle of the graph; empty where there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            if found := walk(other, [*way, name]):
                return found
        done.add(name)
        return []

    for name in graph:
        if found := walk(name, []):
            return found
    return []


def package(name: str) -> str:
    """The folder of a module, by its dotted name; a module that lies directly in `rnnlab` stands for itself."""
    return name if MODULES[name].name == "__init__.py" or name.count(".") == 1 else name.rpartition(".")[0]


def package_graph() -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for name, others in module_graph().items():
        graph.setdefault(package(name), set()).update(
            package(other) for other in others if package(other) != package(name)
        )
    return graph


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle(module_graph()) == []


def test_no_folder_imports_itself_by_way_of_others() -> None:
    assert circle(package_graph()) == []


@pytest.mark.parametrize("limit", [400])
def test_no_file_is_too_long_to_be_of_one_subject(limit: int) -> None:
    long = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()}
    assert [f"{path.relative_to(ROOT)}: {lines}" for path, lines in long.items() if lines > limit] == []
    for folder in ("tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 700, path


def test_no_folder_holds_more_modules_than_one_takes_in() -> None:
    for folder in {path.parent for path in MODULES.values()}:
        here = str(folder.relative_to(ROOT / "rnnlab"))
        count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
        assert count <= HEAVIEST or here in FAMILIES, f"{here} holds {count} modules"


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES.values()
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > 60
    ]
    assert len(long) <= 2, long
