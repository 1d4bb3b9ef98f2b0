"""Panels of the Playground on the clipboard: drawn by this process alone, so that their picture needs no other."""

from __future__ import annotations

from dataclasses import replace

from rnnlab.ui.described.copying import Copyable, written_lines
from rnnlab.ui.described.screen import DescribedPanel, DescribedScreen
from rnnlab.ui.playground.panels import StepPanel


class CopiedSteps(DescribedScreen):
    """A screen of panels that are drawn step by step, each with the picture of its lines."""

    def copyable(self, panel: DescribedPanel) -> Copyable:
        """Its text, its numbers, and where there are any its picture."""
        found = super().copyable(panel)
        if not isinstance(panel, StepPanel) or not panel.tables():
            return found
        return replace(found, made={**found.made, "svg": written_lines(found.title, panel.lines_in)["svg"]})
