"""Text in cells: fitted, never obeyed."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.drawing.progress_bar import progress_bar
from rnnlab.text.lines import beside, fit, padded, print_lines, sentence, to_text, underlined, width_of
from rnnlab.text.palette import DARK, MONO, terminal_palette
from rnnlab.text.ramp import blend
from rnnlab.text.sparkline import sparkline

floats = st.floats(allow_nan=True, allow_infinity=True)


@given(st.text(), st.integers(0, 40), st.sampled_from(["left", "right", "centre"]))
def test_any_text_fits_any_width(text: str, width: int, align: str) -> None:
    fitted = fit(text, width, align)  # type: ignore[arg-type]
    assert cell_len(fitted) == width
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in fitted)


def test_what_is_cut_says_so() -> None:
    assert fit("Portuguese", 6) == "Portu…"
    assert fit("名前です", 5) == "名前…"
    assert fit("ab", 5, "right") == "   ab"
    assert fit("\x1b]52;c;x\x07", 20).strip() == "␛]52;c;x␇"


def test_blocks_stand_side_by_side_whatever_their_heights() -> None:
    left, right = sentence("one", 10, 3, DARK.style("text")), sentence("two", 6, 1, DARK.style("text"))
    lines = beside([left, right], [10, 6], gap=2)
    assert [width_of(line) for line in lines] == [18] * 3


@given(st.lists(floats, max_size=300), st.integers(0, 40))
def test_a_sparkline_is_never_wider_than_asked(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(" ▁▂▃▄▅▆▇█")


def test_a_sparkline_keeps_the_spike() -> None:
    values = [1.0] * 1000
    values[500] = 9.0
    assert sparkline(values, 10).count("█") == 1


@given(floats, st.integers(0, 60))
def test_a_progress_bar_has_its_width(share: float, width: int) -> None:
    assert width_of(progress_bar(share, width, DARK)) == width


def test_a_progress_bar_fills() -> None:
    text = [to_text([progress_bar(share, 8, DARK)]) for share in (0.0, 0.47, 1.0)]
    assert text == ["────────", "━━━━────", "━━━━━━━━"]


def test_a_pipe_gets_no_colours_and_a_terminal_does() -> None:
    lines = [padded(progress_bar(0.5, 6, DARK), 10)]
    piped = Console(file=io.StringIO(), width=20)
    print_lines(lines, piped)
    assert piped.file.getvalue() == "━━━───\n"  # type: ignore[attr-defined]
    shown = Console(file=io.StringIO(), width=20, force_terminal=True, color_system="truecolor", _environ={})
    print_lines(lines, shown)
    assert "\x1b[38;2;" in shown.file.getvalue()  # type: ignore[attr-defined]


def test_the_terminal_decides_the_palette() -> None:
    assert terminal_palette({"NO_COLOR": "1"}) is MONO
    assert terminal_palette({"COLORFGBG": "0;15", "COLORTERM": "truecolor"}).name == "light"
    assert terminal_palette({"COLORTERM": "truecolor"}) == DARK
    assert blend("#000000", "#ffffff", 0.5) == "#808080"


def test_an_underline_is_below_text_and_not_below_the_blanks_of_its_cell() -> None:
    wrong = Style(bold=True, underline=True)
    parted = underlined(
        [Segment("  failed  ", wrong), Segment(" ok ", None), Segment("  ·", wrong + Style(reverse=True))]
    )
    assert "".join(text for text, _, _ in parted) == "  failed   ok   ·"
    assert [text for text, style, _ in parted if style and style.underline] == ["failed", "  ·"]
