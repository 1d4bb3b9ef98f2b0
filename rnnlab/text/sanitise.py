"""The one way for text from data to reach a screen.

rich and Textual let OSC, CSI and C1 codes through to the terminal, and read `[…]` as markup. Whatever comes from a file, a
label or a typed name goes through `plain`, and is then shown as `Text(...)` or `Content(...)`, never as markup.
"""

from __future__ import annotations

import unicodedata

_VISIBLE = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
"""C0 controls and DEL become their pictures (␛, ␊), so that a strange label is seen to be strange."""


def plain(text: str, width: int | None = None) -> str:
    """`text` without anything a terminal would obey, in at most `width` characters, the last an ellipsis where it was cut.

    Controls become pictures or `�`, bidi and other format characters `�`, line breaks `␊`.
    """
    clean = text if text.isprintable() else "".join(map(_safe, text))
    if width is not None and len(clean) > width:
        clean = clean[: max(0, width - 1)] + "…" if width > 0 else ""
    return clean


def _safe(character: str) -> str:
    code = ord(character)
    if code in _VISIBLE:
        return chr(_VISIBLE[code])
    # Cc: C1 controls; Cf: bidi marks, zero-width joiners; Cs: lone surrogates; Zl, Zp: separators; Co, Cn: no known shape.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"):
        return "\ufffd"
    return character
