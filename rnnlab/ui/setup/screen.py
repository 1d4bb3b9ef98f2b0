"""Setup: what is learned, by which net, with which settings; and the key that trains it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual._context import active_app
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, ConfigError, where
from rnnlab.config.net import describe_net
from rnnlab.config.plain import PLAIN
from rnnlab.models.plan.plan_for_task import matched_to
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.setup.about import About
from rnnlab.ui.setup.card_list import Card, CardList
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.command_line import command_line
from rnnlab.ui.setup.draft import OWN, Draft
from rnnlab.ui.setup.estimate import estimate
from rnnlab.ui.setup.form import Form
from rnnlab.ui.setup.launch import data_missing
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.starting import StartingScreen
from rnnlab.ui.setup.task_list import in_short, task_cards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.worker import Worker

    from rnnlab.catalog.task_card import TaskCard
    from rnnlab.ui.setup.data_of import DataOf
    from rnnlab.ui.setup.own_file import Checks
    from rnnlab.ui.setup.search import Entry, Kind

HELP = """\
Choose on the left what is learned and which net learns it; the settings on the right follow. ↑ ↓ go through a list or \
the fields, tab to the next panel. / searches tasks, architectures and settings as you type: enter goes there, esc leaves \
all as it was; only in a field that takes text, as a path, it is a letter. In the form + \
and - step a value (1, 2, 4 …; 0.001, 0.002, 0.005 …), space and ← → choose, and what you type replaces what is there; \
esc takes back what was changed in the field, and then leads back to the screen you came from.

^b finds the hidden size that gives the net about as many parameters as the one you had before you entered the list of \
architectures, or as the task's own: so that two are compared fairly.

^e shows what the task learns from: its rows, how they are split, whether that leaks. For your own data ^g chooses a file.

A • marks a setting that differs from the task's default; a ✗ one that is wrong, with the reason below it.

Seeds trains the same from several seeds, side by side: weights, order and dropout differ, the split is one. Sessions shows \
such runs as one row, mean ± standard deviation.

Train puts the run into today's session and starts it in the background: it goes on when the app is closed. The line at the \
bottom is the same run as a command: click or copy it to repeat the run without the app."""

CHECK_SECONDS = 0.4
"""A path that is still being typed is not checked."""
WIDE = 110
HIGH = 38
"""Columns and lines from which on there is room for more words."""


class SetupScreen(StartingScreen):
    """A new run, written as a `Draft`."""

    TITLE = "New run"
    HELP = HELP
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]
    AUTO_FOCUS = "#tasks"

    BINDINGS = [
        Binding("ctrl+g,f6", "choose_file", "File", priority=True),
        Binding("ctrl+z", "undo", "Undo"),
        Binding("ctrl+d", "reset_field", "Default"),
        Binding("ctrl+l", "reset_all", "All defaults", show=False),
        Binding("ctrl+y", "copy_command", "Copy command", show=False),
        Binding("ctrl+b,f7", "match", "Match parameters", show=False),
        Binding("i,f9", "about", "About", show=False),
        # Before the lists, so that what is typed right after it goes into the search.
        Binding("slash", "search", "Search", show=False, priority=True),
        Binding("escape", "app.go_back", "Back", show=False),
        # Before the keys that follow: what is typed right after a tab is meant for where it leads.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, draft: Draft | None = None) -> None:
        # Textual gives these at the first resize, and then styles every widget once more.
        columns, lines = active_app.get().size
        super().__init__(classes=("-wide" if columns >= WIDE else "-narrow") + (" -high" if lines >= HIGH else " -low"))
        self.draft = draft or Draft({"task.name": default_task()})
        self._checks: Checks | None = None
        self._checking: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        draft = self.draft
        yield TitleBar("setup")
        with Horizontal(id="columns"):
            with Vertical(id="left"):
                yield CardList(task_cards(self._data_folder()), draft.card.name, title="Task", id="tasks")
                models = [
                    Card(card.name, card.title, in_short(card.summary), group=card.group) for card in MODELS.values()
                ]
                yield CardList(models, draft.text("model.name"), title="Architecture", id="models")
                yield About(id="about", classes="box")
            with Vertical(id="right"):
                with Vertical(id="settings", classes="box") as box:
                    box.border_title = "Settings"
                    yield Form(draft, id="form")
                    yield Static(id="help")
                summary = NetSummary(draft)
                summary.add_class("box")
                summary.border_title = "Net"
                yield summary
        yield CommandBar()
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_about("task")
        self._show_draft()
        self._show_help(self.query_one(Form).key)

    def _compositor_refresh(self) -> None:
        """Draw nothing while the app starts: Textual would throw it away, and after that draw the rest piece by piece."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def on_resize(self) -> None:
        roomy = self.app.size.height >= HIGH
        for cards in self.query(CardList):
            cards.roomy = roomy
        self.query_one(NetSummary).roomy = roomy

    def on_screen_resume(self) -> None:
        """Data may have been fetched meanwhile."""
        cards = self.query_one("#tasks", CardList)
        cards.cards = tuple(task_cards(self._data_folder()))
        cards.refresh()
        # The first frame does not wait for what was measured in earlier runs.
        self.call_after_refresh(self._ask_pace)

    def on_screen_suspend(self) -> None:
        """Whoever comes back begins a field anew."""
        self.query_one(Form).leave()
        select_whole(self)

    def shown_data(self) -> DataOf:
        """The task that is described, and what is set of its data."""
        return self.draft.card.name, self.draft.data_settings()

    def _ask_pace(self) -> None:
        self.run_worker(self._learn_pace(), name="pace")

    async def _learn_pace(self) -> None:
        """How fast runs have gone here; one may have finished meanwhile."""
        from rnnlab.ui.setup.speed import pace

        summary = self.query_one(NetSummary)
        summary.pace = await asyncio.to_thread(pace)
        summary.recount()

    def _data_folder(self) -> str | None:
        """The folder of data sets that was typed; the path of own data is a file."""
        path = self.draft.value("data.path") if self.draft.card.name != "own" else None
        return path if isinstance(path, str) else None

    # What the draft says, everywhere it is said.

    def _show_draft(self) -> None:
        draft = self.draft
        self.query_one(NetSummary).recount()
        wrong = next(iter(draft.errors), "")
        bar = self.query_one(CommandBar)
        bar.command = f"{wrong} is wrong" if wrong else command_line(draft)
        bar.wrong = len(draft.errors)
        sizes = ",".join(str(size) for size in draft.value("model.hidden"))
        self.query_one(TitleBar).about = f"{draft.card.name} · {MODELS[draft.value('model.name')].title} {sizes}"

    def _show_help(self, key: str) -> None:
        field = FIELDS[key]
        unit = f" ({field.setting.unit})" if field.setting.unit else ""
        self.query_one("#help", Static).update(
            Content.assemble((key, "bold"), unit, "  ", field.setting.help), layout=False
        )

    def _show_about(self, what: str) -> None:
        self._about = what
        title, text = self._about_text()
        about = self.query_one(About)
        about.border_title = Content(plain(title))
        about.text = text

    def _about_text(self) -> tuple[str, Content]:
        """The card that was last looked at, whole."""
        if self._about == "model":
            model = MODELS[self.draft.value("model.name")]
            return model.title, _paragraphs(
                (model.summary, ""), ("\n".join(model.equations), "$secondary"), (model.source, "$text-muted")
            )
        task = self.draft.card
        if task.name == OWN:
            return task.title, self._about_file()
        missing = data_missing(task, self._data_folder())
        return task.title, _paragraphs(
            (f"Its files are not here yet: rnnlab data fetch {task.name}" if missing else "", "$text-warning"),
            (task.summary, ""),
            (f"{task.problem.capitalize()}: {_answer_of(task)}, judged by {_METRICS[task.metric]}.", "$secondary"),
            (f"Source: {task.source}" if task.source else "", "$text-muted"),
            (f"Terms: {task.terms}" if task.terms else "", "$text-muted"),
        )

    # One's own data.

    @property
    def checks(self) -> Checks:
        """What is known of the files that were looked at."""
        if self._checks is None:
            from rnnlab.ui.setup.own_file import Checks

            self._checks = Checks()
        return self._checks

    def _file(self) -> tuple[str, dict[str, str]]:
        """The path of the person's own data, empty where there is none yet, and the settings it is to be read with."""
        settings = self.draft.data_settings()
        return settings.pop("data.path", ""), settings

    def _about_file(self) -> Content:
        """What the check has found and which settings follow from it, above what such a file may be."""
        from rnnlab.ui.setup.file_check import check_words

        path, settings = self._file()
        card = self.draft.card
        parts = [_paragraphs((card.summary, "" if not path else "$text-muted"))]
        if not path:
            parts.insert(0, Content.styled("No file yet: ^g chooses one.", "$text-warning"))
        else:
            known = self.checks.known(path, settings)
            found = Content.styled("checking it …", "$text-muted") if known is None else check_words(known)
            lines = [Content.styled(plain(path, 300), "bold"), found]
            if suited := self.draft.suited_text():
                lines.append(Content.styled(plain(suited, 1000), "$secondary"))
            parts.insert(0, Content("\n").join(lines))
        return Content("\n\n").join(parts)

    def _check_file(self) -> None:
        """Look through the file that is named now."""
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        path, settings = self._file()
        if self.draft.card.name != OWN or not path:
            return
        self._checking = self.run_worker(self._checked(path, settings), name="check the file")

    async def _checked(self, path: str, settings: dict[str, str]) -> None:
        if self.checks.known(path, settings) is None:
            await asyncio.sleep(CHECK_SECONDS)
        answer = await self.checks.check(path, settings)
        document = answer.document
        if isinstance(document, dict) and document.get("net"):
            self.draft.know_file(
                path, document["net"], int((document.get("splits") or {}).get("train", 0)), document.get("known")
            )
        if self._file() == (path, settings):
            self._checking = None
            self._show_about("task")
            self.query_one(Form).refresh_fields()
            self._show_draft()

    @on(Form.Browsed)
    def action_choose_file(self) -> None:
        """Choose the file from a list."""
        from rnnlab.ui.setup.pick_file import PickFileScreen

        path, settings = self._file()
        self.app.push_screen(PickFileScreen(path, settings, self.checks), self._file_chosen)

    def _file_chosen(self, path: str | None) -> None:
        if path is not None:
            self.draft.set("data.path", path)
            self.draft.settle()
            self._redraw()
            form = self.query_one(Form)
            form.go_to("data.path")
            # What is typed next must not replace the file that was just chosen.
            form.cursor_to_end()
            self._show_about("task")
            self._check_file()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A file is chosen for one's own data alone; / searches, but where it may belong to what is typed."""
        if action == "search":
            if isinstance(self.focused, Form):
                return not self.focused.takes_text
            return self.focused is None or isinstance(self.focused, CardList | CommandBar)
        return self.draft.card.name == OWN if action == "choose_file" else True

    # What the person does.

    @on(CardList.Chosen, "#tasks")
    def _task_chosen(self, event: CardList.Chosen) -> None:
        own = OWN in (event.name, self.draft.card.name)
        self.draft.set("task.name", event.name)
        if event.name == OWN:
            self.query_one(Form).key = "data.path"
        self._show_about("task")
        self._redraw()
        if own:
            self._check_file()
            self.refresh_bindings()

    @on(CardList.Chosen, "#models")
    def _model_chosen(self, event: CardList.Chosen) -> None:
        self.draft.set("model.name", event.name)
        self._show_about("model")
        self._redraw()

    def action_search(self) -> None:
        """Search the tasks, the architectures and the settings; those of the panel one is in first."""
        from rnnlab.ui.setup.search import entries_of
        from rnnlab.ui.setup.search_screen import SearchScreen

        tasks, models = self.query_one("#tasks", CardList), self.query_one("#models", CardList)
        form = self.query_one(Form)
        kind: Kind = "setting" if form.has_focus else "architecture" if models.has_focus else "task"
        now = {"setting": form.key, "architecture": models.chosen, "task": tasks.chosen}[kind]
        self.app.push_screen(SearchScreen(entries_of(self.draft, tasks.cards, models.cards), kind, now, self._go_to))

    def _go_to(self, entry: Entry) -> None:
        """To what was found, as a person would get there."""
        if entry.kind == "setting":
            self.jump(entry.name)
            return
        cards = self.query_one("#tasks" if entry.kind == "task" else "#models", CardList)
        cards.focus()
        cards.choose(entry.name)

    @on(CardList.Looked)
    def _list_looked_at(self, event: CardList.Looked) -> None:
        self.draft.settle()
        self._show_about("task" if event.cards.id == "tasks" else "model")
        if event.cards.id == "models":
            self._before = _net_of(self.draft)

    @on(Form.Moved)
    def _field_reached(self, event: Form.Moved) -> None:
        self._show_help(event.key)
        self._name_about_key()

    def on_descendant_focus(self) -> None:
        self._name_about_key()

    def _name_about_key(self) -> None:
        """Where one types, i is a letter."""
        typing = isinstance(self.focused, Form) and self.focused.typed
        self.query_one(About).key = "f9" if typing else "i"

    @on(Form.Edited)
    def _field_edited(self, event: Form.Edited) -> None:
        if self.draft.card.name == OWN:
            if event.key.startswith("data."):
                self._show_about("task")
                self._check_file()
        elif event.key == "data.path":
            self.on_screen_resume()
        self._show_draft()

    def _redraw(self) -> None:
        """The draft was changed from outside the form."""
        self.query_one("#tasks", CardList).chosen = self.draft.card.name
        self.query_one("#models", CardList).chosen = self.draft.value("model.name")
        form = self.query_one(Form)
        form.refresh_fields()
        self._show_help(form.key)
        self._show_draft()

    def enter(self, task: str, settings: Mapping[str, str]) -> None:
        """Describe a run on the task with these settings of its data, and no others that were written for it before."""
        self.draft.set("task.name", task)
        for key in self.draft.data_settings().keys() - settings.keys():
            self.draft.reset(key)
        for key, text in settings.items():
            self.draft.set(key, text)
        self.draft.settle()
        self._show_about("task")
        self._redraw()

    def jump(self, key: str) -> None:
        """Go to the field, in the form or in its list."""
        if key in ("task.name", "model.name"):
            self.query_one("#tasks" if key == "task.name" else "#models").focus()
        elif self.draft.applies(key):
            self.query_one(Form).go_to(key)
        else:
            self.notify(f"{key} has no effect here: it applies where {where(key)}", markup=False)

    def action_undo(self) -> None:
        key = self.draft.undo()
        if key is None:
            self.notify("nothing to undo", markup=False)
            return
        self._redraw()
        if key in ("task.name", "model.name"):
            self._show_about(key.partition(".")[0])
        elif key:
            self.query_one(Form).go_to(key)

    def action_match(self) -> None:
        """Give the net about as many parameters as the one that stood before, or as the task's own."""
        now = _net_of(self.draft)
        if now is None:
            self.notify("the net cannot be counted yet, so nothing can be matched", markup=False)
            return
        other = self._before
        if other is None or other[0] == now[0]:
            other = _net_of(Draft({"task.name": self.draft.card.name})) or now
        try:
            config, count = matched_to(self.draft.config(), other[1], self.draft.card)
        except ConfigError as error:
            self.notify(plain(str(error)), severity="warning", markup=False)
            return
        hidden = FIELDS["model.hidden"].text(config.model.hidden)
        self.draft.settle()
        self.draft.set("model.hidden", hidden)
        self.draft.settle()
        self._redraw()
        self.notify(
            f"{describe_net(config.model)}: {count:,} parameters, nearest to the {other[1]:,} of {other[0]}; ^z takes it back",
            markup=False,
        )

    def action_reset_field(self) -> None:
        form = self.query_one(Form)
        if self.draft.reset(form.key):
            self._redraw()

    def action_plain(self) -> None:
        """The settings of a course's loop, as `--plain` has them; undone as one change."""
        self.draft.set_all(PLAIN)
        self._redraw()

    def action_reset_all(self) -> None:
        if self.draft.reset_all():
            self._redraw()
            self.notify("every setting is at its default again; ^z takes that back", markup=False)

    @on(CommandBar.Copied)
    def action_copy_command(self) -> None:
        if self.draft.errors:
            self.action_train()
            return
        self.app.copy_to_clipboard(command_line(self.draft))
        self.notify("the command is in the clipboard, where the terminal allows it", markup=False)

    @on(About.Opened)
    def action_about(self) -> None:
        from rnnlab.ui.common.help import TextScreen

        self.app.push_screen(TextScreen(*self._about_text()))


_METRICS = {"accuracy": "accuracy", "mae": "mean absolute error"}


def _answer_of(task: TaskCard) -> str:
    """What is asked for, in a word or two."""
    if task.problem == "forecasting":
        return "the next value" if task.outputs == 1 else f"the next {task.outputs} values"
    if task.problem == "per-step classification":
        letters = task.inputs == "tokens" and task.outputs >= 26
        return f"one {'letter' if letters else 'answer'} a step, of {task.outputs}"
    if task.problem == "classification":
        return f"one of {task.outputs} classes"
    return "a number" if task.outputs == 1 else f"{task.outputs} numbers"


def _net_of(draft: Draft) -> tuple[str, int] | None:
    """The draft's net in a few words, and its parameters; None while it cannot be counted."""
    figures = estimate(draft)
    return None if figures is None else (describe_net(draft.config().model), figures.parameters)


def default_task() -> str:
    """`names` where its files are here, else the first task that needs none."""
    if "names" in TASKS and not data_missing(TASKS["names"]):
        return "names"
    return "surnames"


def _paragraphs(*paragraphs: tuple[str, str]) -> Content:
    return Content("\n\n").join(
        Content.styled("\n".join(plain(line) for line in text.split("\n")), style) for text, style in paragraphs if text
    )
