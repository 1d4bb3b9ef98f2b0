"""A figure as SVG or PNG: the same bytes each time, whatever a person's own matplotlibrc says.

Text of an SVG is text, not outlines: it can be read aloud, searched and copied, and takes a fifth of the space. It names a family
that comes with matplotlib, by whose widths it is laid out, and after it a generic one for viewers that lack it.
"""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from rnnlab.errors import UsageError
from rnnlab.reports.drawing.style import FONT, settings
from rnnlab.reports.figures.figure import Figure
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MISSING = "pictures are drawn by matplotlib, which is not installed; install it with: pip install 'rnnlab[report]'"
DPI = 150
_NOT_OURS = ("backend", "interactive", "toolbar", "webagg", "docstring")
"""Settings that do not concern what is drawn."""
_LOCK = threading.Lock()  # the settings of matplotlib are those of the whole process
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
"""A hundredth of a point is finer than any screen."""
_FAMILY = f"font-family: '{FONT}'; "
"""Of each text: it is that of the whole figure."""


def has_matplotlib() -> bool:
    """Whether pictures can be drawn here; imports nothing."""
    return find_spec("matplotlib") is not None


def svg(figure: Figure) -> str:
    """The figure as an `<svg>` element with title and description, which may stand in a file or among others in a page.

    Raises `UsageError` where matplotlib is not installed.
    """
    with _drawn(figure) as drawing:
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        out = io.BytesIO()
        canvas: Any = FigureCanvasSVG(drawing)
        canvas.print_svg(out, metadata=_NO_METADATA)
    return _accessible(out.getvalue(), figure)


def png(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as PNG, with `dpi` dots an inch. Raises `UsageError` where matplotlib is not installed."""
    with _drawn(figure) as drawing:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        drawing.set_dpi(dpi)
        out = io.BytesIO()
        text = {"Software": None, "Title": plain(figure.title), "Description": plain(figure.description)}
        canvas: Any = FigureCanvasAgg(drawing)
        canvas.print_png(out, metadata={key: _latin(value) for key, value in text.items()})
    return out.getvalue()


@contextmanager
def _drawn(figure: Figure) -> Iterator[Drawing]:
    """The drawing, within our settings; what a glyph that the font lacks would warn of is no one's concern."""
    if not has_matplotlib():
        raise UsageError(MISSING)
    import matplotlib as mpl

    ours: Any = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(_NOT_OURS)} | settings()
    with _LOCK, warnings.catch_warnings(), mpl.rc_context(ours):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        yield figure.draw()


def _latin(value: str | None) -> str | None:
    """The text as PNG may hold it."""
    return value if value is None else value.encode("latin-1", "replace").decode("latin-1")


def _accessible(drawn: bytes, figure: Figure) -> str:
    """The element with a role, a title and a description, and with ids that no other figure has."""
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(drawn)
    _trim(root, _referenced(root), figure.name)
    root.attrib.pop("version", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{figure.name}-title {figure.name}-desc")
    root.set("style", f"stroke-linejoin: round; stroke-linecap: butt; font-family: '{FONT}', Verdana, sans-serif")
    for at, (tag, text) in enumerate((("title", figure.title), ("desc", figure.description))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{figure.name}-{tag}"})
        element.text = plain(text)
        element.tail = "\n"
        root.insert(at, element)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _referenced(root: ElementTree.Element) -> set[str]:
    """The ids that another element refers to."""
    found: set[str] = set()
    for element in root.iter():
        found.update(name for value in element.attrib.values() for name in _REFERENCE.findall(value))
        found.add(element.get(f"{{{_XLINK}}}href", "").removeprefix("#"))
    return found


def _trim(parent: ElementTree.Element, referenced: set[str], name: str) -> None:
    """Leave out what a page does not need: style sheets, which would be the whole page's, metadata, ids, empty groups."""
    children = []
    for child in parent:
        if child.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
            continue
        _trim(child, referenced, name)
        child.attrib = {
            key: _attribute(key, value, name)
            for key, value in child.attrib.items()
            if not (key == "id" and value not in referenced)
            and not (key == "transform" and value.startswith("rotate(-0 "))
        }
        bare = child.tag == f"{{{_SVG}}}g" and not child.attrib
        children += list(child) if bare else [child]
    parent[:] = children
    for child in children:
        child.tail = "\n"
    if children:
        parent.text = "\n"


def _attribute(key: str, value: str, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if key == f"{{{_XLINK}}}href" and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    if key in ("d", "x", "y"):
        return _DECIMALS.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), " ".join(value.split()))
    value = _REFERENCE.sub(rf"url(#{name}-\1)", value)
    return value.replace(_FAMILY, "") if key == "style" else value
