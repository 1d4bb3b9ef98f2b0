"""The page of the promises, docs/reliability.md, made from their result files."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.reliability.promise import ROOT, Part, PartResult, Promise, read_result
from rnnlab.runs.files import write_atomically
from rnnlab.text.markdown import escape

PAGE = ROOT / "docs" / "reliability.md"
_INTRODUCTION = """# Reliability: what rnnlab promises, and what was done to break it

Each promise is a script that really kills, cuts, fills or floods: `python -m benchmarks.reliability.cut_log --quick` and so on.
`make reliability` carries out all of them in full and goes on where it was stopped (`make reliability HOURS=8`: with an end after
so many hours, a share for each part, and the longer form of those that are measured by time; `JOBS=2`: two parts at once, and
never more than there are cores), then writes this page from the files in `docs/reliability/`. What a stranger's files and servers
cannot do, and what is not promised: [security](../SECURITY.md).
"""
_HEAD = "| what is tried | asked | done | failed | largest figure |\n| --- | ---: | ---: | ---: | --- |"


def page(promises: Sequence[Promise]) -> str:
    """The page in Markdown, of what the result files hold."""
    return "\n".join([_INTRODUCTION, *map(section, promises)])


def write_page(promises: Sequence[Promise]) -> None:
    """Write docs/reliability.md."""
    write_atomically(PAGE, page(promises).encode())


def section(promise: Promise) -> str:
    """A promise: its sentence, its parts and where they were tried."""
    result = read_result(promise)
    lines = [f"## {promise.number}. {escape(promise.sentence)}", "", _HEAD]
    lines += [row(part, result.parts.get(part.name)) for part in promise.parts]
    found = [(name, each) for name, part in result.parts.items() for each in part.problems]
    if found:
        lines += ["", "What failed:", "", *(f"- {escape(name)}: {escape(each)}" for name, each in found)]
    if result.day:
        versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
        commits = f"; rnnlab at {', '.join(result.revisions)}" if result.revisions else ""
        lines += ["", f"`{promise.name}`, {result.day}, on {escape(result.machine)}, {versions}{commits}."]
    return "\n".join([*lines, ""])


def row(part: Part, found: PartResult | None) -> str:
    """A row of the table."""
    asked = f"{part.seconds / 60:.0f} min" if part.seconds else f"{part.asked:,}"
    if found is None:
        return f"| {escape(part.name)} | {asked} | not tried yet | | |"
    if found.skipped and not found.done:
        return f"| {escape(part.name)} | {asked} | skipped: {escape(found.skipped)} | | |"
    asked = f"{found.asked / 60:.0f} min" if part.seconds else f"{found.asked:,.0f}"
    done = f"{found.done:,} in {found.seconds / 60:.0f} min" if part.seconds else f"{found.done:,}"
    figure = "" if found.figure is None else f"{found.figure:.2f} {escape(part.unit)}".rstrip()
    return f"| {escape(part.name)} | {asked} | {done} | {found.failed:,} | {figure} |"
