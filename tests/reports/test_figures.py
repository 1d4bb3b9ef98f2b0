"""Figures of recorded runs: what they hold, that they are drawn, and that the picture is the same each time."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.plots.comparison.mean import Band, mean_points
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.curves import Curve
from rnnlab.plots.drawing.points import BUCKETS
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import is_share
from rnnlab.plots.run.report import matrix_of
from rnnlab.reports.drawing.style import PAPER, colour
from rnnlab.reports.figures.confusion import confusion_figure, difference_figure
from rnnlab.reports.figures.curves import chart_figure, loss_figure, mean_figure, overlay_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.offers import Offer, row_states, run_offers, session_offers, several_offers
from rnnlab.reports.figures.rendering import png, svg
from rnnlab.runs.comparison import compare
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.runs.summaries import Summaries
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO, Role
from rnnlab.text.ramp import luminance, rgb
from tests.recorded import KINDS, Kind, record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 150_000


def state_of(folder: Path, kind: Kind) -> RunState:
    return read_state(record(folder, kind) / "events.jsonl")[0]


def drawn(figure: Figure | None) -> ElementTree.Element:
    """The figure's SVG, read; what every figure must have is checked on the way."""
    assert figure is not None
    text = svg(figure)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert [each.text for each in list(root)[:2]] == [figure.title, figure.description]
    assert len(text) <= MOST_BYTES
    assert figure.numbers.rows
    assert len(figure.description) > 40
    assert to_text(figure.lines(80, MONO)).strip()
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def offered(folder: Path, kind: Kind) -> list[Offer]:
    return run_offers("the run", state_of(folder, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_that_a_run_offers_is_drawn_with_numbers_a_description_and_a_text(
    tmp_path: Path, kind: Kind
) -> None:
    offers = offered(tmp_path, kind)
    assert bool(offers) is (kind != "loading")
    for offer in offers:
        drawn(offer.make())


def test_a_run_offers_what_its_task_has(tmp_path: Path) -> None:
    names = {
        kind: {offer.name for offer in offered(tmp_path / kind, kind)}
        for kind in ("finished", "forecast", "regression")
    }
    assert {"loss", "accuracy", "macro_f1", "confusion", "confusion:counts", "classes"} <= names["finished"]
    assert "forecast" in names["forecast"]
    assert "mae" in names["regression"]
    assert not {"confusion", "classes", "forecast"} & names["regression"]


def test_the_table_of_a_loss_holds_what_the_log_says_of_each_evaluation(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    figure = loss_figure(state, "r")
    assert figure is not None
    names = [column.key for column in figure.numbers.columns]
    at = names.index("validation")
    told = {row[0].values[0]: row[at].values[0] for row in figure.numbers.rows if row[at].values[0] is not None}
    series = state.curves["loss/validation"]
    assert told == dict(zip(series.epoch, series.mean, strict=True))


def test_the_cells_of_a_matrix_are_those_of_the_text_plot(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    counts, note = matrix_of(state)
    assert counts is not None
    assert state.started is not None
    figure = confusion_figure(counts, state.started.data.classes, "r", note)
    assert figure is not None
    text = to_text(figure.lines(160, MONO))
    shares = [number for line in text.splitlines()[1:] for number in re.findall(r"(?<![\w.])(?:<1|>99|\d+)(?= )", line)]
    pictured = texts(drawn(figure))
    assert sorted(each for each in pictured if re.fullmatch(r"<1|>99|\d+", each)) == sorted(shares)
    assert [row[1 + at].values[0] for at, row in enumerate(figure.numbers.rows)] == [
        counts[at][at] for at in range(len(counts))
    ]


def test_the_mean_over_seeds_is_that_of_the_points_and_ends_with_the_first_run() -> None:
    points = mean_points([([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), ([1.0, 2.0], [3.0, 6.0])])
    assert points is not None
    x, mean, low, high = points
    assert (x, mean) == ([1.0, 2.0], [2.0, 4.0])
    assert low == pytest.approx([2 - math.sqrt(2), 4 - math.sqrt(8)])
    assert high == pytest.approx([2 + math.sqrt(2), 4 + math.sqrt(8)])
    assert mean_points([([1.0, 3.0], [1.0, 3.0]), ([2.0, 3.0], [5.0, 6.0])], "range") == ([3.0], [4.5], [3.0], [6.0])
    assert mean_points([]) is None


@pytest.mark.parametrize("band", ["std", "range"])
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_mean_has_a_gap_where_one_of_its_runs_is_not_finite(band: Band, bad: float) -> None:
    points = mean_points([([1.0, 2.0, 3.0], [1.0, bad, 3.0]), ([1.0, 2.0, 3.0], [3.0, 4.0, 5.0])], band)
    assert points is not None
    assert points[:2] == ([1.0, 3.0], [2.0, 4.0])
    assert all(math.isfinite(end) for end in (*points[2], *points[3]))


def test_what_is_too_large_for_any_axis_is_no_figure() -> None:
    assert chart_figure(Chart(curves=[Curve("loss", [1.0, 2.0], [1e302, -1e305])]), "n", "t") is None
    drawn(chart_figure(Chart(curves=[Curve("validation loss", [1.0, 2.0], [1e302, 3.0])]), "n", "t"))


def _repeats(folder: Path) -> Session:
    """Three seeds of one net and two of another, whose curves are in their logs."""
    source = record(folder, "finished")
    for seed in (1, 2):
        variant(source, f"02{seed}-lstm-128", {"train.seed": seed})
    for seed in (0, 1):
        variant(
            source, f"03{seed}-lstm-64", {"train.seed": seed, "model.hidden": 64}, figures={"accuracy": 0.5 + seed / 10}
        )
    return Session(source.parent.parent)


def test_every_figure_that_a_session_offers_is_drawn(tmp_path: Path) -> None:
    session = _repeats(tmp_path)

    def read(name: str) -> RunState:
        return read_state(RunFolder(session.runs_path / name).events_path)[0]

    comparisons = compare(Summaries(session).read(), is_share)
    offers = session_offers("s", comparisons, read)
    names = [offer.name for offer in offers]
    assert {"loss", "loss:range", "accuracy", "overlay:accuracy", "over:model.hidden"} <= set(names)
    figures = [offer.make() for offer in offers]
    for figure in figures:
        drawn(figure)
    assert len({figure.name for figure in figures if figure}) == len(figures)
    mean = figures[names.index("accuracy")]
    assert mean is not None
    last = {
        column.key: cell.values[0] for column, cell in zip(mean.numbers.columns, mean.numbers.rows[-1], strict=True)
    }
    assert last["hidden_64,_mean_of_2"] == pytest.approx(0.55)
    assert last["hidden_64,_mean_of_2_high"] == pytest.approx(0.55 + math.sqrt(0.005))
    assert set(row_states(comparisons[0], read)) == {"hidden 64", "hidden 128"}


def test_a_run_that_diverged_does_not_cut_the_mean_of_those_that_ended(tmp_path: Path) -> None:
    source = record(tmp_path, "finished")
    variant(source, "021-lstm-128", {"train.seed": 1})
    variant(record(tmp_path / "other", "diverged"), "022-lstm-128", {"train.seed": 2}).rename(
        source.parent / "022-lstm-128"
    )
    session = Session(source.parent.parent)
    comparisons = compare(Summaries(session).read(), is_share)
    read = {run.name: read_state(run.events_path)[0] for run in session.runs()}
    offer = next(each for each in session_offers("s", comparisons, read.__getitem__) if each.name == "accuracy")
    figure = offer.make()
    assert figure is not None
    assert "mean_of_2" in figure.numbers.columns[1].key
    assert figure.numbers.rows[-1][0].values == (20.0,)
    assert "not counted, as without a result: 022-lstm-128" in figure.numbers.note


def test_repeats_of_which_some_have_no_curve_are_drawn_from_the_others(tmp_path: Path) -> None:
    session = Session(record_repeats(tmp_path))
    states = [read_state(run.events_path)[0] for run in session.runs()]
    drawn(mean_figure({"all": states}, "loss"))
    assert mean_figure({"none": [state for state in states if not state.curves]}, "loss") is None


def test_two_runs_have_both_matrices_and_their_difference(tmp_path: Path) -> None:
    runs = [(kind, state_of(tmp_path / kind, kind)) for kind in ("finished", "leaky")]
    offers = {offer.name: offer for offer in several_offers(runs)}
    figure = offers["confusion"].make()
    drawn(figure)
    drawn(offers["loss"].make())
    assert figure is not None
    assert "Recall of leaky less that of finished" in figure.description


def test_a_difference_says_what_went_up_and_down() -> None:
    figure = difference_figure(("a", [[8, 2], [5, 5]]), ("b", [[10, 0], [6, 4]]), ["yes", "no"])
    root = drawn(figure)
    assert figure is not None
    assert "Higher: yes +20. Lower: no -10." in figure.description
    assert {"+20", "-20", "+10", "-10"} <= set(texts(root))
    differences = [row[-1].values[0] for row in figure.numbers.rows]
    assert differences == pytest.approx([20, -20, 10, -10])


@pytest.mark.parametrize("classes", [1, 2, 26, 27, 100, 130])
def test_a_matrix_of_any_number_of_classes_is_drawn_and_named(classes: int) -> None:
    counts = [[5 if i == j else (i * j) % 3 for j in range(classes)] for i in range(classes)]
    figure = confusion_figure(counts, [f"class {at}" for at in range(classes)], "r")
    shown = texts(drawn(figure))
    assert "class 0" in shown
    assert figure is not None
    assert max(figure.size) <= 10


def test_a_long_curve_is_thinned_and_no_spike_is_lost(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    series = Series([], [], [], [], [], [], [])
    for step in range(10_000):
        series.add(step, step / 10, step, 900.0 if step == 7777 else 2.0 + math.sin(step))
    state.curves["loss/validation"] = series
    root = drawn(figure := loss_figure(state, "r"))
    assert figure is not None
    assert 900.0 in [cell.values[0] for row in figure.numbers.rows for cell in row]
    assert len(figure.numbers.rows) <= 4 * BUCKETS + 4
    assert root is not None


def test_one_epoch_is_drawn_as_points(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    for name, series in state.curves.items():
        columns = ("step", "epoch", "seconds", "mean", "low", "high", "count")
        state.curves[name] = Series(*(getattr(series, column)[:1] for column in columns))
    for offer in run_offers("r", state):
        drawn(offer.make())


def test_what_is_not_finite_is_left_out_and_the_rest_is_drawn(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    for series in state.curves.values():
        series.mean[-1] = math.nan
        if len(series) > 2:
            series.mean[1], series.high[1] = math.inf, math.inf
    for offer in run_offers("r", state):
        root = drawn(offer.make())
        assert not [text for text in texts(root) if "nan" in text.lower() or text == "inf"]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>]]> $\\frac{1}{0}$ \x1b[2J\u202e\x00"
    state = state_of(tmp_path, "hostile")
    for offer in run_offers(name, state):
        figure = offer.make()
        root = drawn(figure)
        assert figure is not None
        assert re.fullmatch(r"[a-z0-9-]+", figure.name)
        assert not [each for each in root.iter() if each.tag not in {f"{SVG}{tag}" for tag in _TAGS}]
        whole = "".join(root.itertext()) + figure.description + to_text(figure.lines(80, MONO))
        assert "\x1b" not in whole
        assert "\u202e" not in whole
        assert "\x00" not in whole
        assert any("$\\frac{1}{0}$" in text for text in [figure.title, *texts(root)])


_TAGS = ("svg", "title", "desc", "g", "path", "defs", "clipPath", "rect", "text", "tspan", "use", "image")


def test_ids_of_two_figures_in_one_page_differ(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    pages = [svg(figure) for offer in run_offers("r", state) if (figure := offer.make())]
    ids = [each for page in pages for each in re.findall(r'\bid="([^"]+)"', page)]
    assert len(ids) == len(set(ids))
    for page in pages:
        named = set(re.findall(r'\bid="([^"]+)"', page))
        assert set(re.findall(r"url\(#([^)]+)\)", page)) <= named
        assert "<style" not in page
        assert "<script" not in page


_ONCE = """
import sys
sys.path.insert(0, {tests!r})
from rnnlab.runs.log_reader import read_state
from rnnlab.reports.figures.offers import run_offers
from rnnlab.reports.figures.rendering import png, svg
state = read_state(__import__("pathlib").Path({log!r}))[0]
figures = [offer.make() for offer in run_offers("r", state)]
import hashlib
print(hashlib.sha256("".join(map(svg, figures)).encode() + b"".join(png(f, 60) for f in figures)).hexdigest())
print(sorted(name for name in sys.modules if name in ("matplotlib.pyplot", "torch")))
"""


@pytest.mark.slow
def test_pictures_are_the_same_bytes_in_another_process_with_another_matplotlibrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = str(record(tmp_path, "finished") / "events.jsonl")
    root = str(Path(__file__).parents[2])
    rc = tmp_path / "matplotlibrc"
    rc.write_text(
        "font.size: 31\naxes.grid: True\nlines.linewidth: 9\nfont.family: serif\nsvg.fonttype: path\naxes.facecolor: red\n"
    )
    printed = []
    for settings in ("", str(rc)):
        monkeypatch.setenv("MATPLOTLIBRC", settings or str(tmp_path / "none"))
        code = _ONCE.format(tests=root, log=log)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        printed.append(done.stdout.splitlines())
    assert printed[0] == printed[1]
    assert printed[0][1] == "[]"


def test_a_png_is_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    figure = loss_figure(state_of(tmp_path, "finished"), "r")
    assert figure is not None
    data = png(figure, 100)
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert (width, height) == tuple(round(100 * inches) for inches in figure.size)


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(rgb(one)), luminance(rgb(two))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _pairs() -> Iterator[tuple[tuple[Role, str], tuple[Role, str]]]:
    for at, one in enumerate(STYLES):
        yield from ((one, two) for two in STYLES[at + 1 :])


def test_colours_can_be_seen_on_white_and_runs_differ_by_their_markers_too() -> None:
    for role in ("text", "muted", "train", "validation", "test", "good", "bad", "warning", "accent", "baseline"):
        assert _contrast(colour(role), PAPER.background) >= 3, role
    assert all(one[1] != two[1] and one[0] != two[0] for one, two in _pairs())


def test_runs_of_one_name_and_more_than_eight_are_told_apart_or_counted(tmp_path: Path) -> None:
    state = state_of(tmp_path, "finished")
    figure = overlay_figure([("same", state)] * 10, "loss")
    drawn(figure)
    assert figure is not None
    keys = [column.key for column in figure.numbers.columns]
    assert len(set(keys)) == len(keys) == 9
    assert "2 runs more left out" in figure.numbers.note


def test_two_matrices_are_compared_by_shares_where_both_have_rows_of_the_class() -> None:
    figure = difference_figure(("two seeds", [[6, 2], [0, 0]]), ("one", [[3, 1], [1, 3]]), ["a", "b"])
    assert figure is not None
    cells = {(row[0].text, row[1].text): [cell.text for cell in row[2:]] for row in figure.numbers.rows}
    assert cells["a", "a"] == ["75.0 % (6)", "75.0 % (3)", "+0.0"], "twice the rows are no difference"
    assert cells["b", "b"] == ["–", "75.0 % (3)", "–"]
