"""The line under the form: what the present field sets."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from rnnlab.config import FIELDS


class FieldHelp(Static):
    """Key, unit and help of one setting."""

    def show(self, key: str) -> None:
        """Replace the line by key, unit and help of the setting with this key."""
        setting = FIELDS[key].setting
        unit = f" ({setting.unit})" if setting.unit else ""
        self.update(Content.assemble((key, "bold"), unit, "  ", setting.help), layout=False)
