"""Sentences about a comparison: each verdict in words, and what holds for the whole table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from rnnlab.plots.run.figures import format_of, is_share, title_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.runs.event_numbers import number, real
from rnnlab.runs.repeats import Spread
from rnnlab.sweeps.conclude.importance import LEAST
from rnnlab.sweeps.conclude.number_texts import interval_text, signed
from rnnlab.sweeps.results import Difference, Importance, RowConclusion, Word
from rnnlab.sweeps.statistics import LEVEL, luck_of_the_best, smallest_effect, smallest_gain
from rnnlab.text.numbers import percent, whole

FEW_SEEDS = 3
"""Up to so many seeds a difference that is not seen says nothing: they find only gains of three standard deviations."""
MORE_SEEDS = 5
"""Seeds that are suggested where there are few."""
FEW_PEOPLE, FEW_PEOPLE_NEAR_1 = 20, 50
"""Below so many people an interval for new people is not promised to hold its level; the second for shares above `_NEAR_1`."""
_NEAR_1 = 0.95
_SHOWN_VALUES = 10
_SMALL = 0.01
"""Standard deviation from the rows alone, of a share, from which on a part of the split is called small."""


def verdict(
    difference: Difference, seeds: int, std: float | None, figure: str, higher_is_better: bool, comparisons: int
) -> tuple[Word, str]:
    """The verdict on a row against the reference, as a word and as a sentence with its numbers.

    `seeds` are those of the side that has fewer, `std` the deviation between seeds of both.
    """
    moved = signed(difference.value, figure)
    found = difference.interval
    ends = "" if found is None else f"{signed(found.low, figure)} to {signed(found.high, figure)}"
    if seeds < 2:
        nets = f"; these two nets differ by {moved} ({ends} on new rows)" if ends else f" ({moved})"
        return "too few seeds", f"too few seeds: one says nothing about others{nets}"
    if found is None or difference.p is None:
        return "no scatter", f"no interval: no seed differs from another ({moved})"
    adjusted = difference.p if difference.adjusted_p is None else difference.adjusted_p
    if adjusted < 1 - LEVEL:
        word: Word = "better" if (difference.value > 0) is higher_is_better else "worse"
        where = " on new rows" if difference.method == "paired rows" else ""
        return word, f"{word} by {format_of(figure)(abs(difference.value))} ({ends}{where})"
    few: Word | None = None
    if seeds <= FEW_SEEDS:
        few = "too few folds" if difference.method == "paired folds" else "too few seeds"
    if difference.p < 1 - LEVEL:
        word = few or "no difference seen"
        return word, f"{word}{' to tell' * (few is not None)} among {comparisons} comparisons (alone {ends})"
    if few == "too few folds":
        return few, f"{few} (could be {ends})"
    if few:
        return few, f"{few}: {few_seeds_text(seeds, std, figure)} (could be {ends})"
    return "no difference seen", f"no difference seen (could be {ends})"


def few_seeds_text(seeds: int, std: float | None, figure: str) -> str:
    """What so many seeds can find: `3 seeds show only differences from .009 on (3.1 standard deviations)`."""
    gain = "" if not std else f" from {format_of(figure)(smallest_gain(seeds, std))} on"
    return f"{seeds} seeds show only differences{gain} ({smallest_effect(seeds):.1f} standard deviations)"


def winner_sentences(
    label: str, row: RowConclusion, tried: int, figure: str, part: str, n_rows: int | None
) -> list[str]:
    """How good the row marked best is: its figure, its interval on this split, and that on new rows, in words."""
    if row.mean is None:
        return []
    seeds, shown, noun = len(row.values), format_of(figure), noun_of(row)
    spread = spread_text(
        Spread(number(row.mean), None if row.std is None else number(row.std), seeds), figure
    )  # as in the table
    title = title_of(figure)
    best = f"{label} is the best of {tried}" if tried > 1 else f"{label}"
    if tried > 1 and part != "validation":
        best = f"{label}, the best of {tried} on the validation part,"
    values = ", ".join(shown(real(value)) for value in row.values[:_SHOWN_VALUES])
    values += ", …" if seeds > _SHOWN_VALUES else ""
    join = ": " if tried > 1 and part == "validation" else " has "
    about = f" (mean ± standard deviation of {seeds} {noun}: {values})" if seeds > 1 else " (one seed)"
    sentences = [f"{best}{join}{title} {spread} on the {part} part{about}."]
    if row.folds:
        if row.seeds_interval is None:
            return [*sentences, "All its folds give the same figure: without scatter there is no interval over folds."]
        ends = interval_text(row.seeds_interval, figure)
        return [
            *sentences,
            f"The mean over all folds: {ends} (95 % t-interval, wider than that of seeds, as folds share training rows).",
        ]
    if row.seeds_interval is not None and row.split_each:
        sentences.append(
            f"The mean over all seeds, a split each: {interval_text(row.seeds_interval, figure)} (95 % t-interval, too "
            "short, as the splits share most rows)."
        )
        return sentences
    if row.seeds_interval is not None:
        ends = interval_text(row.seeds_interval, figure)
        sentences.append(f"The mean over all seeds on these {part} rows: {ends} (95 % t-interval).")
    elif seeds < 2 and tried > 1:
        pass  # said of the whole table
    elif seeds < 2:
        sentences.append("One seed says nothing about other seeds: train five.")
    else:
        sentences.append("All its seeds give the same figure: without scatter there is no interval over seeds.")
    sentences.append(_new_rows_sentence(row, figure, part, n_rows))
    if row.std and is_share(figure) and not row.std < row.mean < 1 - row.std:
        sentences.append(
            "Its seeds scatter as far as the figure is from its bound: so few of them give intervals that hold 91 to 94 % "
            "in place of 95 %."
        )
    return sentences


def _new_rows_sentence(row: RowConclusion, figure: str, part: str, n_rows: int | None) -> str:
    shown = format_of(figure)
    if row.new_rows_interval is not None:
        ends = interval_text(row.new_rows_interval, figure)
        people = row.n_groups is not None
        source = f"{row.n_groups} people" if people else f"{whole(row.n_rows or 0)} rows"
        where = "On rows of new people" if people else "On new rows of the same kind"
        if row.new_rows_target == "these nets on new rows":
            return f"{where} this one net reaches {ends} (95 %, from {source})."
        return f"{where}, with fresh seeds: {ends} (95 %, holds the scatter of seeds and of the {source})."
    if n_rows and figure == "accuracy" and row.mean is not None and 0 <= row.mean <= 1:
        scatter = shown(math.sqrt(row.mean * (1 - row.mean) / n_rows))
        return (
            f"On new rows it scatters further: {whole(n_rows)} rows alone move it by ± {scatter} (standard deviation)."
        )
    return (
        f"On new rows it scatters further than over seeds; how far is not known without the score of each {part} row."
    )


def noun_of(row: RowConclusion) -> str:
    """What the row's runs are: seeds, folds, or runs of several seeds on each fold."""
    return "seeds" if not row.folds else "folds" if len(set(row.folds)) == len(row.folds) else "runs on folds"


_ORDER = [word for word in get_args(Word) if word not in ("reference", "not compared")]
"""Verdicts, in the order in which they are counted."""


_COUNTED = {
    "too few seeds": "with too few seeds",
    "too few folds": "with too few folds",
    "no figure": "without a figure",
}
"""Verdicts that read otherwise behind a number."""


def verdict_sentences(
    rows: Sequence[RowConclusion], figure: str, *, tried: int, comparisons: int, reference: str, picked: bool
) -> list[str]:
    """What follows from the table: how many are better or worse than the reference, and where the seeds are too few to say."""
    sentences = []
    words = Counter(row.verdict for row in rows)
    if reference and (
        found := ", ".join(f"{words[word]} {_COUNTED.get(word, word)}" for word in _ORDER if words[word])
    ):
        why = "all pairs, as the best was picked from them" if picked else "one for each other row"
        holm = f"; p-values corrected by Holm for {comparisons} comparisons ({why})" if comparisons > 1 else ""
        sentences.append(f"Against {reference}: {found}{holm}.")
        if lost := sum(_lost_to_correction(row) for row in rows):
            those = "1 interval leaves" if lost == 1 else f"{lost} intervals leave"
            reason = f"among {comparisons} comparisons" if comparisons > 1 else "from so few seeds"
            sentences.append(f"{those} out 0, which {reason} is not enough for a verdict.")
    counts = [len(row.values) for row in rows if row.values]
    least = min(counts, default=0)
    if not (words["too few seeds"] or words["too few folds"]):
        return sentences
    if 2 <= least <= FEW_SEEDS and any(row.folds for row in rows):
        sentences.append(f"Few folds: {least} tell little; five or ten are usual.")
    elif 2 <= least <= FEW_SEEDS:
        stds = sorted(row.std for row in rows if row.std)
        middle = stds[len(stds) // 2] if stds else None
        more = f"; {MORE_SEEDS} from {format_of(figure)(smallest_gain(MORE_SEEDS, middle))}" if middle else ""
        sentences.append(f"Few seeds: {few_seeds_text(least, middle, figure)}{more}.")
    elif least == 1 and tried > 1:
        alone = sum(count == 1 for count in counts)
        of = "All" if alone == tried else f"{alone} of {tried}"
        sentences.append(f"{of} have one seed, which says nothing about others: train five of each.")
    return sentences


def _lost_to_correction(row: RowConclusion) -> bool:
    """Whether the difference would be one if nothing else had been compared."""
    alone = row.difference is not None and row.difference.p is not None and row.difference.p < 1 - LEVEL
    return alone and row.verdict not in ("better", "worse")


def table_sentences(rows: Sequence[RowConclusion], figure: str, *, tried: int, fresh: bool = False) -> list[str]:
    """What to bear in mind of the table: how much the best of so many flatters, and which runs are in no mean.

    `fresh`: the figures are of seeds that had no part in the choice.
    """
    sentences = []
    spreads = sorted(row.std / math.sqrt(len(row.values)) for row in rows if row.std is not None)
    if fresh:
        sentences.append(
            "These seeds had no part in the choice, and only they were tested: theirs is the figure to report."
        )
    elif tried > 1:
        errors = luck_of_the_best(tried)
        luck = f"{errors:.1f} standard errors"
        if spreads and spreads[len(spreads) // 2] > 0:
            luck = f"{format_of(figure)(errors * spreads[len(spreads) // 2])} ({luck})"
        sentences.append(
            f"The best of {tried} equal settings looks {luck} too good by luck: take its test figure from fresh seeds "
            "(rnnlab sweep --confirm)."
        )
    if left_out := sum(row.left_out for row in rows):
        runs = "1 run has" if left_out == 1 else f"{left_out} runs have"
        sentences.append(
            f"{runs} no finite {title_of(figure)} and count in no mean: the others are those that went well."
        )
    return sentences


def part_sentences(rows: Sequence[RowConclusion], figure: str, part: str, n_rows: int | None) -> list[str]:
    """What the part of the split is too small for: few rows, few people."""
    sentences = []
    known = n_rows or next((row.n_rows for row in rows if row.n_rows), None)
    mean = next((row.mean for row in rows if row.mean is not None), None)
    if known and mean is not None and is_share(figure) and not any(row.new_rows_interval for row in rows):
        scatter = math.sqrt(max(0.0, mean * (1 - mean)) / known)
        if scatter >= _SMALL:
            sentences.append(
                f"Small {part} part: another {whole(known)} rows would move a figure by ± {format_of(figure)(scatter)} "
                "(standard deviation)."
            )
    people = next((row.n_groups for row in rows if row.n_groups), None)
    near = is_share(figure) and mean is not None and mean > _NEAR_1
    least = FEW_PEOPLE_NEAR_1 if near else FEW_PEOPLE
    if people and people < least:
        sentences.append(
            f"The {part} rows are of {people} people: with fewer than {least}{' so near 1' * near} an interval for new "
            "people is not promised to hold its 95 %."
        )
    return sentences


def importance_sentence(importance: Sequence[Importance], configurations: int, differing: int) -> str:
    """Which setting matters; empty where one setting differs, and of too few configurations to tell."""
    if differing < 2 or configurations < LEAST:
        return ""
    told = [
        f"{each.key} {percent(each.share)} (chance alone: up to {percent(each.by_chance)})"
        for each in importance
        if each.p < 1 - LEVEL
    ]
    if not told:
        return f"No setting explains more of the {configurations} configurations' differences than chance alone may."
    return "Share of the differences between configurations that a setting explains alone: " + ", ".join(told) + "."


def problems_sentence(problems: Sequence[str]) -> str:
    """Why scores of single rows were not used, the first reason of several."""
    more = f" ({whole(len(problems) - 1)} more)" if len(problems) > 1 else ""
    return f"Left out of the intervals on new rows: {problems[0]}{more}." if problems else ""
