"""The app: which screens there are, and what is the same on all of them."""

from __future__ import annotations

import asyncio
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding

from rnnlab.errors import UsageError
from rnnlab.text.palette import named_palette, usual_palette
from rnnlab.text.ramp import depth_of
from rnnlab.text.sanitise import plain
from rnnlab.ui.ahead import import_ahead
from rnnlab.ui.collecting import Collector
from rnnlab.ui.common.barrier import BareBlanks, Barrier
from rnnlab.ui.common.terminal_size import too_small
from rnnlab.ui.common.textual_private import running_app, styled_once
from rnnlab.ui.common.theme import THEMES
from rnnlab.ui.escape_key import EscapeDriver
from rnnlab.ui.setup.screen import SetupScreen
from rnnlab.ui.touring import TouringApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.app import SystemCommand
    from textual.command import Provider
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from rnnlab.runs.folders import RunFolder
    from rnnlab.runs.summaries import Summaries
    from rnnlab.ui.queries.fetching import Fetches
    from rnnlab.ui.run.following.followers import Followers


_AT_ONCE = 0.001
"""Seconds for which drawing waits while the mode is switched: a batch of its own holds it back for longer where need be."""


def _setup_screen() -> SetupScreen:
    return styled_once(SetupScreen())


def _sessions_screen() -> Screen[Any]:
    from rnnlab.ui.sessions.screen import SessionsScreen

    return SessionsScreen()


def _data_screen() -> Screen[Any]:
    from rnnlab.ui.data.screen import DataScreen

    app = running_app()
    assert isinstance(app, RnnlabApp)
    return DataScreen(*app.data_asked)


def _commands() -> type[Provider]:
    from rnnlab.ui.palette_commands import LabCommands

    return LabCommands


class RnnlabApp(TouringApp):
    """Setup, Sessions and Data are modes with a stack of screens each; a run is opened on top of any.

    `preferences` is the file in which the theme is remembered, None to remember nothing. `theme` overrides it. `debug` shows
    the traceback of a fault, which else is one line; `notice` is said once the app stands; `tour`: it begins with the tour.
    Screens other than the first are imported once it stands, or when they are first opened.
    """

    TITLE = "rnnlab"
    # Setup is always opened first: a style sheet of its own would have all of them parsed twice.
    CSS_PATH = [Path(__file__).parent / "styles" / name for name in ("app.tcss", "setup.tcss")]
    MODES = {"setup": _setup_screen, "sessions": _sessions_screen, "data": _data_screen}
    DEFAULT_MODE = "setup"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS = [
        Binding("ctrl+n,f2", "setup", "New run", priority=True),
        Binding("ctrl+o,f3", "sessions", "Sessions", priority=True),
        Binding("ctrl+e,f4", "data", "Data", priority=True),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("f1", "help", "Help", key_display="F1"),  # where ? is typed into a field
        Binding("ctrl+t", "next_theme", "Theme", show=False, priority=True),
        Binding("ctrl+p", "command_palette", "Commands", priority=True),
        Binding("ctrl+q", "quit", "Quit", priority=True),
        Binding("enter", "tour_next", show=False, priority=True),  # of the tour, while its card is on the screen
        Binding("escape", "tour_end", show=False, priority=True),
    ]

    def __init__(
        self,
        *,
        preferences: Path | None = None,
        theme: str | None = None,
        debug: bool = False,
        notice: str = "",
        tour: bool = False,
    ) -> None:
        super().__init__(debug=debug)
        self._barrier, self._bare_blanks = Barrier(), BareBlanks()
        self._collector = Collector()
        self._preferences = preferences
        self._notice = notice
        self.tour_asked = tour
        self._followers: Followers | None = None
        self._fetches: Fetches | None = None
        self._leaving = False
        self._came_from: list[str] = []
        """The modes one came through to the present one, the last at the end."""
        self.data_asked: tuple[str, dict[str, str]] = ("", {})
        """The task whose data is to be shown, and what was set of it."""
        for each in THEMES:
            self.register_theme(each)
        self._start_with(theme or self._remembered_theme() or self._usual_theme())

    def _start_with(self, theme: str) -> None:
        """Take the theme before anything is styled: to assign it would have all rules parsed again after the first frame."""
        self.set_reactive(RnnlabApp.theme, theme)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def _usual_theme(self) -> str:
        """The theme that the environment names, else the one for this terminal."""
        try:
            palette = named_palette()
        except UsageError as error:
            self._notice = self._notice or str(error)
            palette = ""
        return f"rnnlab-{palette or usual_palette(depth_of(self.console.color_system))}"

    def _remembered_theme(self) -> str | None:
        if self._preferences is None:
            return None
        from rnnlab.ui.common.preferences import read_theme

        theme = read_theme(self._preferences)
        return theme if theme in {each.name for each in THEMES} else None

    @property
    def followers(self) -> Followers:
        """The runs that are being read; they outlive the screens that show them."""
        if self._followers is None:
            from rnnlab.ui.run.following.followers import Followers

            self._followers = Followers(self)
        return self._followers

    @property
    def fetches(self) -> Fetches:
        """The downloads of data sets; they outlive the screens that show them."""
        if self._fetches is None:
            from rnnlab.ui.queries.fetching import Fetches

            self._fetches = Fetches(self)
        return self._fetches

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, in a terminal with an escape key that is not waited for; `serve` names one of its own."""
        usual = super().get_driver_class()
        return EscapeDriver if issubclass(EscapeDriver, usual) else usual

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through before it is written."""
        bare = [self._bare_blanks] if self.no_color else []
        return [*super().get_line_filters(), *bare, self._barrier]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Ours are in `rnnlab.ui.palette_commands`."""
        return ()

    async def on_event(self, event: events.Event) -> None:
        """Note when somebody types; a full collection waits until nobody does."""
        if isinstance(event, events.InputEvent):
            self._collector.note_input()
        await super().on_event(event)

    def on_ready(self) -> None:
        self._collector.start(self)
        import_ahead(self, self._collector.is_quiet, self._collector.keep)
        if self._notice:
            self.notify(plain(self._notice), severity="warning", timeout=20, markup=False)
        self.call_after_refresh(self.first_tour, self._preferences)

    # Where one can go.

    def open_run(self, run: RunFolder) -> None:
        """Show the run over the present screen."""
        from rnnlab.ui.run.screen import RunScreen

        screen = RunScreen(run)
        mounted = self.push_screen(screen)
        if self.tour is not None:
            self.run_worker(self.tour_to(mounted, screen), name="tour")

    def action_doctor(self) -> None:
        """What works on this machine, what does not, and what to do."""
        from rnnlab.ui.guide.doctor_screen import DoctorScreen

        self.push_screen(DoctorScreen())

    async def open_session(self, path: Path, summaries: Summaries | None = None) -> None:
        """Show the runs of the session at `path` over the browser of sessions; `summaries` is what is known of them already."""
        from rnnlab.runs.folders import Session
        from rnnlab.ui.session.screen import SessionScreen

        await self.go("sessions")
        self.push_screen(SessionScreen(Session(path), summaries))

    def open_playground(self, run: RunFolder, example: tuple[str, int] | None = None) -> None:
        """Try inputs on the run's best weights, over the present screen.

        `example`: a subset and the row of the task's dataset that is shown first, as `rnnlab errors` counts rows.
        """
        from rnnlab.ui.playground.screen import PlaygroundScreen

        self.push_screen(PlaygroundScreen(run, example))

    def open_latest_run(self) -> None:
        """Show the run made last, in any session."""
        self.run_worker(self._open_latest_run(), name="open the latest run")

    async def _open_latest_run(self) -> None:
        from rnnlab.config import UsageError
        from rnnlab.runs.find import find_run

        try:
            run = await asyncio.to_thread(find_run, "latest")
        except (UsageError, OSError) as error:
            self.notify(plain(str(error)), severity="warning", markup=False)
            return
        self.open_run(run)

    def action_recipes(self) -> None:
        """The published experiments, over the present screen."""
        from rnnlab.ui.setup.recipes_screen import RecipesScreen

        self.push_screen(RecipesScreen())

    async def action_setup(self) -> None:
        await self.go("setup")

    async def action_sessions(self) -> None:
        await self.go("sessions")

    async def action_data(self) -> None:
        """The data that the screen is about: of the run that is set up or shown; else the data shown last."""
        asked = None
        # `shown_data` of a screen: a task with the settings of its data, or what finds them out; None: of no task.
        if (of_screen := getattr(self.screen, "shown_data", None)) is not None:
            from rnnlab.config import UsageError

            try:
                asked = of_screen()
                asked = await asked if inspect.isawaitable(asked) else asked
            except UsageError as error:
                self.notify(plain(str(error)), severity="warning", markup=False)
                return
            if asked is not None:
                self.data_asked = asked
        await self.go("data")
        from rnnlab.ui.data.screen import DataScreen

        if asked is not None and isinstance(self.screen, DataScreen):
            self.screen.visit(*asked)

    async def set_up_run(self, task: str, settings: Mapping[str, str]) -> None:
        """A new run on the task, with these settings entered."""
        await self.go("setup")
        if isinstance(self.screen, SetupScreen):
            self.screen.enter(task, settings)

    async def set_up_from(self, run: RunFolder) -> None:
        """A new run with the settings of this one entered. Raises `UsageError` where they cannot be read."""
        from rnnlab.config import read_settings

        settings = await asyncio.to_thread(read_settings, run.config_path)
        await self.go("setup")
        if isinstance(self.screen, SetupScreen):
            from rnnlab.ui.setup.enter_run import enter_run

            enter_run(self.screen, settings, run.name)

    async def go(self, mode: str) -> None:
        """The mode's first screen."""
        if self.current_mode != mode:
            self._came_from = [
                *(each for each in self._came_from if each not in (mode, self.current_mode)),
                self.current_mode,
            ]
        await self._show_mode(mode, first=True)

    async def _show_mode(self, mode: str, *, first: bool) -> None:
        """The mode as it was left, or its `first` screen; nothing is drawn before that one is on top."""
        left = []
        with self.batch_update():
            mounted = self.switch_mode(mode)
            while first and len(self.screen_stack) > 1:
                left.append(self.pop_screen())
            await mounted
        self.screen.refresh()
        for each in left:
            await each

    def delay_update(self, delay: float = 0.05) -> None:
        """Delay drawing until what is under way has been handled; not for a twentieth of a second, as Textual does."""
        super().delay_update(min(delay, _AT_ONCE))

    async def action_go_back(self) -> None:
        """To the screen one came from, as it was left."""
        if self._came_from:
            await self._show_mode(self._came_from.pop(), first=False)
        else:
            self.notify("There is no screen to go back to; ^q quits.", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No dialog is left by a key that leads elsewhere, and nobody is led to where they are."""
        if action in ("setup", "sessions", "data"):
            here = len(self.screen_stack) == 1 and self.current_mode == action
            return not here and not self.screen.is_modal
        if action in ("tour_next", "tour_end"):
            return self.is_touring()
        return action != "recipes" or not self.screen.is_modal

    def action_help(self) -> None:
        from rnnlab.ui.common.help import TextScreen, help_of

        if not isinstance(self.screen, TextScreen):
            self.push_screen(TextScreen(*help_of(self.screen, self)))

    def action_next_theme(self) -> None:
        names = [each.name for each in THEMES]
        self.use_theme(names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0])

    def use_theme(self, theme: str) -> None:
        """Switch to the theme and remember it."""
        self.theme = theme
        if self._preferences is not None:
            from rnnlab.ui.common.preferences import write_theme

            write_theme(self._preferences, theme)

    # Leaving.

    async def action_quit(self) -> None:
        """Quit; ask first where runs train."""
        if not self._leaving:
            self._leaving = True
            self.run_worker(self._leave(), name="leave")

    async def _leave(self) -> None:
        from rnnlab.ui.setup.starting.launch import runs_underway, stop_runs

        try:
            runs = await asyncio.to_thread(runs_underway)
            if runs:
                from rnnlab.ui.common.quit import LeaveScreen

                choice = await self.push_screen_wait(LeaveScreen(runs))
                if choice is None:
                    return
                if choice == "stop":
                    unreachable = await asyncio.to_thread(stop_runs, runs)
                    if unreachable:
                        self.notify(
                            f"{plain(unreachable[0].name, 60)} could not be asked to stop: its folder cannot be written",
                            severity="error",
                            markup=False,
                        )
                        return
            self.exit()
        finally:
            self._leaving = False

    async def on_unmount(self) -> None:
        """What was asked of other processes is no longer wanted."""
        self._collector.stop()
        if "rnnlab.ui.queries.subprocess_query" in sys.modules:
            from rnnlab.ui.queries.subprocess_query import end_all

            await end_all()

    # A terminal too small.

    def on_resize(self, event: events.Resize) -> None:
        if too_small(*event.size):
            from rnnlab.ui.common.too_small import TooSmallScreen

            if not isinstance(self.screen, TooSmallScreen):
                self.push_screen(TooSmallScreen())
