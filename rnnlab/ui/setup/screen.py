"""Setup: what is learned, by which net, with which settings; and the key that trains it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import where
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.setup.beside import beside, show_beside
from rnnlab.ui.setup.bindings import BINDINGS
from rnnlab.ui.setup.cards.about import About
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.cards.choices import Choices
from rnnlab.ui.setup.cards.task_list import default_task
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.draft.command_line import command_line
from rnnlab.ui.setup.draft.draft import OWN, Draft
from rnnlab.ui.setup.draft.matching import counted_net
from rnnlab.ui.setup.draft_actions import DraftActions
from rnnlab.ui.setup.file.file_checker import FileChecker
from rnnlab.ui.setup.file.own_data import OwnData
from rnnlab.ui.setup.form.field_help import FieldHelp
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.help_text import HELP
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.starting.start import obstacle_of
from rnnlab.ui.setup.starting.starter import Starter
from rnnlab.ui.setup.task_data import TaskData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult

    from rnnlab.ui.common.prompt import Prompt
    from rnnlab.ui.setup.draft.data_of import DataOf

WIDE = 110
HIGH = 38
"""Columns and lines from which on there is room for more words."""
VAST = 180
"""Columns from which on help, net and equations stand beside the form."""


class SetupScreen(DraftActions):
    """A new run, written as a `Draft`."""

    TITLE = "New run"
    HELP = HELP
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (VAST, "-vast")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]
    AUTO_FOCUS = "#tasks"

    BINDINGS = BINDINGS

    def __init__(self, draft: Draft | None = None) -> None:
        super().__init__()
        self.draft = draft or Draft({"task.name": default_task()})
        self.file = FileChecker(self, self.draft, self._file_checked)
        self.own = OwnData(self, self.draft, self.file, self._own_changed)
        self.starter = Starter(self, self.draft, self.file)
        self.task_data = TaskData(self, self.draft, self._data_changed)

    def compose(self) -> ComposeResult:
        draft = self.draft
        yield TitleBar("setup")
        with Horizontal(id="columns"):
            yield Choices(draft, self.file, id="left")
            with Vertical(id="right"):
                with Vertical(id="settings", classes="box") as box:
                    box.border_title = "Settings"
                    yield Form(draft, id="form")
                    yield FieldHelp(draft, id="help")
                summary = NetSummary(draft)
                summary.add_class("box")
                yield summary
                # A narrower terminal has no room for it, and may become wider.
                if self.app.size.width >= VAST:
                    yield from beside(draft)
        yield CommandBar()
        yield KeyBar()

    def on_mount(self) -> None:
        self.choices.describe("task")
        self._show_draft()
        self._help(self.query_one(Form).key)

    def on_resize(self) -> None:
        if self.app.size.width >= VAST and not self.query("#equations"):
            self.query_one("#right").mount(*beside(self.draft))
            self.call_after_refresh(self.redraw)
        roomy = self.app.size.height >= HIGH
        for cards in self.query(CardList):
            cards.roomy = roomy
        self.query_one(NetSummary).roomy = roomy

    def on_screen_resume(self) -> None:
        """Data may have been fetched meanwhile."""
        self.choices.relist()
        self.task_data.show()
        self.query_one(NetSummary).forget()
        # The first frame does not wait for what was measured in earlier runs; one may have finished meanwhile.
        self.after_first_frame(self.query_one(NetSummary).measure)

    def on_screen_suspend(self) -> None:
        """Whoever comes back begins a field anew."""
        self.query_one(Form).leave()
        select_whole(self)

    @property
    def choices(self) -> Choices:
        """The lists, and the description beside the form."""
        return self.query_one(Choices)

    def shown_data(self) -> DataOf:
        """The task that is described, and what is set of its data."""
        return self.draft.card.name, self.draft.data_settings()

    # The draft, wherever it is shown.

    def _help(self, key: str) -> None:
        for pane in self.query(FieldHelp):
            pane.show(key)

    def _show_draft(self) -> None:
        draft = self.draft
        self.query_one(NetSummary).recount()
        wrong = next(iter(draft.errors), "")
        bar = self.query_one(CommandBar)
        bar.command = f"{wrong} is wrong" if wrong else command_line(draft)
        bar.wrong = len(draft.errors)
        show_beside(self, draft)
        sizes = ",".join(str(size) for size in draft.value("model.hidden"))
        if draft.tried("model.hidden") is not None:
            sizes = plain(draft.text("model.hidden"), 40)
        self.query_one(TitleBar).about = f"{draft.card.name} · {MODELS[draft.value('model.name')].title} {sizes}"

    # One's own data.

    def _file_checked(self) -> None:
        self.refresh_bindings()
        self.choices.describe(self.choices.described)
        self.query_one(Form).refresh_fields()
        self._show_draft()

    @on(Form.Browsed)
    def action_choose_file(self) -> None:
        """Choose the file from a list."""
        self.own.choose_file()

    def action_answer(self) -> None:
        """Answer what the check of the file asks."""
        self.own.answer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A file is chosen for one's own data alone; / searches, but where it may belong to what is typed."""
        if action == "search":
            if isinstance(self.focused, Form):
                return not self.focused.takes_text
            return self.focused is None or isinstance(self.focused, CardList | CommandBar)
        if action == "answer":
            return self.own.asked() is not None
        if action == "fetch":
            return self.task_data.missing() and not self.task_data.fetching
        return self.draft.card.name == OWN if action == "choose_file" else True

    # Keys and clicks.

    @on(CardList.Chosen, "#tasks")
    def _task_chosen(self, event: CardList.Chosen) -> None:
        own = OWN in (event.name, self.draft.card.name)
        self.draft.set("task.name", event.name)
        if event.name == OWN:
            self.query_one(Form).key = "data.path"
        self._data_changed()
        self.choices.describe("task")
        self.task_data.show()
        self.redraw()
        if own:
            self.file.check()
            self.refresh_bindings()

    @on(CardList.Chosen, "#models")
    def _model_chosen(self, event: CardList.Chosen) -> None:
        self.draft.set("model.name", event.name)
        self.choices.describe("model")
        self.redraw()

    # The task's data, and presets.

    async def action_fetch(self) -> None:
        """Ask whether the terms of the task's data are accepted, and fetch it."""
        self.task_data.ask(await self._prompt())

    async def action_yes(self) -> None:
        """Accept what is asked."""
        prompt = await self._prompt()
        if prompt.topic == "fetch":
            self.task_data.answer(prompt, accepted=True)
            self.refresh_bindings()

    async def on_key(self, event: events.Key) -> None:
        """Any key but the confirming one takes the question back."""
        prompt = await self._prompt() if self.focused is None else None
        if prompt is not None and prompt.topic == "fetch" and event.key != "y":
            self.task_data.answer(prompt, accepted=False)
            event.stop()
            event.prevent_default()

    async def action_back(self) -> None:
        """Stop the download of the task's data, if there is one; else go back to where one came from."""
        if self.task_data.fetching:
            self.task_data.stop()
        else:
            await self.run_action("app.go_back")

    def _data_changed(self) -> None:
        self.choices.failure = self.task_data.failure()
        self.choices.relist()
        self.choices.describe(self.choices.described)
        self.refresh_bindings()

    def action_search(self) -> None:
        """Search the tasks, the architectures and the settings; those of the panel one is in first."""
        from rnnlab.ui.setup.search.from_setup import search

        search(self.app, self.choices, self.query_one(Form), self.jump)

    @on(CardList.Entered)
    def _list_entered(self, event: CardList.Entered) -> None:
        self.draft.settle()
        self.choices.describe("task" if event.cards.id == "tasks" else "model")
        if event.cards.id == "models":
            self.net_before = counted_net(self.draft)

    @on(Form.Moved)
    def _field_entered(self, event: Form.Moved) -> None:
        self._help(event.key)
        self._name_about_key()

    def on_descendant_focus(self) -> None:
        self._name_about_key()

    def _name_about_key(self) -> None:
        """Where one types, i is a letter."""
        typing = isinstance(self.focused, Form) and self.focused.takes_text
        self.query_one(About).key = "f9" if typing else "i"

    @on(Form.Edited)
    def _field_edited(self, event: Form.Edited) -> None:
        if self.draft.card.name == OWN:
            if event.key.startswith("data."):
                self.choices.describe("task")
                self.file.check()
        elif event.key == "data.path":
            self.on_screen_resume()
        self._show_draft()

    def _own_changed(self) -> None:
        self.redraw()
        self.choices.describe("task")

    def redraw(self) -> None:
        """The draft was changed from outside the form."""
        self.choices.show_chosen()
        form = self.query_one(Form)
        form.refresh_fields()
        self._help(form.key)
        self._show_draft()

    def enter(self, task: str, settings: Mapping[str, str]) -> None:
        """Describe a run on the task with these settings of its data, and no others that were written for it before."""
        self.draft.set("task.name", task)
        for key in self.draft.data_settings().keys() - settings.keys():
            self.draft.reset(key)
        for key, text in settings.items():
            self.draft.set(key, text)
        self.draft.settle()
        self.choices.describe("task")
        self.redraw()

    def jump(self, key: str) -> None:
        """Go to the field, in the form or in its list."""
        if key in ("task.name", "model.name"):
            (self.choices.tasks if key == "task.name" else self.choices.models).focus()
        elif self.draft.applies(key):
            self.query_one(Form).go_to(key)
        else:
            self.notify(f"{key} has no effect here: it applies where {where(key)}", markup=False)

    @on(CommandBar.Copied)
    def action_copy_command(self) -> None:
        if self.draft.errors:
            self.action_train()
            return
        self.app.copy_to_clipboard(command_line(self.draft))
        self.notify("the command is in the clipboard, where the terminal allows it", markup=False)

    # Starting runs.

    @on(CommandBar.Pressed)
    def action_train(self) -> None:
        """Start the run, or go to the first field that is wrong."""
        if self._ready():
            question = self.own.asked()
            action = self.action_answer if question is not None and question.stops else self.starter.start
            action()

    async def action_repeat(self) -> None:
        """Ask how many seeds, and start a run of each."""
        from rnnlab.ui.setup.draft.several import parse_seeds, seeds_question, seeds_text

        if not self._ready():
            return
        prompt = await self._prompt()
        check = partial(parse_seeds, self.draft.over, first=self.draft.value("train.seed"))
        prompt.ask("seeds", seeds_question(self.draft.over), seeds_text(self.draft.seeds) or "5", check, 12)

    async def _prompt(self) -> Prompt:
        """The line that asks. Not there from the start: the first frame need not wait for it."""
        from rnnlab.ui.common.prompt import Prompt

        if not self.query(Prompt):
            await self.mount(Prompt(), before=self.query_one(CommandBar))
        return self.query_one(Prompt)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic == "seeds":
            self.starter.start(event.text)

    def _ready(self) -> bool:
        """Whether the run can be started; where not, the reason is shown, and the field to mend."""
        self.choices.take_chosen()
        self.query_one(Form).leave()
        obstacle = obstacle_of(self.draft)
        if obstacle is not None:
            self.notify(obstacle.reason, severity="error", timeout=None if obstacle.key else 15, markup=False)
            if obstacle.key:
                self.jump(obstacle.key)
        return obstacle is None

    @on(About.Opened)
    def action_about(self) -> None:
        from rnnlab.ui.common.help import TextScreen

        self.app.push_screen(TextScreen(*self.choices.description()))
