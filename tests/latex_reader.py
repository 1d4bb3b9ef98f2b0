"""A strict reader of the LaTeX that tables are written in: what it does not know, or what would not compile, is an error.

It stands in for a compiler, which is not everywhere: it knows the commands of LaTeX's kernel and of booktabs that are allowed,
counts cells against the columns declared, and gives back the texts that a reader of the page would see.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from rnnlab.text.latex import ACCENTS, SIGNS

_COMMAND = re.compile(r"\\(?:[a-zA-Z]+|.)")
_LETTERS = {command: sign for sign, command in SIGNS.items() if command.startswith("\\")}
"""Commands that stand for a character, as `\\textbackslash{}` and `\\&`."""
_MATH = {command[1:-1]: sign for sign, command in SIGNS.items() if command.startswith("$")}
_MATH |= {"{}\\pm{}": "± "}
_COMBINING = {command: mark for mark, command in ACCENTS.items()}
_ACTIVE = set('"`<>|')
"""Characters that print as something else in LaTeX's own encoding."""


class NotLatex(ValueError):
    """What stands there would not compile, or not print what was meant."""


@dataclass
class LatexTable:
    """A table as it is printed."""

    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    note: str = ""


def read_latex(text: str) -> list[LatexTable]:
    """The tables of a file. Raises `NotLatex`."""
    if not text.isascii():
        raise NotLatex("there are characters beyond ASCII")
    first, *lines = text.split("\n")
    if first != r"% needs \usepackage{booktabs}":
        raise NotLatex(f"it begins with {first!r}")
    body = "\n".join(lines)
    parts = re.split(r"\\begin\{table\}\n", body)
    if parts[0].strip():
        raise NotLatex(f"there is text before the first table: {parts[0]!r}")
    return [_table(part) for part in parts[1:]]


def _table(text: str) -> LatexTable:
    found = re.fullmatch(
        r"  \\centering\n(?:  \\caption\{(?P<caption>.*)\}\n)?  \\begin\{tabular\}\{(?P<kinds>[^\n]*)\}\n    \\toprule\n"
        r"    (?P<head>.*) \\\\\n    \\midrule\n(?P<rows>(?:    .* \\\\\n)*)    \\bottomrule\n  \\end\{tabular\}\n"
        r"(?:\n  \\smallskip\{\\footnotesize (?P<note>.*)\}\n)?\\end\{table\}\n+",
        text,
    )
    if found is None:
        raise NotLatex(f"it is no table as they are written: {text!r}")
    kinds = found["kinds"].replace("r@{}l", "rl")
    if set(kinds) - set("lr"):
        raise NotLatex(f"the columns are {found['kinds']!r}")
    table = LatexTable(read_text(found["caption"] or ""), note=read_text(found["note"] or ""))
    for number, line in enumerate([found["head"], *re.findall(r"    (.*) \\\\\n", found["rows"])]):
        cells, spans = [], 0
        for cell in cells_of(line):
            spanned = re.fullmatch(r"\\multicolumn\{2\}\{r\}\{(.*)\}", cell)
            spans += 2 if spanned else 1
            cells.append(read_text(spanned[1] if spanned else cell))
        if spans != len(kinds):
            raise NotLatex(f"{spans} cells in {len(kinds)} columns: {line!r}")
        if line.lstrip().startswith(("[", "*")):
            raise NotLatex(f"the row begins with what the line break before it takes: {line!r}")
        if number:
            table.rows.append(cells)
        else:
            table.head = cells
    return table


def cells_of(line: str) -> list[str]:
    """The cells between the `&` that are not escaped."""
    cells, at = [""], 0
    while at < len(line):
        command = _COMMAND.match(line, at)
        piece = command[0] if command else line[at]
        if piece == "&":
            cells.append("")
        else:
            cells[-1] += piece
        at += len(piece)
    return [cell.strip() for cell in cells]


def read_text(text: str) -> str:
    """What is printed for a text. Raises `NotLatex`."""
    printed, end = _sequence(text, 0, closing=False)
    if end != len(text):
        raise NotLatex(f"a brace too many in {text!r}")
    return unicodedata.normalize("NFC", printed)


def _sequence(text: str, at: int, closing: bool) -> tuple[str, int]:
    printed = ""
    while at < len(text):
        letter = text[at]
        if letter == "}":
            if closing:
                return printed, at + 1
            raise NotLatex(f"a closing brace in {text!r}")
        if letter == "{":
            inner, at = _sequence(text, at + 1, closing=True)
            printed += inner
        elif letter == "$":
            end = text.find("$", at + 1)
            if end < 0 or text[at + 1 : end] not in _MATH:
                raise NotLatex(f"mathematics in {text!r}")
            printed += _MATH[text[at + 1 : end]]
            at = end + 1
        elif letter == "\\":
            inner, at = _command(text, at)
            printed += inner
        elif letter in "&%#_~^" or not letter.isprintable() or (letter in _ACTIVE and not _braced(text, at)):
            raise NotLatex(f"{letter!r} in {text!r}")
        elif letter in "[*" and not _braced(text, at):
            raise NotLatex(f"{letter!r} without braces in {text!r}")
        elif text.startswith("--", at):
            raise NotLatex(f"two hyphens become a dash in {text!r}")
        elif text.startswith("''", at):
            printed, at = printed + '"', at + 2
        else:
            printed, at = printed + letter, at + 1
    if closing:
        raise NotLatex(f"an open brace in {text!r}")
    return printed, at


def _braced(text: str, at: int) -> bool:
    return text[at - 1 : at] == "{" and text[at + 1 : at + 2] == "}"


def _command(text: str, at: int) -> tuple[str, int]:
    found = _COMMAND.match(text, at)
    if found is None:
        raise NotLatex(f"a backslash at the end of {text!r}")
    name, end = found[0], found.end()
    if name == r"\phantom":
        close = text.index("}", end)
        if not re.fullmatch(r"\{\.?0+", text[end:close]):
            raise NotLatex(f"what is left blank in {text!r}")
        return "", close + 1
    if name[1:] in _COMBINING:
        if text[end : end + 1] != "{":
            raise NotLatex(f"an accent without braces in {text!r}")
        base, end = _sequence(text, end + 1, closing=True)
        return base.replace("ı", "i").replace("ȷ", "j") + _COMBINING[name[1:]], end
    if name in _LETTERS:
        return _LETTERS[name], end
    if name + "{}" in _LETTERS and text.startswith("{}", end):
        return _LETTERS[name + "{}"], end + 2
    if name in (r"\i", r"\j"):
        return name[1:], end
    raise NotLatex(f"the command {name} in {text!r}")
