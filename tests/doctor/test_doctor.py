"""`rnnlab doctor`: each finding on a machine, a folder or a terminal that is as it should not be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.doctor import storage
from rnnlab.doctor.checkup import CHECKS
from rnnlab.doctor.extras import EXTRAS
from rnnlab.doctor.finding import LEVELS, Finding, worst
from rnnlab.doctor.lines import count_text, finding_lines
from rnnlab.doctor.logout import logout
from rnnlab.doctor.terminal import characters, colours, completion
from rnnlab.logout import Login
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from tests.command_line import called
from tests.hostile_files import PAYLOAD
from tests.no_locks import no_locks


def test_it_prints_what_its_json_holds_and_changes_nothing(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path / "home"), "SHELL": "/bin/bash", "TERM": "xterm-256color"}
    done = called(tmp_path, "doctor", "--json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["level"] == "warning", "there are no data sets here"
    names = [each["name"] for each in document["findings"]]
    assert {"device", "colours", "sessions", "locks", "data", "logout", "completion"} <= set(names)
    assert all(each["level"] in LEVELS and each["found"] for each in document["findings"])
    assert all(each["remedy"] for each in document["findings"] if each["level"] != "ok")
    assert list(tmp_path.iterdir()) == []
    text = called(tmp_path, "doctor", **environment).stdout
    for each in document["findings"]:
        assert f" {each['name']}" in text
    assert count_text([Finding(**each) for each in document["findings"]]) in text


def test_a_problem_is_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_KERNELS", "none such")
    monkeypatch.chdir(tmp_path)
    done = called(tmp_path, "doctor", RNNLAB_KERNELS="none such")
    assert done.returncode == 1
    assert "✗ kernels" in done.stdout
    assert "1 problem" in done.stdout


def test_lines_keep_their_width_and_hold_nothing_that_a_terminal_obeys() -> None:
    findings = [
        Finding("data", "problem", f"{PAYLOAD * 5} in /a folder", PAYLOAD, PAYLOAD),
        Finding("device", "ok", "cpu"),
    ]
    for palette in (DARK, MONO):
        for width in (40, 80, 200):
            lines = finding_lines(findings, width, palette)
            assert max(map(width_of, lines)) <= width
            text = to_text(lines)
            assert "\x1b" not in text
            assert "␛]52" in text
            assert text.startswith("✗ data")
    assert worst(findings) == "problem"
    assert worst([]) == "ok"


@pytest.mark.parametrize(
    ("environment", "level", "words"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "ok", "16 million"),
        ({"TERM": "xterm-256color"}, "ok", "256"),
        ({"TERM": "linux"}, "warning", "16 (linux"),
        ({"TERM": "dumb"}, "warning", "no terminal that can be drawn on"),
        ({}, "warning", "not set"),
        ({"TERM": "dumb", "NO_COLOR": "1"}, "ok", "as NO_COLOR says"),
    ],
)
def test_colours_are_those_that_the_terminal_promises(environment: dict[str, str], level: str, words: str) -> None:
    found = colours(environment)
    assert found.level == level
    assert words in found.found


def test_an_encoding_without_blocks_is_a_warning() -> None:
    assert characters("utf-8").level == "ok"
    assert characters("latin-1").level == "warning"
    assert characters("no such encoding").level == "warning"


def test_completion_is_looked_for_where_the_shell_reads(tmp_path: Path) -> None:
    environment = {"SHELL": "/usr/bin/zsh", "HOME": str(tmp_path)}
    missing = completion(environment)
    assert missing.level == "warning"
    assert 'eval "$(_RNNLAB_COMPLETE=zsh_source rnnlab)"' in missing.remedy
    # The remedy, followed, is what it looks for.
    (tmp_path / ".zshrc").write_text(missing.remedy.split("  ")[1] + "\n")
    assert completion(environment).level == "ok"
    assert completion({"SHELL": "/bin/csh", "HOME": str(tmp_path)}).level == "ok"
    fish = completion({"SHELL": "/usr/bin/fish", "HOME": str(tmp_path)})
    (tmp_path / ".config" / "fish").mkdir(parents=True)
    (tmp_path / ".config" / "fish" / "config.fish").write_text(fish.remedy.split("  ")[1] + "\n")
    assert completion({"SHELL": "/usr/bin/fish", "HOME": str(tmp_path)}).level == "ok"


SCOPE = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-terminal.scope"


@pytest.mark.parametrize(
    ("login", "level", "words"),
    [
        (Login(systemd=False), "ok", "no systemd"),
        (Login(systemd=False, job="Slurm"), "warning", "job of Slurm"),
        (Login(systemd=True, cgroup="/system.slice/docker.service"), "ok", "no login"),
        # Over ssh: what counts is KillUserProcesses, and lingering alone does not help.
        (Login(systemd=True, cgroup=SCOPE, user="ann", kills=False, lingers=False), "ok", "KillUserProcesses=no"),
        (Login(systemd=True, cgroup=SCOPE, user="ann", kills=True, lingers=True), "warning", "KillUserProcesses=yes"),
        (Login(systemd=True, cgroup=SCOPE, user="root", kills=True), "ok", "spared"),
        (Login(systemd=True, cgroup=SCOPE, user="ann", kills=None), "warning", "could not be asked"),
        # In a terminal of the desktop: what counts is lingering.
        (Login(systemd=True, cgroup=MANAGER, user="ann", kills=False, lingers=False), "warning", "does not linger"),
        (Login(systemd=True, cgroup=MANAGER, user="ann", kills=True, lingers=True), "ok", "lingers"),
        (Login(systemd=True, cgroup=MANAGER, user="ann", lingers=None), "warning", "could not be asked"),
    ],
)
def test_whether_runs_outlive_the_logout(login: Login, level: str, words: str) -> None:
    found = logout(login)
    assert found.level == level
    assert words in found.found
    assert (found.level == "ok") == (found.remedy == "")


def test_the_locks_of_this_file_system_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "not" / "yet"))
    found = storage.locks()
    assert found.level in ("ok", "warning")
    assert "hold between processes" in found.found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "shared", "level", "words"),
    [
        ("refused", "", "warning", "no lock can be taken|No locks available|one writer by a claim"),
        ("ignored", "", "problem", "given to another|set RNNLAB_SHARED=1"),
        ("ignored", "1", "warning", "given to another|one writer by a claim"),
    ],
)
def test_locks_that_are_refused_or_mean_nothing_are_found_out(
    tmp_path: Path, kind: str, shared: str, level: str, words: str
) -> None:
    environment = {**os.environ, "RNNLAB_SESSIONS": str(tmp_path), "RNNLAB_SHARED": shared, **no_locks(kind)}
    code = "from rnnlab.doctor.storage import locks; found = locks(); print(found.level); print(found)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[0] == level
    assert all(word in done.stdout for word in words.split("|"))


def test_a_folder_that_cannot_be_written_or_cannot_be_a_path_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", "~nobody-is-called-so/sessions")
    assert storage.sessions().level == "problem"
    assert storage.locks().level == "warning"
    monkeypatch.setenv("RNNLAB_SESSIONS", "/proc/sessions")  # root cannot write there either
    assert storage.sessions().level == "problem"
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    assert storage.sessions().level in ("ok", "warning")
    monkeypatch.setenv("RNNLAB_DATA", "~nobody-is-called-so/data")
    assert storage.data().level == "problem"
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path))
    assert storage.data().level == "warning"


def test_pytorch_that_cannot_be_loaded_is_a_finding_and_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise OSError('libtorch_cpu.so: file too short')")
    done = called(tmp_path, "doctor", "--json", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    findings = {each["name"]: each for each in json.loads(done.stdout)["findings"]}
    assert findings["device"]["level"] == "problem"
    assert "file too short" in findings["device"]["found"]
    assert len(findings) == len(CHECKS)
    assert findings["extras"]["level"] == "ok"


def test_an_extra_is_one_of_the_project() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"bench", "dev"}
