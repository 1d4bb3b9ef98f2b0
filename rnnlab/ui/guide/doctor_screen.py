"""What `rnnlab doctor` finds, over the present screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from rnnlab.doctor.finding import Finding
from rnnlab.doctor.lines import finding_lines
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.sections import paragraph
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.data.view import DataView
from rnnlab.ui.queries.subprocess_query import Query, run_query

if TYPE_CHECKING:
    from textual.app import ComposeResult

CHECKING = "This machine and terminal are checked; importing PyTorch takes a moment …"


class DoctorScreen(ModalScreen[None]):
    """The findings, asked of a process of its own: the app imports no PyTorch."""

    TITLE = "Doctor"
    HELP = "What works on this machine and in this terminal, what does not, and what to do about it; the same as rnnlab doctor."
    BINDINGS = [
        Binding("escape,q", "dismiss_findings", "Close"),
        Binding("r", "check_again", "Check again"),
    ]
    DEFAULT_CSS = """
    DoctorScreen #doctor { width: 110; max-width: 100%; height: 1fr; background: $surface; }
    DoctorScreen DataView { height: 1fr; background: $surface; }
    """

    def __init__(self, query: Query = run_query) -> None:
        super().__init__()
        self._query = query

    def compose(self) -> ComposeResult:
        with Vertical(id="doctor"):
            yield DataView()
        yield KeyBar()

    def on_mount(self) -> None:
        view = self.query_one(DataView)
        view.border_title = "Doctor"
        view.focus()
        self.action_check_again()

    def action_check_again(self) -> None:
        """Ask once more: what was mended is seen."""
        self.query_one(DataView).show(partial(_sentence, CHECKING), top=True)
        self.run_worker(self._check(), name="doctor", exclusive=True)

    async def _check(self) -> None:
        result = await self._query("doctor", "--json")
        findings = _findings(result.document)
        draw = (
            partial(finding_lines, findings)
            if findings
            else partial(_sentence, result.problem or "nothing was found out")
        )
        self.query_one(DataView).show(draw, top=True)

    def action_dismiss_findings(self) -> None:
        self.dismiss()


def _findings(document: Any) -> list[Finding]:
    """The findings of the command's JSON; none where it is not that."""
    if not isinstance(document, dict):
        return []
    return [Finding(**each) for each in document["findings"]]


def _sentence(text: str, width: int, palette: Palette) -> Lines:
    return paragraph(text, width, palette.style("muted"))
