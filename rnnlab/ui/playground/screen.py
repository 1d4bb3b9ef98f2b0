"""The Playground: an input is typed or taken from the data, and what the net makes of it is drawn step by step."""

from __future__ import annotations

import random
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Input, Static

from rnnlab.plots.steps.inputs import channel_name
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import Answer, NetOpened, Request, SequenceOf, StepPrediction
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import Footer, KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.playground.answer_line import answer_line
from rnnlab.ui.playground.copying import CopiedSteps
from rnnlab.ui.playground.keys import HELP, KEYS, acts_now, footer
from rnnlab.ui.playground.panels import ActivationPanel, InputPanel, OutputPanel, StepPanel, StripPanel
from rnnlab.ui.playground.process import NetProcess
from rnnlab.ui.playground.state import PlaygroundState
from rnnlab.ui.playground.text_field import TextField
from rnnlab.ui.playground.trial import Trial, find_request, number_typed, whole_typed
from rnnlab.ui.run.following.follow import RunAdvanced
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run


class PlaygroundScreen(CopiedSteps):
    """A net in a process of its own, the input that is tried, and panels over its prediction."""

    CSS_PATH = [Path(__file__).parents[1] / "styles" / "playground.tcss"]
    TITLE = "Playground"
    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, run: RunFolder, example: tuple[str, int] | None = None) -> None:
        super().__init__()
        self.run = run
        first = None if example is None else Trial(subset=example[0], row=example[1])
        self.state = PlaygroundState(trial=first)
        self._number = 0
        self._allowed = False
        self._answer_lines = 0
        self._outputs_height: int | None = None
        self._footer: Footer = ()
        self._net = NetProcess(run, self._answered, self._process_ended)

    def compose(self) -> ComposeResult:
        yield TitleBar("playground", f"{plain(self.run.session.name, 60)}/{plain(self.run.name, 60)}")
        yield TextField("loading the best weights …")
        yield Static(id="answer", markup=False)
        with Container(id="panels"):
            with Container(id="outputs-row"):
                yield InputPanel(id="input")
                yield OutputPanel(id="outputs")
                yield ActivationPanel(id="found")
            yield StripPanel(id="strips")
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        followers_of(self.app).follow(self.run).watch(self)
        self._field.focus()
        self._show()
        self._serve()

    def on_unmount(self) -> None:
        followers_of(self.app).follow(self.run).unwatch(self)

    @work(group="net", exclusive=True, exit_on_error=False)
    async def _serve(self) -> None:
        self.state.ended = False
        await self._net.serve()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    async def shown_data(self) -> DataOf:
        """What the run learns from."""
        return await data_of_run(self.run)

    @property
    def _field(self) -> TextField:
        return self.query_one(TextField)

    @property
    def _strips(self) -> StripPanel:
        return self.query_one("#strips", StripPanel)

    @property
    def _curves(self) -> InputPanel:
        return self.query_one("#input", InputPanel)

    @property
    def _found(self) -> ActivationPanel:
        return self.query_one("#found", ActivationPanel)

    @property
    def _finding(self) -> bool:
        return self.has_class("-finding")

    @property
    def _typing(self) -> bool:
        return bool(self._field.has_focus)

    # What comes from the process and from the run.

    def _answered(self, answer: Answer) -> None:
        if not self.is_mounted or not self.query(TextField):
            return  # the screen is going
        if answer.opened is not None:
            self._net_opened(answer.opened)
        elif answer.activations is not None:
            self._found.show_found(answer.activations)
        elif answer.predicted is not None:
            self._take(answer.number, answer.predicted, answer.sequence)
        elif answer.kind == "find":
            self.state.asks = answer.asks
            self._found.show_problem(answer.error + ("  y: load the data" if answer.asks else ""))
        elif answer.kind == "reload":
            # The weights from before are still there to be tried.
            self.notify(plain(answer.error), severity="warning", markup=False, timeout=8)
        else:
            self.state.refuse(answer)
        self._show()

    def _net_opened(self, opened: NetOpened) -> None:
        state = self.state
        state.opened = opened
        if opened.note:
            self.notify(plain(opened.note), severity="warning", markup=False, timeout=12)
        self._field.placeholder = plain(state.what_to_type, 100)
        if state.trial is None and not self._field.value:
            state.trial = state.first_trial()
            if state.trial.text is not None:
                self._field.put(state.trial.text)
        if self._finding:
            self.action_find()
        self._predict()

    def _take(self, number: int, predicted: StepPrediction, sequence: SequenceOf | None) -> None:
        state = self.state
        if state.trial is None:
            return  # the text was cleared meanwhile
        first = state.predicted is None
        state.take(number, predicted, sequence)
        if sequence is not None and state.from_data:
            self._field.put(sequence.text if sequence.typed and not state.has_curves else "")
            if first and state.has_curves and self._typing:
                self.query_one("#input").focus()  # nothing is typed, and single values can be edited

    def _process_ended(self, reason: str) -> None:
        if not self.is_mounted or not self.query(TextField):
            return
        self.state.ended, self.state.error = True, reason
        if self._finding and self._found.activations is None:
            self._close_found()
        if self.state.opened is None:
            self._field.placeholder = "no net to try"
        self._show()

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        self._show_answer()

    @property
    def newer(self) -> str:
        """Better weights than those that are tried; empty where there are none."""
        return self.state.newer(followers_of(self.app).follow(self.run).state.checkpoints.get("best"))

    # What is tried.

    def _predict(self) -> None:
        if self.state.trial is not None:
            self._number += 1
            self.state.asking(self._number)
            self._net.ask(self.state.trial.request(self._number, allowed=self._allowed))

    def _change(self, trial: Trial | None) -> None:
        if trial is not None:
            self.state.trial = trial
            self._predict()

    def _take_sequence(self, index: int) -> None:
        """Try a sequence; the process counts on from the last one to the first, and back."""
        self.state.cursor = None
        self._change(Trial(subset=self.state.subset, index=index))

    def on_text_field_typed(self, event: TextField.Typed) -> None:
        event.stop()
        self.state.cursor = None
        if event.text.strip():
            self._change(Trial(text=event.text, subset=self.state.subset))
        else:
            self.state.clear()
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "text":
            event.stop()
            self.action_switch()

    def on_text_field_caret_moved(self, event: TextField.CaretMoved) -> None:
        """The caret marks the step before it, where each character is a step."""
        event.stop()
        field, predicted = self._field, self.state.predicted
        if not field.has_focus or predicted is None or field.step == self.state.cursor:
            return
        if len(field.value) == predicted.steps == len(predicted.columns):
            self.state.cursor = field.step
            self._show()

    def action_sequence(self, by: int) -> None:
        trial = self.state.trial
        here = trial.index if trial is not None and trial.text is None else None
        self._take_sequence(0 if here is None else here + by)

    def action_random(self) -> None:
        rows = self.state.sequence.rows if self.state.sequence is not None else 1 << 30
        self._take_sequence(random.randrange(rows))

    def action_number(self) -> None:
        here = str(self.state.sequence.index + 1) if self.state.sequence is not None else "1"
        self.query_one(Prompt).ask("number", f"number of a {self.state.subset} sequence", here, whole_typed)

    def action_reload(self) -> None:
        if self.state.ended:
            self.state.error = ""
            self._net = NetProcess(self.run, self._answered, self._process_ended)
            self._serve()
            self._show()
        else:
            self._number += 1
            self._net.ask(Request(number=self._number, kind="reload"))

    def action_allow(self) -> None:
        """Load the data of a run from elsewhere."""
        self._allowed, self.state.asks, self.state.error = True, False, ""
        if self._finding:
            self.action_find()
        else:
            self._predict()
        self._show()

    # The cursor, the strips and the values.

    def action_step(self, by: int) -> None:
        self.state.move(by)
        self._show()

    def action_cell(self, by: int) -> None:
        if self._finding:
            self._found.choose(self._found.chosen + by)
        else:
            self._strips.choose_line(self._strips.position + by)

    def action_strip(self, by: int) -> None:
        self._strips.next_strip(by)

    def action_order(self) -> None:
        self._strips.next_order()

    def on_strip_panel_chosen(self, event: StripPanel.Chosen) -> None:
        event.stop()
        self.state.cursor = event.column
        self._show()

    def action_find(self) -> None:
        """Sequences in which the chosen cell is as strongly on as here."""
        strip, cell = self._strips.chosen_strip, self._strips.cell
        if strip is None or cell is None:
            return
        self.add_class("-finding")
        self._found.start(f"{strip.title}, cell {cell}", f"reading the {self.state.subset} subset …")
        self._found.focus()
        self._number += 1
        at = self.state.column
        self._net.ask(find_request(self._number, strip, cell, at, subset=self.state.subset, allowed=self._allowed))

    def action_enter(self) -> None:
        """Open the sequence that is chosen in the list; else edit the value under the cursor."""
        if not self._finding:
            self.action_edit()
        elif (chosen := self._found.chosen_activation) is not None:
            self.state.to_step = chosen.step
            self._change(Trial(subset=self.state.subset, index=chosen.index))
            self._close_found()

    def _close_found(self) -> None:
        self.remove_class("-finding")
        self.state.asks = self.state.asks and bool(self.state.error)
        self._strips.focus()
        self._show()

    def action_channel(self) -> None:
        if self.state.predicted is not None:
            self._curves.next_channel(len(self.state.predicted.values))
            self._show()

    def action_nudge(self, by: int) -> None:
        """Raise or lower the value under the cursor by a twentieth of the channel's range."""
        self.state.cursor = self.state.column
        self._change(self.state.nudged(by, self._curves.channel))

    def action_edit(self) -> None:
        here = self.state.value_at_cursor(self._curves.channel)
        if here is not None and self.state.predicted is not None:
            self.state.cursor = self.state.column
            step, channel, value = here
            name = channel_name(self.state.predicted, channel)
            self.query_one(Prompt).ask("value", f"{name} at step {step + 1}", f"{value:.6g}", number_typed)

    def action_undo(self) -> None:
        if self.state.trial is not None:
            self._change(self.state.trial.undone())

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic == "number":
            self._take_sequence(whole_typed(event.text) - 1)
        elif (here := self.state.value_at_cursor(self._curves.channel)) is not None and self.state.trial is not None:
            self._change(self.state.trial.edited(here[0], here[1], number_typed(event.text)))

    # What is drawn.

    def _show(self) -> None:
        state = self.state
        self.set_class(state.has_curves, "-values")
        self.set_class(state.predicted is not None and state.predicted.problem == "forecasting", "-forecast")
        if (height := state.lines_of_outputs) != self._outputs_height:
            self._outputs_height = height
            self.query_one("#outputs-row").styles.height = height if height is not None else "45%"
        edited = state.trial is not None and bool(state.trial.edits)
        self._curves.before = state.unedited.values if edited and state.unedited is not None else ()
        for panel in self.query(StepPanel):
            panel.show(state.predicted, state.cursor)
        self._show_answer()

    def _show_answer(self) -> None:
        answer, line = self.query_one("#answer", Static), answer_line(self.state, self.newer)
        # One more line moves all panels; the same number leaves them where they are.
        lines = -(-line.cell_length // max(1, self.app.size.width - 2))
        answer.update(line, layout=lines != self._answer_lines)
        self._answer_lines = lines
        footer = tuple(key for key in self.footer if self.check_action(key[0].partition("(")[0], ()))
        if footer != self._footer:
            self._footer = footer
            self.refresh_bindings()
        epoch = f" · best weights, epoch {self.state.opened.epoch}" if self.state.opened is not None else ""
        self.query_one(TitleBar).about = f"{plain(self.run.session.name, 60)}/{plain(self.run.name, 60)}{epoch}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that act now: letters belong to the text while it has the focus."""
        if not self.is_mounted or not self.query(Prompt):
            return True
        return acts_now(
            self.state,
            action,
            typing=self._typing,
            finding=self._finding,
            newer=bool(self.newer),
            asking=self.query_one(Prompt).asking,
        )

    @property
    def footer(self) -> Footer:
        """The keys that the key bar shows."""
        return footer(self.state, typing=self._typing, finding=self._finding, newer=bool(self.newer))

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

    def action_switch(self) -> None:
        """From the text to the panels and back."""
        if self._finding:
            self._found.focus()
        elif self._typing:
            self.query_one("#input" if self.state.has_curves else "#strips").focus()
        elif self.query_one("#input").has_focus:
            self._strips.focus()
        else:
            self.query_one("#text").focus()

    def action_back(self) -> None:
        if self.query_one(Prompt).asking:
            self.query_one(Prompt).action_give_up()
        elif self._finding:
            self._close_found()
        elif not self._typing and self.state.cursor is not None:
            self.state.cursor = None
            self._show()
        else:
            self.app.pop_screen()
