"""Packing and unpacking sessions: what arrives, what is said of it, and archives of strangers that are refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.config import RunConfig
from rnnlab.packing.session_files import size_limit
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.pruning import pruned_of
from tests.command_line import printed, refused
from tests.recorded import SESSION, record


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two recorded runs in its sessions."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    for kind in ("finished", "failed"):
        record(tmp_path / "sessions", kind)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def finished_in(here: Path) -> RunFolder:
    return next(run for run in Session(here / "sessions" / SESSION).runs() if run.name.startswith("002-"))


def test_a_session_arrives_as_it_left(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = contents(here / "sessions" / SESSION)
    assert "2 runs" in printed(capsys, "pack", SESSION, "-o", "a.zip")
    shutil.rmtree(here / "sessions" / SESSION)
    assert "2 runs" in printed(capsys, "unpack", "a.zip")
    assert contents(here / "sessions" / SESSION) == left
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o022 == 0 for path in (here / "sessions").rglob("*"))


def test_the_same_session_gives_the_same_bytes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "pack", SESSION, "-o", "a.zip")
    for path in (here / "sessions" / SESSION).rglob("*.toml"):
        os.utime(path, (1, 1))
    printed(capsys, "pack", SESSION, "-o", "b.zip")
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()


def test_without_weights_a_copied_session_gives_the_same_bytes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "pack", SESSION, "-o", "a.zip", "--no-weights")
    for path in (here / "sessions" / SESSION).rglob("*"):
        os.utime(path, (1, 1))  # as where it is copied, or unpacked
    printed(capsys, "pack", SESSION, "-o", "b.zip", "--no-weights")
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()


def test_what_was_packed_and_unpacked_is_printed_as_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = json.loads(printed(capsys, "pack", SESSION, "-o", "a.zip", "--json"))
    assert (packed["path"], packed["runs"], packed["packed"]) == ("a.zip", 2, Path("a.zip").stat().st_size)
    unpacked = json.loads(printed(capsys, "unpack", "a.zip", "--name", "b", "--json"))
    assert (unpacked["runs"], unpacked["files"]) == (2, packed["files"])
    assert unpacked["session"] == str(here / "sessions" / "b")


def test_a_session_that_could_not_be_unpacked_is_not_packed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_in(here)
    shutil.copytree(run.path, run.path.with_name(run.name.upper()))  # one place on other file systems
    assert "cannot be packed" in refused(capsys, "pack", SESSION, "-o", "a.zip")
    assert [path.name for path in here.iterdir()] == ["sessions"]


def test_a_session_under_another_name_and_never_over_one_that_is_there(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "pack", SESSION, "-o", "a.zip")
    before = contents(here / "sessions")
    assert "--name" in refused(capsys, "unpack", "a.zip")
    assert contents(here / "sessions") == before
    printed(capsys, "unpack", "a.zip", "--name", "copy of it")
    assert Session(here / "sessions" / "copy of it").info().name == "copy of it"
    assert "is not allowed" in refused(capsys, "unpack", "a.zip", "--name", "../outside")
    assert not (here / "outside").exists()


def test_an_archive_is_not_replaced_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.zip").write_text("mine")
    assert "--force" in refused(capsys, "pack", SESSION, "-o", "a.zip")
    assert Path("a.zip").read_text() == "mine"
    printed(capsys, "pack", SESSION, "-o", "a.zip", "--force")
    assert zipfile.is_zipfile("a.zip")


def test_without_weights_the_run_says_why_it_has_none(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_in(here)
    printed(capsys, "pack", SESSION, "-o", "a.zip", "--no-weights")
    assert not [name for name in zipfile.ZipFile("a.zip").namelist() if "best" in name or "last" in name]
    printed(capsys, "unpack", "a.zip", "--name", "light")
    (light,) = [each for each in Session(here / "sessions" / "light").runs() if each.name == run.name]
    held = pruned_of(light)
    assert held is not None
    assert held.files["best.safetensors"] == run.best_path.stat().st_size
    assert "rnnlab pack --no-weights" in refused(capsys, "predict", str(light.path), "abc")


def test_a_session_that_trains_is_not_packed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Session(here / "sessions" / SESSION).create_run(RunConfig.from_settings({"task.name": "binary"}))
    with LogWriter(run.events_path):
        assert "is being trained" in refused(capsys, "pack", SESSION, "-o", "a.zip")
    assert list(here.glob("*.zip")) == []


def test_damage_and_data_that_are_not_here_are_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(here / "sessions" / SESSION)
    finished = finished_in(here)
    log = finished.events_path.read_bytes().splitlines(keepends=True)
    log[5] = log[5].replace(b'"seq":5', b'"seq":6')
    finished.events_path.write_bytes(b"".join(log))
    finished.best_path.write_bytes(finished.best_path.read_bytes()[:-1] + b"\x00\x01")
    table = here / "mine.csv"
    table.write_text("text,label\nab,x\n")
    session.create_run(RunConfig.from_settings({"task.name": "own", "data.path": str(table)}))
    printed(capsys, "pack", SESSION, "-o", "a.zip")
    assert "mine.csv" not in printed(capsys, "unpack", "a.zip", "--name", "b")
    table.unlink()
    document = json.loads(printed(capsys, "unpack", "a.zip", "--name", "c", "--json"))
    assert [each for each in document["damage"] if finished.name in each and "1 damaged line" in each]
    assert [each for each in document["damage"] if "best.safetensors" in each]
    assert [each for each in document["missing"] if str(table) in each]
    assert "resume" in printed(capsys, "unpack", "a.zip", "--name", "d")


def test_every_file_of_a_trained_session_is_packed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab(["train", "binary", "--hidden", "4", "--epochs", "1", "--session", "made", "--json"]) == 0
    capsys.readouterr()
    printed(capsys, "tag", "made/1", "+one")
    held = contents(here / "sessions" / "made")
    assert all(size_limit(path) is not None for path in held if not path.startswith("."))
    (here / "sessions" / "made" / "essay.docx").write_bytes(b"x")
    assert rnnlab(["pack", "made", "-o", "a.zip"]) == 0
    assert "essay.docx" in capsys.readouterr().err
    assert not [name for name in zipfile.ZipFile("a.zip").namelist() if "essay" in name or "lock" in name]


def entry(name: str, *, mode: int = 0o100644) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, mode << 16
    return member


RUN_TOML = b'format = 1\n[task]\nname = "binary"\n'
HOSTILE: dict[str, list[tuple[zipfile.ZipInfo, bytes]]] = {
    "climbs out": [(entry("s/../../evil/run.toml"), b"")],
    "absolute": [(entry("/etc/run.toml"), b"")],
    "a link": [(entry("s/runs/001-a/run.toml", mode=0o120777), b"/etc/passwd")],
    "a device": [(entry("s/runs/001-a/run.toml", mode=0o020666), b"")],
    "two sessions": [(entry("s/session.toml"), b""), (entry("t/session.toml"), b"")],
    "a program": [(entry("s/runs/001-a/run.toml"), RUN_TOML), (entry("s/runs/001-a/evil.py"), b"")],
    "a pickle": [(entry("s/runs/001-a/best.pt"), b"")],
    "deep": [(entry("s/runs/001-a/more/run.toml"), RUN_TOML)],
    "a hidden run": [(entry("s/runs/.new-x/run.toml"), RUN_TOML)],
    "a secret": [(entry("s/runs/001-a/secret"), b"")],
    "no session": [(entry("s/runner.log"), b"")],
    "a bad name": [(entry("-s\u202e/session.toml"), b"")],
    "a name with a newline": [(entry("a\nb/session.toml"), b"")],
    "a bomb": [(entry("s/runs/001-a/events.jsonl"), b"#" * (8 << 20))],
    "large": [(entry("s/session.toml"), b"#\n" * (1 << 20))],
    "twice": [(entry("s/session.toml"), b""), (entry("s/session.toml"), b"")],
    "one place": [(entry("s/runs/001-a/run.toml"), RUN_TOML), (entry("s/runs/001-A/run.toml"), RUN_TOML)],
    "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_of_a_stranger_is_refused_and_leaves_nothing(
    case: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile("a.zip", "w") as archive:
        for member, data in HOSTILE[case]:
            kind = zipfile.ZIP_DEFLATED if case in ("a bomb", "large") else zipfile.ZIP_STORED
            archive.writestr(member, data, compress_type=kind)
    before = set(here.rglob("*"))
    said = refused(capsys, "unpack", "a.zip")
    assert said.startswith("rnnlab: ")
    assert said.strip().isprintable()
    assert set(here.rglob("*")) == before


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "a flipped byte": lambda data: data[:3000] + bytes([data[3000] ^ 255]) + data[3001:],
    "no zip": lambda data: b"hello" * 100,
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_archive_leaves_nothing(case: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "pack", SESSION, "-o", "a.zip")
    Path("a.zip").write_bytes(DAMAGED[case](Path("a.zip").read_bytes()))
    before = set(here.rglob("*"))
    refused(capsys, "unpack", "a.zip", "--name", "other")
    assert set(here.rglob("*")) == before


def test_a_session_of_a_newer_rnnlab_is_left_packed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry("s/session.toml"), "format = 99\n")
    Path("a.zip").write_bytes(stream.getvalue())
    assert "newer rnnlab" in refused(capsys, "unpack", "a.zip")


def test_what_was_queued_elsewhere_is_not_trained_by_unpacking(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_session("queue").create_run(RunConfig.from_settings({"task.name": "binary"}))
    printed(capsys, "pack", "queue", "-o", "a.zip")
    printed(capsys, "unpack", "a.zip", "--name", "arrived")
    (run,) = Session(here / "sessions" / "arrived").runs()
    assert not run.events_path.exists()
