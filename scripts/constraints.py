"""constraints.txt: the versions that CI installs, those of this environment, for all that rnnlab and its extras need.

    python scripts/constraints.py

PyTorch has its range in pyproject.toml, as its CPU build differs from system to system, and so have the libraries that it brings.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints.txt"
LEFT_OUT = re.compile(r"torch|triton|nvidia-.*|cuda-.*|rnnlab|pip|setuptools")
NOT_IN_CI = ("bench",)
_HEAD = """# Versions that CI tested, of all that rnnlab and its extras need: .ci/run installs these (PIP_CONSTRAINT).
# Made by scripts/constraints.py; the job `newest` of .github/workflows/ci.yml tries the newest that pyproject.toml allows.
"""


def normal(name: str) -> str:
    """A distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    """The distribution that a requirement names."""
    return normal(re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0])


def needed() -> list[str]:
    """All that is needed, directly or by another, as far as it is installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    waiting = [named(each) for each in project["dependencies"]]
    waiting += [named(each) for name, texts in extras.items() if name not in NOT_IN_CI for each in texts]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or LEFT_OUT.fullmatch(name):
            continue
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found.add(name)
        waiting += [named(each) for each in requires]
    return sorted(found)


def text() -> str:
    """The file."""
    return _HEAD + "".join(f"{name}=={distribution(name).version}\n" for name in needed())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
