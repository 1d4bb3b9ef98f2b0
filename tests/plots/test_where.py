"""The filter of a table's rows: which rows each term keeps, and what is said of a term that cannot be meant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.where import narrowed, parse_where
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.folders import Session
from rnnlab.runs.notes import Notes, write_notes
from rnnlab.runs.summary import RunSummary, summarise
from tests.recorded import record
from tests.recorded_repeats import record_repeats


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunSummary]:
    """LSTM 128 from five seeds (.832 on validation), one alone, one that failed, and LSTM 64 of which one seed ended."""
    root = tmp_path_factory.mktemp("sessions")
    session = Session(record_repeats(root))
    record(root, "failed")
    write_notes(session.runs()[0], Notes("see [/red] clipping", ("good", "report")))
    return [summarise(run) for run in session.runs()]


@pytest.fixture(scope="module")
def comparison(runs: list[RunSummary]) -> Comparison:
    (found,) = compare(runs, is_share)
    return found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", {"002", "003", "020", "030"}),
        ("hidden=64", {"030"}),
        ("hidden != 64", {"002", "003", "020"}),
        ("hidden=64|128 acc>.82", {"002", "020"}),
        ("acc ≥ 82%", {"002", "020"}),
        ("accuracy>.8 accuracy<.82", {"030"}),
        ("test.acc>.99", set()),
        ("loss<10", {"002", "020", "030"}),
        ("lr=3e-3", {"002", "003", "020", "030"}),
        ("model=lstm", {"002", "003", "020", "030"}),
        ("status=failed", {"003"}),
        ("reason~memory", {"003"}),
        ("GPU", {"003"}),
        ("tag=good", {"002"}),
        ("#report", {"002"}),
        ("notes~clipping", {"002"}),
        ('notes~"[/red] clip"', {"002"}),
        ("seed=3", {"020"}),
        ("run=024", {"020"}),
        ("weights>90k", {"002", "003", "020", "030"}),
        ("task=names", {"002", "003", "020", "030"}),
        ("bidirectional=yes", set()),
    ],
)
def test_a_term_keeps_the_rows_that_meet_it(comparison: Comparison, text: str, kept: set[str]) -> None:
    found = parse_where(text, [comparison]).rows(comparison)
    assert {row.runs[0][:3] for row in found} == kept


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hiden=64", "'hiden' is no column (did you mean hidden?)"),
        ("acc>80", "accuracy is a share from 0 to 1; write .8, or 80%"),
        ("acc>", "has no value; write one behind it, such as acc>0."),
        ("lr=fast", "optim.lr = 'fast' is not allowed; it must be a number"),
        ("hidden>big", "'big' is no number"),
        ("se=1", "'se' may be seconds or seeds; write more of it"),
        ("\x1b[2Jx=1", "is no column"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(comparison: Comparison, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_where(text, [comparison])
    assert sentence in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_whole_rows_are_kept_and_the_part_of_a_figure_is_named(runs: list[RunSummary], comparison: Comparison) -> None:
    where = parse_where("acc>.83", [comparison])
    assert where.text == "validation accuracy > 0.83"
    kept, text = narrowed(runs, [comparison], where)
    names = {run.name for run in kept}
    assert {"020-lstm-128", "021-lstm-128"} <= names, "a mean is over all of its seeds, also those below the limit"
    assert text.startswith("validation accuracy > 0.83: 2 of 4 rows")
    assert "as if the other 2 had not been tried" in text


def test_a_further_test_with_a_name_that_no_key_can_hold_has_no_column(runs: list[RunSummary]) -> None:
    """As in the session of a stranger, or of a later version: those of rnnlab's own tasks have a space in their names."""
    (strange,) = compare([replace(run, extra={"hard": run.figures("validation")}) for run in runs], is_share)
    for text in ("hard.accuracy>.5", "hard.accuracy=.5"):
        with pytest.raises(UsageError, match="is no column"):
            parse_where(text, [strange])
