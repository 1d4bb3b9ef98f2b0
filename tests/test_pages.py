"""The pages: links lead somewhere, the README is short, each benchmark has its line, every package says what it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import rnnlab

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"])
SCREENS = 2 * 45
"""Lines of two screens."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    links += [
        f"/{path}" for path in re.findall(r"`((?:docs|rnnlab|benchmarks|scripts)/[\w./-]+\.\w+)`", page.read_text())
    ]
    missing = [
        link
        for link in links
        if not link.startswith("https://")
        and not (ROOT / link[1:] if link.startswith("/") else page.parent / link).exists()
    ]
    assert not [link for link in missing if not page.name.startswith("adding-")]  # which tell what to make


def test_the_readme_fits_two_screens_and_shows_a_small_picture() -> None:
    readme = text_of("README.md")
    assert len(readme.splitlines()) <= SCREENS
    (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", readme)
    assert (ROOT / picture).stat().st_size <= 250_000


def test_what_pages_say_to_call_with_make_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+) ", page.read_text(encoding="utf-8"), re.MULTILINE)) <= {
            pair for name in targets for pair in ((name, ""), ("", name))
        }


def test_every_benchmark_has_its_line() -> None:
    folder = ROOT / "benchmarks"
    scripts = {
        ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in folder.rglob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    assert set(re.findall(r"^\| `([\w.]+)` \|", text_of("benchmarks/README.md"), re.MULTILINE)) == scripts


def test_every_package_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "rnnlab").rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_the_version_is_the_same_everywhere() -> None:
    assert f"version: {rnnlab.__version__}\n" in text_of("CITATION.cff")
    assert f"## {rnnlab.__version__}\n" in text_of("CHANGELOG.md")
