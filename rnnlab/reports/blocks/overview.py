"""What was asked: the task, what was varied, how many runs and seeds, and what of them is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rnnlab.plots.comparison.columns import setting_text, short_key
from rnnlab.plots.comparison.grid import ordered
from rnnlab.plots.run.figures import title_of
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import facts_table
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.repeats import members_text
from rnnlab.sweeps.method import method_of
from rnnlab.sweeps.specification import Method, Specification
from rnnlab.text.numbers import duration, whole

_MOST = 12
"""Values of a setting that are named."""
_METHODS: dict[Method, str] = {
    "grid": "every combination",
    "one-at-a-time": "one setting at a time",
    "sobol": "Sobol points",
    "tpe": "tree-structured Parzen estimator",
}


def overview(material: Material, _block: Block) -> Iterator[Element]:
    """A table for each task and data, what is not finished, and what could not be read."""
    for group in material.groups:
        yield TableElement(facts_table(group.heading, list(_facts(material, group))))
    for source in material.sources:
        if source.unfinished:
            yield Paragraph(f"Not finished: {source.unfinished}. The figures are those of the runs so far.", "warning")
        for run in source.runs:
            if run.problem:
                yield Paragraph(
                    f"{run.name} is left out, as it cannot be read: {source.portable(run.problem)}", "warning"
                )


def _facts(material: Material, group: Group) -> Iterator[tuple[str, str]]:
    comparison = group.comparison
    rows = comparison.rows
    names = [name for row in rows for name in row.runs]
    state = material.begun(group)
    if state is not None and state.started is not None:
        data = state.started.data
        classes = f", {len(data.classes)} classes" if data.classes else ""
        yield "task", f"{data.title}: {data.problem}{classes}"
    if comparison.ranked_by:
        selected = (
            ""
            if comparison.ranked_by == comparison.metric
            else f"; rows are ranked by {title_of(comparison.ranked_by)}"
        )
        yield "judged by", title_of(comparison.metric) + selected
    for key in comparison.differing:
        values = ordered([comparison.setting(row, key) for row in rows])
        shown = ", ".join(setting_text(key, value) for value in values[:_MOST])
        more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
        yield f"varied: {short_key(key)}", shown + more
    if group.source.specification is not None:
        yield "chosen by", _method_text(group.source.specification)
    settings = f"{whole(len(rows))} setting{'' if len(rows) == 1 else 's'}"
    yield "runs", f"{whole(len(names))}, of {settings}" if len(names) > 1 else "1"
    members = {members_text(row.folds or (None,) * len(row.seeds), row.seeds) for row in rows}
    yield "repeats", members.pop() if len(members) == 1 else "; ".join(sorted(members)[:_MOST])
    epochs = sorted({run.epochs for run in group.summaries.values() if run.epochs})
    yield "epochs", ", ".join(map(whole, epochs[:_MOST]))
    ended = Counter(run.status or "queued" for run in group.summaries.values())
    yield "ended", ", ".join(f"{whole(number)} {status}" for status, number in sorted(ended.items()))
    if seconds := sum(run.seconds for run in group.summaries.values()):
        yield "training time", f"{duration(seconds)} in all"


def _method_text(specification: Specification) -> str:
    """How the points of a sweep were chosen, in words."""
    parts = [_METHODS[method_of(specification)]] if specification.over else []
    if specification.listed:
        parts.append(f"{whole(len(specification.listed))} listed configuration{'s' * (len(specification.listed) > 1)}")
    if specification.halving != "off":
        parts.append("runs were paused at rungs, the best went on")
    if specification.confirm:
        parts.append(f"the best were trained again from {specification.confirm} fresh seeds")
    return "; ".join(parts)
