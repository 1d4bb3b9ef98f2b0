"""`rnnlab report`: a specification is written once, reports are rendered from it again, and no word of a person is lost."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.plots.run.figures import is_share
from rnnlab.reports.document.elements import Paragraph
from rnnlab.reports.questions.confounded import confounded
from rnnlab.runs.comparison import compare
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.notes import Notes, write_notes
from rnnlab.runs.summary import RunSummary
from rnnlab.sweeps.space import parse_over
from rnnlab.sweeps.specification import Specification
from tests.command_line import called, printed, refused
from tests.recorded import record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "sessions").mkdir()
    monkeypatch.chdir(tmp_path)
    return Session(record_repeats(tmp_path / "sessions"))


def rendered(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> str:
    """The report that the command writes."""
    printed(capsys, "report", *words, "-o", str(path))
    return path.read_text(encoding="utf-8")


def test_a_specification_is_written_once_and_rendered_with_the_persons_words(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "my.md"
    assert run(["report", "--spec", str(spec)]) == 0
    assert "specification written to" in capsys.readouterr().err
    written = spec.read_text(encoding="utf-8")
    assert "```rnnlab table\n```" in written
    words = "I expected *more* of <b>128</b> units.\n\n| mine | too |\n| --- | --- |\n| 1 | 2 |\n"
    spec.write_text(written.replace('[//]: # "What does the table show?"', words), encoding="utf-8")
    page, text = (rendered(capsys, tmp_path / f"out.{ending}", "--spec", str(spec)) for ending in ("html", "md"))
    assert "<p>I expected <em>more</em> of &lt;b&gt;128&lt;/b&gt; units.</p>" in page
    assert "I expected *more* of <b>128</b> units." in text
    assert "```rnnlab" not in text
    assert "[//]" not in page
    for report in (page, text):
        assert "020-lstm-128 × 5" in report
        assert "mean ± std over n seeds" in report
    assert words in spec.read_text(encoding="utf-8"), "it is never changed"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_word_around_a_block_is_kept_whatever_ends_its_lines(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str], end: str
) -> None:
    before, after = "pasted\u2028from\x0ba\x0cword\x85processor", "words behind"
    lines = ["# Mine", "", before, "", "```rnnlab overview", "```", "", after, ""]
    (tmp_path / "my.md").write_bytes(end.join(lines).encode())
    text = rendered(capsys, tmp_path / "out.md", "--spec", "my.md")
    assert f"\n{before}\n" in text
    assert "| judged by | accuracy |" in text
    assert f"\n{after}\n" in text
    assert "```" not in text


def test_a_sweep_of_one_setting_at_a_time_is_named_as_that(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specification = Specification({"task.name": "names"}, parse_over(("model.hidden=64;128",)), method="one-at-a-time")
    (session.path / "sweep.toml").write_text(specification.to_toml(), encoding="utf-8")
    assert "| chosen by | one setting at a time |" in rendered(capsys, tmp_path / "out.md")


def test_a_report_has_what_the_command_line_says(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = rendered(capsys, tmp_path / "out.md")
    plain = text.replace("\\", "")
    table = printed(capsys, "compare", "--to", "md").strip().split("\n\n")
    assert all(part.replace("\\", "") in plain for part in table)
    sentences = [line for line in printed(capsys, "compare").split("\n\n")[-1].splitlines() if line.strip()]
    assert sentences
    assert all(line.strip() in " ".join(plain.split()) for line in sentences)
    assert re.search(r"^- .* is the best of \d", plain, re.MULTILINE)


def test_what_was_noted_in_the_lab_is_in_the_report(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "## Notes" not in rendered(capsys, tmp_path / "none.md")
    write_notes(session, Notes("I expected <b>more</b> of 128.\n\nIt was [less](http://x).", ("homework",)))
    write_notes(RunFolder(session.runs_path / "020-lstm-128"), Notes("the one\nto keep", ("star",)))
    for ending, lines in (
        (
            "html",
            [
                "<p>I expected &lt;b&gt;more&lt;/b&gt; of 128.</p>",
                "<p>It was [less](http://x).</p>",
                "<p>#homework</p>",
            ],
        ),
        ("md", [r"It was \[less\](http", "#homework"]),
    ):
        text = rendered(capsys, tmp_path / f"all.{ending}")
        assert "the one to keep" in text
        assert [line for line in lines if line not in text] == []
    some = rendered(capsys, tmp_path / "some.md", "20", "21")
    assert "the one to keep" in some
    assert "I expected" not in some, "which is said of the whole session"


def test_an_answer_says_where_other_settings_differ_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    source = record(tmp_path, "finished")
    tried = {"model.hidden": (64,), "optim.clip_norm": 5.0}
    variant(source, "050-lstm-64", tried, figures={"accuracy": 0.7})
    question = "### How many hidden units are enough?"
    sentence = "The values of hidden were not tried with the same clip"
    text = rendered(capsys, tmp_path / "one.md").replace("\\", "")
    assert question in text
    assert sentence in text
    for at, (hidden, clip) in enumerate([(64, 1.0), (128, 5.0)]):
        variant(source, f"06{at}-lstm", {"model.hidden": (hidden,), "optim.clip_norm": clip}, figures={"accuracy": 0.7})
    text = rendered(capsys, tmp_path / "two.md").replace("\\", "")
    assert question in text
    assert sentence not in text, "every value was tried with every other"


def test_confounded_settings_are_told_by_their_combinations_among_rows_with_a_result() -> None:
    def sentences(*rows: tuple[int, float, float, bool]) -> list[str]:
        runs = [
            RunSummary(
                path=f"/s/runs/{at:03}", session="s", name=f"{at:03}", task="names", model="LSTM", metric="accuracy",
                status="completed" if ended else "failed", epochs=1, epoch=1,
                settings={"model.hidden": (hidden,), "optim.lr": lr, "optim.clip_norm": clip},
                best={"accuracy": 0.5, "loss": 1.0} if ended else {},
                final={"validation": {"accuracy": 0.5, "loss": 1.0}} if ended else {},
            )
            for at, (hidden, lr, clip, ended) in enumerate(rows)
        ]  # fmt: skip
        (comparison,) = compare(runs, is_share)
        return [each.text for each in confounded(comparison, ("model.hidden",)) if isinstance(each, Paragraph)]

    crossed = [(64, 0.1, 1.0, True), (64, 0.2, 5.0, True), (128, 0.1, 5.0, True), (128, 0.2, 1.0, True)]
    assert "in the same combinations of" in sentences(*crossed)[0]
    full = [(hidden, lr, clip, True) for hidden in (64, 128) for lr in (0.1, 0.2) for clip in (1.0, 5.0)]
    assert sentences(*full) == []
    assert sentences(*full, (64, 0.3, 1.0, False)) == [], "a run without a result answers nothing"
    assert "with the same" in sentences(*full, (64, 0.3, 1.0, True))[0]


def test_what_is_not_finished_is_said(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = rendered(capsys, tmp_path / "out.html")
    assert "Not finished: 8 of 9 runs done, 1 queued." in page
    finished = rendered(capsys, tmp_path / "two.html", "20", "21")
    assert "Not finished" not in finished


def test_the_same_runs_give_the_same_bytes_in_another_process(session: Session, tmp_path: Path) -> None:
    for ending in ("html", "md"):
        reports = []
        for name in ("one", "two"):
            done = called(
                tmp_path, "report", "latest", "-o", f"{name}.{ending}", RNNLAB_SESSIONS=str(tmp_path / "sessions")
            )
            assert done.returncode == 0, done.stderr
            reports.append((tmp_path / f"{name}.{ending}").read_bytes())
        assert reports[0] == reports[1]
        assert str(tmp_path).encode() not in reports[0], "no place of this machine"


def test_a_report_that_was_changed_by_hand_is_not_rendered_over(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending in ("html", "md"):
        path = tmp_path / f"out.{ending}"
        first = rendered(capsys, path)
        assert rendered(capsys, path) == first, "an untouched one is"
        path.write_text(first.replace("020-lstm-128", "my favourite", 1), encoding="utf-8")
        changed = path.read_bytes()
        assert "was changed by hand, or is no report" in refused(capsys, "report", "-o", str(path))
        assert path.read_bytes() == changed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "where shall the report be written? Say -o report.html, or -o report.md"),
        (("-o", "out.pdf"), "in which format? End the name in .html or .md"),
        (("-o", "nowhere/out.md"), "there is no folder nowhere"),
        (("-o", "own.md", "--spec", "own.md"), "would replace your specification"),
        (("-o", "out.md", "--spec", "done.md"), "is a report that was rendered already"),
        (("nothing", "-o", "out.md"), "there is no session and no run 'nothing'"),
        (
            ("-o", "out.md", "--spec", "bad.md"),
            "bad.md, line 3, block confusion: runs: there is no run '99' in this report; there are 002-lstm-128",
        ),
        (
            ("-o", "out.md", "--spec", "worse.md"),
            "worse.md, line 1, block table: columns 'test.acuracy' is no column (did you mean",
        ),
        (("-o", "out.md", "--spec", "grid.md"), "grid.md, line 1, block table: grid needs two settings"),
        (
            ("-o", "out.md", "--spec", "full.md"),
            "full.md, line 1, block table: grid has a figure in each cell and no room",
        ),
        (("-o", "out.md", "--spec", "over.md"), "over.md, line 1, block over: figure = 'losss' is none of these runs'"),
        (
            ("-o", "out.md", "--spec", "curves.md"),
            "curves.md, line 1, block curves: figure = 'losss' is none of these runs'",
        ),
        (
            ("-o", "out.md", "--spec", "by.md"),
            "by.md, line 1, block curves: by = 'model.hiden' is not allowed; it must be",
        ),
        (
            ("-o", "out.md", "--spec", "class.md"),
            "class.md, line 1, block errors: true = 'Frnch' is no class of these runs",
        ),
        (("-o", "nowhere/out.md", "--spec", "new.md"), "there is no folder nowhere"),
        (("-o", "out.md", "--spec", "worse.md", "--verify"), "worse.md, line 1, block table: columns 'test.acuracy'"),
        (("-o", "out.html", "--spec", "nul.md"), "nul.md, line 3: the picture a␀.png cannot be read"),
        (("-o", "out.html", "--spec", "net.md"), "net.md, line 3: the picture https://evil/x.png is on the net"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    specifications = {
        "own": "# Mine\n",
        "bad": '# Mine\n\n```rnnlab confusion\nruns = ["99"]\n```\n',
        "worse": '```rnnlab table\ncolumns = "test.acuracy"\n```\n',
        "grid": "```rnnlab table\ngrid = true\n```\n",
        "full": '```rnnlab table\ngrid = true\nagainst = "2"\n```\n',
        "over": '```rnnlab over\nfigure = "losss"\n```\n',
        "curves": '```rnnlab curves\nfigure = "losss"\n```\n',
        "by": '```rnnlab curves\nby = "model.hiden"\n```\n',
        "class": '```rnnlab errors\ntrue = "Frnch"\n```\n',
        "nul": "# Mine\n\n![a picture](a%00.png)\n",
        "net": "# Mine\n\n![a picture](https://evil/x.png)\n",
    }
    for name, text in specifications.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    rendered(capsys, tmp_path / "done.md")
    before = sorted(path.name for path in tmp_path.iterdir())
    assert sentence in refused(capsys, "report", *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "own.md").read_text(encoding="utf-8") == specifications["own"]


def test_a_picture_of_ones_own_is_in_the_page(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.md").write_text("# Mine\n\n![what it shows](my%20net.png)\n", encoding="utf-8")
    (tmp_path / "my net.png").write_bytes(b"\x89PNG\r\n")
    page = rendered(capsys, tmp_path / "out.html", "--spec", "my.md")
    assert '<img src="data:image/png;base64,iVBORw0K" alt="what it shows" />' in page


def test_without_the_extra_figures_are_text_and_the_command_is_said(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path / "more", "finished")
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "more"))
    monkeypatch.setattr("rnnlab.reports.figures.rendering.has_matplotlib", lambda: False)
    assert run(["report", "-o", str(tmp_path / "out.html")]) == 0
    assert "pip install 'rnnlab[report]'" in capsys.readouterr().err
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<svg" not in page
    assert page.count('<pre class="drawn" role="img" aria-label="') == page.count("<figure ") > 2
    assert "pip install" not in page


def test_a_page_needs_nothing_else_and_each_figure_has_words_and_numbers(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    page = rendered(capsys, tmp_path / "out.html", "2")
    assert page.count("<figure ") == page.count("<figcaption>") == page.count("<details") == page.count("<svg ") > 2
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(?:href|src)="(?!#|data:)', page)
    assert not re.search(r"url\((?!#)", page)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is left out"


def test_two_rows_stand_side_by_side_with_their_difference(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant(session.runs_path / "002-lstm-128", "050-gru-64", {"model.name": "gru", "model.hidden": "64"})
    (tmp_path / "my.md").write_text('```rnnlab confusion\nruns = ["2", "50"]\n```\n', encoding="utf-8")
    text = rendered(capsys, tmp_path / "out.md", "--spec", "my.md")
    assert "confusion of" in text
    assert "difference, % points" in text
    assert "share of the true class, and how many rows that are" in text


def test_a_table_against_a_run_is_that_of_compare_and_leaves_other_sessions_alone(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.md").write_text('```rnnlab table\nagainst = "20"\n```\n', encoding="utf-8")
    report = rendered(capsys, tmp_path / "out.md", "--spec", "my.md")
    compared = printed(capsys, "compare", "--against", "20", "--to", "md")
    assert compared != printed(capsys, "compare", "--to", "md")
    assert all(line in report.splitlines() for line in compared.splitlines())
    other = session.path.with_name("other")
    shutil.copytree(session.path, other)
    (tmp_path / "my.md").write_text('```rnnlab table\nagainst = "other/20"\n```\n', encoding="utf-8")
    both = rendered(capsys, tmp_path / "both.md", session.path.name, "other", "--spec", "my.md")
    ours, theirs = both.split("**other · ")
    assert "Δ" not in ours
    assert "Δ: difference of means to 020-lstm-128" in theirs


def test_runs_of_two_sessions_have_tables_of_their_own(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = session.path.rename(session.path.with_name("other"))
    record(tmp_path / "sessions", "leaky")
    (tmp_path / "my.md").write_text("# Both\n\n```rnnlab overview\n```\n\n```rnnlab table\n```\n", encoding="utf-8")
    text = rendered(capsys, tmp_path / "out.md", other.name, "2026-01-15-names/12", "--spec", "my.md")
    assert text.count("| judged by | accuracy |") == 2
    assert "012-lstm-128" in text
    assert text.count("★ best on the validation part") == 1, "a leaking run is never the best"


def test_the_report_of_the_demo_names_its_leak_or_that_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    record(tmp_path, "leaky")
    text = rendered(capsys, tmp_path / "out.md")
    assert "leaking split (data.split = random): training shares 1,480 rows and 1 person" in text


def test_a_forecast_is_drawn_over_its_dates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    record(tmp_path, "forecast")
    page = rendered(capsys, tmp_path / "out.html")
    assert "forecast over the truth" in page
    assert len(re.findall(r">\d{4}-\d\d-\d\d</text>", page)) > 2


def test_a_mean_is_over_the_runs_that_got_to_their_end(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = rendered(capsys, tmp_path / "out.md")
    curves = text[text.index("## Learning curves") : text.index("## Mistakes")].replace("\\", "")
    assert "031-lstm-64" in curves, "the run that was stopped is named as in no mean"
