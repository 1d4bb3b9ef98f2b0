"""The Data screen: what a task learns from, before anything is trained on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.worker import Worker

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.plots.dataset.profile import data_card_lines
from rnnlab.plots.dataset.tables import card_tables
from rnnlab.plots.figure_formats import Format
from rnnlab.text.numbers import duration
from rnnlab.text.palette import Role
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.textual_private import running_app
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.data.cards import CardKey, DataCards, Settings, card_key
from rnnlab.ui.data.description import description_of
from rnnlab.ui.data.view import DataView, Draw
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_lines, written_tables
from rnnlab.ui.opening import opening
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.queries.fetching import Fetches, fetch_question, fetch_refusal
from rnnlab.ui.queries.subprocess_query import Query, run_query
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.cards.task_list import task_cards
from rnnlab.ui.setup.file.own_file import Checks
from rnnlab.ui.setup.starting.launch import data_missing

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPINNER_SECONDS = 0.1
SETTLE_SECONDS = 0.15
"""A task that is only passed on the way down the list is not read."""

HELP = (
    "What a task learns from: some of its rows, its classes and lengths, how it is split, which groups are in which split, "
    "what the baselines score. A split that leaks lets training see what it is tested on; s goes through the task's splits, so "
    "that one can see which do. Nothing is trained here; the data is read by a process of its own, and esc gives "
    "that up; then it leads back to the screen you came from. / searches the tasks. Y "
    "copies the card to the clipboard: as text, its tables as CSV or Markdown, or all of it as an SVG picture."
)


class DataScreen(FittedScreen[None]):
    """A task at the left, its card at the right. `settings` are those of the task that is shown."""

    CSS_PATH = "../styles/data.tcss"
    TITLE = "Data"
    HELP = HELP
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    AUTO_FOCUS = "#tasks"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the list, which would go to the card with it.
        Binding("enter", "train", show=False, priority=True),
        Binding("n", "train", "New run on it"),
        Binding("ctrl+g,f6", "choose_file", "File"),
        Binding("s", "next_split", "Split"),
        Binding("f", "fetch", "Fetch"),
        Binding("r", "again", "Read again"),
        Binding("y", "yes", "Yes", show=False),
        Binding("Y", "copy_card", "Copy the card", key_display="Y"),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        # Before the list, so that what is typed right after it goes into the search.
        Binding("slash", "search", "Search", show=False, priority=True),
        Binding("escape", "back", "Back", show=False),
    ]

    def __init__(self, task: str = "", settings: Settings | None = None, *, query: Query = run_query) -> None:
        super().__init__()
        self._cards = DataCards(query)
        self.named = task if task in TASKS else next(iter(TASKS))
        self._settings: dict[str, dict[str, str]] = {self.named: dict(settings or {})}
        self._reading: Worker[None] | None = None
        self._began = 0.0
        self._given_up = False
        self._checks = Checks()
        app: Any = running_app()
        self._fetches: Fetches = app.fetches if query is run_query else Fetches(app, query)
        self._fetches.listen(self._fetched)
        self._spinner: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TitleBar("data")
        with Horizontal(id="columns"):
            path = self._of_task().get("data.path") if self.named != "own" else None
            yield CardList(task_cards(path), self.named, title="Task", id="tasks")
            yield DataView(id="card")
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self._spinner = self.set_interval(SPINNER_SECONDS, self._spin, pause=True)
        self._read(at_once=True)

    def on_resize(self) -> None:
        self.query_one(CardList).roomy = self.app.size.height >= 38

    def on_screen_resume(self) -> None:
        """Data may have come or gone meanwhile."""
        self._relist()

    def _relist(self) -> None:
        cards = self.query_one("#tasks", CardList)
        cards.cards = tuple(task_cards(self._of_task().get("data.path") if self.named != "own" else None))
        cards.refresh()

    def visit(self, task: str, settings: Settings) -> None:
        """Show the task with these settings."""
        self._settings[task] = dict(settings)
        self.named = task
        self.query_one("#tasks", CardList).chosen = task
        self._relist()
        self._read(at_once=True)

    # What is shown.

    def _of_task(self) -> dict[str, str]:
        return self._settings.setdefault(self.named, {})

    @property
    def _key(self) -> CardKey:
        """What the card that is shown is about."""
        return card_key(self.named, self._of_task())

    @property
    def reading(self) -> bool:
        """Whether a card is being read."""
        return self._reading is not None

    def _read(self, *, at_once: bool = False) -> None:
        """Show the card of the task: the one that is known, or the one that is read now."""
        self._stop_reading()
        self._given_up = False
        key = self._key
        if self._cards.known(key) is not None or self._missing() or self._unnamed() or self.named in self._fetches:
            self._show(top=True)
            return
        self._began = time.monotonic()
        self._reading = self.run_worker(
            partial(self._read_card, key, 0 if at_once else SETTLE_SECONDS), name="read a data card"
        )
        self._show(top=True)
        if self._spinner is not None:
            self._spinner.resume()

    async def _read_card(self, key: CardKey, wait: float) -> None:
        await asyncio.sleep(wait)
        await self._cards.read(key)
        self._reading = None
        if self._key == key:
            self._show()
        else:  # the file was changed while it was read
            self._read(at_once=True)

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _missing(self) -> bool:
        card = TASKS[self.named]
        return bool(card.found_by) and data_missing(card, self._of_task().get("data.path"))

    def _unnamed(self) -> bool:
        """Whether it is a file that nobody has named yet."""
        return self.named == "own" and not self._of_task().get("data.path")

    def _spin(self) -> None:
        if self._reading is None and self.named not in self._fetches:
            if self._spinner is not None:
                self._spinner.pause()
            return
        self._show()

    def _show(self, *, top: bool = False) -> None:
        view = self.query_one(DataView)
        card = TASKS[self.named]
        view.border_title = Content(self.named)
        result = self._cards.known(self._key)
        document = result.document if result is not None and isinstance(result.document, dict) else {}
        split = (
            document.get("split") or self._of_task().get("data.split") or card.defaults.get("data.split", "distinct")
        )
        changed = [f"{key}={value}" for key, value in self._of_task().items() if key != "data.split"]
        view.border_subtitle = Content(plain(" · ".join([f"split: {split}", *changed]), 100))
        self.query_one(TitleBar).about = plain(self.named, 40)
        view.show(self._drawing(), top=top)
        self.refresh_bindings()
        if self._spinner is not None and self.named in self._fetches:
            self._spinner.resume()

    def _drawing(self) -> Draw:
        """What draws the present state."""
        task = self.named
        result = self._cards.known(self._key)
        if task in self._fetches:
            progress = self._fetches.progress(task)
            return description_of(task, (f"{self._glyph()} fetching {task}: {progress}", "accent"), _STOPS)
        if self._reading is not None:
            seconds = time.monotonic() - self._began
            since = f", {duration(seconds)} so far" if seconds > 2 else ""
            return description_of(task, (f"{self._glyph()} reading {task}{since}", "accent"))
        if result is not None and result.problem:
            return description_of(task, (f"✗ {result.problem}", "bad"))
        if result is not None:
            return partial(data_card_lines, result.document)
        if self._unnamed():
            return description_of(task, (_NO_FILE, "warning"))
        if self._missing():
            command = f"rnnlab data fetch {task}"
            if reason := self._fetches.failed.get(task):
                return description_of(task, (f"✗ {reason}", "bad"), (f"f tries again: {command}", "warning"))
            return description_of(task, (f"Its files are not here yet. f fetches them: {command}", "warning"))
        return description_of(task, ("Not read: r reads it." if self._given_up else "", "warning"))

    def _glyph(self) -> str:
        return SPINNER[int(time.monotonic() / SPINNER_SECONDS) % len(SPINNER)]

    # Keys and clicks.

    @on(CardList.Chosen)
    def _task_chosen(self, event: CardList.Chosen) -> None:
        self._close_prompt()
        self.named = event.name
        self._read()

    def action_again(self) -> None:
        """Read the card anew, whatever is known of it."""
        self._cards.forget(self._key)
        self._read(at_once=True)

    def action_next_split(self) -> None:
        card = TASKS[self.named]
        now = self._of_task().get("data.split") or str(card.defaults.get("data.split", "distinct"))
        if len(card.splits) < 2:
            self._say(f"{self.named} can be split in one way only: {card.splits[0]}")
            return
        following = (
            card.splits[(card.splits.index(now) + 1) % len(card.splits)] if now in card.splits else card.splits[0]
        )
        self._of_task()["data.split"] = following
        self._read(at_once=True)

    def action_page(self, by: int) -> None:
        self.query_one(DataView).action_page(by)

    def action_copy_card(self) -> None:
        """The card as it is shown, its tables and its picture; while there is none yet what stands there, as text."""
        view, title = self.query_one(DataView), f"data of {self.named}"
        made: dict[Format, Callable[[], str]] = {"txt": view.plain_text}
        result = self._cards.known(self._key)
        if result is not None and not result.problem:
            made |= written_tables(partial(card_tables, result.document))
            made["svg"] = written_lines(title, view.lines_in)["svg"]
        ask_and_copy(self.app, Copyable(title, made))

    async def action_train(self) -> None:
        """A new run on this task, with these settings."""
        if self.query_one(Prompt).asking:
            self._close_prompt()
            return
        await opening(self.app).set_up_run(self.named, self._of_task())

    def action_choose_file(self) -> None:
        """Choose the person's own file that is shown."""
        from rnnlab.ui.setup.file.pick_file import PickFileScreen

        settings = dict(self._of_task())
        self.app.push_screen(PickFileScreen(settings.pop("data.path", ""), settings, self._checks), self._file_chosen)

    def _file_chosen(self, path: str | None) -> None:
        if path is not None:
            self._of_task()["data.path"] = path
            self._read(at_once=True)

    def action_fetch(self) -> None:
        """Ask whether the terms of the data are accepted, and fetch it."""
        if refused := fetch_refusal(self._fetches, self.named, self._missing()):
            self._say(refused)
        else:
            self.query_one(Prompt).confirm("fetch", fetch_question(self.named))

    def action_yes(self) -> None:
        if self.query_one(Prompt).topic == "fetch":
            self._close_prompt()
            self._fetches.start(self.named, self._settings.get(self.named, {}).get("data.path"))
            self._show(top=True)

    def _fetched(self, task: str) -> None:
        if not self.is_attached:
            return
        self._relist()
        if self.named == task:
            self._read(at_once=True)

    def action_search(self) -> None:
        """Search the tasks."""
        from rnnlab.ui.setup.search.entries import task_entries
        from rnnlab.ui.setup.search.search_screen import SearchScreen

        cards = self.query_one("#tasks", CardList)
        self._close_prompt()
        self.app.push_screen(
            SearchScreen(task_entries(cards.cards), "task", cards.chosen, lambda entry: cards.choose(entry.name))
        )

    async def action_back(self) -> None:
        """Give up what is underway, one thing at a time; then go back to where one came from."""
        if self.query_one(Prompt).asking:
            self._close_prompt()
        elif self.named in self._fetches:
            self._fetches.stop(self.named)
        elif self._reading is not None:
            self._stop_reading()
            self._given_up = True
            self._show()
        else:
            await self.run_action("app.go_back")

    def on_key(self, event: events.Key) -> None:
        """Any key but the confirming one takes the question back."""
        if self.query_one(Prompt).topic == "fetch" and event.key not in ("y", "escape"):
            self._close_prompt()

    def _close_prompt(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
            self.query_one("#tasks").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing for this task are not offered."""
        if action == "search":
            return self.focused is None or isinstance(self.focused, CardList | DataView)
        if action == "next_split":
            return len(TASKS[self.named].splits) > 1
        if action == "fetch":
            return self._missing() and self.named not in self._fetches
        if action == "choose_file":
            return self.named == "own"
        return True

    def _say(self, text: str, severity: Any = "information") -> None:
        self.notify(plain(text), severity=severity, markup=False, timeout=8)


_STOPS: tuple[str, Role] = ("esc stops it; what has come is kept", "muted")
_NO_FILE = "No file is named yet: ^g chooses one."
