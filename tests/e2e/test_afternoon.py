"""The afternoon of a person as one walk in a real terminal: data, setup, a sweep of four, comparison, matrix, report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.find import list_sessions
from rnnlab.runs.log_reader import read_state
from tests.terminal import Terminal


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Path]:
    """An empty folder to start the app in; whatever trains in it at the end is stopped."""
    yield tmp_path
    for session in list_sessions(tmp_path / "sessions"):
        for run in session.runs():
            if run_alive(run) or runner_alive(session):
                run.send("stop")


@pytest.mark.slow
def test_from_the_data_to_the_report(lab: Path) -> None:
    with Terminal(cwd=lab) as terminal:
        # What there is to learn from.
        terminal.see("Surnames", "Train")
        terminal.press("ctrl+e")
        terminal.see("Surnames", "Poland", "split")
        terminal.press("n")
        terminal.see(r"\$ rnnlab train surnames", "▶ Train")
        # Two hidden sizes and two learning rates make a sweep of four.
        for setting, text in (("hidden", "8;16"), ("learning rate", "0.01;0.02"), ("epochs", "1")):
            terminal.press("/", *setting)
            terminal.see(f"▸.*{setting}|{setting}")
            terminal.press("enter")
            terminal.see(f"▸ {setting}")
            terminal.press(*text, "enter")
            terminal.see(text.replace(";", "[;, ]+"))
        terminal.see("4 runs")
        terminal.press("ctrl+r")
        terminal.see("001-lstm-8", "004-lstm-16", seconds=120)
        terminal.see(r"(✓ completed[\s\S]*){4}", seconds=240)
        # Its best and another compared.
        terminal.press("home", "m", "m", "v")
        terminal.see("x axis", "what differs", r"lr 0\.0|hidden 16|lstm-16")
        terminal.press("escape")
        terminal.see(r"(✓ completed[\s\S]*){4}")
        # The best run, its matrix, a cell of it, the test's sequences.
        terminal.press("home", "enter")
        terminal.see("3 confusion", "g resume")
        terminal.press("3")
        terminal.see("Netherlands", "Unit")
        terminal.press("right")
        terminal.see(r"\d+ of \d+ .+ (predicted|right)")  # where the cursor starts is for the processor to say
        terminal.press("enter")
        terminal.see("test · true", "best weights", "prob")
        # One of its examples on the best weights, step by step.
        terminal.press("enter")
        terminal.see("probabilities after each step", "hidden state")
        for _ in range(6):
            if "completed  16" in terminal.look(0.5):
                break
            terminal.press("escape")
        terminal.see(r"(✓ completed[\s\S]*){4}")
        # What one hands in.
        terminal.press("w")
        terminal.see("report on the 2 marked runs to")
        terminal.press("enter")
        report = lab / f"{list_sessions(lab / 'sessions')[0].name}-report.html"
        deadline = time.monotonic() + 120
        while not report.exists():
            assert time.monotonic() < deadline, terminal.text
            terminal.look(0.2)
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    (session,) = list_sessions(lab / "sessions")
    states = [read_state(run.events_path)[0] for run in session.runs()]
    assert "LSTM" in report.read_text(encoding="utf-8")
    assert [state.status for state in states] == ["completed"] * 4
