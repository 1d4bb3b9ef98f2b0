"""Size and cost of the sweep that a draft describes, asked of `rnnlab sweep --dry-run` while one types."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual.content import Content

from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.command_line import arguments_of

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import Worker

    from rnnlab.sweeps.cost.dry_run import DryRun
    from rnnlab.ui.setup.draft.draft import Draft

ASK_SECONDS = 0.4
"""A field that is still being typed in is not asked about."""
_LINES, _ROOMY_LINES = 4, 9
"""Lines of the summary at most, where there is little room and where there is more."""


class SweepEstimate:
    """What is known of one draft's sweep, asked for by workers of `node`, one at a time; `found` is called when it has come."""

    def __init__(self, node: DOMNode, draft: Draft, found: Callable[[], None]) -> None:
        self._node = node
        self._draft = draft
        self._found = found
        self._asked: tuple[str, ...] = ()
        self._worker: Worker[None] | None = None
        self.dry_run: DryRun | None = None
        """Its size and cost; None: not known yet."""
        self.problem = ""
        """Why it cannot be begun."""

    def recount(self) -> None:
        """The draft has changed: what is known of another sweep is forgotten, and this one asked about, if there is one."""
        arguments = tuple(arguments_of(self._draft)) if not self._draft.errors and self._draft.is_sweep else ()
        if arguments == self._asked:
            return
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        self._asked, self.dry_run, self.problem = arguments, None, ""
        if arguments:
            self._worker = self._node.run_worker(partial(self._ask, arguments), name="estimate the sweep")

    def forget(self) -> None:
        """Ask anew at the next change: runs may have ended meanwhile."""
        self._asked = ()

    def lines(self, width: int, *, brief: bool) -> list[Content]:
        """What is known of the sweep: its size, its cost, which of its points are left out, and what it tries."""
        from rnnlab.ui.setup.draft.several import configurations_of, tried_text

        over, seeds, found = self._draft.over, self._draft.seeds, self.dry_run
        if self.problem:
            return _wrapped(plain(self.problem, 1000), width, _LINES if brief else _ROOMY_LINES, "$text-error")
        if found is None:
            size = f"{configurations_of(over) * max(1, len(seeds)):,} runs"
            cost = "what they cost is being estimated …"
        else:
            size, cost = found.size_text, found.cost_text
        lines = [Content.styled(size, "bold"), Content.styled(cost, "$text-muted")]
        lines += _wrapped(_notes(found, brief), width, (_LINES if brief else _ROOMY_LINES) - 2, "$text-warning")
        return lines if brief else [*lines, Content.styled(tried_text(over, seeds), "$text-muted")]

    async def _ask(self, arguments: tuple[str, ...]) -> None:
        await asyncio.sleep(ASK_SECONDS)
        from rnnlab.sweeps.cost.dry_run import DryRun
        from rnnlab.ui.queries.subprocess_query import run_query

        result = await run_query(*arguments, "--dry-run", "--json")
        if arguments != self._asked:
            return
        self._worker = None
        try:
            self.dry_run = msgspec.convert(result.document, DryRun) if not result.code else None
        except msgspec.ValidationError:
            self.dry_run = None
        if self.dry_run is None:
            self.problem = result.problem or "what it costs is not known"
        self._found()


def _notes(found: DryRun | None, brief: bool) -> str:
    """What becomes of points that are no configurations of their own, a sentence a line; `brief`: of those left out the first."""
    if found is None:
        return ""
    sentences = found.left_out
    if brief and len(found.invalid) > 1:
        sentences = [f"{len(found.invalid):,} left out, as {found.invalid[0]}"]
    return "\n".join(plain(each, 500) for each in sentences)


def _wrapped(text: str, width: int, most: int, style: str) -> list[Content]:
    """The lines of a text, each sentence beginning one; at most so many."""
    lines = [line for sentence in text.splitlines() for line in textwrap.wrap(sentence, max(width, 20))]
    if len(lines) > most:
        lines = [*lines[: most - 1], textwrap.shorten(" ".join(lines[most - 1 :]), max(width, 20), placeholder=" …")]
    return [Content.styled(line, style) for line in lines]
