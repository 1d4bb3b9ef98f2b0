"""What stands beside the form where a terminal is very wide: the whole help of a field, and the equations of the net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.cards.about import About
from rnnlab.ui.setup.cards.about_text import model_text
from rnnlab.ui.setup.form.field_help import FieldHelp

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    from rnnlab.ui.setup.draft.draft import Draft


def beside(draft: Draft) -> tuple[Widget, Widget]:
    """The two boxes."""
    help_pane = FieldHelp(draft, id="whole-help")
    help_pane.add_class("box")
    help_pane.border_title = "This setting"
    return help_pane, About(id="equations", classes="box")


def show_beside(screen: Screen[None], draft: Draft) -> None:
    """Show the draft's architecture there, where there is such a box."""
    for about in screen.query("#equations").results(About):
        model = MODELS[draft.value("model.name")]
        about.border_title = Content(plain(model.title))
        about.text = model_text(model)
