"""`rnnlab replay` and `rnnlab show`: a run's story from its log alone, the same each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from rnnlab.cli.main import run
from rnnlab.plots.run.report import run_report
from rnnlab.runs.codec import encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Evaluated, Progress, Record, RunStarted
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import initial_state
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from tests.recorded import KINDS, SESSION, Kind, record
from tests.terminal import Terminal

GOLDENS = Path(__file__).parent.parent / "goldens"


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "COLORFGBG", "FORCE_COLOR", "RNNLAB_SESSIONS"):
        monkeypatch.delenv(name, raising=False)


def replay(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["replay", *arguments]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


@pytest.mark.parametrize("kind", KINDS)
def test_the_report_is_the_golden_one(kind: Kind, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To accept a change: RNNLAB_GOLDENS=write pytest tests/cli/test_replay.py, and read the difference."""
    text = replay(capsys, str(record(tmp_path, kind)))
    golden = GOLDENS / f"replay-{kind}.txt"
    if os.environ.get("RNNLAB_GOLDENS") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_there_is_a_golden_for_each_kind_of_run_and_no_other() -> None:
    assert {path.name for path in GOLDENS.glob("replay-*.txt")} == {f"replay-{kind}.txt" for kind in get_args(Kind)}


@pytest.mark.parametrize("width", [20, 39, 80, 100, 140, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_every_line_of_a_report_has_its_width_and_no_control(kind: Kind, width: int, tmp_path: Path) -> None:
    state, damaged = read_state(record(tmp_path, kind) / "events.jsonl")
    for palette in (DARK, MONO):
        lines = run_report(state, width, palette, damaged=damaged)
        assert {width_of(line) for line in lines} == {width}
        assert not any((ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in to_text(lines))


def test_the_final_state_as_json_has_the_digest_of_any_other_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record(tmp_path, "finished")
    document = json.loads(replay(capsys, str(folder), "--json"))
    state, _ = read_state(folder / "events.jsonl")
    assert document["digest"] == state.digest()
    assert document["status"] == "completed"
    assert document["run"] == str(folder)
    assert document["damaged"] == 0
    assert document["final"]["test"]["accuracy"] == state.final["test"]["accuracy"]
    assert len(document["curves"]["loss/train"]["mean"]) == len(state.curves["loss/train"])


def test_a_torn_and_damaged_log_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "torn")
    document = json.loads(replay(capsys, str(folder), "--json"))
    assert (document["damaged"], document["missing"], document["torn"]) == (1, 1, True)
    text = replay(capsys, str(folder))
    assert "1 line of the log is damaged" in text
    assert "1 event is missing" in text


@pytest.mark.parametrize("epoch", [1, 8, 20])
def test_at_an_epoch_the_run_is_as_it_was_then(epoch: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "finished")
    document = json.loads(replay(capsys, str(folder), "--at", str(epoch), "--json"))
    assert document["epoch"] == epoch
    assert document["status"] == "training"
    assert document["final"] == {}
    assert document["checkpoints"]["last"]["epoch"] == epoch
    assert document["matrices"]["validation"]["last"]["epoch"] == epoch
    assert document["curves"]["loss/train"]["step"][-1] == epoch * document["started"]["steps_per_epoch"]
    # The same state as that of a reader who had stopped there.
    records, _ = read_records(folder / "events.jsonl")
    state = initial_state()
    for each in records[: document["last_seq"] + 1]:
        reduce(state, each)
    assert state.digest() == document["digest"]


@pytest.mark.parametrize(
    ("kind", "words"), [("finished", "epochs 1 to 20"), ("running", "epochs 1 to 9"), ("loading", "not finished one")]
)
def test_an_epoch_that_is_not_there_is_refused_with_those_that_are(
    kind: Kind, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record(tmp_path, kind)
    for epoch in ("0", "21"):
        assert run(["replay", str(folder), "--at", epoch]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert f"no finished epoch {epoch}" in printed.err
        assert words in printed.err


def test_a_newer_log_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "finished")
    data = DataSummary(task="t", title="t", problem="classification", metric="accuracy", higher_is_better=True)
    started = RunStarted(log_format=99, run="r", config={}, data=data, model="m")
    (folder / "events.jsonl").write_bytes(encode(Record(0, 1.0, 1.0, started)))
    for command in ("replay", "show"):
        assert run([command, str(folder)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "log format 99" in printed.err
        assert printed.err.count("\n") == 1


def test_a_run_that_waits_in_the_queue_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "loading")
    (folder / "events.jsonl").unlink()
    assert "queued" in replay(capsys, str(folder))


def test_a_run_that_is_not_there_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    assert run(["replay", "no-such-run"]) == 2
    assert "no-such-run" in capsys.readouterr().err


def test_evaluations_between_epochs_do_not_end_an_epoch_early(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record(tmp_path, "finished")
    data = DataSummary(task="t", title="t", problem="classification", metric="accuracy", higher_is_better=True)
    events = [RunStarted(run="r", config={}, data=data, model="m", epochs=2, steps_per_epoch=4, steps_total=8)]
    lines = [Record(0, 0.0, 0.0, events[0])]
    for step in range(1, 9):
        epoch = (step + 3) // 4
        lines.append(
            Record(
                len(lines), step, step, Progress(epoch=epoch, step=step, steps=1, loss=1.0, loss_low=1.0, loss_high=1.0)
            )
        )
        if step % 2 == 0:
            look = Evaluated(split="validation", epoch=epoch, step=step, metrics={"accuracy": step / 10})
            lines.append(Record(len(lines), step, step, look))
    (folder / "events.jsonl").write_bytes(b"".join(map(encode, lines)))
    document = json.loads(replay(capsys, str(folder), "--at", "1", "--json"))
    assert document["step"] == 4
    assert document["latest"]["validation"]["accuracy"] == 0.4


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    folder = record(tmp_path, "finished")
    command = f"'{sys.executable}' -m rnnlab replay '{folder}' | head -n 1"
    shell = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert shell.stdout.startswith("names · LSTM 128 · 002-lstm-128")
    assert shell.stderr == ""


def test_a_terminal_is_played_to_and_gets_colours(tmp_path: Path) -> None:
    folder = record(tmp_path, "finished")
    with Terminal("replay", str(folder), "--speed", "60", cwd=tmp_path, columns=100, rows=40) as terminal:
        terminal.see("● training +epoch 1?[0-9]/20")
        assert terminal.end() == 0
    assert "noticed" in terminal.bytes.decode()
    assert b"\x1b[38;2;" in terminal.bytes
    assert b"\x1b[1A" in terminal.bytes, "the picture is drawn in place"


def test_ctrl_c_ends_the_playing_with_the_report(tmp_path: Path) -> None:
    folder = record(tmp_path, "finished")
    with Terminal("replay", str(folder), "--speed", "0.5", cwd=tmp_path, columns=100, rows=40) as terminal:
        terminal.see("● training +epoch 1/20")
        terminal.press("ctrl+c")
        assert terminal.end() == 130
    assert "commands" in terminal.bytes.decode()
    assert "✓ completed" in terminal.bytes.decode()


def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    folder = record(tmp_path, "running")
    with Terminal("replay", str(folder), "--instant", cwd=tmp_path, environment={"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == 0
    assert b"\x1b[38" not in terminal.bytes
    assert b"\x1b[48" not in terminal.bytes
    assert "◆ validation".encode() in terminal.bytes or "◆".encode() in terminal.bytes


def test_a_hostile_run_reaches_the_terminal_as_text(tmp_path: Path) -> None:
    folder = record(tmp_path, "hostile")
    with Terminal("replay", str(folder), "--speed", "200", cwd=tmp_path) as terminal:
        assert terminal.end() == 0
    assert b"\x1b]" not in terminal.bytes
    assert b"\x07" not in terminal.bytes
    assert "\u202e".encode() not in terminal.bytes


def test_show_puts_what_was_changed_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "finished")
    assert run(["show", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "● train.epochs" in text
    assert text.index("● train.epochs") < text.index("optim.momentum" if "optim.momentum" in text else "train.seed")
    assert "events.jsonl" in text
    assert "majority class" in text
    assert len(text.splitlines()) <= 55  # mostly settings, of which there are many


def test_show_as_json_holds_figures_settings_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "failed")
    assert run(["show", str(folder), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "failed"
    assert "GPU" in document["message"]
    assert document["config"]["train"]["epochs"] == 20
    assert "train.epochs" in document["changed"]
    assert document["files"]["events.jsonl"] > 0
    assert document["session"].endswith(SESSION)


def test_show_of_a_run_without_its_configuration_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, "finished")
    (folder / "run.toml").unlink()
    assert run(["show", str(folder)]) == 0
    assert "cannot be read: No such file" in " ".join(capsys.readouterr().out.split())


def test_a_leaking_split_is_told_wherever_the_run_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = record(tmp_path, "leaky")
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    words = "training shares 1,480 rows and 1 person with validation or test"
    text = replay(capsys, str(folder))
    assert words in " ".join(text.split())
    assert all(
        "⚠ leaking split" in line for line in text.splitlines() if line.startswith(("── figures", "── confusion"))
    )
    assert run(["show", str(folder)]) == 0
    assert words in " ".join(capsys.readouterr().out.split())
    assert run(["sessions"]) == 0
    assert "⚠ leaking split" in capsys.readouterr().out
    assert run(["sessions", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["runs"][0]["leaks"] == {"rows": 1480, "people": 1}
