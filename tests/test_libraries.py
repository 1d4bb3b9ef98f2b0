"""Each library that pyproject.toml names has a line with its licence, and a version that CI installs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.constraints import LEFT_OUT, NOT_IN_CI, normal
from scripts.licences_page import page, rows, used

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OF_CI = [*PROJECT["dependencies"], *(text for name, texts in EXTRAS.items() if name not in NOT_IN_CI for text in texts)]
PINNED = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
AT_CHOICE = {"ray", "optuna"}
"""What CI installs where it can be had, in the newest version allowed."""


def test_each_library_has_a_line_with_its_licence() -> None:
    assert rows().keys() == used().keys(), "python scripts/licences_page.py"
    assert all(words.strip() for words in rows().values())


def test_what_a_library_is_needed_for_is_as_declared() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")

    def needs(page_text: str) -> list[tuple[str, str]]:
        return re.findall(r"^\| ([\w.-]+) \| [^|]+ \| ([^|]+) \|$", page_text, re.MULTILINE)

    assert needs(text) == needs(page())


@pytest.mark.parametrize("text", OF_CI)
def test_ci_installs_a_version_that_is_allowed(text: str) -> None:
    requirement = Requirement(text)
    name = normal(requirement.name)
    if LEFT_OUT.fullmatch(name) or name in AT_CHOICE:
        return
    assert requirement.specifier.contains(PINNED[name]), "python scripts/constraints.py"


def test_pytorch_is_not_pinned_and_ci_names_no_registry() -> None:
    assert "torch" not in PINNED
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "PIP_CONSTRAINT" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
