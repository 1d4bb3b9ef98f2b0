"""`rnnlab plot`: a figure as text, SVG, PNG, CSV and Markdown, and what is said where there is none."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.cli.main import run
from tests.command_line import called, printed, refused
from tests.recorded import LANGUAGES, SESSION, record
from tests.recorded_variants import variant

Capture = pytest.CaptureFixture[str]
RUN = f"{SESSION}/002-lstm-128"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in; a run, the same with another learning rate, and a forecast are among the sessions."""
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    source = record(tmp_path / "sessions", "finished")
    variant(source, "003-lstm-128", {"optim.lr": 0.01})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_without_what_the_figures_are_listed_and_each_of_them_can_be_asked_for(capsys: Capture) -> None:
    for path in (RUN, SESSION):
        listed = [each["name"] for each in json.loads(printed(capsys, "plot", path, "--json"))["figures"]]
        text = printed(capsys, "plot", path)
        assert all(f"\n{name} " in f"\n{text}" for name in listed)
        for name in listed:
            assert rows_of(printed(capsys, "plot", path, name, "--to", "csv"))


def test_the_text_is_that_of_the_terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = printed(capsys, "plot", RUN, "confusion", "--to", "txt")
    assert text.startswith("002-lstm-128: confusion, % of each true class (test · the best weights)\n\n")
    plotted = printed(capsys, "plot", RUN, "confusion")
    assert [line.strip() for line in text.splitlines()[2:]] == [line.strip() for line in plotted.splitlines()]


def test_classes_are_sorted_in_text_and_in_numbers(capsys: Capture) -> None:
    for what in ("confusion", "confusion:columns", "classes"):
        text = printed(capsys, "plot", RUN, what, "--sort", "errors", "--to", "txt")
        assert "most errors first)" in text.splitlines()[0]
        names = [line.split()[0] for line in text.splitlines()[3:21]]
        assert names[0] == "Russian"
        assert sorted(names) == sorted(LANGUAGES)
    rows = rows_of(printed(capsys, "plot", RUN, "classes", "--sort", "recall", "--to", "csv"))
    recalls = [float(row["recall"]) for row in rows]
    assert recalls == sorted(recalls)


def test_the_ending_of_the_file_says_the_format_and_nothing_is_left_behind(folder: Path, capsys: Capture) -> None:
    starts = {
        "svg": b"<svg ",
        "png": b"\x89PNG",
        "txt": b"002-lstm-128: ",
        "csv": b"epoch,",
        "md": b"Training loss fell",
    }
    before = set(folder.iterdir())
    for ending, start in starts.items():
        assert run(["plot", RUN, "loss", "-o", f"a.{ending}"]) == 0
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err == f"written to a.{ending}\n"
        assert (folder / f"a.{ending}").read_bytes().startswith(start)
    assert {path.name for path in set(folder.iterdir()) - before} == {f"a.{ending}" for ending in starts}
    ElementTree.parse(folder / "a.svg")


def test_json_holds_every_number_of_the_csv(capsys: Capture) -> None:
    document = json.loads(printed(capsys, "plot", RUN, "classes", "--json"))
    rows = rows_of(printed(capsys, "plot", RUN, "classes", "--to", "csv"))
    assert [{key: str(value) for key, value in row.items()} for row in document["numbers"]] == rows
    assert document["description"].startswith("18 classes; macro F1 ")


def test_json_with_a_file_says_what_was_written(folder: Path, capsys: Capture) -> None:
    document = json.loads(printed(capsys, "plot", RUN, "metric", "-o", "m.svg", "--json"))
    assert document == {
        "name": "accuracy-002-lstm-128",
        "title": "002-lstm-128: accuracy",
        "file": "m.svg",
        "format": "svg",
    }
    assert (folder / "m.svg").exists()


def test_a_run_is_drawn_as_it_was_in_an_epoch_and_over_other_axes(capsys: Capture) -> None:
    rows = rows_of(printed(capsys, "plot", RUN, "metric", "--at", "3", "--to", "csv"))
    assert [float(row["epoch"]) for row in rows] == [1, 2, 3]
    assert "validation · epoch 3" in printed(capsys, "plot", RUN, "confusion", "--at", "3", "--to", "md")
    steps = rows_of(printed(capsys, "plot", RUN, "metric", "--at", "3", "--x", "steps", "--to", "csv"))
    assert float(steps[0]["step"]) > 100
    assert "logarithmic" in printed(capsys, "plot", RUN, "loss", "--y", "log", "--to", "md")


def test_other_runs_come_on_the_same_axes_and_matrices_beside_one_another(capsys: Capture) -> None:
    other = f"{SESSION}/003-lstm-128"
    head = printed(capsys, "plot", RUN, "loss", "--with", other, "--to", "csv").splitlines()[0]
    assert head == "epoch,002-lstm-128,002-lstm-128_train,003-lstm-128,003-lstm-128_train"
    text = printed(capsys, "plot", RUN, "confusion", "--with", other, "--to", "md")
    assert "Recall of 003-lstm-128 less that of 002-lstm-128" in text


def test_repeats_are_drawn_as_their_mean_under_what_sets_them_apart(folder: Path, capsys: Capture) -> None:
    source = folder / "sessions" / SESSION / "runs" / "002-lstm-128"
    for name, seed, accuracy in (("005-lstm-64", 0, 0.72), ("006-lstm-64", 1, 0.76)):
        variant(source, name, {"model.hidden": 64, "train.seed": seed}, figures={"accuracy": accuracy})
    words = (RUN, "--with", f"{SESSION}/006-lstm-64", "--with", f"{SESSION}/005-lstm-64")
    rows = rows_of(printed(capsys, "plot", *words, "groups:metric", "--to", "csv"))
    assert float(rows[0]["hidden_64,_mean_of_2"]) == pytest.approx(0.74)
    assert float(rows[0]["hidden_64,_mean_of_2_low"]) == pytest.approx(0.74 - 0.04 / 2**0.5)
    text = printed(capsys, "plot", *words, "groups:confusion", "--to", "md")
    assert "confusion of hidden 128 (test) and hidden 64 (test, sum of 2 runs)" in text, "in the order of their runs"
    assert "hidden 64" not in printed(capsys, "plot", *words, "loss", "--to", "csv"), "loss draws each run"


def test_a_part_of_the_axes_is_drawn_and_said_in_the_caption(folder: Path, capsys: Capture) -> None:
    rows = rows_of(printed(capsys, "plot", RUN, "loss", "--x-range", "5:12", "--to", "csv"))
    assert 5 <= float(rows[0]["epoch"]) < 6
    assert float(rows[-1]["epoch"]) == 12
    caption = "zoomed: epoch 5 to 12, y axis from .600 to .900"
    words = ("plot", RUN, "loss", "--x-range", "5:12", "--y-range", ".6:.9")
    assert caption in printed(capsys, *words, "--to", "txt").splitlines()[0]
    run([*words[:1], *words[1:], "-o", "part.svg"])
    texts = ["".join(each.itertext()) for each in ElementTree.fromstring((folder / "part.svg").read_bytes()).iter()]
    assert any(caption in each for each in texts)
    assert {".65", ".85"} <= set(texts) or {".6", ".9"} <= set(texts), "the ticks are those of the part"
    assert "20" not in texts
    late = rows_of(printed(capsys, "plot", RUN, "metric", "--x-range", "18:", "--to", "csv"))
    assert [float(row["epoch"]) for row in late] == [18, 19, 20]
    log = printed(capsys, "plot", RUN, "loss", "--y", "log", "--y-range", ".5:1", "--to", "md")
    assert "y axis from .500 to 1.00" in log
    assert "middle 98 % of the values" in printed(capsys, "plot", RUN, "loss", "--without-spikes", "--to", "txt")


def test_a_setting_in_which_runs_differ_is_drawn_over(capsys: Capture) -> None:
    rows = rows_of(printed(capsys, "plot", SESSION, "over:optim.lr", "--to", "csv"))
    assert [float(row["optim.lr"]) for row in rows] == [0.003, 0.01]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((RUN, "confusoin"), "did you mean confusion?"),
        ((RUN, "forecast"), "has no figure 'forecast'; it has loss, accuracy"),
        ((SESSION, "over:model.hidden"), "has no figure 'over:model.hidden'"),
        ((SESSION, "over:optim.lr,optim.lr"), "has no figure 'over:optim.lr,optim.lr'"),
        ((RUN, "-o", "a.svg"), "which figure? Say WHAT, one of loss, accuracy"),
        ((RUN, "loss", "-o", "a.jpg"), "in which format? Say --to svg, png, txt, csv or md"),
        ((RUN, "loss", "--to", "png"), "say where to with -o FILE.png"),
        ((RUN, "loss", "-o", "nowhere/a.svg"), "there is no folder nowhere"),
        ((RUN, "loss", "--at", "99"), "no finished epoch 99"),
        ((SESSION, "loss", "--at", "3"), "--at is for a run"),
        ((RUN, "loss", "--x-range", "50:"), "no point lies in that part of the x axis; the curves go from"),
        ((RUN, "loss", "--x-range", "5"), "--x-range '5' is no range; say LOW:HIGH"),
        ((RUN, "loss", "--x-range", "5:nan"), "--x-range '5:nan' is no range"),
        ((RUN, "loss", "--y-range", "2:1"), "--y-range '2:1' is no range"),
        ((RUN, "loss", "--y", "log", "--y-range", "-1:2"), "a logarithmic y axis holds values above 0 alone"),
        ((RUN, "confusion", "--x-range", "1:2"), "confusion has no curves"),
        (("nothing", "loss"), "there is no run 'nothing'"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(capsys: Capture, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(capsys, "plot", *words)


def test_without_matplotlib_pictures_are_refused_with_the_remedy_and_the_rest_works(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for ending in ("svg", "png"):
        assert "pip install 'rnnlab[report]'" in refused(capsys, "plot", RUN, "loss", "-o", f"a.{ending}")
        assert not (folder / f"a.{ending}").exists()
    for form in ("txt", "csv", "md"):
        assert printed(capsys, "plot", RUN, "loss", "--to", form)


def test_text_and_numbers_load_no_matplotlib_and_no_torch(folder: Path) -> None:
    code = (
        "import sys; from rnnlab.cli.main import run; run(sys.argv[1:]); "
        "print(sorted({'matplotlib', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "plot", RUN, "loss", "--to", "csv"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_without_anything_to_draw_says_so(folder: Path, capsys: Capture) -> None:
    run_folder = record(folder / "other", "loading")
    assert "has nothing to draw yet" in printed(capsys, "plot", str(run_folder))
    assert "has nothing to draw yet" in refused(capsys, "plot", str(run_folder), "loss")


def test_the_svg_in_a_pipe_is_the_file(folder: Path) -> None:
    sessions = str(folder / "sessions")
    piped = called(folder, "plot", RUN, "loss", "--to", "svg", RNNLAB_SESSIONS=sessions)
    assert piped.returncode == 0
    assert run(["plot", RUN, "loss", "-o", "a.svg"]) == 0
    assert (folder / "a.svg").read_text("utf-8") == piped.stdout


def test_a_figure_is_described_in_sentences(folder: Path, capsys: Capture) -> None:
    assert run(["plot", RUN, "loss", "--describe"]) == 0
    title, sentences = capsys.readouterr().out.splitlines()
    assert title == "002-lstm-128: loss"
    assert "Validation loss fell from 1.61 to .668 at epoch 11, its lowest, and has risen since, to .769" in sentences
    assert run(["plot", RUN, "loss", "--describe", "--json"]) == 2
    assert run(["plot", RUN, "--describe"]) == 2
