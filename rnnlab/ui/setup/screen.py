"""Setup: what is learned, by which net, with which settings; and the key that trains it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import FIELDS, UsageError, where
from rnnlab.config.plain import PLAIN
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.textual_private import FirstScreen, running_app
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.setup.about import About
from rnnlab.ui.setup.card_list import CardList
from rnnlab.ui.setup.choices import Choices
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.command_line import command_line
from rnnlab.ui.setup.draft import OWN, Draft
from rnnlab.ui.setup.field_help import FieldHelp
from rnnlab.ui.setup.file_checker import FileChecker
from rnnlab.ui.setup.form import Form
from rnnlab.ui.setup.help_text import HELP
from rnnlab.ui.setup.matching import counted_net, match_parameters
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.own_data import OwnData
from rnnlab.ui.setup.start import obstacle_of, start_draft, start_sweep
from rnnlab.ui.setup.task_list import default_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from rnnlab.ui.common.prompt import Prompt
    from rnnlab.ui.setup.data_of import DataOf
    from rnnlab.ui.setup.search import Entry, Kind

WIDE = 110
HIGH = 38
"""Columns and lines from which on there is room for more words."""


class SetupScreen(FirstScreen):
    """A new run, written as a `Draft`."""

    TITLE = "New run"
    HELP = HELP
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]
    AUTO_FOCUS = "#tasks"

    BINDINGS = [
        # Not before the keys that came first: what trains is what was typed.
        Binding("ctrl+r,f5", "train", "Train"),
        Binding("ctrl+s,f8", "repeat", "Seeds"),
        Binding("ctrl+g,f6", "choose_file", "File", priority=True),
        Binding("ctrl+x,f11", "answer", "Answer", priority=True),
        Binding("ctrl+z", "undo", "Undo"),
        Binding("ctrl+d", "reset_field", "Default"),
        Binding("ctrl+l", "reset_all", "All defaults", show=False),
        Binding("ctrl+y", "copy_command", "Copy command", show=False),
        Binding("ctrl+b,f7", "match", "Match parameters", show=False),
        Binding("i,f9", "about", "About", show=False),
        Binding("f10", "app.recipes", "Recipes", show=False),
        # Before the lists, so that what is typed right after it goes into the search.
        Binding("slash", "search", "Search", show=False, priority=True),
        Binding("escape", "app.go_back", "Back", show=False),
        # Before the keys that follow: what is typed right after a tab is meant for where it leads.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, draft: Draft | None = None) -> None:
        # Textual gives these at the first resize, and then styles every widget once more.
        columns, lines = running_app().size
        super().__init__(classes=("-wide" if columns >= WIDE else "-narrow") + (" -high" if lines >= HIGH else " -low"))
        self.draft = draft or Draft({"task.name": default_task()})
        self.file = FileChecker(self, self.draft, self._file_checked)
        self.own = OwnData(self, self.draft, self.file, self._own_changed)
        self._starting = False
        self._net_before: tuple[str, int] | None = None
        """The net that was described when the list of architectures was entered."""

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
        yield CommandBar()
        yield KeyBar()

    def on_mount(self) -> None:
        self.choices.describe("task")
        self._show_draft()
        self.query_one(FieldHelp).show(self.query_one(Form).key)

    def on_resize(self) -> None:
        roomy = self.app.size.height >= HIGH
        for cards in self.query(CardList):
            cards.roomy = roomy
        self.query_one(NetSummary).roomy = roomy

    def on_screen_resume(self) -> None:
        """Data may have been fetched meanwhile."""
        self.choices.relist()
        self.query_one(NetSummary).sweep.forget()
        # The first frame does not wait for what was measured in earlier runs; one may have finished meanwhile.
        self.call_after_refresh(self.query_one(NetSummary).measure)

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

    def _show_draft(self) -> None:
        draft = self.draft
        self.query_one(NetSummary).recount()
        wrong = next(iter(draft.errors), "")
        bar = self.query_one(CommandBar)
        bar.command = f"{wrong} is wrong" if wrong else command_line(draft)
        bar.wrong = len(draft.errors)
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
        return self.draft.card.name == OWN if action == "choose_file" else True

    # Keys and clicks.

    @on(CardList.Chosen, "#tasks")
    def _task_chosen(self, event: CardList.Chosen) -> None:
        own = OWN in (event.name, self.draft.card.name)
        self.draft.set("task.name", event.name)
        if event.name == OWN:
            self.query_one(Form).key = "data.path"
        self.choices.describe("task")
        self.redraw()
        if own:
            self.file.check()
            self.refresh_bindings()

    @on(CardList.Chosen, "#models")
    def _model_chosen(self, event: CardList.Chosen) -> None:
        self.draft.set("model.name", event.name)
        self.choices.describe("model")
        self.redraw()

    def action_search(self) -> None:
        """Search the tasks, the architectures and the settings; those of the panel one is in first."""
        from rnnlab.ui.setup.search import entries_of
        from rnnlab.ui.setup.search_screen import SearchScreen

        tasks, models = self.choices.tasks, self.choices.models
        form = self.query_one(Form)
        kind: Kind = "setting" if form.has_focus else "architecture" if models.has_focus else "task"
        now = {"setting": form.key, "architecture": models.chosen, "task": tasks.chosen}[kind]
        self.app.push_screen(SearchScreen(entries_of(self.draft, tasks.cards, models.cards), kind, now, self._go_to))

    def _go_to(self, entry: Entry) -> None:
        """To what was found, as a person would get there."""
        if entry.kind == "setting":
            self.jump(entry.name)
            return
        cards = self.choices.tasks if entry.kind == "task" else self.choices.models
        cards.focus()
        cards.choose(entry.name)

    @on(CardList.Entered)
    def _list_entered(self, event: CardList.Entered) -> None:
        self.draft.settle()
        self.choices.describe("task" if event.cards.id == "tasks" else "model")
        if event.cards.id == "models":
            self._net_before = counted_net(self.draft)

    @on(Form.Moved)
    def _field_entered(self, event: Form.Moved) -> None:
        self.query_one(FieldHelp).show(event.key)
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
        self.query_one(FieldHelp).show(form.key)
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

    def action_undo(self) -> None:
        key = self.draft.undo()
        if key is None:
            self.notify("nothing to undo", markup=False)
            return
        self.redraw()
        if key in ("task.name", "model.name"):
            self.choices.describe("task" if key == "task.name" else "model")
        elif key:
            self.query_one(Form).go_to(key)

    def action_match(self) -> None:
        """Give the net about as many parameters as the one that stood before, or as the task's own."""
        try:
            matched = match_parameters(self.draft, self._net_before)
        except UsageError as error:
            self.notify(plain(str(error)), severity="warning", markup=False)
            return
        self.redraw()
        self.notify(matched, markup=False)

    def action_reset_field(self) -> None:
        form = self.query_one(Form)
        if form.key in FIELDS and self.draft.reset(form.key):
            self.redraw()

    def action_plain(self) -> None:
        """The settings of a course's loop, as `--plain` has them; undone as one change."""
        self.draft.set_all(PLAIN)
        self.redraw()

    def action_reset_all(self) -> None:
        if self.draft.reset_all():
            self.redraw()
            self.notify("every setting is at its default again; ^z takes that back", markup=False)

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
            action = self.action_answer if question is not None and question.stops else self._start
            action()

    async def action_repeat(self) -> None:
        """Ask how many seeds, and start a run of each."""
        from rnnlab.ui.common.prompt import Prompt
        from rnnlab.ui.setup.several import parse_seeds, seeds_question

        if not self._ready():
            return
        # Not there from the start: the first frame need not wait for it.
        if not self.query(Prompt):
            await self.mount(Prompt(), before=self.query_one(CommandBar))
        check = partial(parse_seeds, self.draft.over, first=self.draft.value("train.seed"))
        self.query_one(Prompt).ask("seeds", seeds_question(self.draft.over), "5", check, 12)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic == "seeds":
            self._start(event.text)

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

    def _start(self, seeds: str = "") -> None:
        if not self._starting:
            self._starting = True
            self.run_worker(self._start_runs(seeds), name="start runs")

    async def _start_runs(self, seeds: str) -> None:
        """Start the run and show it, or, with `seeds`, its repeats and the session."""
        checks = self.file.checks if self.draft.card.name == OWN else None
        if checks is not None and not self.file.known:
            self.notify("your file is checked first", markup=False)
        app: Any = self.app
        try:
            if self.draft.over:
                self.notify("the runs of the sweep are being queued", markup=False)
                sweep = await start_sweep(self.draft, checks, seeds)
                await app.open_session(sweep.path)
                self.notify(plain(sweep.sentence, 1000), markup=False)
                return
            runs = await start_draft(self.draft, checks, seeds)
        except UsageError as error:
            self.notify(plain(str(error), 1000), severity="error", timeout=15, markup=False)
            return
        finally:
            self._starting = False
        if not seeds:
            app.open_run(runs[0])
            return
        await app.open_session(runs[0].session.path)
        self.notify(f"{len(runs)} seeds are queued in {plain(str(runs[0].session.path))}", markup=False)

    @on(About.Opened)
    def action_about(self) -> None:
        from rnnlab.ui.common.help import TextScreen

        self.app.push_screen(TextScreen(*self.choices.description()))
