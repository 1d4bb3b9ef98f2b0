"""Texts read by characters and by words, on real and on generated texts: accuracy and seconds, beside the baselines of texts.

    python -m benchmarks.own_texts [--seeds 0,1] [--rows 2000] [--settings "KEY=VALUE,... ..."]
        [--only NAME] [--markdown] [--quick]

`docstrings N`: the first N words of docstrings (whole: the first paragraph), the class is the installed package that they are
from, read from its source files; nothing is imported or downloaded. `names`: the published names, where RNNLAB_DATA has them.
`reviews`: generated sentences of praise and blame, in which one word or two (`not dull`) tell. Each is trained as
`rnnlab train own --data FILE` would, with characters and with words; the test part is evaluated once a seed, with the weights of
the best epoch by validation; `--settings` are to be chosen by what stands under validation.
"""

from __future__ import annotations

import argparse
import ast
import csv
import importlib.util
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.options import parse
from rnnlab.cli.settings import config_from_options
from rnnlab.errors import UsageError
from rnnlab.tasks.describe.baselines import learned_baseline
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training

PACKAGES = ("numpy", "scipy", "sklearn", "torch", "matplotlib", "textual")
LENGTHS = (2, 3, 4, 5, 6, 8, 12, 1000)
"""Words that are kept of a docstring."""
TOKENS = ("characters", "words")

Rows = list[tuple[str, str]]
Scores = dict[str, list[float]]


def docstrings(package: str, most: int) -> list[str]:
    """First paragraphs of the package's docstrings of five words or more, each once, evenly from all of its files."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    found: dict[str, None] = {}
    for path in itertools.chain.from_iterable(sorted(Path(place).rglob("*.py")) for place in places):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                first = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
                if len(first.split()) >= 5:
                    found.setdefault(first)
    texts = sorted(found)
    return random.Random(0).sample(texts, min(most, len(texts)))


def reviews(rows: int) -> Rows:
    """Generated sentences of which one to three words say the class, a third of them after a `not`."""
    draw = random.Random(0)
    said = (
        ["dull", "awful", "slow", "boring", "silly", "weak"],
        ["great", "lovely", "superb", "clever", "warm", "honest"],
    )
    rest = ["film", "story", "plot", "cast", "music", "the", "a", "of", "and", "but", "really", "quite", "with", "my"]
    made: dict[str, str] = {}
    while len(made) < rows:
        label = len(made) % 2
        words = draw.choices(rest, k=draw.randint(8, 30))
        for _ in range(draw.randint(1, 3)):
            turned = draw.random() < 1 / 3
            word = draw.choice(said[label ^ turned])
            words.insert(draw.randrange(len(words)), f"not {word}" if turned else word)
        made[" ".join(words)] = ("bad", "good")[label]
    return list(made.items())


def names(rows: int) -> Rows:
    """Published names with their languages."""
    split = load(config_from_options("names", None, (), {}))
    subset = split.train
    labels = subset.targets.astype(int).tolist()
    return [(split.show_input(subset, row), split.classes[labels[row]]) for row in range(min(rows, len(subset)))]


def sets(rows: int) -> Iterator[tuple[str, Rows]]:
    """Name and rows of each set of texts; the one that is made up comes first, as the others take a minute to gather."""
    yield "reviews", reviews(rows)
    found = {package: docstrings(package, rows // len(PACKAGES)) for package in PACKAGES}
    for length in LENGTHS:
        cut = {(" ".join(text.split()[:length]), package): None for package, texts in found.items() for text in texts}
        yield f"docstrings {length if length < 1000 else 'whole'}", list(cut)
    try:
        yield "names", names(rows)
    except UsageError as error:
        print(f"names: {error}")


def measured(path: Path, settings: Mapping[str, str], seeds: Sequence[int]) -> tuple[Scores, float, dict[str, float]]:
    """Accuracies by subset and seed, mean seconds of a training, and the test accuracies of the baselines of texts."""
    scores: Scores = {"validation": [], "test": []}
    seconds = []
    baselines: dict[str, float] = {}
    for seed in seeds:
        assignments = tuple(f"{key}={value}" for key, value in settings.items())
        fixed = (
            f"data.path={path}",
            f"train.seed={seed}",
            "data.seed=0",
            "data.validation=0.2",
            "train.inspect=off",
            "data.baseline=none",
        )
        config = config_from_options("own", None, (*fixed, *assignments), {})
        split = load(config)
        if not baselines:
            baselines = {kind: learned_baseline(split, kind)[1]["test"] for kind in ("words", "ngrams")}
        training = Training(config, split, run=path.stem, summary=summarise_split(split, config))
        began = time.perf_counter()
        for _ in training.events():
            pass
        seconds.append(time.perf_counter() - began)
        for subset, found in scores.items():
            found.append(float(training.final[subset]["accuracy"] or 0.0))
    return scores, statistics.mean(seconds), baselines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument(
        "--settings", default="", help="further settings, KEY=VALUE with commas between; several sets with blanks"
    )
    parser.add_argument("--only", default="", help="sets whose name begins so")
    parser.add_argument("--tokens", default=",".join(TOKENS))
    parser.add_argument("--markdown", action="store_true")
    options = parse(parser, seeds="0", rows=200)
    seeds = [int(seed) for seed in options.seeds.split(",")]
    tried = [dict(each.split("=", 1) for each in text.split(",")) for text in options.settings.split()] or [{}]
    between = " | " if options.markdown else "  "
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in itertools.islice(sets(options.rows), 1 if options.quick else None):
            if not any(name.startswith(only) for only in options.only.split(",")) or (
                options.quick and name != "reviews"
            ):
                continue
            path = Path(folder) / f"{name.replace(' ', '-')}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("text", "label"), *rows])
            for tokens, further in itertools.product(options.tokens.split(","), tried):
                asked = {"data.tokens": tokens, **further} | ({"train.epochs": "1"} if options.quick else {})
                scores, seconds, baselines = measured(path, asked, seeds)
                cells = [f"{name:16}", f"{len(rows):5}", f"{tokens:10}"]
                for subset, found in scores.items():
                    cells.append(f"{subset} {statistics.mean(found):.3f} ± {statistics.pstdev(found):.3f}")
                cells.append(f"{seconds:6.1f} s")
                cells += [f"{kind} {score:.3f}" for kind, score in baselines.items()]
                cells += [f"{key}={value}" for key, value in further.items()]
                print(between.join(cells), flush=True)


if __name__ == "__main__":
    main()
