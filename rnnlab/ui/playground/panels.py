"""Panels of the Playground: outputs by step, the input's curves, strips of states and gates, and where else a cell is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message

from rnnlab.errors import UsageError
from rnnlab.plots.steps.activations import activation_lines
from rnnlab.plots.steps.answer import prediction_lines
from rnnlab.plots.steps.columns import columns_in
from rnnlab.plots.steps.inputs import channel_name, input_lines
from rnnlab.plots.steps.probabilities import output_lines
from rnnlab.plots.steps.strips import GUTTER, LEAST_LINES, Order, cells_in_order, strip_lines
from rnnlab.plots.steps.tables import activation_tables, input_tables, output_tables, strip_tables
from rnnlab.runs.step_prediction import Activation, Activations, StepPrediction, Strip
from rnnlab.text.lines import Lines, beside, sentence
from rnnlab.text.numbers import probability
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table
from rnnlab.ui.described.figures import Described
from rnnlab.ui.run.panels.panel import Drawn

_LEAST_WIDTH = 30
"""Cells of the narrowest of several strips side by side."""
_LEAST_HEIGHT = 10
"""Lines of the lowest of several strips one under the other."""
_GAP = 2
_CLASSES = 5
"""Classes of a prediction in sentences."""


class StepPanel(Drawn, can_focus=True):
    """A panel that draws a prediction by steps; `cursor` is the column that is marked."""

    predicted: StepPrediction | None = None
    cursor: int | None = None
    empty = ""
    """What stands there without a prediction."""

    def show(self, predicted: StepPrediction | None, cursor: int | None) -> None:
        """Draw the prediction; nothing where there is none."""
        self.predicted, self.cursor = predicted, cursor
        self.redraw()

    title = ""

    def entitle(self, title: str) -> None:
        """Set the title, which may come from data."""
        self.title = plain(title, 200)
        self.border_title = Content(self.title)

    def sentences(self) -> Described:
        """The prediction, and what the panel shows as text. Raises `UsageError` where that is nothing yet."""
        if self.predicted is None:
            raise UsageError("There is nothing to describe in this panel yet.")
        return Described(self.title, "\n".join(prediction_lines(self.predicted.prediction, _CLASSES)))

    def tables(self) -> list[Table]:
        """The numbers that are drawn; none without a prediction."""
        return self.tables_of(self.predicted) if self.predicted is not None else []

    def tables_of(self, predicted: StepPrediction) -> list[Table]:
        """The numbers of a prediction."""
        raise NotImplementedError

    def draw(self, width: int, height: int) -> Lines:
        """The drawing, or a sentence where there is no prediction."""
        if self.predicted is None:
            return sentence(self.empty, width, height, self.palette.style("muted"))
        return self.drawing(self.predicted, width, height)

    def drawing(self, predicted: StepPrediction, width: int, height: int) -> Lines:
        """The lines of a prediction."""
        raise NotImplementedError


class OutputPanel(StepPanel):
    """Probabilities or numbers after each step."""

    empty = "Here stands what would be predicted if the input ended at each of its steps."

    def show(self, predicted: StepPrediction | None, cursor: int | None) -> None:
        """Draw the prediction under a title that says what it is."""
        numbers = predicted is not None and bool(predicted.numbers)
        self.entitle("prediction after each step" if numbers else "probabilities after each step")
        super().show(predicted, cursor)

    def drawing(self, predicted: StepPrediction, width: int, height: int) -> Lines:
        """As `rnnlab predict --steps` prints them."""
        return output_lines(predicted, width=width, height=height, palette=self.palette, cursor=self.cursor)

    def tables_of(self, predicted: StepPrediction) -> list[Table]:
        """What is predicted after each step."""
        return output_tables(predicted)


class InputPanel(StepPanel):
    """Curves of the input's channels, with the forecast after a window of a series."""

    channel: int | None = None
    before: Sequence[Sequence[float]] = ()
    """Values before they were edited."""

    def show(self, predicted: StepPrediction | None, cursor: int | None) -> None:
        """Draw the input under a title that names the channel."""
        if predicted is not None and predicted.values:
            if self.channel is not None and self.channel >= len(predicted.values):
                self.channel = None
            at = len(predicted.columns) - 1 if cursor is None else cursor
            channel = self.channel or 0
            name = "input" if len(predicted.values) == 1 else channel_name(predicted, channel)
            self.entitle(f"{name}, step {predicted.columns[at] + 1}: {predicted.values[channel][at]:.4g}")
        super().show(predicted, cursor)

    def next_channel(self, channels: int) -> None:
        """Show the next of so many channels alone; after the last one all."""
        following = 0 if self.channel is None else self.channel + 1
        self.channel = following if following < channels > 1 else None

    def drawing(self, predicted: StepPrediction, width: int, height: int) -> Lines:
        """Curves of the channels, or of the chosen one."""
        return input_lines(
            predicted,
            width=width,
            height=height,
            palette=self.palette,
            cursor=self.cursor,
            channel=self.channel,
            before=self.before,
        )

    def tables_of(self, predicted: StepPrediction) -> list[Table]:
        """All channels."""
        return input_tables(predicted)


class StripPanel(StepPanel):
    """Hidden states and gates: as many strips as there is room for, the chosen one first."""

    @dataclass
    class Chosen(Message):
        """A cell was clicked, at a step that is shown in `column`."""

        column: int

    strip = 0
    """The first strip that is drawn."""
    empty = "Here stand the hidden state and the gates, a line for each cell."
    order: Order = "varied"
    position = 0
    """Line of the chosen cell in the order."""

    @property
    def chosen_strip(self) -> Strip | None:
        """The chosen strip; None where there are none."""
        if self.predicted is None or not self.predicted.strips:
            return None
        self.strip %= len(self.predicted.strips)
        return self.predicted.strips[self.strip]

    @property
    def cell(self) -> int | None:
        """The chosen cell; None where there is none."""
        strip = self.chosen_strip
        ordered = () if strip is None else cells_in_order(strip, self.order)
        return ordered[min(self.position, len(ordered) - 1)] if ordered else None

    def redraw(self) -> None:
        """Draw again, under a title that names the chosen cell and its value."""
        strip, cell = self.chosen_strip, self.cell
        title = "hidden state and gates"
        if strip is not None and cell is not None and self.predicted is not None:
            at = strip.columns - 1 if self.cursor is None else min(self.cursor, strip.columns - 1)
            label, step = self.predicted.labels[at], self.predicted.columns[at] + 1
            where = f"step {step}" if label == str(step) else f"step {step} ({plain(label, 12)})"
            title = f"{strip.title}, cell {cell} at {where}: {probability(strip.row(cell)[at])}"
        self.entitle(title)
        super().redraw()

    def choose_line(self, line: int) -> None:
        """Choose the cell on that line of the order."""
        if (strip := self.chosen_strip) is not None:
            self.position = min(strip.cells - 1, max(0, line))
            self.redraw()

    def next_strip(self, by: int) -> None:
        """Choose the next strip."""
        self.strip += by
        self.redraw()

    def next_order(self) -> None:
        """Draw the cells in the other order, with the chosen one still chosen."""
        cell, strip = self.cell, self.chosen_strip
        self.order = "number" if self.order == "varied" else "varied"
        if cell is not None and strip is not None:
            self.position = list(cells_in_order(strip, self.order)).index(cell)
        self.redraw()

    def grid(self, predicted: StepPrediction, width: int, height: int) -> tuple[int, int]:
        """Strips beside one another, and under one another."""
        strips, across = len(predicted.strips), 1
        while across < strips:
            each = (width - _GAP * across) // (across + 1)
            if each < max(_LEAST_WIDTH, GUTTER + 2 * len(predicted.columns)):
                break
            across += 1
        return across, max(1, min(-(-strips // across), height // _LEAST_HEIGHT))

    def blocks(self, predicted: StepPrediction, width: int, height: int) -> list[tuple[int, int, int, int, int]]:
        """Of each strip that is drawn its index, first column, first line, width and height."""
        across, down = self.grid(predicted, width, height)
        wide, high = (width - _GAP * (across - 1)) // across, height // down
        count = min(across * down, len(predicted.strips))
        return [
            (
                (self.strip + at) % len(predicted.strips),
                at % across * (wide + _GAP),
                at // across * high,
                wide,
                high - (at // across < down - 1),
            )
            for at in range(count)
        ]

    def drawing(self, predicted: StepPrediction, width: int, height: int) -> Lines:
        """Rows of strips side by side."""
        if not predicted.strips:
            text = "This architecture has no hidden state or gates that are read step by step."
            return sentence(text, width, height, self.palette.style("muted"))
        lines: Lines = []
        rows: dict[int, list[Lines]] = {}
        blocks = self.blocks(predicted, width, height)
        for index, _, top, wide, high in blocks:
            rows.setdefault(top, []).append(self._strip(predicted, index, wide, high))
        for top, row in sorted(rows.items()):
            lines += [[]] * (top - len(lines))
            lines += beside(row, [blocks[0][3]] * len(row), _GAP)
        return lines

    def tables_of(self, predicted: StepPrediction) -> list[Table]:
        """All cells of the chosen state or gate."""
        return [] if (strip := self.chosen_strip) is None else strip_tables(predicted, strip)

    def _strip(self, predicted: StepPrediction, index: int, width: int, height: int) -> Lines:
        strip = predicted.strips[index]
        cell = self.cell
        return strip_lines(
            predicted,
            strip,
            width=width,
            height=height,
            palette=self.palette,
            order=self.order,
            cursor=self.cursor,
            cell=cell if cell is not None and cell < strip.cells and index == self.strip else None,
            first=self.first_line(height) if index == self.strip else 0,
        )

    def first_line(self, height: int) -> int:
        """First line of the order that is drawn, so that the chosen cell is seen."""
        room = height - (LEAST_LINES - 1)
        return max(0, self.position - room + 1 if self.position < room else self.position - room // 2)

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the mouse."""
        place = event.get_content_offset(self)
        if self.predicted is None or place is None or not self.predicted.strips:
            return
        for index, left, top, wide, high in self.blocks(self.predicted, *self.content_size):
            strip = self.predicted.strips[index]
            columns = columns_in(strip.columns, wide, gutter=GUTTER, cursor=self.cursor)
            column = (place.x - left - GUTTER) // columns.cell
            line = place.y - top - (LEAST_LINES - 1)
            if 0 <= column < columns.shown and left <= place.x < left + wide and 0 <= line < high - (LEAST_LINES - 1):
                ordered = cells_in_order(strip, self.order)
                first = self.first_line(high) if index == self.strip else 0
                first = max(0, min(first, len(ordered) - (high - (LEAST_LINES - 1))))
                if first + line < len(ordered):
                    self.strip, self.position = index, first + line
                    self.redraw()
                    self.post_message(self.Chosen(columns.first + column))
                return


class ActivationPanel(StepPanel):
    """Sequences in which a cell is most strongly on, one a line."""

    activations: Activations | None = None
    chosen = 0

    @property
    def chosen_activation(self) -> Activation | None:
        """The chosen line; None where there is none."""
        found = self.activations.found if self.activations is not None else ()
        return found[self.chosen] if self.chosen < len(found) else None

    def show(self, predicted: StepPrediction | None, cursor: int | None) -> None:
        """Nothing: the list does not depend on what is tried now."""

    def start(self, title: str, waiting: str) -> None:
        """Say what is looked for."""
        self.activations, self.chosen, self.empty = None, 0, waiting
        self.entitle(title)
        self.redraw()

    def show_found(self, found: Activations) -> None:
        """List what was found."""
        self.activations, self.chosen = found, 0
        where = "highest" if found.sign > 0 else "lowest"
        read = f"all {found.rows:,}" if found.sequences == found.rows else f"{found.sequences:,} of {found.rows:,}"
        self.entitle(f"{found.strip}, cell {found.cell}: {where} values in {read} {found.subset} sequences")
        self.redraw()

    def show_problem(self, problem: str) -> None:
        """Say why there is no list."""
        self.activations, self.empty = None, problem
        self.redraw()

    def choose(self, line: int) -> None:
        """Choose that line."""
        if self.activations is not None:
            self.chosen = max(0, min(len(self.activations.found) - 1, line))
            self.redraw()

    def sentences(self) -> Described:
        """The list. Raises `UsageError` where there is none yet."""
        if self.activations is None:
            raise UsageError("There is nothing to describe in this panel yet.")
        return Described(self.title, self.plain_text())

    def tables(self) -> list[Table]:
        """The list."""
        return activation_tables(self.activations) if self.activations is not None else []

    def draw(self, width: int, height: int) -> Lines:
        """The list, or why there is none yet."""
        if self.activations is None:
            return sentence(self.empty, width, height, self.palette.style("muted"))
        return activation_lines(self.activations, width=width, height=height, palette=self.palette, chosen=self.chosen)
