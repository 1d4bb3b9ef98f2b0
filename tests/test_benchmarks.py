"""The scripts that print the figures: each starts, in its quick form; and what documents say to type is there."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import FORKER

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "benchmarks").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)
ELSEWHERE = {"benchmarks.gpu"}
"""Started by a test of its own."""


def path_of(module: str) -> Path:
    return ROOT / Path(*module.split(".")).with_suffix(".py")


def docstring(module: str) -> str:
    return ast.get_docstring(ast.parse(path_of(module).read_text(encoding="utf-8"))) or ""


OF_MANY = {"benchmarks.reliability.all": ("cut_log",)}
"""It calls the others, which are started by themselves."""
WEIGHS_ITSELF = ("benchmarks.reliability.hostile",)
"""It measures the memory of its process, of which a fork has the imports of the process before."""
BY_NATURE = (
    "benchmarks.warm",
    "benchmarks.other_node",
    *("benchmarks.attached", "benchmarks.key_to_paint", "benchmarks.open_session", "benchmarks.switching"),
    *("benchmarks.throughput", "benchmarks.watching"),
)
"""Slow even when quick, as those of `benchmarks.reliability` are: processes killed at random moments, started and waited for;
machines that share a folder; an app in a terminal that comes to rest after each key; libraries that are imported to be compared
with."""


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(
            each, marks=pytest.mark.slow if each in BY_NATURE or each.startswith("benchmarks.reliability.") else ()
        )
        for each in SCRIPTS
        if each not in ELSEWHERE
    ],
)
def test_it_starts(module: str, tmp_path: Path) -> None:
    environment = os.environ | {"RNNLAB_SESSIONS": str(tmp_path)}
    fresh = module in WEIGHS_ITSELF
    done = FORKER.run(
        module, "--quick", *OF_MANY.get(module, ()), folder=ROOT, environment=environment, seconds=300, fresh=fresh
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    if "nothing was measured" in done.stderr:
        pytest.skip(done.stderr.strip().rpartition("\n")[2])
    if done.stdout.startswith("skipped"):
        pytest.skip(done.stdout.strip())
    assert done.stdout.strip() or done.stderr.strip()


@pytest.mark.parametrize("module", SCRIPTS)
def test_its_docstring_says_how_it_is_called(module: str) -> None:
    assert f"python -m {module}" in docstring(module)


def test_what_documents_say_to_type_is_there() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "README.md", ROOT / "benchmarks" / "README.md", *(ROOT / "docs").glob("*.md"))
    ]
    for folder in ("rnnlab", "benchmarks", "tests"):
        texts += [path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.py")]
    command = re.compile(r"python -m (benchmarks(?:\.\w+)+)((?: --?\w[\w-]*(?: [\w.,]+)?)*)")
    named = [match.groups() for text in texts for match in command.finditer(text)]
    assert {module for module, _ in named} <= set(SCRIPTS)
    assert any("--epochs" in flags for _, flags in named)
    for module, flags in named:
        known = path_of(module).read_text(encoding="utf-8") + '"--quick"'
        assert all(f'"{flag}"' in known for flag in re.findall(r"--\w[\w-]*", flags)), (module, flags)
    by_path = r"python benchmarks/\w"  # which finds nothing that it imports from beside it
    assert not [text[:80] for text in texts if re.search(by_path, text) and "by_path" not in text]


def test_rnnlab_bench_calls_them_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.py").write_text("raise SystemExit('another of that name')")
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "bench", "log", "--quick", "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["log"]["events"] >= 2000
