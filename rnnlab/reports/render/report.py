"""A report from its specification and its runs, in the format that it is asked for."""

from __future__ import annotations

from typing import Literal

from rnnlab.reports.document.document import Document
from rnnlab.reports.document.seal import sealed
from rnnlab.reports.material.material import Material
from rnnlab.reports.render.fill import fill
from rnnlab.reports.render.html import html
from rnnlab.reports.render.markdown import markdown
from rnnlab.reports.render.template import title_of_runs

Format = Literal["html", "md"]


def render(document: Document, material: Material, target: Format, *, pictures: bool) -> str:
    """The report, sealed: the same text for the same runs and specification.

    `pictures`: figures are drawn by matplotlib, else as text; in Markdown they are text. Raises `UsageError`.
    """
    filled = fill(document, material)
    if target == "md":
        return sealed(markdown(document, filled))
    return sealed(html(document, filled, title=title_of_runs(material), pictures=pictures))
