"""Questions about training: is it better than a guess, does it overfit, how much is chance, why are gradients clipped."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence

from rnnlab.plots.run.figures import format_of, is_share, title_of
from rnnlab.plots.run.status import status_mark
from rnnlab.reports.blocks.simple_table import simple_table
from rnnlab.reports.choose import Chosen, as_chosen, best_run
from rnnlab.reports.elements import Element, Paragraph, TableElement
from rnnlab.reports.material import Group, Material
from rnnlab.reports.questions.question import begun_rows, figure_text, states_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import best_baseline
from rnnlab.text.numbers import figure, percent, rate, whole


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
        told.append(
            f"on the {part} part {figure_text(rows[0], part, metric)} against {format_of(metric)(value)} of “{name}”, "
            f"{'better' if better else 'not better'}"
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


def clipping(material: Material, group: Group) -> Iterator[Element]:
    """How large gradients were before they were clipped, and what became of the runs."""
    lines, over = [], []
    for chosen in begun_rows(group) + _failed(group):
        states = states_of(material, chosen)
        norms = [value for state in states for value in _norms(state)]
        if not norms:
            continue
        limit = _clip_norm(states[0])
        middle, greatest = statistics.median(norms), max(norms)
        share = sum(value > limit for value in norms) / len(norms) if limit else None
        if share:
            over.append(chosen.label)
        ends = sorted({status_mark(state.status)[1] for state in states})
        lines.append(
            (
                chosen.label,
                "none" if limit is None else rate(limit),
                figure(middle),
                figure(greatest),
                "–" if share is None else percent(share, 1),
                ", ".join(ends),
            )
        )
    if not lines:
        return
    yield TableElement(
        simple_table(
            "Norm of the gradient before clipping",
            (
                ("setting", True),
                ("clip norm", False),
                ("median", False),
                ("greatest", False),
                ("over the clip norm", False),
                ("ended", True),
            ),
            lines,
            ["over the points of each log, each the mean of some updates: single updates may have been larger"],
        )
    )
    yield Paragraph(
        "A recurrent net's gradient is a product over the steps, so that a few updates have one far above the usual. Clipping "
        "keeps their direction and bounds their length: "
        + (
            f"here it acted on {', '.join(over[:4])}{' and others' if len(over) > 4 else ''}."
            if over
            else "here no recorded mean was above the bound, so that it seldom acted."
            if any(line[1] != "none" for line in lines)
            else "none of these runs clipped."
        )
    )


def _failed(group: Group) -> list[Chosen]:
    return [as_chosen(group, row) for row in group.comparison.rows if not row.validation and row.status == "diverged"]


def _norms(state: RunState) -> Sequence[float]:
    series = state.curves.get("grad_norm")
    return series.mean if series is not None else ()


def _clip_norm(state: RunState) -> float | None:
    value = state.started.config.get("optim", {}).get("clip_norm") if state.started is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def forgetting(material: Material, group: Group) -> Iterator[Element]:
    """How much of the gradient of a state is left, from the last step back to the first."""
    lines: list[tuple[str, ...]] = []
    kept: dict[str, float] = {}
    for chosen in begun_rows(group):
        state = material.state(group, best_run(chosen))
        for layer, flows in state.flows.items():
            norms = [real(norm) for norm in flows.last.norms] if flows.last is not None else []
            greatest = max((norm for norm in norms if math.isfinite(norm)), default=0.0)
            if layer.endswith(" backwards") or len(norms) < 2 or greatest <= 0 or not math.isfinite(norms[0]):
                continue
            share = norms[0] / greatest
            kept.setdefault(chosen.label, share)
            lines.append(
                (
                    chosen.label,
                    layer,
                    whole(len(norms)),
                    figure(norms[-1]),
                    figure(norms[0]),
                    _share_text(share),
                    _faded(norms),
                )
            )
    if not lines:
        return
    yield TableElement(
        simple_table(
            "‖∂L/∂h‖ at the last inspection of the best run of each setting",
            (
                ("setting", True),
                ("layer", True),
                ("steps", False),
                ("at the last step", False),
                ("at the first", False),
                ("first / greatest", False),
                ("below a hundredth", True),
            ),
            lines,
            named=2,
        )
    )
    if len(kept) > 1:
        most, least = (choose(kept, key=lambda label: kept[label]) for choose in (max, min))
        yield Paragraph(
            f"Of the gradient's greatest norm {most} has {_share_text(kept[most])} left at the first step, {least} "
            f"{_share_text(kept[least])}: the less is left, the less the net can learn from what it read first. In an Elman "
            "net each step back multiplies by the same matrix and by the slope of the activation; the cell state of an LSTM, "
            "or the gate of a GRU, lets it pass where the gate is open."
        )


def _share_text(share: float) -> str:
    return figure(share, 2) if share > 1e-30 else "nothing"


def _faded(norms: Sequence[float]) -> str:
    """How many steps before the end the norm first falls below a hundredth of the last step's."""
    last = norms[-1]
    for back, norm in enumerate(reversed(norms)):
        if last > 0 and norm < last / 100:
            return f"{back} steps back"
    return "nowhere"
