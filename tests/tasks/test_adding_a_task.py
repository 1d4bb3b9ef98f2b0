"""docs/adding-a-task.md, done to the letter: two new files, and the task is trained, shown and predicted on."""

from __future__ import annotations

from pathlib import Path

from tests.pages import read_page, scratch_copy

MOST_LINES = 60


def test_a_task_is_added_as_the_page_says(tmp_path: Path) -> None:
    page, scratch = read_page("adding-a-task"), scratch_copy(tmp_path)
    assert sorted(page.files) == ["rnnlab/catalog/tasks/majority.py", "rnnlab/tasks/synthetic/majority.py"]
    assert not page.edits
    assert sum(len(code.splitlines()) for code in page.files.values()) <= MOST_LINES
    for path, code in page.files.items():
        scratch.write(path, code)
    printed = {command: scratch.run(command) for command in page.commands}
    trained, shown, predicted, tested = printed.values()
    assert "completed in" in trained
    assert "2,048 rows" in shown
    assert "every row is there once" in shown
    assert "ones" in predicted
    assert " passed" in tested


def test_what_is_forgotten_is_named(tmp_path: Path) -> None:
    page, scratch = read_page("adding-a-task"), scratch_copy(tmp_path)
    card, loader = page.files
    walk = page.commands[-1]
    scratch.write(card, page.files[card])
    assert "there is no module rnnlab.tasks.synthetic.majority" in scratch.run(walk, fails=True)
    scratch.write(loader, page.files[loader].replace("def encode(", "def encoded("))
    assert "rnnlab.tasks.synthetic.majority has no function encode" in scratch.run(walk, fails=True)
