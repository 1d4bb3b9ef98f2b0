"""A report from its specification and its runs, in the format that it is asked for."""

from __future__ import annotations

from typing import Literal

from rnnlab.reports.document import Document
from rnnlab.reports.fill import fill
from rnnlab.reports.html import html
from rnnlab.reports.markdown import markdown
from rnnlab.reports.material import Material
from rnnlab.reports.seal import sealed
from rnnlab.reports.template import title_of_runs

Format = Literal["html", "md"]


def render(document: Document, material: Material, target: Format, *, pictures: bool) -> str:
    """The report, sealed: the same text for the same runs and specification.

    `pictures`: figures are drawn by matplotlib, else as text; in Markdown they are text. Raises `UsageError`.
    """
    filled = fill(document, material)
    if target == "md":
        return sealed(markdown(document, filled))
    return sealed(html(document, filled, title=title_of_runs(material), pictures=pictures))
