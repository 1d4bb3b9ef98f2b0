"""Sequences read as trees of their prefixes, against the same sequences read one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnlab.config import RunConfig
from rnnlab.models import prefix_tree as module
from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.net import Net, build
from rnnlab.models.prefix_tree import by_beginning, prefixes
from rnnlab.tasks.load import load
from rnnlab.training.data.batches import Batch, SharedBatch
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.loop import Training

SYMBOLS = 6

needs_compiled = pytest.mark.skipif(not compiled.lanes(), reason="needs the compiled kernels in use")


def _net(**settings: object) -> Net:
    config = RunConfig.from_settings({"task.name": "surnames", "model.hidden": 24, **settings})
    torch.manual_seed(0)
    return build(config, input_size=SYMBOLS, outputs=4).eval()


def _rows(count: int, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of few symbols, which share a lot, and their lengths; some are alike."""
    generator = np.random.default_rng(0)
    return generator.integers(0, SYMBOLS, (count, longest)), generator.integers(1, longest + 1, count)


@needs_compiled
@pytest.mark.parametrize(
    "settings",
    [
        {"model.name": "lstm"},
        {"model.name": "gru"},
        {"model.name": "elman"},
        {"model.name": "elman", "model.activation": "relu"},
        {"model.name": "lstm", "model.layers": 3},
        {"model.name": "gru", "model.layers": 2, "model.layer_norm": True, "model.residual": True},
        {"model.name": "lstm", "model.learned_state": True},
        {"model.name": "gru", "data.encoding": "embedding"},
        {"model.name": "lstm", "model.bias": False},
    ],
    ids=lambda settings: " ".join(str(value) for value in settings.values()),
)
def test_a_net_has_the_same_outputs_for_a_sequence_in_a_tree(
    settings: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 40)
    net = _net(**settings)
    assert net.reads_prefixes
    if settings.get("model.learned_state"):
        torch.nn.init.normal_(net.layers[0].state)  # type: ignore[arg-type]
    tokens, lengths = _rows(150, 7)
    order = by_beginning(tokens, lengths)
    tokens, lengths = tokens[order], lengths[order]
    tree = prefixes(tokens, lengths)
    assert len(tree.tokens) < lengths.sum()
    with torch.inference_mode():
        alone = net.summary(torch.from_numpy(tokens), torch.from_numpy(lengths))
        assert torch.equal(net.summary(tree), alone)
        torch.testing.assert_close(net(tree), net(torch.from_numpy(tokens), torch.from_numpy(lengths)))


def test_every_beginning_is_one_node() -> None:
    tokens, lengths = _rows(100, 5)
    order = by_beginning(tokens, lengths)
    tokens, lengths = tokens[order], lengths[order]
    rows = [tuple(row[:length]) for row, length in zip(tokens.tolist(), lengths.tolist(), strict=True)]
    tree = prefixes(tokens, lengths)
    assert len(tree.tokens) == len({row[:end] for row in rows for end in range(1, len(row) + 1)})
    parents = tree.tree.parents.tolist()
    for row, node in zip(rows, tree.ends.tolist(), strict=True):
        spelled, index = [], node + 1
        while index:
            spelled.append(int(tree.tokens[index - 1]))
            index = parents[index - 1]
        assert tuple(reversed(spelled)) == row


@pytest.mark.parametrize(
    "settings",
    [
        {"model.bidirectional": True},
        {"model.readout": "mean"},
        {"model.name": "mingru"},
        {"model.conv": (8,)},
        {"model.name": "conv"},
    ],
    ids=lambda settings: " ".join(settings),
)
def test_nets_that_need_the_whole_row_do_not_read_prefixes(settings: dict[str, object]) -> None:
    assert not _net(**settings).reads_prefixes


def test_a_net_that_trains_does_not_read_prefixes() -> None:
    assert not _net().train().reads_prefixes


@needs_compiled
def test_an_evaluation_has_the_same_result() -> None:
    config = RunConfig.from_settings({"task.name": "surnames", "model.name": "lstm", "model.hidden": 16})
    split = load(config)
    training = Training(config, split)
    training.net.eval()
    evaluation = training.evaluation
    looks: list[EvaluationResult] = []
    for shared in (True, False):
        accumulator = evaluation.accumulator()
        batches = list(evaluation.batches("train", shared=shared))
        assert all(isinstance(batch, SharedBatch) == shared for batch in batches)
        for batch in batches:
            accumulator.add(training.net, batch)
        looks.append(accumulator.result())
    assert looks[0].confusion == looks[1].confusion
    assert looks[0].metrics == pytest.approx(looks[1].metrics, rel=1e-6)
    assert looks[0].loss == pytest.approx(looks[1].loss, rel=1e-5)


def test_rows_that_share_little_are_read_one_by_one() -> None:
    config = RunConfig.from_settings({"task.name": "vigenere", "model.name": "lstm"})
    evaluation = Training(config, load(config)).evaluation
    assert all(isinstance(batch, Batch) for batch in evaluation.batches("validation", shared=True))
