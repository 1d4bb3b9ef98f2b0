"""The keys of Setup that change its draft as a whole: undo, defaults, presets, and what a measurement suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.config import FIELDS, UsageError
from rnnlab.config.plain import PLAIN
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.textual_private import FirstScreen
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.setup.draft.matching import match_parameters
from rnnlab.ui.setup.form.form import Form

if TYPE_CHECKING:
    from rnnlab.recipes.presets import Preset
    from rnnlab.ui.setup.cards.choices import Choices
    from rnnlab.ui.setup.draft.draft import Draft


class DraftActions(FirstScreen, FittedScreen[None]):
    """What the keys do; the screen shows the `draft` and says where it is shown."""

    draft: Draft
    net_before: tuple[str, int] | None = None
    """The net that was described when the list of architectures was entered."""

    @property
    def choices(self) -> Choices:
        """The lists, and the description beside the form."""
        raise NotImplementedError

    def redraw(self) -> None:
        """The draft was changed from outside the form."""
        raise NotImplementedError

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
            matched = match_parameters(self.draft, self.net_before)
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

    def action_presets(self) -> None:
        """Choose among settings that were published or are usual for the task."""
        from rnnlab.ui.setup.presets_screen import PresetsScreen

        self.query_one(Form).leave()
        self.app.push_screen(PresetsScreen(self.draft.card.name), self._take_preset)

    def _take_preset(self, preset: Preset | None) -> None:
        if preset is not None:
            self.draft.take_preset(preset.settings)
            self.redraw()
            self.notify(f"{plain(preset.name)}: {plain(preset.title, 100)}; ^z takes it back", markup=False)

    def action_range_test(self) -> None:
        """Try ever larger learning rates on the draft, and take the one that the loss suggests."""
        if self._measurable("a range test"):
            from rnnlab.ui.setup.measure.range_screen import RangeScreen

            self.app.push_screen(RangeScreen(self.draft), self._take_measured)

    def action_tune(self) -> None:
        """Measure which batch size and how many threads train quickest, and take the batch size."""
        if self._measurable("tuning"):
            from rnnlab.ui.setup.measure.tune_screen import TuneScreen

            self.app.push_screen(TuneScreen(self.draft), self._take_measured)

    def _measurable(self, what: str) -> bool:
        """Whether the draft is one run that can be started; where not, why is said."""
        from rnnlab.ui.setup.starting.start import obstacle_of

        self.query_one(Form).leave()
        obstacle = obstacle_of(self.draft)
        if obstacle is None and not self.draft.is_sweep:
            return True
        reason = (
            f"{what} is of one configuration, and the fields describe several" if obstacle is None else obstacle.reason
        )
        self.notify(plain(reason, 1000), severity="warning", markup=False)
        return False

    def _take_measured(self, taken: tuple[str, str] | None) -> None:
        """Set the field to what was measured to suit; undone as one change."""
        if taken is not None:
            key, text = taken
            self.draft.settle()
            self.draft.set(key, text)
            self.draft.settle()
            self.redraw()
            self.query_one(Form).go_to(key)
            self.notify(f"{key} is {text}; ^z takes it back", markup=False)
