"""The pictures of the README and its short recorded tour, made from real runs: an SVG each, the tour an animated one.

python scripts/pictures.py [FOLDER]     trains for a minute, writes app.svg, setup.svg, session.svg, tour.svg to docs/

The app is driven key by key in this process; its runs train in processes of their own, in a folder that is removed afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.run.screen import RunScreen

DOCS = Path(__file__).parents[1] / "docs"
PICTURE = (140, 45)
TOUR = (100, 30)
MOST_BYTES = 300_000
"""What the recorded tour may take in a repository."""
EPOCHS = (1, 3, 5, 8, 11)
"""After which the run is shown while it trains: each picture more costs about 30 kB."""
_CELL, _LINE, _FONT = 8.4, 17, 14
_GROUND = "#14171c"
_PATIENCE = 180.0


@dataclass(frozen=True)
class Frame:
    """What stood on the screen, a row of segments each line, and for how many seconds it is shown."""

    rows: tuple[tuple[Segment, ...], ...]
    seconds: float


async def main(folder: Path) -> None:
    """Make all of them."""
    folder = folder.resolve()
    # Relative paths, so that no folder of this machine stands in a picture.
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        os.environ |= {"RNNLAB_SESSIONS": "sessions", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        os.environ.pop("NO_COLOR", None)
        frames: list[Frame] = []
        await _drive(TOUR, lambda pilot: _tour(pilot, frames))
        await _drive(PICTURE, lambda pilot: _pictures(pilot, folder))
    picture = animated(frames, *TOUR)
    if len(picture.encode()) > MOST_BYTES:
        raise SystemExit(f"the tour has {len(picture.encode()):,} bytes, more than {MOST_BYTES:,}: leave frames out")
    (folder / "tour.svg").write_text(picture, encoding="utf-8")
    for path in sorted(folder.glob("*.svg")):
        print(f"{path}: {path.stat().st_size:,} bytes")


async def _drive(size: tuple[int, int], course: Callable[[Pilot[Any]], Awaitable[None]]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await course(pilot)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not holds():
            await asyncio.sleep(0.05)


def _text(app: Any) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def _keys(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause(0.2)


async def _tour(pilot: Pilot[Any], frames: list[Frame]) -> None:
    """Setup, a run while it trains, its end, its matrix, its session."""
    app = pilot.app
    frames.append(_frame(app, 2.0))
    await _keys(pilot, "tab", "down", "down")
    frames.append(_frame(app, 1.5))
    await _keys(pilot, "ctrl+r")
    await _until(lambda: isinstance(app.screen, RunScreen))
    screen = app.screen
    assert isinstance(screen, RunScreen)
    await _until(lambda: screen.follower.state.step > 0)
    for epoch in EPOCHS:
        await _until(lambda epoch=epoch: screen.follower.state.epoch >= epoch or screen.follower.state.ended)  # type: ignore[misc]
        await pilot.pause(0.2)
        frames.append(_frame(app, 0.8))
    await _until(lambda: screen.follower.state.ended)
    await pilot.pause(1.0)
    frames.append(_frame(app, 3.0))
    await _keys(pilot, "3", "3")
    frames.append(_frame(app, 2.5))
    await _keys(pilot, "3")
    await _open_session(pilot)
    frames.append(_frame(app, 3.0))


async def _pictures(pilot: Pilot[Any], folder: Path) -> None:
    """A run in the middle of its training; Setup; the session of this run and the tour's."""
    app = pilot.app
    _still(app, folder / "setup.svg")
    await _keys(pilot, "ctrl+r")
    await _until(lambda: isinstance(app.screen, RunScreen))
    screen = app.screen
    assert isinstance(screen, RunScreen)
    await _until(lambda: screen.follower.state.epoch >= 6 or screen.follower.state.ended)
    await pilot.pause(0.3)
    _still(app, folder / "app.svg")
    await _until(lambda: screen.follower.state.ended)
    await _open_session(pilot)
    _still(app, folder / "session.svg")


async def _open_session(pilot: Pilot[Any]) -> None:
    """From an ended run to the screen of its session, with the curves of its runs beside the table."""
    await _keys(pilot, "f3")
    await _until(lambda: "completed" in _text(pilot.app))
    await _keys(pilot, "s")
    await _until(lambda: "n new from this" in _text(pilot.app))
    for _ in range(20):
        await pilot.pause(0.5)
        if "by epoch" in _text(pilot.app):
            break
        await _keys(pilot, "p")
    await pilot.pause(1.0)


def _still(app: Any, path: Path) -> None:
    """One frame as a picture: a fourth of the bytes that Textual's own takes."""
    path.write_text(animated([_frame(app, 1.0)], *PICTURE), encoding="utf-8")


def _frame(app: Any, seconds: float) -> Frame:
    return Frame(tuple(tuple(strip) for strip in app.screen._compositor.render_strips()), seconds)


# The animated picture.


def animated(frames: Sequence[Frame], columns: int, lines: int) -> str:
    """The frames one after another, for ever, as SVG: each row is drawn once for as long as it stays the same."""
    ends = [0.0]
    for frame in frames:
        ends.append(ends[-1] + frame.seconds)
    total = ends[-1]
    names: dict[tuple[int, int], str] = {}
    classes: dict[str, str] = {}
    body: list[str] = []
    for y in range(lines):
        for first, last in _spells(frames, y):
            name = names.setdefault((first, last), f"s{len(names)}")
            row = _row(frames[first].rows[y], y, classes)
            body.append(f'<g class="{name}">{row}</g>' if len(frames) > 1 else row)
    rules = [_rule(name, ends[first] / total, ends[last] / total, total) for (first, last), name in names.items()]
    colours = [f".{name}{{{rule}}}" for rule, name in classes.items()]
    width, height = columns * _CELL + 16, lines * _LINE + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">'
        f"<style>text{{font:{_FONT}px monospace;white-space:pre}}{''.join(rules)}{''.join(colours)}</style>"
        f'<rect width="100%" height="100%" rx="6" fill="{_GROUND}"/><g transform="translate(8,8)">{"".join(body)}</g></svg>\n'
    )


def _spells(frames: Sequence[Frame], y: int) -> Iterator[tuple[int, int]]:
    """First frame and the one after the last of each time that row `y` stays the same."""
    first = 0
    for at in range(1, len(frames) + 1):
        if at == len(frames) or frames[at].rows[y] != frames[first].rows[y]:
            yield first, at
            first = at


def _rule(name: str, start: float, end: float, total: float) -> str:
    """The rule by which a group is seen from one share of the time to another."""
    if start == 0 and end == 1:
        return ""
    steps = [(0.0, start == 0), (start, True), (end, False)]
    shown = "".join(f"{100 * at:.2f}%{{opacity:{int(seen)}}}" for at, seen in dict(steps).items() if at < 1)
    return f"@keyframes {name}{{{shown}}}.{name}{{opacity:0;animation:{name} {total:.1f}s step-end infinite}}"


def _row(segments: Sequence[Segment], y: int, classes: dict[str, str]) -> str:
    """The segments of a row: a rectangle where the ground differs, and the text in its column."""
    parts: list[str] = []
    for column, text, paper, rule in _runs(segments):
        cells = Segment(text).cell_length
        if paper and paper != _GROUND:
            kind = classes.setdefault(f"fill:{paper}", f"c{len(classes)}")
            parts.append(
                f'<rect class="{kind}" x="{column * _CELL:.1f}" y="{y * _LINE}" width="{cells * _CELL:.1f}" height="{_LINE}"/>'
            )
        if core := text.strip():
            start = (column + Segment(text[: len(text) - len(text.lstrip())]).cell_length) * _CELL
            kind = classes.setdefault(rule, f"c{len(classes)}")
            place = f'x="{start:.1f}" y="{y * _LINE + 13}" textLength="{Segment(core).cell_length * _CELL:.1f}"'
            parts.append(f'<text class="{kind}" {place}>{escape(core, quote=False)}</text>')
    return "".join(parts)


def _runs(segments: Sequence[Segment]) -> list[tuple[int, str, str, str]]:
    """First column, text, colour of the ground and rule of the letters, neighbours that look alike as one."""
    runs: list[tuple[int, str, str, str]] = []
    column = 0
    for text, style, _ in segments:
        look = style or Style()
        paper = _hex(look.color if look.reverse else look.bgcolor)
        ink = _hex(look.bgcolor if look.reverse else look.color) or "#d8dee6"
        rule = f"fill:{ink}" + (";font-weight:bold" if look.bold else "") + (";opacity:.6" if look.dim else "")
        if runs and runs[-1][2] == paper and (runs[-1][3] == rule or not text.strip() or not runs[-1][1].strip()):
            at, before, _, rule_before = runs[-1]
            runs[-1] = (at, before + text, paper, rule if not before.strip() else rule_before)
        else:
            runs.append((column, text, paper, rule))
        column += Segment(text).cell_length
    return runs


def _hex(colour: Any) -> str:
    """`#rrggbb` of a colour of rich; empty for none and for the terminal's own."""
    return Color.from_rich_color(colour).hex6.lower() if colour is not None and not colour.is_default else ""


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
