"""Two hundred texts as a hostile file may hold them: what Markdown, HTML, SVG, LaTeX, a terminal or a spreadsheet would obey."""

from __future__ import annotations

from itertools import product

_MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "</td></tr></table><h1>x</h1>", "</style><script>x</script>", "<!-- x -->", "--><script>x</script><!--",
    "]]><script>x</script>", "<a href='javascript:x'>y</a>", "<iframe src=//evil></iframe>", "<b>bold</b>",
    "&lt;b&gt;", "&#60;b&#62;", "'\"><i>x</i>", "{{ 7*7 }}", "{% include 'x' %}", "**bold**", "_it_", "`code`",
    "```\nfence\n```", "```rnnlab table\n```", "~~~\nx\n~~~", "# heading", "## two", "x\n===", "x\n---", "- list",
    "+ list", "* list", "1. one", "1) one", "> quote", "    code", "\tcode", "***", "---", "___",
    "[x](http://evil)", "[x]: http://evil", "![x](http://evil/x.png)", "<http://evil>", "http://evil",
    "www.evil.org", "me@evil.org", "| a | b |", "a | b", "\\", "\\\\", "a\\", "\\| x", "$x^2$", "$$x$$",
    "~~struck~~", "^[note]", "[^1]", "@someone", "#1", ":smile:", "&copy;", "&nbsp;",
)  # fmt: skip
_CONTROLS = (
    "\x1b]52;c;x\x07", "\x1b[2J", "\x9b31m", "\u202eevil", "\u2066x", "\u200d", "\u2028", "\x00", "\x7f", "a\nb",
    "a\r\nb", "\x08", "\ufeff", "\ufffe", "[/red]", "[@click=app.quit]x[/]",
)  # fmt: skip
_FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "\t=1", "＝1", '=HYPERLINK("http://evil")')
_LATEX = (
    "\\input{/etc/passwd}",
    "\\write18{x}",
    "$\\alpha$",
    "%comment",
    "{",
    "}",
    "a_b",
    "a^b",
    "a&b",
    "~",
    "#1",
    "\\\\",
    "\\end{table}",
)
_ENDS = ("", " ", "  ")

HOSTILE: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *_MARKUP, *_CONTROLS, *_FORMULAS, *_LATEX,
            *(f"{first}{second}" for first, second in product(_MARKUP[:8], _MARKUP[-10:])),
            *(f"{text}{end}" for text, end in product(_MARKUP[16:36], _ENDS)),
        ]
    )
)  # fmt: skip
