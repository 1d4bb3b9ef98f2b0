"""Standard streams that are closed, full or not there, and files and folders of impossible names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.data import Data
from rnnlab.tasks.own.detect import own_path
from rnnlab.ui.setup.file.own_file import split_path
from rnnlab.ui.setup.starting.launch import data_missing
from tests.recorded import record

NO_UTF8 = os.fsdecode(b"caf\xe9")


def rnnlab(
    folder: Path, *words: str, streams: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`rnnlab WORDS` as a shell starts it, with redirections."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RNNLAB_")}
    line = ["sh", "-c", f'"$@" {streams}', "sh", sys.executable, "-m", "rnnlab", *words]
    settings = {**kept, "RNNLAB_SESSIONS": str(folder / "sessions"), **(environment or {})}
    return subprocess.run(
        line, cwd=folder, env=settings, capture_output=True, text=True, errors="replace", timeout=60, check=False
    )


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed, and said why in one line that is no confession."""
    assert done.returncode in (1, 2), done
    assert done.stderr.startswith("rnnlab: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "fault of rnnlab" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("words", [("sessions",), ("sessions", "--json"), ("show", "latest"), ("models",), ("--help",)])
def test_closed_and_full_streams(words: tuple[str, ...], tmp_path: Path) -> None:
    record(tmp_path / "sessions", "finished")
    one_sentence(rnnlab(tmp_path, *words, streams=">&-"), "standard output is closed")
    one_sentence(rnnlab(tmp_path, *words, streams=">/dev/full"), "No space left on device")
    quiet = rnnlab(tmp_path, *words, streams="2>&-")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout == rnnlab(tmp_path, *words).stdout
    for streams in (">/dev/full 2>/dev/full", "<&- >&- 2>&-", ">/dev/full 2>&-"):
        done = rnnlab(tmp_path, *words, streams=streams)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert rnnlab(tmp_path, *words, streams="| head -c 1").stderr == ""


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    """Else what a library prints on standard error would be written into a log."""
    script = (
        "import os, sys\nfrom rnnlab.cli.streams import open_closed\n"
        "closed = open_closed()\nfile = os.open('file', os.O_CREAT | os.O_WRONLY)\n"
        "assert file > 2, file\nos.write(2, b'from a library')\nprint('text', file=sys.stderr, flush=True)\n"
        "sys.exit(0 if closed == ['stdin', 'stdout', 'stderr'] else 1)"
    )
    line = ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", sys.executable, "-c", script]
    assert (
        subprocess.run(line, cwd=tmp_path, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())}).returncode
        == 0
    )
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "ascii:backslashreplace"])
def test_a_terminal_that_is_not_utf8_gets_marks_in_ascii_and_a_sentence(tmp_path: Path, encoding: str) -> None:
    run = record(tmp_path, "finished")
    table = "text,label\n" + "".join(f"wort {n},{'ж' if n % 2 else 'b'}\n" for n in range(40)) + "short\n"
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    for words in (("show", str(run)), ("data", "check", "own.csv"), ("models",), ("show", "no such run → of mine")):
        done = rnnlab(tmp_path, *words, environment={"PYTHONIOENCODING": encoding})
        assert "fault of rnnlab" not in done.stderr
        assert "\\u" not in done.stdout + done.stderr
        assert done.stderr.splitlines()[-1].startswith("rnnlab: the encoding of this terminal is ")
        assert done.stderr.count("and not UTF-8") == 1
    checked = rnnlab(tmp_path, "data", "check", "own.csv", environment={"PYTHONIOENCODING": encoding})
    assert "v it can be trained on" in checked.stdout
    assert "! line 42" in checked.stdout
    assert "classes    2: b 20, ? 20" in checked.stdout


def test_a_terminal_that_is_utf8_gets_no_sentence(tmp_path: Path) -> None:
    run = record(tmp_path, "finished")
    done = rnnlab(tmp_path, "show", str(run), environment={"PYTHONIOENCODING": "utf-8"})
    assert "not UTF-8" not in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("train", "own", "--data", "~nosuchuser/x"), "data.path"),
        (("train", "names", "--set", "data.path=~nosuchuser/x"), "data.path"),
        (("data", "show", "names", "--set", "data.path=~nosuchuser/x"), "data.path"),
        (("data", "fetch", "names", "--from", "~nosuchuser/x"), "~nosuchuser"),
        (("train", "own", "--config", "~nosuchuser/x"), "~nosuchuser/x"),
        (("show", "~nosuchuser/x"), "~nosuchuser/x"),
        (("compare", "~nosuchuser/x"), "~nosuchuser/x"),
        (("predict", "~nosuchuser/x", "1"), "~nosuchuser/x"),
        (("train", "own", "--data", NO_UTF8), "UTF-8"),
        (("data", "check", NO_UTF8), "UTF-8"),
        (("show", NO_UTF8), "there is no run"),
        (("train", "binary", "--session", NO_UTF8), "session name"),
        ((NO_UTF8,), "there is no command"),
        (("train", NO_UTF8), "task.name"),
    ],
)
def test_a_path_that_can_be_none_is_a_sentence(words: tuple[str, ...], named: str, tmp_path: Path) -> None:
    (tmp_path / NO_UTF8).write_text("text,label\nabc,x\n")
    done = rnnlab(tmp_path, *words)
    done.stderr = "".join(line + "\n" for line in done.stderr.splitlines() if line.startswith("rnnlab: "))
    one_sentence(done, named)


@pytest.mark.parametrize("variable", ["RNNLAB_DATA", "RNNLAB_CACHE"])
def test_a_variable_that_can_be_no_path_is_a_sentence(variable: str, tmp_path: Path) -> None:
    words = ("data", "show", "names") if variable == "RNNLAB_DATA" else ("tune", "binary", "--seconds", "0.2")
    one_sentence(rnnlab(tmp_path, *words, environment={variable: "~nosuchuser/x"}), f"{variable} = ~nosuchuser/x")


def test_data_that_names_no_home_is_not_trainable(tmp_path: Path) -> None:
    done = rnnlab(tmp_path, "data", "check", "~nosuchuser/x", "--json")
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert "~nosuchuser" in problem["message"]


@pytest.mark.parametrize("path", ["~nosuchuser/x", "a\0b", "\ud800"])
def test_the_form_takes_it_for_data_that_is_not_here(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_missing(TASKS["names"], path)
    assert split_path(f"{path}/y")[1] == "y"
    with pytest.raises(UsageError, match=r"data\.path"):
        own_path(RunConfig(data=Data(path=path)))
    if "\0" not in path:
        monkeypatch.setattr(os, "environ", {**os.environ, "RNNLAB_DATA": path})
        assert data_missing(TASKS["names"])


def test_sessions_and_runs_whose_names_are_no_utf8_are_like_others(tmp_path: Path) -> None:
    run = record(tmp_path / "sessions", "finished")
    run = run.rename(run.with_name(f"001-{NO_UTF8}"))
    session = run.parent.parent.rename(tmp_path / "sessions" / NO_UTF8)
    (tmp_path / "sessions").rename(tmp_path / NO_UTF8)
    sessions = {"RNNLAB_SESSIONS": str(tmp_path / NO_UTF8)}
    for words in (("sessions",), ("show",), ("compare",), ("compare", "--plot"), ("replay", "--instant")):
        done = rnnlab(tmp_path, *words, environment=sessions)
        assert (done.returncode, done.stderr) == (0, ""), words
    for words in (("sessions",), ("show",), ("compare",), ("replay",)):
        document = json.loads(rnnlab(tmp_path, *words, "--json", environment=sessions).stdout)
        document = document[0] if words == ("sessions",) else document
        path = document.get("run") or document["session"]
        assert Path(path).is_dir(), "the name can be used"
        assert session.name in path
