"""The keys that the footer of the Compare screen offers."""

from __future__ import annotations

from rnnlab.ui.common.key_bar import Footer
from rnnlab.ui.compare.following import FollowingScreen
from rnnlab.ui.compare.matrices_panel import MatricesPanel
from rnnlab.ui.compare.panels import CurvesPanel


def footer_of(screen: FollowingScreen, zoomed: int) -> Footer:
    """The keys that do something with what is in sight, the likeliest first; a panel of which there is nothing has none.

    `zoomed`: the number of the panel that is shown alone; 0: all are shown.
    """
    back = ("back", "back")
    matrices = next(iter(screen.query(MatricesPanel)), None)
    if not screen.loaded or matrices is None:
        return (back,)
    drawn = any(len(series) for states in screen.groups.values() for each in states for series in each.curves.values())
    curves = drawn and any(panel.display for panel in screen.query(CurvesPanel))
    compared = matrices.pair is not None
    focused = screen.focused
    on_curves = isinstance(focused, CurvesPanel)
    number = focused.number if isinstance(focused, CurvesPanel) else 1
    zoom = "all" if zoomed == number else "zoom" if on_curves else "curves"
    keys = [
        ("examples", f"examples of {matrices.letter.upper()}") if compared and matrices.has_focus else None,
        ("choose('a')", "A") if compared and matrices.display and len(screen.shown_groups) > 2 else None,
        ("choose('b')", "B") if compared and matrices.display else None,
        ("part", "matrix") if compared and matrices.display else None,
        ("next_task", "next task") if len(screen.pages) > 1 else None,
        (f"zoom({number})", zoom) if drawn else None,
        ("zoom(3)", "table" if zoomed != 3 else "all") if screen.shown_groups else None,
        ("zoom(4)", "matrices" if zoomed != 4 else "all") if compared else None,
        ("log", "log") if curves else None,
        ("axis", "x axis") if curves else None,
        ("move(-1, 0)", "read values") if curves and on_curves else None,
        ("figure", "figure") if drawn else None,
        back,
    ]
    return tuple(key for key in keys if key is not None)
