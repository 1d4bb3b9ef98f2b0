"""Two hundred strings that a terminal, a markup reader or a layout would obey, or break on. Nothing here is random."""

from __future__ import annotations

from tests.hostile_files import PAYLOAD

_CONTROLS = [f"a{chr(code)}b" for code in (*range(32), 127, *range(128, 160))]
_FORMATS = [
    f"a{chr(code)}b"
    for code in (
        *(0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)),
        *(0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB, 0xD800, 0xDFFF, 0xE000, 0xFDD0, 0xFFFF, 0x10FFFF),
    )
]
_SEQUENCES = [
    f"{start}{body}"
    for start in ("\x1b", "\x9b", "\x1b[", "\x1b]")
    for body in ("[2J", "0;title\x07", "52;c;aGk=\x07", "8;;http://evil\x1b\\", "?1049l", "6n", "c", "31m")
]
_MARKUP = [
    "[/red]", "[red]", "[bold", "[]", "[/]", "[@click=app.quit]x[/]", "[link=http://evil]x[/link]", "\\[", "[[", "]]",
    "[on red]x", "[not a tag]", "$primary", "[$error]x[/]", "[a=b]", "[#ff0000]x[/#ff0000]", "{0}", "%s%n", "$(reboot)", "`id`",
    "&lt;&amp;", "<script>alert(1)</script>", "'; DROP TABLE runs; --", "../../../etc/passwd", "nan", "-0", "1e999", "=1+1",
]  # fmt: skip
_WIDTHS = [
    "", " ", "\t", "\n", "\r\n", "a" * 5000, "名" * 300, "e" + "\u0301" * 200, "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1eb\U0001f1f7", "\u2764\ufe0f", "ｗｉｄｅ", "\u0e33\u0e33", "\u1100\u1161", "مرحبا", "שלום", "\u202eevil\u202c",
    "ﷺ" * 20, "𓀀𓀁", "\u3000", "ı", "ß", "Ǆ", "a\u0300\u0301b", PAYLOAD, PAYLOAD * 20,
    "\u200f\u200e", "\u2067x\u2069", "\x1bPq#0\x1b\\", "\x1b_Ga=T\x1b\\", "\x1bX\x9c", "\x9f52;c;aGk=\x9c", "\x1b(0lqk\x1b(B",
    "\U000e0041\U000e007f",
]  # fmt: skip
HOSTILE = [*_CONTROLS, *_FORMATS, *_SEQUENCES, *_MARKUP, *_WIDTHS]
