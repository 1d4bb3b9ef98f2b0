"""Questions about training: is it better than a guess, does it overfit, how much is chance."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rnnlab.plots.run.figures import format_of, is_share, title_of
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.choose import Chosen, best_run
from rnnlab.reports.material.material import Group, Material
from rnnlab.reports.questions.question import begun_rows, figure_text, states_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.verdict import best_baseline


def baseline(material: Material, group: Group) -> Iterator[Element]:
    """The best row beside the best baseline, on validation and test."""
    rows = begun_rows(group)
    states = states_of(material, rows[0]) if rows else []
    if not states or states[0].started is None:
        return
    found, metric = states[0].started.data, group.comparison.metric
    told = []
    for part in ("validation", "test"):
        spread, known = rows[0].row.part(part).get(metric), best_baseline(found, part)
        if spread is None or known is None:
            continue
        name, value = known
        score = real(spread.mean)
        better = score > value if found.higher_is_better else score < value
        relation = "better" if better else "equal" if score == value else "not better"
        told.append(
            f"{figure_text(rows[0], part, metric)} on the {part} part, where “{name}” has {format_of(metric)(value)}: "
            f"{relation}"
        )
    if told:
        yield Paragraph(f"{rows[0].label} has {title_of(metric)} {'; '.join(told)}.")


def overfitting(material: Material, group: Group) -> Iterator[Element]:
    """Best and last epoch, training and validation side by side, with the gap named."""
    metric = group.comparison.metric
    lines, later = [], []
    for chosen in begun_rows(group):
        state = material.state(group, best_run(chosen))
        last = state.latest.get("validation", {}).get(metric)
        if state.best is None or last is None or not state.final:
            continue
        training, held = (state.final.get(part, {}).get(metric) for part in ("train", "validation"))
        if training is None or held is None:
            continue
        form = format_of(metric)
        lines.append(
            (
                chosen.label,
                f"{state.best.epoch} of {state.epoch}",
                form(real(training)),
                form(real(held)),
                form(abs(real(training) - real(held))),
                form(real(last)),
            )
        )
        if state.best.epoch < state.epoch:
            later.append(chosen.label)
    if not lines:
        return
    yield TableElement(
        simple_table(
            f"{title_of(metric)} of the best run of each setting",
            (
                ("setting", True),
                ("best epoch", False),
                ("training", False),
                ("validation", False),
                ("gap", False),
                ("validation, last epoch", False),
            ),
            lines,
        )
    )
    if later:
        yield Paragraph(
            f"For {len(later)} of {len(lines)} the best epoch was not the last one; the weights of the best are kept, and all "
            "figures are theirs."
        )
    else:
        yield Paragraph("The last epoch was the best of each: training for longer may still help.")


def chance(_material: Material, group: Group) -> Iterator[Element]:
    """How far two seeds of one setting lie apart, beside how far the settings do."""
    name = group.comparison.ranked_by
    rows = [row for row in begun_rows(group) if len(row.row.each.get("validation", {}).get(name, {})) > 1]
    if not rows:
        return
    ranges = {row.label: _range(row, name) for row in rows}
    widest = max(ranges, key=lambda label: ranges[label])
    told = (
        f"Runs of {widest} that differ in seed or fold alone lie up to {format_of(name)(ranges[widest])} of {title_of(name)} "
        "apart on the validation part."
    )
    means = [real(row.row.validation[name].mean) for row in rows]
    if len(means) > 1:
        order = sorted(means, reverse=is_share(name))
        told += f" The best two settings lie {format_of(name)(abs(order[0] - order[1]))} apart."
    yield Paragraph(told)


def _range(row: Chosen, name: str) -> float:
    values = [real(value) for value in row.row.each["validation"][name].values()]
    values = [value for value in values if math.isfinite(value)]
    return max(values) - min(values) if values else 0.0
