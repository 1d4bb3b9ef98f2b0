"""The panels of the Run screen: their shared view, the cursor, and the panel that fills the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from rnnlab.plots.run.course.event_list import run_events
from rnnlab.plots.run.figures import is_range_test
from rnnlab.runs.folders import RunFolder
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.panels.curve_panel import CurvePanel, is_log
from rnnlab.ui.run.panels.event_panel import EventPanel
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.settings_panel import SettingsPanel
from rnnlab.ui.run.panels.view import Extent, View, x_extent
from rnnlab.ui.run.steered import SteeredScreen
from rnnlab.ui.run.zoomable_screen import ZoomableScreen

PANELS = 7


class PanelledScreen(ZoomableScreen, SteeredScreen):
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
        Binding("up", "move(0, -1)", "event before; up in the matrix", show=False),
        Binding("down", "move(0, 1)", "next event; down in the matrix", show=False),
        Binding("tab", "zoom_next(1)", "zoom the next panel", show=False),
        Binding("shift+tab", "zoom_next(-1)", "zoom the panel before", show=False),
        Binding("1", "zoom(1)", "zoom", key_display="1–7"),
        Binding("2", "zoom(2)", "the metric alone", show=False),
        Binding("3", "zoom(3)", "the matrix alone", show=False),
        Binding("4", "zoom(4)", "the status alone", show=False),
        Binding("5", "zoom(5)", "inside the net: gradients by step and layer, gates", show=False),
        Binding("6", "zoom(6)", "events: commands, diagnoses, the best epoch", show=False),
        Binding("7", "zoom(7)", "configuration, with what differs from the defaults", show=False),
    ]

    def __init__(self, run: RunFolder) -> None:
        super().__init__(run)
        self.zoomed = 0
        self.chosen: int | None = None
        """The number of the event at which the cursor stands; None: at none."""

    def refocus(self) -> None:
        """The focus to the panel that fills the screen, or to the first."""
        for panel in self.query(Panel):
            if panel.number == max(1, self.zoomed):
                panel.focus()

    @property
    def is_log(self) -> bool:
        return is_log(self.follower.state, self.view)

    @property
    def x_extent(self) -> Extent:
        return x_extent(self.follower.state, self.view.x_axis)

    def action_smooth(self) -> None:
        self.set_view(self.view.next_smoothing())

    def action_matrix(self) -> None:
        """What the matrix shows next; where it is not in sight, the matrix."""
        panel = self.query_one(ConfusionPanel)
        if panel.display:
            panel.next_mode()
        else:
            self.action_zoom(panel.number)

    def action_browse(self, by: int) -> None:
        self.query_one(ConfusionPanel).browse(by)

    def action_move(self, across: int, down: int) -> None:
        """The arrow keys: over the matrix where it has the focus, else along the curves, and up and down through the events."""
        matrix = self.query_one(ConfusionPanel)
        if matrix.has_focus and matrix.scrolls:
            matrix.scroll_by(across, down)
        elif across:
            self.set_view(self.view.moved(self.x_extent, across))
        elif (settings := self.query_one(SettingsPanel)).has_focus:
            settings.scroll_by(down)
        else:
            self._choose_event(down)

    def _choose_event(self, by: int) -> None:
        """The cursor to the next event, or to the one before; the first press chooses the newest."""
        state = self.follower.state
        events = run_events(state)
        if not events:
            self.say("No events yet: commands, diagnoses and the best epoch are listed.", "information")
            return
        at = len(events) - 1 if self.chosen is None else max(0, min(len(events) - 1, self.chosen + by))
        view = self.view if is_range_test(state) else self.view.at(self.x_extent, events[at].x(state, self.view.x_axis))
        self.set_view(view, at)

    def set_view(self, view: View, chosen: int | None = None) -> None:
        """See the curves with another view, the cursor at the event number `chosen`."""
        self.view, self.chosen = view, chosen if view.cursor is not None else None
        for panel in self.query(CurvePanel):
            panel.set_view(view, self.chosen)
        self.query_one(EventPanel).choose(self.chosen)

    def action_zoom(self, number: int) -> None:
        """Fill the screen with a panel, or with all of them again."""
        self.zoomed = 0 if self.zoomed == number else number
        panels = list(self.query(Panel))
        for panel in panels:
            panel.set_class(panel.number == self.zoomed, "-zoom", update=False)
        # The panels alone, and all of them at once: a class of the screen would have everything on it styled anew.
        held = self.query_one("#panels")
        held.set_class(bool(self.zoomed), "-zoomed", update=False)
        held.update_node_styles()
        for panel in panels:
            if panel.number == (self.zoomed or number):
                panel.focus()

    def on_panel_doubled(self, event: Panel.Doubled) -> None:
        self.action_zoom(event.number)

    def action_zoom_next(self, by: int) -> None:
        following = (self.zoomed + by) % (PANELS + 1)
        self.action_zoom(following or self.zoomed)
