"""Settings that name columns, and the kinds of files that have no use for them, which is said."""

from __future__ import annotations

from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import RunConfig
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.kinds import OwnKind

_USED: dict[OwnKind, tuple[str, ...]] = {
    "text": ("input_column", "target_column"),
    "series": ("input_column", "target_column", "date_column", "group_column"),
    "steps": ("input_column", "target_column", "date_column", "group_column"),
    "rows": ("input_column", "target_column", "group_column"),
    "recordings": ("input_column", "target_column"),
    "arrays": (),
    "ts": (),
}
_SETTINGS = ("input_column", "target_column", "date_column", "group_column")


def warn_unused(kind: OwnKind, config: RunConfig, findings: Findings, *, table: bool) -> None:
    """Notes the settings that name a column and change nothing. `table`: the file was read as one of columns."""
    used = _USED[kind] if table or kind == "recordings" else ()
    unused = [f"data.{name}" for name in _SETTINGS if getattr(config.data, name) and name not in used]
    if kind != "series" and config.data.series not in ("auto", "mean"):
        unused.append("data.series")
    if unused:
        have = "has" if len(unused) == 1 else "have"
        findings.warn(
            "unused setting",
            f"{', '.join(unused)} {have} no effect: {findings.name} was read as {KIND_TITLES[kind]}",
            count=len(unused),
        )
