"""Characters that look alike: blanks, dashes, digits and apostrophes of many kinds, each as the ASCII character it stands for."""

from __future__ import annotations

import unicodedata

_BLANKS = "\t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2019\u2018\u02bc\u00b4\u0060\u2032\uff07"

_ALIKE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _BLANKS), " "),
    **dict.fromkeys(map(ord, _INVISIBLE), None),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code not in (0xFF07, 0xFF0D)},
    0x066B: ".",
    0x066C: ",",
}


_ALIKE_IN_LINES = {code: alike for code, alike in _ALIKE.items() if code != ord("\n")}


def tidied_lines(text: str) -> str:
    """Text of many words, each on a line, with its dashes, blanks and digits as their ASCII ones; blanks around words stay."""
    return text if text.isascii() else text.translate(_ALIKE_IN_LINES)


def tidied(text: str) -> str:
    """Text without blanks around it and without invisible characters; dashes, blanks and digits as their ASCII ones."""
    if text.isascii():
        return text.strip() if text.isprintable() else text.translate(_ALIKE).strip()
    text = text.translate(_ALIKE).strip()
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)
