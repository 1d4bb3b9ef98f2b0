"""What docs/reports.md says of blocks and questions, from their declaration; `--write` puts it into the page.

python scripts/report_blocks.py [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from rnnlab.reports.document.options import BLOCK_OPTIONS, Option
from rnnlab.reports.questions.catalogue import QUESTIONS

PAGE = Path(__file__).parents[1] / "docs" / "reports.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put it into docs/reports.md")
    text = page(PAGE.read_text(encoding="utf-8"))
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


def page(text: str) -> str:
    """The page with what stands between its marks made anew."""
    for name, lines in (("blocks", blocks()), ("questions", questions())):
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        text = before + begin + "".join(f"{line}\n" for line in lines) + end + after
    return text


def blocks() -> Iterator[str]:
    """A heading for each block, what it shows, and a line for each option."""
    for kind, card in BLOCK_OPTIONS.items():
        yield from ("", f"### `{kind}`", "", card.summary)
        if card.options:
            yield ""
        for name, option in card.options.items():
            yield f"- `{name}`{_default(option)}: {option.help}{_choices(option)}"
    yield ""


def questions() -> Iterator[str]:
    """A line of a table for each question."""
    yield from ("", "| name | question |", "| --- | --- |")
    yield from (f"| `{question.name}` | {question.text} |" for question in QUESTIONS)
    yield ""


def _default(option: Option) -> str:
    if option.default in ("", False):
        return ""
    return f' (default `"{option.default}"`)' if isinstance(option.default, str) else f" (default `{option.default}`)"


def _choices(option: Option) -> str:
    return f" One of {', '.join(option.choices)}." if option.choices else ""


if __name__ == "__main__":
    main()
