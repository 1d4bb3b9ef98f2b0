"""The charts of a session: which one is shown first beside the table."""

from __future__ import annotations

from pathlib import Path

from rnnlab.ui.session.chart_panel import ChartPanel
from tests.recorded import SESSION, record
from tests.recorded_variants import variant
from tests.ui.opened import open_session, shown, text_of, until


def trained(root: Path, *optimisers: str) -> Path:
    """One run of `adamw`, which others repeat with `optimisers`; the session's folder."""
    source = record(root, "finished")
    for number, optimiser in enumerate(optimisers, 40):
        settings = {"optim.name": optimiser} | ({"model.hidden": number} if len(optimisers) > 1 else {})
        variant(source, f"{number:03}-lstm", settings, figures={"accuracy": 0.01 * number})
    return root / SESSION


async def test_curves_come_before_a_box_for_each_of_single_runs(sessions: Path) -> None:
    session = trained(sessions, "sgd")
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        await until(lambda: "by epoch" in text_of(pilot.app))
        titles = [chart.title for chart in screen.query_one(ChartPanel).charts]
        assert titles[-1] == "validation accuracy over optim.name, boxes"


async def test_boxes_of_several_runs_come_before_their_curves(sessions: Path) -> None:
    session = trained(sessions, "sgd", "sgd")
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        panel = screen.query_one(ChartPanel)
        await until(lambda: bool(panel.charts))
        titles = [chart.title for chart in panel.charts]
        boxes = next(at for at, title in enumerate(titles) if title.endswith("boxes"))
        assert boxes < next(at for at, title in enumerate(titles) if "by epoch" in title)
