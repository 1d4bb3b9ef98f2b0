"""`docs/python.md`: its blocks are run from top to bottom, as they stand."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import clean_environment
from tests.own_cells import PLAIN

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(python|console)\n(.*?)```", PAGE, flags=re.S)


def script(blocks: list[tuple[str, str]]) -> str:
    """One program of the blocks: a block that begins with a file's name writes it, commands are called."""
    parts = []
    for kind, code in blocks:
        named = re.match(r"# (\w+\.py)\n", code)
        if kind == "console":
            lines = [shlex.split(line.removeprefix("$ ").strip()) for line in code.splitlines()]
            assert all(line[0] == "rnnlab" for line in lines)
            parts += [f"called({line[1:]!r})" for line in lines]
        elif named is not None:
            parts.append(f"open({named[1]!r}, 'w').write({code!r})")
        else:
            parts.append(code)
    return "\n".join(parts)


CALLED = """
import subprocess, sys
def called(words):
    subprocess.run([sys.executable, "-m", "rnnlab", *words], check=True, stdout=subprocess.DEVNULL)
"""


@pytest.mark.slow
def test_the_code_of_the_page_runs_as_it_stands(tmp_path: Path) -> None:
    assert len(BLOCKS) >= 8
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CALLED + script(BLOCKS)],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sessions = {path.name for path in (tmp_path / "sessions").iterdir()}
    assert {"seeds", "rates"} <= sessions


def test_every_name_of_the_page_is_public() -> None:
    import rnnlab

    assert set(re.findall(r"\brnnlab\.([A-Za-z]\w*)", "".join(code for _, code in BLOCKS))) <= set(rnnlab.__all__)


HOSTILE = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a&b\"'", "\x1b[31mred", "\u202eevil", "</td>")


@pytest.mark.slow
def test_a_notebook_shows_hostile_names_as_text(tmp_path: Path) -> None:
    """Names of classes, of files and of a cell, as the cells of a notebook hold them: valid, and none of them markup."""
    nbformat = pytest.importorskip("nbformat")
    for file in ("<img src=x onerror=alert(1)>.csv", "<b>.csv"):
        rows = [f'"word {at}","{HOSTILE[at % len(HOSTILE)].replace(chr(34), chr(34) * 2)}"' for at in range(120)]
        (tmp_path / file).write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "mycell.py").write_text(PLAIN.replace('title="Plain"', 'title="<script>alert(2)</script>"'))
    code = (
        "import glob, json, rnnlab\n"
        "for path in sorted(glob.glob('*.csv')):\n"
        "    given = dict(data=path, model='plain-cell', cells='mycell.py', hidden=4, epochs=1, session='s')\n"
        "    run = rnnlab.train('own', **given)\n"
        "print(json.dumps([run._repr_html_(), rnnlab.load_runs('s')._repr_html_()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = json.loads(done.stdout.splitlines()[-1])
    assert all("&lt;script&gt;alert(2)" in page for page in pages)
    outputs = [nbformat.v4.new_output("display_data", {"text/html": page}) for page in pages]
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("run", outputs=outputs)]))
    for page in pages:
        tags = re.findall(r"<[^>]*>", page)
        kinds = {re.match(r"</?(\w+)", tag)[1] for tag in tags}  # type: ignore[index]
        assert kinds <= {"div", "table", "thead", "tbody", "tr", "th", "td", "p", "b", "svg", "polyline"}
        assert not [tag for tag in tags if re.search(r"\son\w+\s*=|javascript:|src=", tag)]
        assert not re.search("[\x1b\u202e]", page)
