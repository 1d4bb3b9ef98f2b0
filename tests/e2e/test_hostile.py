"""A stranger's session in a real terminal: no text of it does anything but stand there."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchmarks.terminal
from rnnlab.runs.log import LogWriter
from tests.hostile_session import NAME, PAYLOAD, assert_harmless, hostile_session
from tests.terminal import KEYS, Terminal

COMMANDS = """
import json, sys
from pathlib import Path
from rnnlab.cli.main import run
from rnnlab.cli.progress import ProgressLine
from rnnlab.cli.repeats import ProgressLines, conclude
from rnnlab.config import RunConfig
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.repeats import repeated

commands, runs = json.loads(Path(sys.argv[1]).read_text())
for command in commands:
    run(command)
# What `train` and `resume` draw of runs that others carry out.
folders = [RunFolder(Path(path)) for path in runs]
states = [read_state(folder.events_path)[0] for folder in folders]
for folder, state in zip(folders, states):
    line = ProgressLine(sys.stderr, quiet=False)
    line.show(folder, state)
    line.conclude(folder, state)
lines = ProgressLines(folders, repeated(RunConfig(), range(len(folders))), sys.stderr, False)
lines.show(states, "stopping …")
conclude(folders, sys.stderr)
print("all", "done")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sessions of a stranger and files with strange names."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "sessions").mkdir()
    hostile_session(folder / "sessions")
    (folder / NAME).write_text("".join(f"{PAYLOAD.splitlines()[0]}{n},label{n % 2}\\n" for n in range(30)))
    (folder / "rows").mkdir()
    for n in range(12):
        (folder / "rows" / f"{NAME}{n % 2}").mkdir(exist_ok=True)
        (folder / "rows" / f"{NAME}{n % 2}" / f"{n}{NAME}.csv").write_text(f"{PAYLOAD},1\n2,{n}\n")
    return folder


def runs_of(lab: Path) -> list[Path]:
    return sorted((lab / "sessions" / NAME / "runs").iterdir())


@pytest.fixture
def training(lab: Path) -> Iterator[Path]:
    """The last run, while somebody trains it."""
    run = runs_of(lab)[-1]
    with LogWriter(run / "events.jsonl"):
        yield run


def test_every_command_shows_it_harmlessly(lab: Path, training: Path) -> None:
    runs, session = [str(run) for run in runs_of(lab)], str(lab / "sessions" / NAME)
    each = [
        ["show"], ["show", "--json"], ["replay", "--instant"], ["replay", "--json"], ["replay", "--at", "3"],
        ["errors"], ["errors", "--true", PAYLOAD, "--csv"],
        ["predict", PAYLOAD], ["replay", "--speed", "1e9"], ["tell", "set", f"optim.lr={PAYLOAD}"],
    ]  # fmt: skip
    commands = [[words[0], run, *words[1:]] for run in runs for words in each]
    commands += [[*words, "--json"] if as_json else words for as_json in (False, True) for words in (
        ["sessions"], ["show", session], ["compare", session], ["resume", runs[0]], ["resume", str(training)],
        ["data", "check", str(lab / NAME)], ["data", "check", str(lab / "rows")], ["data", "check", PAYLOAD],
        ["data", "show", "own", "--set", f"data.path={lab / 'rows'}", "--set", "data.kind=recordings"],
    )]  # fmt: skip
    commands += [["compare", session, "--plot"]]
    for words in (
        [], ["show"], ["compare"], ["replay"], ["resume"], ["predict"], ["data", "show"], ["data", "fetch"], ["models"],
        ["errors"], ["bench"], ["train"], ["tune"], ["lr-range"], ["params", "--input"], ["train", "own", "--config"],
        ["train", "own", "--data"], ["train", "names", "--set"], ["train", "names", "--session"], ["data", "list"],
        ["data", "fetch", "names", "--from"], ["tell", str(training), "set"], ["--debug", "show"],
        ["show", f"--{PAYLOAD}"], ["train", "own", "--config", f"{runs[0]}/run.toml"],
    ):  # fmt: skip
        commands += [[*words, PAYLOAD], [*words, f"{PAYLOAD}={PAYLOAD}"]]
    asked = lab / "commands.json"
    asked.write_text(json.dumps([commands, runs]))
    environment = {
        "RNNLAB_SESSIONS": str(lab / "sessions"),
        "RNNLAB_DATA": str(lab / NAME),
        "PYTHONPATH": str(Path.cwd()),
    }
    with Raw(sys.executable, "-c", COMMANDS, str(asked), cwd=lab, environment=environment) as terminal:
        terminal.send("n\n" * 20)  # to each question whether to train what this folder says
        terminal.wait("all done")
    assert b"Train it here?" in terminal.bytes
    assert b"\\u009b" in terminal.bytes, "JSON holds the same text"
    assert "␛]52".encode() in terminal.bytes, "a strange text is seen to be strange"
    assert_harmless(bytes(terminal.bytes))


@pytest.mark.slow
def test_every_screen_shows_it_harmlessly(lab: Path, training: Path) -> None:
    with Raw(cwd=lab, environment={"RNNLAB_SESSIONS": str(lab / "sessions")}) as terminal:
        terminal.wait("Surnames")
        terminal.keys_until("7 runs", "f3")
        terminal.keys("home")
        for _ in runs_of(lab):
            terminal.keys("down", "enter")
            terminal.wait(" samples")  # the log has been read: enter opens them
            terminal.keys("1", "2", "3", "4", "5", "5", "6", "7", "enter")
            terminal.keys_until("7 runs", "escape", patience=4)  # a key more would leave the list
        terminal.keys("enter")
        terminal.wait(" samples")
        # A cursor, the steering of one that trains, its help.
        terminal.keys("x", "right", "m", "]", "g", "c", "escape", "?")
        terminal.keys_until("7 runs", "escape", patience=4)  # a key more would leave the list
        terminal.keys("v")
        terminal.wait("x axis")
        terminal.keys("right", "escape", "escape")
        terminal.wait("7 runs")
        terminal.keys("home", "e")
        terminal.wait("leave them")
        terminal.keys("end", "escape", "d", "escape", "o", "/", *"evil", "escape", "?", "escape", "ctrl+q")
        terminal.wait("A run is training")
        terminal.keys("escape")
        # A file of one's own, chosen from a list.
        terminal.keys_until("Surnames", "f3", "f2")
        terminal.keys("/")
        terminal.wait("Search")
        terminal.keys(*"your own", "enter")
        terminal.wait("No file yet")
        terminal.keys_until("a file, or a folder of recordings", "ctrl+g")
        terminal.keys("down", "down", "escape", "ctrl+q")
        terminal.wait("A run is training")
        terminal.keys("enter")
        assert terminal.end() == 0
    assert "␛]52".encode() in terminal.bytes, "a strange text is seen to be strange"
    assert_harmless(bytes(terminal.bytes))


class Raw(Terminal):
    """A terminal without an emulator, which would take longer than the app over a hundred screens: what comes is kept."""

    def __init__(self, *command: str, cwd: Path, environment: dict[str, str]) -> None:
        self.bytes = bytearray()
        self.sent_at = 0
        program = list(command) or [sys.executable, "-m", "rnnlab"]
        benchmarks.terminal.Terminal.__init__(self, program, columns=140, lines=45, environment=environment, cwd=cwd)

    def feed(self, data: bytes) -> None:
        self.bytes += data

    def keys(self, *names: str) -> None:
        """Press keys, each once the app has drawn what the one before brought."""
        for name in names:
            self.sent_at = len(self.bytes)
            self.send(KEYS.get(name, name))
            self.settle(0.03, 2.0)

    def wait(self, words: str) -> None:
        """Until `words` have been drawn since the last key."""
        assert self.drawn(words, 60), f"{words!r} was not drawn: {self.bytes[self.sent_at :][-3000:]!r}"

    def keys_until(self, words: str, *names: str, patience: float = 10) -> None:
        """Press keys that may be pressed twice, again where a busy machine lost one, until `words` are drawn.

        `patience`: seconds from one time to the next.
        """
        for _ in range(6):
            self.keys(*names)
            if self.drawn(words, patience):
                return
        self.wait(words)

    def drawn(self, words: str, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while words.encode() not in self.bytes[self.sent_at :]:
            if time.monotonic() > deadline:
                return False
            self.settle(0.02, 0.2)
        return True
