"""Questions about settings: what one that was varied changes, and what was done about unequal classes."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.plots.comparison.against import signed
from rnnlab.plots.comparison.columns import setting_text, short_key
from rnnlab.plots.comparison.table import comparison_table
from rnnlab.plots.run.figures import title_of
from rnnlab.plots.run.per_class import class_figures
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.choose import Chosen, as_chosen
from rnnlab.reports.material.counts import summed_counts
from rnnlab.reports.material.material import Group, Material
from rnnlab.reports.questions.confounded import confounded
from rnnlab.reports.questions.question import Answer, figure_text
from rnnlab.runs.comparison import Compared, Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.runs.grouping import best_by
from rnnlab.text.numbers import probability

_TREATMENTS = ("data.balance", "data.class_weights", "train.loss")
_RAREST = 3
"""Classes of the fewest training rows whose recall is shown."""
ASKED = {
    "optim.lr": "Which learning rates work?",
    "train.batch_size": "What does the batch size change?",
    "train.epochs": "How many epochs are enough?",
    "data.window": "How much of the past is enough?",
    "model.hidden": "How many hidden units are enough?",
    "model.layers": "Do more layers help?",
    "model.dropout": "What does dropout change?",
    "model.bias": "Does a bias help?",
    "model.activation": "Which activation function?",
    "model.bidirectional": "Does reading in both directions help?",
    "optim.name": "Which optimiser?",
    "optim.clip_norm": "Which bound on the gradient?",
    "optim.weight_decay": "What does weight decay change?",
}
"""How a course asks what a setting does."""


def balance(material: Material, group: Group) -> Iterator[Element]:
    """Figures that count every class alike, and the recall of the rarest classes, with and without a treatment."""
    comparison = group.comparison
    keys = tuple(key for key in _TREATMENTS if key in comparison.differing)
    if not keys or comparison.metric != "accuracy":
        return
    grouped, tried = best_by(comparison, keys)
    rows = [as_chosen(group, row) for row in grouped.rows if tried.counts[row.runs]]
    counted = [(row, found) for row in rows if (found := summed_counts(material, row)) is not None]
    counted = [(row, found) for row, found in counted if found.classes == counted[0][1].classes]
    if len(counted) < 2:
        return
    first = counted[0][1]
    rarest = _rarest(material, counted[0][0], first.classes)[:_RAREST]
    lines = []
    for row, found in counted:
        figures = class_figures(found.counts)
        recalls = ["–" if figures[at].recall is None else probability(figures[at].recall or 0.0) for at in rarest]
        names = ("accuracy", "macro_f1", "balanced_accuracy")
        named = ", ".join(f"{short_key(key)} {setting_text(key, comparison.setting(row.row, key))}" for key in keys)
        lines.append((named, *(figure_text(row, found.part, name) for name in names), *recalls))
    columns = [("treatment", True), ("accuracy", False), ("macro F1", False), ("balanced", False)]
    columns += [(f"recall of {first.classes[at]}", False) for at in rarest]
    yield TableElement(
        simple_table(
            f"The best setting of each treatment, {first.where}",
            columns,
            lines,
            [f"the rarest classes of training: {', '.join(first.classes[at] for at in rarest)}"],
        )
    )
    plain = next((row for row, _ in counted if _is_plain(comparison, row.row, keys)), None)
    if plain is not None:
        yield from _differences(plain, [row for row, _ in counted if row is not plain], first.part)
    yield from confounded(comparison, keys)


def _is_plain(comparison: Comparison, row: Compared, keys: tuple[str, ...]) -> bool:
    return all(comparison.setting(row, key) in ("none", None, "auto", "cross-entropy") for key in keys)


def _differences(plain: Chosen, others: list[Chosen], part: str) -> Iterator[Element]:
    """How each treatment moved accuracy and macro F1."""
    for other in others:
        moved = []
        for name in ("accuracy", "macro_f1"):
            before, after = plain.row.part(part).get(name), other.row.part(part).get(name)
            if before is not None and after is not None:
                moved.append(f"{title_of(name)} by {signed(real(after.mean) - real(before.mean), name)}")
        if moved:
            yield Paragraph(f"{other.label} against {plain.label}: it moved {' and '.join(moved)} on the {part} part.")


def _rarest(material: Material, row: Chosen, classes: tuple[str, ...]) -> list[int]:
    """The classes of training, by how many rows they have, the fewest first; those without any left out."""
    for name in row.names:
        started = material.state(row.group, name).started
        if started is not None and started.data.classes == classes:
            counts = started.data.counts_of("train")
            return sorted((at for at, count in enumerate(counts) if count), key=lambda at: (counts[at], at))
    return []


def setting_answer(key: str) -> Answer:
    """What answers the question about a setting: the best row of each of its values."""

    def answer(_material: Material, group: Group) -> Iterator[Element]:
        comparison = group.comparison
        if key not in comparison.differing:
            return
        grouped, tried = best_by(comparison, (key,))
        if len(comparison.differing) > 1:
            yield TableElement(comparison_table(grouped, tried=tried))
        failed = [row for row in grouped.rows if not tried.counts[row.runs]]
        counted = [as_chosen(group, row) for row in grouped.rows if tried.counts[row.runs]]
        name = short_key(key)
        if len(counted) > 1:
            figure = comparison.ranked_by
            best, worst = counted[0], counted[-1]
            yield Paragraph(
                f"Best on the validation part is {name} {setting_text(key, comparison.setting(best.row, key))}, with "
                f"{title_of(figure)} {figure_text(best, 'validation', figure)}; last of {len(counted)} is "
                f"{setting_text(key, comparison.setting(worst.row, key))}, with {figure_text(worst, 'validation', figure)}."
            )
            yield from confounded(comparison, (key,))
        weak = [row for row in grouped.rows if row.verdict]
        for rows, told in ((failed, "no usable result"), (weak, "")):
            for row in rows:
                value = setting_text(key, comparison.setting(row, key))
                yield Paragraph(f"{name} {value}: {told or row.verdict}.", "note")

    return answer
