"""docs/licences.md: the licence of each library that pyproject.toml names, from the metadata of the installed packages.

    python scripts/licences_page.py

A library that is not installed here keeps the line that it has.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
LONGEST = 60
"""Characters of a licence's name; a longer one is its text."""
_INTRODUCTION = """# Licences of the libraries

rnnlab is under the MIT licence ([LICENSE](../LICENSE)). It copies no library's code; these are installed beside it. The licences
are those that the packages' metadata name, as `python scripts/licences_page.py` finds them; some name none. Data sets have
licences of their own: `rnnlab data list`.

| library | licence | needed for |
| --- | --- | --- |
"""


def normal(name: str) -> str:
    """A distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def used() -> dict[str, list[str]]:
    """Library → what needs it: rnnlab itself, or an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, list[str]] = {}
    groups = {"rnnlab": project["dependencies"]} | project["optional-dependencies"]
    for group, texts in groups.items():
        for text in texts:
            name = normal(re.split(r"[^\w.-]", text, maxsplit=1)[0])
            if name != "rnnlab":
                found.setdefault(name, []).append(group)
    return found


def licence(name: str) -> str:
    """The licence that the installed package names; empty where it is not installed, or names none."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    if expression := about.json.get("license_expression"):
        return str(expression)
    kinds = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License :: ")]
    named = [each for each in kinds if each != "OSI Approved"]
    text = str(about.json.get("license") or "").strip().splitlines()
    return ", ".join(named) or (text[0] if text and len(text[0]) <= LONGEST else "")


def rows() -> dict[str, str]:
    """The licences that the page has, by library."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    lines = text.partition("| ---")[2]
    return dict(re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| [^|]+ \|$", lines, re.MULTILINE))


def page() -> str:
    """The page in Markdown."""
    before = rows()
    lines = []
    for name, groups in sorted(used().items()):
        needed = "running" if "rnnlab" in groups else ", ".join(f"the extra {group}" for group in groups)
        lines.append(f"| {name} | {licence(name) or before.get(name, 'not named')} | {needed} |")
    return _INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
