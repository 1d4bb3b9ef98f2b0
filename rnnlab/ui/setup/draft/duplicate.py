"""Whether the run that Setup describes was trained before, looked for while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import Worker

    from rnnlab.config import RunConfig
    from rnnlab.runs.duplicates import RunIndex
    from rnnlab.ui.setup.draft.draft import Draft

SECONDS = 0.4
"""A field that is still being typed in is not looked up."""


class Duplicate:
    """The run on disk that is the same as the one a draft describes; `found` is called when that is known."""

    def __init__(self, node: DOMNode, draft: Draft, found: Callable[[], None]) -> None:
        self._node, self._draft, self._found = node, draft, found
        self._index: RunIndex | None = None
        self._asked: RunConfig | None = None
        self._worker: Worker[None] | None = None
        self.text = ""
        """`the same as SESSION/003-lstm-128, completed`; empty: there is none, or it is not known yet."""

    def recount(self) -> None:
        """The draft has changed."""
        config = None if self._draft.errors or self._draft.is_sweep else self._draft.config()
        if config == self._asked:
            return
        if self._worker is not None:
            self._worker.cancel()
        self._asked, self._worker, self.text = config, None, ""
        if config is not None:
            self._worker = self._node.run_worker(partial(self._look_up, config), name="look for the same run")

    def forget(self) -> None:
        """Look again at the next change: runs may have been made meanwhile."""
        self._asked = None

    async def _look_up(self, config: RunConfig) -> None:
        await asyncio.sleep(SECONDS)
        text = await asyncio.to_thread(self._same, config)
        if config == self._asked:
            self.text, self._worker = text, None
            self._found()

    def _same(self, config: RunConfig) -> str:
        from rnnlab.runs.duplicates import RunIndex
        from rnnlab.runs.summary import summarise

        if self._index is None:
            self._index = RunIndex()
        run = self._index.same(config)
        if run is None:
            return ""
        status = summarise(run).status
        return plain(f"the same as {run.session.name}/{run.name}{f', {status}' if status else ', which waits'}", 200)
