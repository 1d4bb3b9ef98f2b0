"""The app's part in the tour: when it begins, and where its keys go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.ui.common.textual_private import OneLineFaultApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.widget import AwaitMount

    from rnnlab.ui.guide.tour import Tour
    from rnnlab.ui.run.screen import RunScreen


class TouringApp(OneLineFaultApp):
    """An app with a tour over its screens, None while there is none. `tour_asked`: it begins with the app."""

    tour: Tour | None = None
    tour_asked = False

    async def go(self, mode: str) -> None:
        """The mode's first screen."""
        raise NotImplementedError

    async def first_tour(self, preferences: Path | None) -> None:
        """Begin the tour where it was asked for, or at a first start, of which `preferences` remembers that it was."""
        if not self.tour_asked and preferences is not None:
            from rnnlab.ui.common.preferences import takes_first_tour

            self.tour_asked = takes_first_tour(preferences)
        if self.tour_asked:
            await self.action_tour()

    async def action_tour(self) -> None:
        """Five steps, from the choice of a task to a trained run."""
        from rnnlab.ui.guide.tour import Tour

        if self.tour is not None:
            await self.tour.end()
        await self.go("setup")
        self.tour = Tour(self, self._tour_ended)
        await self.tour.begin()

    def _tour_ended(self) -> None:
        self.tour = None

    def is_touring(self) -> bool:
        """Whether the keys of the tour are its own now: its card is on the screen."""
        return self.tour is not None and self.tour.is_on(self.screen)

    async def tour_to(self, mounted: AwaitMount, screen: RunScreen) -> None:
        """Go on with the tour on the run's screen, once that stands."""
        await mounted
        if self.tour is not None:
            await self.tour.run_opened(screen)

    async def action_tour_next(self) -> None:
        if self.tour is not None:
            await self.tour.next()

    async def action_tour_end(self) -> None:
        if self.tour is not None:
            await self.tour.end()
