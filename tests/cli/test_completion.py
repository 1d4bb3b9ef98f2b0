"""TAB: what a shell is answered, asked as it asks, and a real bash that has sourced the script."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import benchmarks.terminal
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, RunConfig
from rnnlab.runs.folders import Session, create_session
from rnnlab.runs.notes import Notes, write_notes
from tests.command_line import called


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of two sessions, `older` with one run and `newer` with two."""
    folder = tmp_path / "sessions"
    config = RunConfig.from_settings({"task.name": "binary", "model.hidden": 4})
    for name, runs in (("older", 1), ("newer", 2)):
        session = create_session(name, root=folder)
        for _ in range(runs):
            session.create_run(config)
        os.utime(session.runs_path, (runs, runs))
    return folder


def asked(root: Path, line: str, shell: str = "bash") -> list[str]:
    """What TAB at the end of `line` offers, in the order in which it does; a shell's own files as `<files>`."""
    words = line.split(" ")
    environment = {
        "_RNNLAB_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
        "RNNLAB_SESSIONS": str(root),
    }
    done = called(root.parent, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    if shell == "zsh":
        lines = [f"{kind},{value}" for kind, value in zip(lines[::3], lines[1::3], strict=True)]
    pairs = [each.split("\t")[0].partition(",") for each in lines if each]
    return ["<files>" if kind == "file" else value for kind, _, value in pairs]


def test_tags_that_can_be_taken_away(root: Path) -> None:
    session = Session(root / "newer")
    write_notes(session, Notes(tags=("draft", "report")))
    assert asked(root, "rnnlab tag newer ") == ["-draft", "-report"]
    assert asked(root, "rnnlab rename n") == asked(root, "rnnlab delete n") == ["newer/", "newer"]
    assert asked(root, "rnnlab pack ol") == ["older"]
    assert asked(root, "rnnlab export latest --to o") == ["onnx"]


def test_commands_tasks_and_architectures(root: Path) -> None:
    assert asked(root, "rnnlab t") == ["train", "tell", "tag", "tune"]
    assert asked(root, "rnnlab train ") == list(TASKS)
    assert asked(root, "rnnlab train binary --model ") == list(MODELS)
    assert asked(root, "rnnlab models lst") == [name for name in MODELS if name.startswith("lst")]
    assert "--seeds" in asked(root, "rnnlab train binary --se")


def test_sessions_and_runs(root: Path) -> None:
    runs = ["latest", "002-lstm-4", "001-lstm-4", "newer/", "older/"]
    for command in ("replay", "resume", "predict", "tell"):
        assert asked(root, f"rnnlab {command} ") == runs
    assert asked(root, "rnnlab show ") == [*runs, "newer", "older"]
    assert asked(root, "rnnlab replay older/") == ["older/latest", "older/001-lstm-4"]
    assert asked(root, "rnnlab replay 2") == ["2"]
    assert asked(root, "rnnlab replay newer/2") == ["newer/2"]
    assert asked(root, "rnnlab compare ") == ["latest", "newer", "older"]
    assert asked(root, "rnnlab train binary --session o") == ["older"]
    assert asked(root, "rnnlab replay ./") == ["<files>"]


def test_settings_and_what_they_may_be(root: Path) -> None:
    rates = [f"{key}=" for key in FIELDS if key.startswith("optim.l")]
    assert asked(root, "rnnlab train binary --set optim.l") == rates
    optimisers = [name for name in FIELDS["optim.name"].setting.choices if name.startswith("a")]
    assert asked(root, "rnnlab train binary --set optim.nesterov = ") == ["true", "false"]
    assert asked(root, "rnnlab train binary --set optim.nesterov =") == ["true", "false"]
    assert asked(root, "rnnlab train binary --set optim.clip_norm = n") == ["none"]
    # bash divides words at `=`; where COMP_WORDBREAKS was changed, and in the others, a word is whole.
    assert asked(root, "rnnlab train binary --set optim.name = a") == optimisers
    for shell in ("bash", "zsh", "fish"):
        whole = [f"optim.name={name}" for name in optimisers]
        assert asked(root, "rnnlab train binary --set optim.name=a", shell) == whole
        assert asked(root, "rnnlab train binary --model=elman-", shell) == ["--model=elman-linear"]
    assert asked(root, "rnnlab train binary --model = elman-") == ["elman-linear"]
    assert asked(root, "rnnlab tell latest ") == ["pause", "resume", "stop", "set", "evaluate", "save", "rollback"]
    assert asked(root, "rnnlab tell latest set model") == ["model.dropout="]
    assert asked(root, "rnnlab tell latest stop model") == []
    assert asked(root, "rnnlab params --set model.act")[0].startswith("model.activation")
    assert asked(root, "rnnlab train own --set data.path = da") == ["<files>"]


def test_data_sets_and_files(root: Path) -> None:
    assert asked(root, "rnnlab data ") == ["check", "fetch", "list", "show"]
    assert asked(root, "rnnlab data show b") == ["binary"]
    assert set(asked(root, "rnnlab data fetch ")) == {name for name, card in TASKS.items() if not card.offline}
    assert asked(root, "rnnlab data check x") == ["<files>"]


def test_what_a_shell_would_take_for_something_else_is_not_offered(root: Path) -> None:
    for name in ("two words", "$(touch pwned)", "`id`", "a;b", "new\nline", "escape\x1b]0;x\x07", "plain,file"):
        (root / name / "runs").mkdir(parents=True)
    names = {each.name for each in (Session(path) for path in root.iterdir())}
    assert "two words" in names
    assert set(asked(root, "rnnlab compare ")) == {"latest", "newer", "older", "plain,file"}


def test_what_goes_wrong_says_nothing_in_the_middle_of_a_line(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab"],
        env=os.environ | {"_RNNLAB_COMPLETE": "bash_complete", "COMP_WORDS": "rnnlab nonsense ", "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_shell_that_has_no_script_is_said() -> None:
    environment = os.environ | {"_RNNLAB_COMPLETE": "tcsh_source"}
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "rnnlab: _RNNLAB_COMPLETE must be bash_source, zsh_source or fish_source\n"


def test_it_is_quick_and_imports_nothing_that_trains(root: Path) -> None:
    code = (
        "import sys, rnnlab.cli.main as m; code = m.run([]); "
        "sys.exit(code or bool({'torch', 'numpy', 'sklearn', 'textual'} & set(sys.modules)))"
    )
    environment = os.environ | {
        "_RNNLAB_COMPLETE": "bash_complete",
        "COMP_WORDS": "rnnlab train binary --set optim.l",
        "COMP_CWORD": "4",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"optim.lr=" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash; there is none here")
def test_in_a_real_bash(root: Path, tmp_path: Path) -> None:
    """Typed as a person does: `#` at the end shows whether a space was put in."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "rnnlab").write_text(f'#!/bin/sh\nexec {sys.executable} -m rnnlab "$@"\n')
    (tools / "rnnlab").chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PS1": "$ ",
        "RNNLAB_SESSIONS": str(root),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "INPUTRC": os.devnull,
    }
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with benchmarks.terminal.Terminal(shell, columns=100, environment=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("$ ")
        terminal.send('eval "$(_RNNLAB_COMPLETE=bash_source rnnlab)"; complete -p rnnlab\r')
        terminal.wait_for("complete -o nosort -F _rnnlab_completion rnnlab")
        for typed, becomes in (
            ("rnnlab train bin", "rnnlab train binary #"),
            ("rnnlab train binary --set optim.nest", "optim.nesterov=#"),
            ("rnnlab train binary --set optim.nesterov=t", "optim.nesterov=true #"),
            ("rnnlab train binary --set optim.name=adamw", "optim.name=adamw #"),
            ("rnnlab replay new", "rnnlab replay newer/#"),
            ("rnnlab replay newer/2", "rnnlab replay newer/2 #"),
            ("rnnlab replay older/0", "rnnlab replay older/001-lstm-4 #"),
        ):
            terminal.send(f"{typed}\t")
            terminal.send("#")
            terminal.wait_for(becomes, timeout=20)
            terminal.send("\x15")
