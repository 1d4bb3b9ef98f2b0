"""`rnnlab rename`, `note`, `tag` and `delete`: what they change, what they refuse, and the way back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.locks import held
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.notes import Notes, notes_of, write_notes
from rnnlab.runs.trash import TRASH
from rnnlab.ui.sessions.listing import Listing
from rnnlab.ui.sessions.run_rows import Filter
from tests.command_line import printed, refused
from tests.recorded import SESSION, record


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sessions: `lab` with two runs that wait, and one with a recorded run."""
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    config = RunConfig.from_settings({"task.name": "binary", "model.hidden": 4})
    session = create_session("lab", root=tmp_path / "sessions")
    for _ in range(2):
        session.create_run(config)
    record(tmp_path / "sessions", "finished")
    return tmp_path / "sessions"


def runs_in(root: Path, session: str = "lab") -> list[str]:
    return [run.name for run in Session(root / session).runs()]


def test_a_run_keeps_its_number_and_is_found_by_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "rename", "lab/1", "baseline")
    assert runs_in(root) == ["001-baseline", "002-lstm-4"]
    printed(capsys, "rename", "lab/001-baseline", "001-again")
    assert runs_in(root)[0] == "001-again"
    assert "001-again" in printed(capsys, "show", "lab/1", "--json")
    assert "binary" in printed(capsys, "show", "lab/001-again")


def test_a_renamed_run_replays_as_before(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = json.loads(printed(capsys, "show", f"{SESSION}/2", "--json"))
    printed(capsys, "rename", f"{SESSION}/2", "final")
    after = json.loads(printed(capsys, "show", f"{SESSION}/002-final", "--json"))
    assert after["final"] == before["final"]
    assert before["final"]


def test_a_session_is_called_by_its_new_name_everywhere(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "rename", "lab", "thesis")
    assert not (root / "lab").exists()
    assert Session(root / "thesis").info().name == "thesis"
    assert "thesis" in printed(capsys, "sessions")
    assert "is there already" in refused(capsys, "rename", "thesis", SESSION)
    assert runs_in(root, "thesis") == ["001-lstm-4", "002-lstm-4"]


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\nb", "-x", "x" * 81, "\u202ex"])
def test_a_name_that_is_no_folder_of_ours_is_refused(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target in ("lab", "lab/1"):
        assert "is not allowed" in refused(capsys, "rename", "--", target, name)
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]


def test_what_is_trained_stays_as_it_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with LogWriter(root / "lab" / "runs" / "001-lstm-4" / "events.jsonl"):
        for words in (
            ("rename", "lab/1", "x"),
            ("rename", "lab", "x"),
            ("delete", "lab/2", "lab/1"),
            ("delete", "lab"),
        ):
            assert "001-lstm-4" in (said := refused(capsys, *words))
            assert "is being trained" in said
        printed(capsys, "tag", "lab/1", "+now")  # which touches nothing that a trainer writes
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]


def test_a_run_that_a_runner_may_begin_keeps_its_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with held(Session(root / "lab").lock_path):
        assert "waits" in refused(capsys, "rename", "lab/1", "x")
    with held(Session(root / SESSION).lock_path):
        printed(capsys, "rename", f"{SESSION}/2", "ended")
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]


def test_notes_are_written_added_to_and_shown(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "note", "lab", "ask", "about", "clipping")
    printed(capsys, "note", "lab", "--append", "and momentum")
    printed(capsys, "note", "lab/2", "diverged twice")
    assert printed(capsys, "note", "lab").splitlines() == ["ask about clipping", "and momentum"]
    listed = printed(capsys, "sessions")
    assert "ask about clipping and momentum" in listed
    assert "diverged twice" in listed
    assert "diverged twice" in printed(capsys, "show", "lab/2")
    printed(capsys, "note", "lab/2", "")
    assert "has no notes" in printed(capsys, "note", "lab/2")


def test_notes_that_no_file_can_hold_are_refused_and_the_old_ones_stay(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in ("lab", "lab/1"):
        printed(capsys, "note", target, "before")
        assert "not UTF-8" in refused(capsys, "note", target, "x\udcff")  # as a byte 0xff on a command line arrives
        assert printed(capsys, "note", target).splitlines() == ["before"]


def test_the_app_keeps_tags_when_it_saves_notes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "tag", "lab", "+course")
    session = Session(root / "lab")
    write_notes(session, notes_of(session)._replace(text="new"))  # as its notes box does
    assert notes_of(session) == Notes("new", ("course",))


def test_tags_are_added_taken_away_listed_and_found(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "#best #for-report" in printed(capsys, "tag", "lab/1", "+best", "for-report")
    assert printed(capsys, "tag", "lab/1", "-best").split() == ["lab/001-lstm-4:", "#for-report"]
    printed(capsys, "tag", "lab", "+course")
    listed = printed(capsys, "sessions")
    assert "#for-report" in listed
    assert "#course" in listed
    document = json.loads(printed(capsys, "sessions", "--json"))
    (lab,) = [each for each in document if each["name"] == "lab"]
    assert (lab["tags"], lab["runs"][0]["tags"]) == (["course"], ["for-report"])
    found = {
        word: [run.run.name for session in Listing(root).sessions() for run in Filter.of(word).kept(session)]
        for word in ("#for-report", "#course", "nothing")
    }
    assert found == {"#for-report": ["001-lstm-4"], "#course": ["001-lstm-4", "002-lstm-4"], "nothing": []}


def test_a_row_is_read_again_when_its_tags_change(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing = Listing(root)
    assert [run.summary.tags for run in listing.read(Session(root / SESSION)).runs] == [()]
    printed(capsys, "tag", f"{SESSION}/2", "+late")
    assert [run.summary.tags for run in listing.read(Session(root / SESSION)).runs] == [("late",)]


@pytest.mark.parametrize("tag", ["+a b", "+", "-", "+a/b", "+\x1b[2J", "+#x", "+" + "x" * 41, "-absent"])
def test_what_is_no_tag_is_refused(tag: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "tag", "lab/1", tag)
    assert notes_of(RunFolder(root / "lab" / "runs" / "001-lstm-4")) == Notes()


def test_a_strangers_notes_show_as_text_and_are_not_lost(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "lab" / "runs" / "001-lstm-4" / "notes.toml"
    path.write_text('notes = "\\u001b[2J[/red]\\u202e"\ntags = ["ok", "\\u001b", 3, "ok"]\n')
    listed = printed(capsys, "sessions")
    assert "\x1b" not in listed
    assert "#ok" in listed
    path.write_text("format = 7\n")
    assert "newer rnnlab" in refused(capsys, "tag", "lab/1", "+x")
    path.write_text("notes = ")
    assert "not a TOML file" in refused(capsys, "note", "lab/1", "x")
    assert path.read_text() == "notes = "
    assert "001-lstm-4" in printed(capsys, "sessions")


def test_what_is_deleted_comes_back_together_from_another_process(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "tag", "lab/1", "+kept")
    printed(capsys, "delete", "lab/1", SESSION)
    assert runs_in(root) == ["002-lstm-4"]
    assert not (root / SESSION).exists()
    printed(capsys, "delete", "lab")
    printed(capsys, "delete", "--undo")
    assert runs_in(root) == ["002-lstm-4"]
    assert not (root / SESSION).exists()
    printed(capsys, "delete", "--undo")
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]
    assert (root / SESSION / "runs").exists()
    assert "#kept" in printed(capsys, "tag", "lab/1")
    assert not list(root.rglob("deleted.json"))
    assert "nothing in the trash" in refused(capsys, "delete", "--undo")


def test_a_run_and_its_session_come_back_from_one_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "delete", "lab", "lab/1")
    printed(capsys, "delete", "--undo")
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]


def test_nothing_comes_back_over_what_is_there_now(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "delete", "lab")
    create_session("lab", root=root)
    assert "exists again" in refused(capsys, "delete", "--undo")
    assert runs_in(root) == []


@pytest.mark.parametrize("was", ["../out", "/etc/out", "lab/../../out", "a/b", ".trash/x", "lab/runs/../../out", ""])
def test_a_record_that_points_elsewhere_is_not_followed(
    was: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "delete", "lab")
    (trashed,) = (root / TRASH).iterdir()
    document = json.loads((trashed / "deleted.json").read_text())
    (trashed / "deleted.json").write_text(json.dumps(document | {"was": was}))
    assert "nothing in the trash" in refused(capsys, "delete", "--undo")
    assert trashed.exists()


def test_a_session_of_an_earlier_version_with_a_long_name_can_be_deleted(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "網" * 80
    (root / "lab").rename(root / name)
    printed(capsys, "delete", f"{name}/1")
    printed(capsys, "delete", name)
    assert not (root / name).exists()
    printed(capsys, "delete", "--undo")
    printed(capsys, "delete", "--undo")
    assert runs_in(root, name) == ["001-lstm-4", "002-lstm-4"]


def test_what_is_deleted_where_nothing_can_be_written_is_not_said_to_come_back(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "delete", SESSION)
    # As on a full disk: what is there can be moved, and no byte be written.
    words = ["sh", "-c", 'ulimit -f 0; exec "$0" "$@"', sys.executable, "-m", "rnnlab", "delete", "lab"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "move it by hand" in done.stdout
    assert "--undo" not in done.stdout
    assert not (root / "lab").exists()


def test_delete_says_what_it_needs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "say which" in refused(capsys, "delete")
    assert "say which" in refused(capsys, "delete", "lab", "--undo")
    assert "there is no run" in refused(capsys, "delete", "lab/1", "nowhere")
    assert runs_in(root) == ["001-lstm-4", "002-lstm-4"]
