"""The configuration of a run: every setting that is read, those that differ from the task's defaults first."""

from __future__ import annotations

from rich.segment import Segment

from rnnlab.config import RunConfig
from rnnlab.config.tree import FIELDS
from rnnlab.text.lines import Lines, beside, fit, padded
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table

_VALUE = 14
_GAP = 2


def changed_keys(config: RunConfig) -> list[str]:
    """The keys whose values are not the task's defaults, of those that mean anything in this run."""
    usual = RunConfig.from_settings({"task.name": config.task.name})
    return [key for key in FIELDS if config.get(key) != usual.get(key) and config.applies(key)]


def changed_note(config: RunConfig) -> str:
    """How many settings differ from the defaults, as text."""
    changed = changed_keys(config)
    return f"● {len(changed)} changed from the task's defaults" if changed else "the task's defaults"


def changed_text(config: RunConfig) -> str:
    """What differs from the defaults, in a line: `model.hidden 64 · optim.lr 0.01`; empty where nothing does."""
    return " · ".join(f"{key} {FIELDS[key].text(config.get(key))}" for key in changed_keys(config))


def settings_table(config: RunConfig) -> Table:
    """The settings that are read in this run and the task's defaults for them, those that differ first."""
    usual = RunConfig.from_settings({"task.name": config.task.name})
    titles = ("setting", "value", "default")
    rows = [(key, FIELDS[key].text(config.get(key)), FIELDS[key].text(usual.get(key))) for key in _in_order(config)]
    return Table(
        "",
        tuple(Column(each, each, left=True) for each in titles),
        tuple(tuple(map(Cell, map(plain, row))) for row in rows),
    )


def _in_order(config: RunConfig) -> list[str]:
    changed = changed_keys(config)
    return changed + [key for key in FIELDS if key not in changed and config.applies(key)]


def settings_list(config: RunConfig, width: int, palette: Palette) -> Lines:
    """The settings in columns, as many lines as they need."""
    changed = changed_keys(config)
    keys = _in_order(config)
    longest = max(map(len, keys))
    value = max(4, min(_VALUE, width - longest - 3))
    cells: Lines = []
    for key in keys:
        new = key in changed
        cells.append(
            [
                Segment("● " if new else "  ", palette.style("accent")),
                Segment(fit(key, longest + 1), palette.style("text" if new else "muted", bold=new)),
                Segment(fit(FIELDS[key].text(config.get(key)), value), palette.style("text", bold=new)),
            ]
        )
    each = longest + 3 + value
    columns = max(1, (width + _GAP) // (each + _GAP))
    rows = -(-len(cells) // columns)
    blocks = [cells[start : start + rows] for start in range(0, len(cells), rows)]
    return [padded(line, width) for line in beside(blocks, [each] * len(blocks), gap=_GAP)]
