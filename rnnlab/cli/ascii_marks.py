"""ASCII in place of our own marks, where a terminal or a file is not UTF-8.

Lines and tables keep their widths: nearly every mark becomes one character. A letter of data has no other: it becomes `?`.
"""

from __future__ import annotations

_MARKS = {
    "✓": "v",
    "✗": "x",
    "⚠": "!",
    "★": "*",
    "●": "o",
    "○": "o",
    "◆": "#",
    "◇": "#",
    "■": "#",
    "□": "#",
    "•": "*",
    "·": "-",
    "…": "~",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "▸": ">",
    "▾": "v",
    "▴": "^",
    "◂": "<",
    "▶": ">",
    "▲": "^",
    "△": "^",
    "⏎": "$",
    "×": "x",
    "÷": "/",
    "±": "+-",
    "−": "-",
    "–": "-",
    "—": "-",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "∞": "inf",
    "½": "1/2",
    "²": "^2",
    "³": "^3",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "‖": "|",
    "⊙": "*",
    "σ": "s",
    "Σ": "S",
    "Δ": "D",
    "∂": "d",
    "α": "a",
    "β": "b",
    "θ": "th",
    "λ": "l",
    "η": "eta",
    "τ": "t",
    "ν": "nu",
    "ζ": "z",
    "π": "pi",
    "µ": "u",
    "μ": "u",
    "√": "sqrt",
    "ᵀ": "^T",
    "\u0303": "~",
    "\u0305": "",
    "\xa0": " ",
    "░": ".",
    "▒": ":",
    "▓": "#",
    "▁": "_",
    "▂": ".",
    "▃": "-",
    "▄": "=",
    "▅": "+",
    "▆": "*",
    "▇": "#",
    "█": "#",
    "▏": "|",
    "▎": "|",
    "▕": "|",
    "┄": "-",
    "┊": "|",
    "━": "=",
    "╸": "=",
    "─": "-",
    "│": "|",
    "┃": "|",
    "║": "|",
    "═": "=",
}
_SPINNER = dict(zip("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\|/-\\|/", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_ALL = _MARKS | _SPINNER | _SUBSCRIPTS


def in_ascii(text: str) -> str:
    """The text in ASCII: marks as what is most like them, any other character as `?`."""
    return "".join(character if character.isascii() else _of(character) for character in text)


def _of(character: str) -> str:
    found = _ALL.get(character)
    if found is not None:
        return found
    code = ord(character)
    if 0x2500 <= code < 0x2580:  # corners and crossings of boxes
        return "+"
    if 0x2580 <= code < 0x25A0:  # parts of blocks
        return "#"
    if 0x2800 <= code < 0x2900:  # dots of a chart
        return " " if code == 0x2800 else "*"
    return "?"
