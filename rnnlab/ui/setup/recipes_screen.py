"""The recipes: published experiments, what each asks and needs, and the keys that start one."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import UsageError
from rnnlab.recipes.catalog import all_recipes
from rnnlab.recipes.recipe import Recipe
from rnnlab.recipes.size import Size
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.queries.subprocess_query import run_query
from rnnlab.ui.setup.starting.launch import data_missing
from rnnlab.ui.setup.starting.start import start_recipe

_LIST = 24
"""Cells of the list of names."""


class RecipesScreen(ModalScreen[None]):
    """A list of names, and what the one under the cursor is. What starts it is the command line, in a process of its own."""

    TITLE = "Recipes"
    HELP = (
        "A recipe is an experiment that was published: sweeps in the settings of the publication, beside them the lab's own, and "
        "the figures that were reported. enter starts its quick form, of minutes; f5 starts it in full. Each of its sweeps is a "
        "session. Afterwards rnnlab recipes NAME shows published and measured figures side by side."
    )
    DEFAULT_CSS = f"""
    RecipesScreen #recipes {{ width: 96%; max-width: 120; height: 85%; max-height: 34; background: $surface; }}
    RecipesScreen OptionList {{ width: {_LIST}; height: 1fr; border: none; background: $surface;
                               scrollbar-size-vertical: 1; }}
    RecipesScreen OptionList:focus {{ border: none; }}
    RecipesScreen VerticalScroll {{ width: 1fr; height: 1fr; padding: 0 1;
                                   scrollbar-size-vertical: 1; scrollbar-gutter: stable; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start(True)", "Start, quick form", priority=True),
        Binding("f5,ctrl+r", "start(False)", "Start in full", priority=True),
        Binding("escape", "leave", "Close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._recipes = all_recipes()
        self._sizes: Mapping[str, Mapping[str, Size]] = {}
        """By the name of a recipe, the sizes of its forms, once they are known."""
        self._starting = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="recipes", classes="box") as box:
            box.border_title = "Recipes: published experiments"
            yield OptionList(*(Option(Content(each.name)) for each in self._recipes), markup=False)
            with VerticalScroll():
                yield Static(markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0
        self.run_worker(self._ask_sizes(), name="sizes of the recipes")

    @property
    def chosen(self) -> Recipe:
        """The recipe under the cursor."""
        return self._recipes[self.query_one(OptionList).highlighted or 0]

    def on_resize(self) -> None:
        self.call_after_refresh(self._describe)  # in the room that the text has then

    def on_option_list_option_highlighted(self) -> None:
        self._describe()

    def _describe(self) -> None:
        view = self.query_one(VerticalScroll)
        width = max(30, view.scrollable_content_region.width - 1)
        self.query_one(Static).update(described(self.chosen, self._sizes.get(self.chosen.name), width))
        view.scroll_home(animate=False)

    async def _ask_sizes(self) -> None:
        """How long each takes here: a question to the command line, as it counts the points of every sweep."""
        result = await run_query("recipes", "--json")
        if isinstance(result.document, list):
            self._sizes = {str(each["name"]): _summed(each["parts"]) for each in result.document}
            self._describe()

    async def action_start(self, quick: bool) -> None:
        recipe = self.chosen
        if missing := [task for task in recipe.tasks if data_missing(TASKS[task])]:
            fetch = ", ".join(f"rnnlab data fetch {task}" for task in missing)
            self.notify(f"data are not here yet; fetch them with: {fetch}", severity="error", timeout=15, markup=False)
        elif not self._starting:
            self._starting = True
            self.notify("the runs of its sweeps are being queued", markup=False)
            self.app.run_worker(self._start(recipe, quick), name="start a recipe")  # longer than this screen lives

    async def _start(self, recipe: Recipe, quick: bool) -> None:
        app: Any = self.app
        try:
            started = await start_recipe(recipe, quick)
        except UsageError as error:
            self.notify(plain(str(error), 1000), severity="error", timeout=15, markup=False)
            return
        finally:
            self._starting = False
        if app.screen is self:
            self.dismiss()
        await app.action_sessions()
        app.notify(plain("; ".join(sweep.sentence for sweep in started), 2000), markup=False)

    def action_leave(self) -> None:
        self.dismiss()


def _summed(parts: Sequence[Mapping[str, Any]]) -> dict[str, Size]:
    return {form: sum((Size(**part[form]) for part in parts), Size()) for form in ("quick", "full")}


def described(recipe: Recipe, sizes: Mapping[str, Size] | None, width: int) -> Content:
    """What the recipe asks, its sweeps, what it takes and needs, and the command that does the same."""

    def lines(text: str, indent: str = "") -> list[Content]:
        rows = textwrap.wrap(plain(text, 2000), width, subsequent_indent=indent, break_on_hyphens=False)
        return [Content(row) for row in rows]

    found = [Content.styled(str(row), "bold") for row in lines(recipe.title)]
    found += [Content.styled(str(row), "$text-muted") for row in lines(recipe.source)]
    for form, key in (("quick", "enter"), ("full", "f5")):
        size = "…" if sizes is None else sizes[form].text
        found.append(Content(f"{key:<6}{form:<6}{size}"))
    for task in recipe.tasks:
        if data_missing(TASKS[task]):
            found += [Content.styled(str(row), "$text-warning") for row in lines(f"needs: rnnlab data fetch {task}")]
    found += [Content(""), *(row for question in recipe.questions for row in lines(f"– {question}", "  "))]
    found += [
        Content(""),
        *(row for part in recipe.parts for row in lines(f"{part.name} ({part.task}): {part.title}", "  ")),
    ]
    figures = sum(len(part.published) for part in recipe.parts)
    found += [Content(""), *lines(f"{figures} figures to compare with")]
    return Content("\n").join(
        [*found, Content(""), Content.styled(f"rnnlab sweep {recipe.name} --quick", "$text-muted")]
    )
