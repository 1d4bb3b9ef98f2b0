"""Docstring coverage: the share of public functions and classes whose docstring says more than their name.

    python scripts/docstrings.py [--missing] [FOLDER …]

Public: no name on the way there begins with an underscore. Left out: event handlers (`on_…`, `watch_…`, `action_…`, `compose`,
`render`, …), whose meaning Textual gives, methods that carry out one of a base class that is documented there (`@override`), and
functions within functions. A docstring says more than the name where at least two of its words are neither in the name nor
among the words that say nothing. Exit code 1 below the share that is asked for.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

WANTED = 0.85
HANDLERS = re.compile(
    r"(on|watch|action|validate|compute)_\w+|compose|render|render_line|check_action|get_content_\w+|__\w+__"
)
EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "and",
        "or",
        "with",
        "is",
        "are",
        "be",
        "it",
        "its",
        "this",
        "that",
        "as",
        "by",
        "from",
        "returns",
        "return",
        "get",
    ]
)


class Found(NamedTuple):
    """A public function or class: where it stands, its dotted name, and its docstring."""

    path: Path
    line: int
    name: str
    docstring: str

    @property
    def says_more(self) -> bool:
        """Whether the docstring holds two words or more that the name does not."""
        return len(_words(self.docstring) - _words(self.name.replace("_", " ")) - EMPTY) >= 2


def _words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return set(re.findall(r"[\w½-⿿]+", spaced.lower()))


def found_in(path: Path) -> Iterator[Found]:
    """The public functions and classes of a module, those of its classes included."""
    yield from _walk(path, ast.parse(path.read_text(encoding="utf-8")).body, "")


def _walk(path: Path, body: list[ast.stmt], within: str) -> Iterator[Found]:
    for node in body:
        if isinstance(node, ast.If):
            yield from _walk(path, node.body + node.orelse, within)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        name = f"{within}.{node.name}" if within else node.name
        decorators = {ast.unparse(each) for each in node.decorator_list}
        if isinstance(node, ast.ClassDef):
            yield Found(path, node.lineno, name, ast.get_docstring(node) or "")
            yield from _walk(path, node.body, name)
        elif not (
            (within and HANDLERS.fullmatch(node.name))
            or decorators & {"override", "overload"}
            or any(each.endswith(".setter") for each in decorators)
        ):
            yield Found(path, node.lineno, name, ast.get_docstring(node) or "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("rnnlab")])
    parser.add_argument(
        "--missing", action="store_true", help="list those whose docstring does not say more than the name"
    )
    arguments = parser.parse_args()
    found = [each for folder in arguments.folders for path in sorted(folder.rglob("*.py")) for each in found_in(path)]
    short = [each for each in found if not each.says_more]
    if arguments.missing:
        for each in short:
            sys.stdout.write(f"{each.path}:{each.line}: {each.name}\n")
    share = 1 - len(short) / len(found) if found else 1.0
    sys.stdout.write(f"docstrings: {len(found) - len(short)} of {len(found)} say more than the name ({share:.1%})\n")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
