"""Lines of styled text as a picture: an SVG on white paper, each piece of text in the cells that it has in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.style import Style

from rnnlab.reports.drawing.style import PAPER
from rnnlab.text.lines import Line, Lines, width_of
from rnnlab.text.sanitise import plain

_CELL, _LINE = 8.4, 16.3
"""Points of a cell: a line is as high as a full block of the font, so that bars and histograms have no gaps."""
_SIZE, _BASE, _MARGIN = 14, 12.6, 10
_FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


class _Piece(NamedTuple):
    """Text without blanks around it, from cell `x` on."""

    x: int
    text: str
    style: Style


def lines_svg(title: str, lines: Lines) -> str:
    """The lines, drawn in the colours of `PAPER`, under a title that is read aloud; the same bytes each time."""
    cells = max(map(width_of, lines), default=0)
    width, height = cells * _CELL + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    grounds, texts = [], []
    for y, line in enumerate(lines):
        for piece in _pieces(line):
            left, top, wide = _MARGIN + piece.x * _CELL, _MARGIN + y * _LINE, cell_len(piece.text) * _CELL
            ink, ground = _colours(piece.style)
            if ground:
                box = f'x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{_LINE}"'
                grounds.append(f'<rect {box} fill="{ground}"/>')
            if piece.text.strip():
                place = f'x="{left:.1f}" y="{top + _BASE:.1f}" textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"'
                texts.append(f"<text {place}{_attributes(piece.style, ink)}>{escape(piece.text)}</text>")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
            f'width="{width:.1f}" height="{height:.1f}" role="img">',
            f"<title>{escape(plain(title))}</title>",
            f'<rect width="100%" height="100%" fill="{PAPER.background}"/>',
            *grounds,
            f'<g font-family="{_FONT}" font-size="{_SIZE}" fill="{PAPER.text}" xml:space="preserve">',
            *texts,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _pieces(line: Line) -> Iterator[_Piece]:
    x = 0
    for text, style, control in line:
        if control:
            continue
        style = style or Style.null()
        filled = style.bgcolor is not None or bool(style.reverse)
        core = text if filled else text.strip(" ")
        if core:
            yield _Piece(x + (0 if filled else len(text) - len(text.lstrip(" "))), plain(core), style)
        x += cell_len(text)


def _colours(style: Style) -> tuple[str, str]:
    """Ink and ground as `#rrggbb`, empty where they are those of the paper."""
    ink = style.color.get_truecolor().hex if style.color else ""
    ground = style.bgcolor.get_truecolor().hex if style.bgcolor else ""
    return (ground or PAPER.background, ink or PAPER.text) if style.reverse else (ink, ground)


def _attributes(style: Style, ink: str) -> str:
    marks = [
        f' fill="{ink}"' if ink else "",
        ' font-weight="bold"' if style.bold else "",
        ' font-style="italic"' if style.italic else "",
        ' text-decoration="underline"' if style.underline else "",
        ' opacity="0.6"' if style.dim else "",
    ]
    return "".join(marks)
