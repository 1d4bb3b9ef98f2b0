"""Choosing one's own file: a path to type, the folder below it, and what is wrong with the file under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.setup.file.file_check import check_text
from rnnlab.ui.setup.file.file_list import HERE, UP, FileList
from rnnlab.ui.setup.file.own_file import Checks, Entry, Folder, missing, read_folder, split_path, started_anew

SETTLE_SECONDS = 0.25
"""A file that is only passed is not checked."""


class PathInput(Input):
    """A line for a path. An absolute path that is pasted replaces what stands there."""

    def on_paste(self, event: events.Paste) -> None:
        if event.text.lstrip().startswith(("/", "~")):
            # Textual calls the handler of the base class, which inserts the text, after this one.
            self.value = ""


class PickFileScreen(ModalScreen[str | None]):
    """Gives the path that was chosen, or None. What is typed narrows the list; ↑ ↓ move in it meanwhile."""

    CSS_PATH = "../../styles/data.tcss"
    TITLE = "Your own data"
    HELP = (
        "Type a path (// and ~ begin a new one), or walk through the folders: enter opens a folder and takes a file, tab "
        "completes what is typed, ../ leads up, ./ takes the folder itself, as one of recordings is. The file under the cursor "
        "is checked, and shift with ↑ ↓ moves in what was found."
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Open or take", priority=True),
        Binding("tab", "complete", "Complete", priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("shift+down", "scroll_check(1)", "More of the check", priority=True, key_display="⇧↓"),
        Binding("shift+up", "scroll_check(-1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("escape", "leave", "Leave", priority=True),
    ]

    def __init__(self, path: str, settings: Mapping[str, str], checks: Checks) -> None:
        super().__init__()
        self._start = path
        self._settings = dict(settings)
        self._checks = checks
        self._folder = Folder("")
        self._reading: Worker[None] | None = None
        self._checking: Worker[None] | None = None
        self._taking = False
        """Whether enter waits for the folder that is being read."""
        self._before = _beginning(path)
        """The path before the last change."""

    def compose(self) -> ComposeResult:
        with Vertical(id="pick", classes="box") as box:
            box.border_title = "Your own data: a file, or a folder of recordings"
            yield PathInput(self._before, placeholder="a path", id="path", compact=True)
            with Horizontal(id="below"):
                yield FileList(id="files")
                with VerticalScroll(id="check", classes="box") as scroll:
                    scroll.border_title = "Check"
                    scroll.can_focus = False
                    yield Static(id="found", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()
        field.cursor_position = len(field.value)
        self._list(field.value)

    # The list follows the path.

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        # More may have been typed since.
        typed = self.query_one(Input).value
        before, self._before, self._taking = self._before, typed, False
        added = typed.removeprefix(before)
        # After the name of a file / and ~ can only begin another path.
        path = added if added != typed and added[:1] in ("/", "~") and self._is_file(before) else started_anew(typed)
        if path != typed:
            self._enter(path)
        else:
            self._list(path)

    def _is_file(self, path: str) -> bool:
        """Whether the path that stands here is that of a listed file."""
        folder, name = split_path(path)
        return self._folder.path == folder and any(e.name == name and not e.folder for e in self._folder.entries)

    def _list(self, text: str) -> None:
        folder, start = split_path(text)
        if self._folder.covers(folder, start):
            self.query_one(FileList).show(self._folder, start)
            return
        if self._reading is not None:
            self._reading.cancel()
        # A folder is read whole, so that what is typed next need not wait; of one too large for that, what begins so.
        wanted = start if folder == self._folder.path and self._folder.more else ""
        # No coroutine: one that is cancelled before it begins would be left behind.
        self._reading = self.run_worker(partial(self._read, folder, wanted), name="read a folder")

    async def _read(self, path: str, wanted: str) -> None:
        folder = await asyncio.to_thread(read_folder, path, wanted)
        self._folder, self._reading = folder, None
        typed_folder, start = split_path(self.query_one(Input).value)
        if typed_folder == path:
            self.query_one(FileList).show(folder, start)
            if folder.more and start != folder.start:
                self._list(self.query_one(Input).value)
        if self._taking and self._reading is None:
            self.action_take()

    def _path_of(self, entry: Entry) -> str:
        folder = self._folder.path
        if entry is HERE:
            return folder or "."
        if entry is UP:
            return str(Path(folder or ".").resolve().parent)
        return entry.name if not folder else f"{folder.rstrip('/')}/{entry.name}"

    # What is under the cursor is checked.

    @on(FileList.Pointed)
    def _pointed(self, event: FileList.Pointed) -> None:
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        self.query_one("#check").scroll_home(animate=False)
        found = self.query_one("#found", Static)
        entry = event.entry
        if entry is None or entry is UP or (entry.folder and entry is not HERE):
            hint = "enter opens the folder" if entry is not None else ""
            found.update(Content.styled(hint, "$text-muted"))
            return
        path = self._path_of(entry)
        known = self._checks.known(path, self._settings)
        if known is not None:
            found.update(check_text(known))
            return
        found.update(Content.styled(f"checking {plain(entry.name, 60)} …", "$text-muted"))
        self._checking = self.run_worker(partial(self._check, path), name="check a file")

    async def _check(self, path: str) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        result = await self._checks.check(path, self._settings)
        self._checking = None
        self.query_one("#found", Static).update(check_text(result))

    # Keys and clicks.

    def action_move(self, by: int) -> None:
        self.query_one(FileList).move(by)

    def action_page(self, by: int) -> None:
        files = self.query_one(FileList)
        files.move(by * files.page)

    def action_scroll_check(self, by: int) -> None:
        """Move in what the check found, where that is longer than its place."""
        check = self.query_one("#check")
        check.scroll_relative(y=by * max(1, check.scrollable_content_region.height - 1), animate=False)

    def action_complete(self) -> None:
        """Write the name under the cursor out; of a folder with its slash, so that its entries follow."""
        entry = self.query_one(FileList).entry
        if entry is not None:
            self._enter(self._path_of(entry) + ("/" if entry.folder and entry is not HERE else ""))

    def _enter(self, path: str) -> None:
        field = self.query_one(Input)
        field.value = "/" if path == "//" else path
        field.cursor_position = len(field.value)

    def action_take(self) -> None:
        # What is listed while a folder is being read is that of another path.
        self._taking = self._reading is not None
        if self._taking:
            return
        entry = self.query_one(FileList).entry
        if entry is None:
            typed = self.query_one(Input).value.strip()
            if reason := missing(typed) if typed else "":
                self.notify(plain(reason, 1000), severity="error", markup=False)
            elif typed:
                self.dismiss(typed)
        elif entry.folder and entry is not HERE:
            self.action_complete()
        else:
            self.dismiss(self._path_of(entry))

    @on(FileList.Chosen)
    def _clicked(self, event: FileList.Chosen) -> None:
        event.stop()
        self.action_take()

    def action_leave(self) -> None:
        self.dismiss(None)


def _beginning(path: str) -> str:
    """Where the choice begins: the path that stands there, else the folder one works in."""
    if path:
        return path
    try:
        return f"{str(Path.cwd()).rstrip('/')}/"
    except OSError:
        return "~/"
