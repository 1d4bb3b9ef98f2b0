"""A comparison in sentences: which group is best, by how much, and which have no figure yet."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.plots.comparison.groups import Group
from rnnlab.plots.describe.charts import listed
from rnnlab.plots.run.figures import title_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.text.sanitise import plain

_MOST = 8


def describe_groups(groups: Sequence[Group]) -> str:
    """A sentence on the best of the groups of one comparison, one on the others in the order of their rank."""
    if not groups:
        return ""
    comparison = groups[0].comparison
    figure = comparison.ranked_by or comparison.metric
    title = f"validation {title_of(figure)}"
    scored = [(group, group.row.validation[figure]) for group in groups if figure in group.row.validation]
    without = [_with_status(group) for group in groups if figure not in group.row.validation]
    if not scored:
        return "None of these runs has ended with a result yet."
    texts = [
        (group, spread_text(held, figure) + (f" over {held.n} runs" if held.n > 1 else "")) for group, held in scored
    ]
    best = next((each for each in texts if each[0].row.best), None)
    sentences = []
    if best is not None:
        sentences.append(f"{best[0].name} has the best {title}: {best[1]}.")
    others = [f"{group.name} with {text}" for group, text in texts if best is None or group is not best[0]]
    if others:
        begin = "The others" if best is not None else title[:1].upper() + title[1:]
        sentences.append(f"{begin}: {listed(others, _MOST)}.")
    if without:
        sentences.append(f"Without a result: {listed(without)}.")
    return plain(" ".join(sentences))


def _with_status(group: Group) -> str:
    """The group, and what keeps it from a result."""
    status = group.row.verdict or group.row.status
    return f"{group.name} ({status})" if status else group.name
