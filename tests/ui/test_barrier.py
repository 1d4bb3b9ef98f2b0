"""What a widget shows without having sanitised it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Input, Label, OptionList, Static, TextArea

from rnnlab.ui.app import RnnlabApp
from tests.hostile_session import PAYLOAD
from tests.hostile_session import assert_harmless as assert_harmless_bytes
from tests.ui.opened import assert_harmless


class Careless(Screen[None]):
    """Text from data, raw, in every kind of widget there is."""

    def compose(self) -> ComposeResult:
        boxed = Static(PAYLOAD, markup=False)
        boxed.styles.border = ("round", "white")
        boxed.border_title, boxed.border_subtitle = Content(PAYLOAD), Content(PAYLOAD)
        yield boxed
        yield Label(Content(PAYLOAD))
        yield Input(PAYLOAD.partition("\r")[0], placeholder=PAYLOAD)
        yield OptionList(Content(PAYLOAD))
        yield TextArea(PAYLOAD)
        table: DataTable[Content] = DataTable()
        table.add_column("column")
        table.add_row(Content(PAYLOAD))
        yield table


async def test_nothing_raw_passes_whoever_draws_it() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        await app.push_screen(Careless())
        app.notify(PAYLOAD, title=PAYLOAD, markup=False, timeout=60)
        await pilot.pause()
        await pilot.pause()
        assert_harmless(app)
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {140}
        drawn = "".join(strip.render(app.console) for strip in strips)
        assert drawn.count("]52;c;SGVsbG8=") >= 7, "the widgets are in sight"
        assert_harmless_bytes(drawn.encode())
