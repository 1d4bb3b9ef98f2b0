"""What starts runs in Setup: one, or the same from several seeds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.screen import Screen

from rnnlab.config import UsageError
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.card_list import CardList
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.draft import OWN
from rnnlab.ui.setup.form import Form
from rnnlab.ui.setup.launch import data_missing, launch, launch_repeats

if TYPE_CHECKING:
    from textual.widget import Widget

    from rnnlab.ui.common.prompt import Prompt
    from rnnlab.ui.setup.draft import Draft
    from rnnlab.ui.setup.own_file import Checks


class StartingScreen(Screen[None]):
    """A screen with a draft of a run, and the keys that train it. What it describes is the business of the class that is
    made of this one.
    """

    BINDINGS = [
        # Not before the keys that came first: what trains is what was typed.
        Binding("ctrl+r,f5", "train", "Train"),
        Binding("ctrl+s,f8", "repeat", "Seeds"),
    ]
    draft: Draft
    _launching = False
    _focused_before: Widget | None = None

    @property
    def checks(self) -> Checks:
        """What is known of the files that were looked at."""
        raise NotImplementedError

    def _data_folder(self) -> str | None:
        raise NotImplementedError

    def _file(self) -> tuple[str, dict[str, str]]:
        raise NotImplementedError

    def jump(self, key: str) -> None:
        """Go to the field."""
        raise NotImplementedError

    @on(CommandBar.Pressed)
    def action_train(self) -> None:
        """Start the run, or go to the first field that is wrong."""
        if self._ready() and not self._launching:
            self._launching = True
            self.run_worker(self._launch(), name="launch")

    async def action_repeat(self) -> None:
        """Ask how many seeds, and start them side by side."""
        from rnnlab.runs.repeats import parse_seeds
        from rnnlab.ui.common.prompt import Prompt

        if not self._ready():
            return
        # Not there from the start: the first frame need not wait for it.
        if not self.query(Prompt):
            await self.mount(Prompt(), before=self.query_one(CommandBar))
        self._focused_before = self.focused
        words = "Seeds of one split: 5, or 0,1,2"
        self.query_one(Prompt).ask(
            "seeds", words, "5", lambda text: parse_seeds(text, self.draft.value("train.seed")), 12
        )

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        self._return_focus()
        if event.topic == "seeds" and not self._launching:
            self._launching = True
            self.run_worker(self._launch(event.text), name="launch")

    def on_prompt_given_up(self) -> None:
        self._return_focus()

    def _return_focus(self) -> None:
        if self._focused_before is not None:
            self._focused_before.focus()

    def _ready(self) -> bool:
        """Whether the run can be started; where not, why not is said, at the field that is wrong."""
        # A card chosen by the key just before may not have been heard of yet.
        self.draft.set("task.name", self.query_one("#tasks", CardList).chosen)
        self.draft.set("model.name", self.query_one("#models", CardList).chosen)
        self.query_one(Form).leave()
        for key, error in self.draft.errors.items():
            self.notify(plain(str(error)), severity="error", markup=False)
            self.jump(key)
            return False
        card = self.draft.card
        if data_missing(card, self._data_folder()):
            self.notify(
                f"the data set {card.name} is not here yet; fetch it with: rnnlab data fetch {card.name}, or here: ^e, then f",
                severity="error",
                timeout=15,
                markup=False,
            )
            return False
        if card.name == OWN and not self._file()[0]:
            self.notify("no file is named yet: choose one with ^g, or type data.path", severity="error", markup=False)
            self.jump("data.path")
            return False
        return True

    async def _trainable(self) -> bool:
        """Whether the file can be trained on; where not, why not is said."""
        from rnnlab.ui.setup.own_file import refusal

        path, settings = self._file()
        if self.checks.known(path, settings) is None:
            self.notify("your file is looked through first", markup=False)
        reason = refusal(await self.checks.check(path, settings))
        if reason:
            self.notify(plain(reason, 1000), severity="error", timeout=15, markup=False)
        return not reason

    async def _launch(self, seeds: str = "") -> None:
        """Start the run and show it, or, with `seeds`, its repeats and the session."""
        try:
            if self.draft.card.name == OWN and not await self._trainable():
                return
            config = self.draft.config()
            if seeds:
                runs = await asyncio.to_thread(launch_repeats, config, seeds)
            else:
                runs = [await asyncio.to_thread(launch, config)]
        except UsageError as error:
            self.notify(plain(str(error)), severity="error", timeout=15, markup=False)
            return
        except OSError as error:
            self.notify(
                plain(f"the run could not be started: {error.strerror or error}"),
                severity="error",
                timeout=15,
                markup=False,
            )
            return
        finally:
            self._launching = False
        app: Any = self.app
        if not seeds:
            app.open_run(runs[0])
            return
        await app.action_sessions()
        self.notify(f"{len(runs)} seeds are queued in {plain(str(runs[0].session.path))}", markup=False)
