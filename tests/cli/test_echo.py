"""What the commands print, and through which door."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path

import pytest

import rnnlab.cli
from rnnlab.cli.echo import echo, echo_json, redraw, write_lines
from rnnlab.text.lines import harmless
from tests.hostile_session import PAYLOAD, assert_harmless


def test_all_that_is_printed_goes_through_one_module() -> None:
    """A call of `print`, `click.echo` or a stream's `write` elsewhere would not be sanitised."""
    (folder,) = rnnlab.cli.__path__
    for path in sorted(Path(folder).glob("*.py")):
        if path.name in ("echo.py", "app.py"):  # the app's one sentence is its own
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called != "print", f"{path.name}:{node.lineno}"
                assert called.partition(".")[0] != "click" or not called.endswith(("echo", "secho")), (
                    f"{path.name}:{node.lineno}"
                )
                assert not called.endswith((".write", ".writelines")), f"{path.name}:{node.lineno}"


def test_an_argument_is_a_line_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\nb\r", PAYLOAD, "")
    echo(PAYLOAD, err=True, width=5)
    out, err = capsys.readouterr()
    assert out.count("\n") == 3
    assert out.splitlines()[0] == "a␊b␍"
    assert out.endswith("\n\n")
    assert err == "␛]52…\n"
    assert_harmless((out + err).encode())


def test_lines_on_a_stream_are_cut_and_cannot_be_forged() -> None:
    stream = io.StringIO()
    write_lines(stream, f"{PAYLOAD}\nrnnlab: all is well", "second", width=500)
    redraw(stream, PAYLOAD)
    written = stream.getvalue()
    assert written.count("\n") == 2
    assert written.count("\x1b") == 1, "the clearing of the line is its own"
    assert_harmless(written.encode())


@pytest.mark.parametrize(
    "text", [PAYLOAD, "plain", "größer → 名", "\U000e0041tag", "\x7f", "\udce9 no UTF-8", "\\u009b"]
)
def test_json_is_the_same_json_without_what_a_terminal_obeys(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    echo_json({text: [text, 1]})
    out = capsys.readouterr().out
    assert out.endswith("\n")
    assert out[:-1].isprintable()
    assert json.loads(out) == {text: [text, 1]}


def test_what_other_objects_become_in_json_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    echo_json({"path": Path("a\x9b")}, default=str)
    assert json.loads(capsys.readouterr().out) == {"path": "a\x9b"}


def test_the_barrier_keeps_the_width() -> None:
    from rich.cells import cell_len

    for text in ("größer │ 名 ⣿", PAYLOAD, "a\xadb", "\ud800", "\ue000"):
        clean = harmless(text)
        assert cell_len(clean) == cell_len(text)
        assert clean.isprintable()
    assert harmless("größer │ 名 ⣿") == "größer │ 名 ⣿"
