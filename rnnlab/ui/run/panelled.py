"""The panels of the Run screen: their shared view, the cursor, and the panel that fills the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from rnnlab.runs.folders import RunFolder
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.panels.curve_panel import CurvePanel, View
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.steered import SteeredScreen


class PanelledScreen(SteeredScreen):
    """A screen of numbered panels on one run: how they are seen, and which of them has the screen for itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "log", "logarithmic loss axis", show=False),
        Binding("e", "smooth", "smoothing of the training loss", show=False),
        Binding("x", "axis", "x axis: epochs, steps or time", show=False),
        Binding("m", "matrix", "matrix in row %, column %, counts; per class", show=False),
        Binding("comma", "browse(-1)", "earlier matrix", key_display=",", show=False),
        Binding("full_stop", "browse(1)", "later matrix", key_display=".", show=False),
        Binding("left", "move(-1, 0)", "cursor left", show=False),
        Binding("right", "move(1, 0)", "cursor right", show=False),
        Binding("shift+left", "move(-10, 0)", "cursor left by ten", show=False),
        Binding("shift+right", "move(10, 0)", "cursor right by ten", show=False),
        Binding("up", "move(0, -1)", "up in the matrix", show=False),
        Binding("down", "move(0, 1)", "down in the matrix", show=False),
        Binding("tab", "zoom_next(1)", "zoom the next panel", show=False),
        Binding("shift+tab", "zoom_next(-1)", "zoom the panel before", show=False),
        Binding("1", "zoom(1)", "zoom", key_display="1–5"),
        Binding("2", "zoom(2)", "zoom the metric", show=False),
        Binding("3", "zoom(3)", "zoom the matrix", show=False),
        Binding("4", "zoom(4)", "zoom the status", show=False),
        Binding("5", "zoom(5)", "inside the net: gradients by step and layer, gates", show=False),
    ]

    def __init__(self, run: RunFolder) -> None:
        super().__init__(run)
        self.view = View()
        self.zoomed = 0

    def refocus(self) -> None:
        """The focus to the panel that fills the screen, or to the first."""
        panels = list(self.query(Panel))
        panels[max(0, self.zoomed - 1)].focus()

    def action_log(self) -> None:
        self.set_view(self.view.toggled_log(self.follower.state))

    def action_smooth(self) -> None:
        self.set_view(self.view.next_smoothing())

    def action_axis(self) -> None:
        self.set_view(self.view.next_axis())

    def action_matrix(self) -> None:
        self.query_one(ConfusionPanel).next_mode()

    def action_browse(self, by: int) -> None:
        self.query_one(ConfusionPanel).browse(by)

    def action_move(self, across: int, down: int) -> None:
        """The arrow keys: over the matrix where it has the focus, else along the curves."""
        matrix = self.query_one(ConfusionPanel)
        if matrix.has_focus and matrix.scrolls:
            matrix.scroll_by(across, down)
        elif across:
            self.set_view(self.view.moved(self.follower.state, across))

    def on_curve_panel_cursor_placed(self, event: CurvePanel.CursorPlaced) -> None:
        self.set_view(replace(self.view, cursor=event.x))

    def set_view(self, view: View) -> None:
        """See the curves with another view."""
        self.view = view
        for panel in self.query(CurvePanel):
            panel.set_view(view)

    def action_zoom(self, number: int) -> None:
        """Fill the screen with a panel, or with all of them again."""
        self.zoomed = 0 if self.zoomed == number else number
        self.set_class(bool(self.zoomed), "-zoomed")
        for panel in self.query(Panel):
            panel.set_class(panel.number == self.zoomed, "-zoom")
            if panel.number == (self.zoomed or number):
                panel.focus()

    def on_panel_doubled(self, event: Panel.Doubled) -> None:
        self.action_zoom(event.number)

    def action_zoom_next(self, by: int) -> None:
        following = (self.zoomed + by) % 6
        self.action_zoom(following or self.zoomed)
