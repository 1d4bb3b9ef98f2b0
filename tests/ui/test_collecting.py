"""Full garbage collections of the app: none while somebody types."""

from __future__ import annotations

import gc

from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.collecting import QUIET, Collector


def _make_old_garbage() -> None:
    """As many collections of younger objects as make a full one due."""
    while gc.get_count()[2] < 10:
        gc.collect(1)


def test_a_full_collection_waits_until_nobody_types() -> None:
    now = [100.0]
    collector = Collector(clock=lambda: now[0])
    collector.note_input()
    _make_old_garbage()
    now[0] += QUIET / 2
    assert not collector.collect_if_due()
    now[0] += QUIET
    assert collector.collect_if_due()
    assert not collector.collect_if_due(), "what was collected is not collected again"


def test_somebody_who_types_without_end_does_not_fill_the_memory() -> None:
    collector = Collector(clock=lambda: 100.0)
    _make_old_garbage()
    assert not collector.collect_if_due()
    for _ in range(200):
        gc.collect(1)
    assert collector.collect_if_due()


def test_what_has_been_imported_is_looked_at_by_no_later_collection() -> None:
    collector = Collector(clock=lambda: 100.0)
    before = gc.get_freeze_count()
    held = [[] for _ in range(5000)]  # type: ignore[var-annotated]
    try:
        collector.keep()
        assert gc.get_freeze_count() >= before + len(held)
    finally:
        gc.unfreeze()


async def test_python_collects_nothing_old_by_itself_while_the_app_runs() -> None:
    before = gc.get_threshold()
    async with RnnlabApp().run_test() as pilot:
        await pilot.pause()
        assert gc.get_threshold()[2] > 1000
    assert gc.get_threshold() == before
