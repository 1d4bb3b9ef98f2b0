"""A person's Markdown with blocks: what is read of it, and one sentence for each mistake, with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnlab.errors import UsageError
from rnnlab.reports.document.document import parse_document, read_document
from rnnlab.reports.document.options import BLOCK_OPTIONS
from rnnlab.reports.render.fill import MAKERS
from scripts.report_blocks import PAGE, page

TEXT = """# On *names*

Words.

## Results

```rnnlab table
columns = "best_epoch"
show = ["macro_f1"]
```

~~~rnnlab curves
figure = "loss"
~~~

````text
```rnnlab nothing
```
````
"""


def test_blocks_are_read_with_their_options_lines_and_heading() -> None:
    document = parse_document(TEXT, "my.md")
    assert document.title == "On names"
    assert [(block.kind, block.lines, block.level) for block in document.blocks] == [
        ("table", (6, 10), 2),
        ("curves", (11, 14), 2),
    ]
    table, curves = document.blocks
    assert (table.options["columns"], table.options["show"], table.options["grid"]) == (
        "best_epoch",
        ["macro_f1"],
        False,
    )
    assert (curves.options["figure"], curves.where) == ("loss", "my.md, line 12, block curves")


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (
            "```rnnlab tabel\n```",
            "my.md, line 3: there is no block 'tabel' (did you mean table?); the blocks are overview,",
        ),
        ("```rnnlab\n```", "my.md, line 3: a block needs its kind behind the word rnnlab"),
        (
            "```rnnlab curves\nfigur = 'loss'\n```",
            "has no option 'figur' (did you mean figure?); it has figure, part, runs, by",
        ),
        ("```rnnlab overview\nx = 1\n```", "the block overview has no option 'x'; it has none"),
        (
            "```rnnlab curves\npart = 'tset'\n```",
            "my.md, line 3, block curves: part = 'tset' is not allowed; it must be one of validation, both",
        ),
        ("```rnnlab table\ngrid = 'yes'\n```", "grid = 'yes' is not allowed; it must be true or false"),
        ("```rnnlab table\nby = [1.5]\n```", "by = [1.5] is not allowed; it must be a text such as"),
        ("```rnnlab table\nby = []\n```", "by = [] is not allowed"),
        (
            "```rnnlab curves\nruns = 'best'\nby = 'model.name'\n```",
            "my.md, line 3: the block curves takes runs or by, as each says which rows to show; leave one of them out",
        ),
        ("```rnnlab errors\nworst = -1\n```", "worst = -1 is not allowed; it must be a whole number"),
        ("```rnnlab errors\nworst = true\n```", "worst = True is not allowed; it must be a whole number"),
        ("```rnnlab table\ncolumns = best\n```", "my.md, line 3: what stands in the block table is not a TOML file"),
        ("- a list\n\n  ```rnnlab table\n  ```", "my.md, line 5: a block stands at the left margin, in no list"),
        ("> ```rnnlab table\n> ```", "my.md, line 3: a block stands at the left margin"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_line(block: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)) as error:
        parse_document(f"# Title\n\n{block}\n", "my.md")
    assert "\n" not in str(error.value).strip()


def test_a_mark_at_the_beginning_and_a_tab_hide_no_block(tmp_path: Path) -> None:
    path = tmp_path / "my.md"
    path.write_bytes(b"\xef\xbb\xbf```rnnlab\ttable\n```\n\n# Mine\n")
    document = read_document(path)
    assert [(block.kind, block.lines) for block in document.blocks] == [("table", (0, 2))]
    path.write_bytes(b"\xef\xbb\xbf# Mine\n")
    assert read_document(path).title == "Mine"


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "my.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read: it is not UTF-8 text"):
        read_document(path)


def test_every_declared_block_is_made_and_the_page_says_what_it_takes() -> None:
    assert set(MAKERS) == set(BLOCK_OPTIONS)
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "write it anew: python scripts/report_blocks.py --write"
    for kind, card in BLOCK_OPTIONS.items():
        assert f"### `{kind}`" in text
        assert all(option.help in text for option in card.options.values())
