"""`rnnlab train --seeds` and `--folds` in a real terminal: a line a seed while they train, a table in the end."""

from __future__ import annotations

from pathlib import Path

from tests.terminal import Terminal


def test_a_line_a_seed_becomes_a_table(tmp_path: Path) -> None:
    line = (
        "train",
        "binary",
        "--hidden",
        "8",
        "--epochs",
        "3",
        "--seeds",
        "3",
    )  # its table is as wide as its figures are long
    terminal = Terminal(*line, cwd=tmp_path, columns=140, rows=20)
    try:
        terminal.see(r"seed 0 .*", r"seed 1 .*", r"seed 2 .*queued|seed 2 .*loading|seed 2 .*epoch")
        screen = terminal.see(r"mean ± std +n = 3", r"the same split for every seed")
        assert terminal.end() == 0
    finally:
        terminal.kill()
    rows = [row.rstrip() for row in screen.splitlines() if row.strip()]
    assert [row.split()[0] for row in rows[1:6]] == ["seed", "0", "1", "2", "mean"], "the lines have made room"
    assert "seeds 0, 1, 2" in rows[0]


def test_on_a_low_terminal_one_line_counts_and_ctrl_c_stops_all(tmp_path: Path) -> None:
    line = ("train", "binary", "--hidden", "8", "--epochs", "100000", "--seeds", "6")
    terminal = Terminal(*line, cwd=tmp_path, columns=90, rows=6)
    try:
        terminal.see(r"0 of 6 runs done, [1-6] training, \d loading, \d queued")
        # Once one of them trains for certain: until then it has no figure to show.
        terminal.see(r"Bits → number")
        terminal.press("ctrl+c")
        terminal.see(r"n - 1\); \* did not get to its end")
        assert terminal.end(60) == 130
    finally:
        terminal.kill()


def test_a_line_a_fold_and_seed_becomes_a_table(tmp_path: Path) -> None:
    line = ("train", "binary", "--hidden", "8", "--epochs", "3", "--folds", "2", "--seeds", "2")
    terminal = Terminal(*line, cwd=tmp_path, columns=140, rows=20)
    try:
        terminal.see(r"fold 1 seed 0 .*", r"fold 2 seed 1 .*")
        screen = terminal.see(r"mean ± std +n = 4", r"a fold each; std is")
        assert terminal.end() == 0
    finally:
        terminal.kill()
    rows = [row.split() for row in screen.splitlines() if row.strip()]
    assert [row[:2] for row in rows[1:6]] == [["fold", "seed"], ["1", "0"], ["2", "0"], ["1", "1"], ["2", "1"]]
    assert "folds 1, 2 × seeds 0, 1" in screen.splitlines()[0]
