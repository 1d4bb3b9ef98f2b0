"""A table for LaTeX with booktabs and no other package; text from data is never a command in it.

pdfLaTeX's standard fonts have the letters of ASCII, their accents and some signs. Any other character stands as its code point,
`[U+4E2D]`, so that the file compiles and a reader sees what is missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rnnlab.text.sanitise import plain
from rnnlab.text.table import PLUS_MINUS, Table

SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "{''}",
    "`": "{`}",
    "[": "{[}",
    "*": "{*}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "★": r"$\star$",
    "⚠": r"$\triangle$",
    "∞": r"$\infty$",
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "→": r"$\to$",
    "←": r"$\leftarrow$",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "°": r"$^\circ$",
    "²": "$^2$",
    "³": "$^3$",
    "√": r"$\surd$",
    "∂": r"$\partial$",
    "‖": r"$\|$",
    "Δ": r"$\Delta$",
    "Σ": r"$\Sigma$",
    "Ω": r"$\Omega$",
    "ß": r"\ss{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "å": r"\aa{}",
    "Å": r"\AA{}",
    "ı": r"\i{}",
    "ȷ": r"\j{}",
    "£": r"\pounds{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "©": r"\copyright{}",
}
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "varepsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ι": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "υ": "upsilon",
    "φ": "varphi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
}
SIGNS |= {letter: rf"$\{name}$" for letter, name in _GREEK.items()} | {"µ": r"$\mu$"}
ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0331": "b",
}
"""Combining accents that LaTeX's own encoding has. The ogonek is not among them."""
_LIGATURES = ("-", "'")
"""Two of these beside one another would print as one other sign."""
_NUMBER = re.compile(r"(?:[⚠★] )*[+-]?\d*(?:\.(\d+))?(?: \*)?")


def to_latex(tables: Sequence[Table]) -> str:
    """A `table` environment each, after a line that says what the document needs."""
    return "\n".join(["% needs \\usepackage{booktabs}", *map(_table, tables)])


def _table(table: Table) -> str:
    halves = [
        [] if column.left else _halves([row[at].text for row in table.rows]) for at, column in enumerate(table.columns)
    ]
    kinds = ["l" if c.left else "r@{}l" if half else "r" for c, half in zip(table.columns, halves, strict=True)]
    head = [
        rf"\multicolumn{{2}}{{r}}{{{escape(column.heading)}}}" if half else escape(column.heading)
        for column, half in zip(table.columns, halves, strict=True)
    ]
    columns = [half or _single([row[at].text for row in table.rows], table, at) for at, half in enumerate(halves)]
    lines = [r"\begin{table}", r"  \centering"]
    if table.heading.strip():
        lines.append(rf"  \caption{{{escape(table.heading.strip())}}}")
    lines += [rf"  \begin{{tabular}}{{{''.join(kinds)}}}", r"    \toprule", _row(head), r"    \midrule"]
    lines += [_row([column[at] for column in columns]) for at in range(len(table.rows))]
    lines += [r"    \bottomrule", r"  \end{tabular}"]
    if table.notes:
        lines += ["", rf"  \smallskip{{\footnotesize {escape(table.note)}}}"]
    return "\n".join([*lines, r"\end{table}", ""])


def _row(cells: Sequence[str]) -> str:
    return "    " + " & ".join(cells) + r" \\"


def _halves(cells: Sequence[str]) -> list[str]:
    """Cells of means and deviations as two columns' each, so that means end together; empty where there are no deviations."""
    parts = [cell.partition(PLUS_MINUS) for cell in cells]
    if not any(found for _, found, _ in parts):
        return []
    means = _padded([mean for mean, _, _ in parts])
    behind = [rf"${{}}\pm{{}}${escape(std)}" if found else "" for _, found, std in parts]
    return [f"{mean} & {deviation}".rstrip() for mean, deviation in zip(means, behind, strict=True)]


def _single(cells: Sequence[str], table: Table, at: int) -> list[str]:
    return [escape(cell) for cell in cells] if table.columns[at].left else _padded(cells)


def _padded(cells: Sequence[str]) -> list[str]:
    """Numbers with as much room behind them that their points stand below one another."""
    found = [_NUMBER.fullmatch(cell) if cell else None for cell in cells]
    decimals = [len(match[1] or "") if match else 0 for match in found]
    most = max(decimals, default=0)
    return [
        _signed(cell) + _room(most - own, most and not own) if match else escape(cell)
        for cell, match, own in zip(cells, found, decimals, strict=True)
    ]


def _signed(number: str) -> str:
    """A number, its sign as wide as the plus is."""
    return "$-$" + escape(number[1:]) if number.startswith("-") else escape(number)


def _room(digits: int, point: int) -> str:
    return rf"\phantom{{{'.' if point else ''}{'0' * digits}}}" if digits else ""


def escape(text: str) -> str:
    """The text as LaTeX prints it, in ASCII."""
    letters = unicodedata.normalize("NFC", plain(text))
    pieces = []
    for letter, following in zip(letters, letters[1:] + " ", strict=False):
        pieces.append(_letter(letter))
        if letter == following and letter in _LIGATURES:
            pieces.append("{}")
    return "".join(pieces)


def _letter(letter: str) -> str:
    if letter in SIGNS:
        return SIGNS[letter]
    if letter.isascii():
        return letter
    decomposed = unicodedata.normalize("NFD", letter)
    text, marks = decomposed[0], decomposed[1:]
    if marks and text.isascii() and text.isalpha() and all(mark in ACCENTS for mark in marks):
        for mark in marks:
            text = rf"\{ACCENTS[mark]}{{{_dotless(text, mark)}}}"
        return text
    return f"{{[}}U+{ord(letter):04X}]"


def _dotless(base: str, mark: str) -> str:
    """An i under an accent above it has no dot."""
    return rf"\{base}" if base in ("i", "j") and mark not in ("\u0323", "\u0327", "\u0331") else base
