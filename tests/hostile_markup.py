"""Two hundred texts that rich or Textual would read as markup: styles, links, actions, variables, escapes, and broken ones."""

from __future__ import annotations

from itertools import product

_TAGS = ("red", "b", "bold red on blue", "@click=app.quit", "@click=app.bell()", "link=http://evil", "/", "/red", "$error",
         "#ff0000", "rgb(1,2,3)", "not bold", "on $primary", "a=b", "@click='app.quit()'", "bold", "$text-muted", "reverse",
         "@click=screen.dismiss", "u i s")  # fmt: skip
_FORMS = ("[{tag}]x[/{tag}]", "[{tag}]x[/]", "[{tag}]", "[{tag}", "x[/{tag}]", r"\[{tag}]x", "[[{tag}]]", "[{tag}][/{tag}]x",
          "a[{tag}]b[/]c[{tag}]", "{tag}]x[")  # fmt: skip
MARKUP: tuple[str, ...] = tuple(dict.fromkeys(form.format(tag=tag) for tag, form in product(_TAGS, _FORMS)))[:200]
