"""Checking the file that a draft names, while its path may still be typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rnnlab.ui.setup.draft.data_of import file_of
from rnnlab.ui.setup.draft.draft import OWN

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import Worker

    from rnnlab.ui.queries.subprocess_query import QueryResult
    from rnnlab.ui.setup.draft.draft import Draft
    from rnnlab.ui.setup.file.own_file import Checks

CHECK_SECONDS = 0.4
"""A path that is still being typed is not checked."""


class FileChecker:
    """The checks of one draft's files, one at a time, by workers of `node`; `checked` is called when one is done.

    The draft is given what was found of its file, so that its net can be counted.
    """

    def __init__(self, node: DOMNode, draft: Draft, checked: Callable[[], None]) -> None:
        self._node = node
        self._draft = draft
        self._checked = checked
        self._checks: Checks | None = None
        self._worker: Worker[None] | None = None

    @property
    def checks(self) -> Checks:
        """What is known of the files that were checked."""
        if self._checks is None:
            # Not imported before the first frame is drawn.
            from rnnlab.ui.setup.file.own_file import Checks

            self._checks = Checks()
        return self._checks

    @property
    def known(self) -> bool:
        """Whether the file that the draft names now has been checked with its settings."""
        return self.checks.known(*file_of(self._draft)) is not None

    @property
    def checking(self) -> bool:
        """Whether a check is underway."""
        return self._worker is not None

    def check(self) -> None:
        """Check the file that is named now, if one is; a check of another is given up."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        path, settings = file_of(self._draft)
        if self._draft.card.name == OWN and path:
            self._worker = self._node.run_worker(partial(self._check, path, settings), name="check the file")

    async def _check(self, path: str, settings: dict[str, str]) -> None:
        if self.checks.known(path, settings) is None:
            await asyncio.sleep(CHECK_SECONDS)
        know_file(self._draft, path, await self.checks.check(path, settings))
        if file_of(self._draft) == (path, settings):
            self._worker = None
            if self.known:
                self._checked()
            else:  # the file was changed while it was checked
                self.check()


def know_file(draft: Draft, path: str, result: QueryResult) -> None:
    """Give the draft what a check has found of its file: the sizes of its net, and the settings that suit it."""
    document = result.document
    if isinstance(document, dict) and document.get("net"):
        n_train = int((document.get("splits") or {}).get("train", 0))
        draft.know_file(path, document["net"], n_train, document.get("known"))
