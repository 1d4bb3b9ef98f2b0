"""Colours, markers and line styles of figures on white paper, and the one way to begin a drawing.

matplotlib is imported where something is drawn, and nowhere else: it is the extra `report`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import msgspec

from rnnlab.text.palette import LIGHT, Role
from rnnlab.text.ramp import blend
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PAPER = msgspec.structs.replace(LIGHT, name="paper", background="#ffffff", text="#1b1f24", muted="#565d69")
"""The light theme of the app on white: each colour that carries meaning has a contrast of 3:1 and more on it."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that the layout depends on no font that is installed; it is among the widest, so that a viewer
which shows another one leaves air and cuts nothing."""

SIZE = 9.0
"""Points of the text."""

_MARKERS: dict[str, tuple[str, bool]] = {
    "◆": ("D", True), "●": ("o", True), "▲": ("^", True), "■": ("s", True),
    "◇": ("D", False), "○": ("o", False), "△": ("^", False), "□": ("s", False), "▴": ("^", True),
}  # fmt: skip
"""matplotlib's marker for one of the text plots, and whether it is filled."""

MARKERS_ON_A_CURVE = 18
_LETTERS = 12
"""Letters of a title in an inch."""
_NAME = re.compile(r"[^a-z0-9]+")


def colour(role: Role) -> str:
    """The colour of a role on paper, as `#rrggbb`."""
    return str(getattr(PAPER, role))


def shaded(share: float, role: Role) -> str:
    """The colour of a role mixed with the paper: all of it at a share of one."""
    return blend(PAPER.background, colour(role), min(1.0, max(0.0, share)))


def slug(*parts: str) -> str:
    """A name of lower case letters, digits and hyphens, for an anchor or a file."""
    return _NAME.sub("-", " ".join(parts).lower()).strip("-") or "figure"


def label(text: str, most: int = 40) -> str:
    """A text from anywhere as a label: sanitised, in at most `most` characters."""
    return plain(text, most)


def marker_style(marker: str, role: Role, points: int) -> dict[str, Any]:
    """How a curve of so many points is marked, as keywords of `Axes.plot`; nothing for a curve without a marker."""
    if marker not in _MARKERS:
        return {"marker": "o", "markersize": 4} if points == 1 else {}
    shape, filled = _MARKERS[marker]
    return {
        "marker": shape,
        "markersize": 4.5,
        "markevery": max(1, -(-points // MARKERS_ON_A_CURVE)),
        "markerfacecolor": colour(role) if filled else PAPER.background,
        "markeredgecolor": colour(role),
        "markeredgewidth": 1.0,
    }


def new_drawing(size: tuple[float, float]) -> Drawing:
    """An empty drawing of so many inches, with a layout that makes room for every label."""
    from matplotlib.figure import Figure as Drawing

    return Drawing(figsize=size, layout="constrained")


def new_axes(size: tuple[float, float]) -> tuple[Drawing, Axes]:
    """An empty drawing of so many inches with one pair of axes, which `complete` ends."""
    drawing = new_drawing(size)
    return drawing, drawing.add_subplot()


def complete(
    drawing: Drawing, axes: Axes, title: str, *, x: str = "", y: str = "", handles: Sequence[Any] = ()
) -> None:
    """Title, names of the axes, legend and frame of a drawing with one pair of axes."""
    name_axes(axes, x, y)
    entitle(drawing, title)
    _add_legend(drawing, handles)
    _frame(axes)


def write(axes: Axes, x: float, y: float, text: str, **keywords: Any) -> Any:
    """A text on the axes that is never read as mathematics."""
    return axes.text(x, y, label(text, 200), parse_math=False, **keywords)


def entitle(drawing: Drawing, title: str) -> None:
    """The title over the whole drawing, from the left, in up to three lines."""
    lines = wrap(plain(title), max(24, int(drawing.get_size_inches()[0] * _LETTERS)))[:3]
    drawing.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=SIZE + 1, fontweight="bold", parse_math=False)


def entitle_part(axes: Axes, title: str, width: float) -> None:
    """The title of one of several parts of a drawing, in lines that fit in `width` inches."""
    lines = wrap(plain(title), max(20, int(width * _LETTERS)))[:3]
    axes.set_title("\n".join(lines), loc="left", parse_math=False)


def name_axes(axes: Axes, x: str = "", y: str = "") -> None:
    """What the axes show."""
    axes.set_xlabel(label(x, 60), parse_math=False)
    axes.set_ylabel(label(y, 60), parse_math=False)


def set_ticks(axes: Axes, axis: str, marks: Sequence[tuple[float, str]], **keywords: Any) -> None:
    """Ticks of the `x` or `y` axis at the positions, with their labels."""
    held = axes.xaxis if axis == "x" else axes.yaxis
    held.set_ticks([], minor=True)
    held.set_ticks([at for at, _ in marks], [label(text) for _, text in marks], parse_math=False, **keywords)


def _add_legend(drawing: Drawing, handles: Sequence[Any]) -> None:
    """The legend below the axes, in as many columns as the drawing is wide; none for nothing."""
    if not handles:
        return
    width = float(drawing.get_size_inches()[0])
    names = [str(handle.get_label()) for handle in handles]
    columns = max(1, min(len(names), int(width * 16 / (max(map(len, names)) + 5))))
    legend = drawing.legend(handles=list(handles), loc="outside lower left", ncols=columns)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _frame(axes: Axes) -> None:
    """The frame without its upper and right edges, the grid behind everything."""
    axes.set_axisbelow(True)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)


def settings() -> dict[str, Any]:
    """Settings of matplotlib for all figures, over its own defaults."""
    return {
        "font.family": [FONT],
        "font.size": SIZE,
        "axes.titlesize": SIZE + 1,
        "axes.titleweight": "bold",
        "axes.titlecolor": PAPER.text,
        "axes.labelsize": SIZE,
        "axes.labelcolor": PAPER.text,
        "axes.edgecolor": PAPER.baseline,
        "axes.facecolor": PAPER.background,
        "axes.unicode_minus": True,
        "axes.formatter.use_mathtext": False,
        "figure.constrained_layout.h_pad": 0.06,
        "figure.constrained_layout.w_pad": 0.06,
        "figure.facecolor": PAPER.background,
        "grid.color": PAPER.grid,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": SIZE - 1,
        "legend.labelcolor": PAPER.text,
        "lines.linewidth": 1.6,
        "text.color": PAPER.text,
        "text.parse_math": False,
        "text.usetex": False,
        "xtick.color": PAPER.baseline,
        "ytick.color": PAPER.baseline,
        "xtick.labelcolor": PAPER.text,
        "ytick.labelcolor": PAPER.text,
        "xtick.labelsize": SIZE - 1,
        "ytick.labelsize": SIZE - 1,
        "svg.fonttype": "none",
        "svg.hashsalt": "rnnlab",
        "path.simplify": True,
    }
