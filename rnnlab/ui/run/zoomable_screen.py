"""The view that the curves of a screen share: keys and mouse that zoom, move along their axes and place the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.run.panels.view import Extent, View
from rnnlab.ui.run.panels.zoomable_panel import ZoomablePanel


class ZoomableScreen(FittedScreen[None]):
    """A screen with panels of curves over one x axis."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "zoom_x(0.5)", "less of the x axis, larger", key_display="+", show=False),
        Binding("minus", "zoom_x(2)", "more of the x axis", key_display="-", show=False),
        Binding("ctrl+left", "pan(-1, 0)", "x axis: earlier", show=False),
        Binding("ctrl+right", "pan(1, 0)", "x axis: later", show=False),
        Binding("shift+up", "zoom_y(0.5)", "less of the y axis, larger", show=False),
        Binding("shift+down", "zoom_y(2)", "more of the y axis", show=False),
        Binding("ctrl+up", "pan(0, 1)", "y axis: higher", show=False),
        Binding("ctrl+down", "pan(0, -1)", "y axis: lower", show=False),
        Binding("k", "spikes", "leave spikes out of the y axis", show=False),
        Binding("0", "whole", "all of both axes", show=False),
    ]

    view = View()

    @property
    def is_log(self) -> bool:
        """Whether the loss axis is logarithmic: as was chosen, else as the losses need it."""
        raise NotImplementedError

    @property
    def x_extent(self) -> Extent:
        """The ends of the whole x axis; None before there is a point."""
        raise NotImplementedError

    def set_view(self, view: View) -> None:
        """See the curves with another view."""
        raise NotImplementedError

    @property
    def _curve(self) -> ZoomablePanel:
        """The curves that a key is about: those with the focus, else the loss."""
        panels = list(self.query(ZoomablePanel))
        return next((panel for panel in panels if panel.has_focus), panels[0])

    def action_log(self) -> None:
        self.set_view(self.view.toggled_log(self.is_log))

    def action_axis(self) -> None:
        self.set_view(self.view.next_axis())

    def action_zoom_x(self, factor: float) -> None:
        self.set_view(self.view.x_zoomed(self.x_extent, factor))

    def action_zoom_y(self, factor: float) -> None:
        panel = self._curve
        if (scale := panel.y_scale()) is not None:
            self.set_view(self.view.y_zoomed(panel.kind, scale, factor))

    def action_pan(self, across: int, up: int) -> None:
        panel = self._curve
        if across:
            self.set_view(self.view.x_panned(self.x_extent, across / 4))
        elif (scale := panel.y_scale()) is not None:
            self.set_view(self.view.y_panned(panel.kind, scale, up / 4))

    def action_spikes(self) -> None:
        self.set_view(replace(self.view, without_spikes=not self.view.without_spikes, y_windows=()))

    def action_whole(self) -> None:
        self.set_view(self.view.whole())

    def on_zoomable_panel_scrolled(self, event: ZoomablePanel.Scrolled) -> None:
        event.stop()
        panel = event.panel
        if not event.vertical:
            self.set_view(self.view.x_zoomed(self.x_extent, event.factor, event.x))
        elif (scale := panel.y_scale()) is not None:
            self.set_view(self.view.y_zoomed(panel.kind, scale, event.factor))

    def on_zoomable_panel_cursor_placed(self, event: ZoomablePanel.CursorPlaced) -> None:
        event.stop()
        if event.pinned or not self.view.pinned:
            self.set_view(replace(self.view, cursor=event.x, pinned=event.pinned))

    def undo_view(self) -> bool:
        """Take the cursor off, else show all of both axes; whether there was one of them to undo."""
        if self.view.cursor is not None:
            self.set_view(replace(self.view, cursor=None, pinned=False))
        elif self.view.zoomed:
            self.action_whole()
        else:
            return False
        return True
