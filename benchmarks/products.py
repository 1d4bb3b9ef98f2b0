"""How near training comes to this processor's matrix products, and har's LSTM to a loop tuned by hand; one thread.

    python -m benchmarks.products [--rounds 7] [--json]

- LSTM 128 on names, batch 256: the products of an update's recurrence (forwards, backwards, weights: 6 · rows · steps · 4 ·
  size² operations, without the first step, whose state is zero) over the update's time, as a share of the rate of the same
  product (256 × 128 times 128 × 512) alone, and of the best rate of a square one. A one-hot input is not multiplied by
  hand, so it is not counted; the last figure counts it as if it were, forwards and for the weights.
- LSTM 64 on har's shape (128 steps, 9 channels), batch 64: examples a second over those of a loop over tensors that lie
  ready, with an nn.LSTM read by `torch.lstm`, fused Adam and nothing else.

Processor time of the thread; each side in turn; least, median and most.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from itertools import islice

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.config.tree import Runtime
from rnnlab.tasks.load import load
from rnnlab.training.device import prepare
from rnnlab.training.loop import Training


def seconds(call: Callable[[], object]) -> float:
    """The thread's processor time in `call`."""
    start = time.thread_time()
    call()
    return time.thread_time() - start


def product_rate(m: int, k: int, n: int) -> float:
    """Operations a second of an (m, k) by (k, n) product: the best of PyTorch's and NumPy's, of a few tries."""
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    x, y, z = a.numpy(), b.numpy(), c.numpy()
    least = min(
        min(seconds(lambda: torch.mm(a, b, out=c)), seconds(lambda: np.dot(x, y, out=z)))
        for _ in range(max(5, int(4e9 / (2 * m * k * n))))
    )
    return 2.0 * m * k * n / least


def of_the_products(rounds: int) -> dict[str, list[float]]:
    """Shares of the product rate that updates of LSTM 128 at batch 256 reach."""
    task = "names" if os.environ.get("RNNLAB_DATA") else "surnames"
    size, batch_size = 128, 256
    config = RunConfig.from_settings(
        {
            "task.name": task,
            "model.name": "lstm",
            "model.hidden": size,
            "train.batch_size": batch_size,
            "runtime.device": "cpu",
        }
    )
    training = Training(config, load(config))
    batches = [batch for batch in training.batches.epoch(1) if len(batch) == batch_size][:12]
    symbols = training.split.input_size
    recurrent = sum(6 * batch_size * (batch.inputs.shape[1] - 1) * 4 * size * size for batch in batches)
    one_hot = sum(4 * batch_size * batch.inputs.shape[1] * 4 * size * symbols for batch in batches)
    shares: dict[str, list[float]] = {
        "of the same product": [],
        "of the best product": [],
        "as if one-hot were products": [],
    }

    def updates() -> None:
        for batch in batches:
            training.update(batch, 0.001)

    updates()
    for _ in range(rounds):
        same, best = product_rate(batch_size, size, 4 * size), max(product_rate(512, 512, 512), 1.0)
        spent = seconds(updates)
        shares["of the same product"].append(recurrent / spent / same)
        shares["of the best product"].append(recurrent / spent / max(best, same))
        shares["as if one-hot were products"].append((recurrent + one_hot) / spent / same)
    return shares


def beside_a_tuned_loop(rounds: int, task: str) -> list[float]:
    """Ours over the tuned loop, LSTM 64 on rows of the shape of `task`."""
    steps, channels, rows, batch_size, size = 128, 9, 4096, 64, 64
    config = RunConfig.from_settings(
        {
            "task.name": task,
            "model.name": "lstm",
            "model.hidden": size,
            "model.dropout": 0.0,
            "train.batch_size": batch_size,
            "optim.name": "adam",
            "runtime.device": "cpu",
        }
    )
    training = Training(config, load(config))
    if task != "har":
        steps, channels = training.split.train.inputs.shape[1:3]
    inputs, targets = torch.randn(rows, steps, channels), torch.randint(0, 6, (rows,))
    lstm, head = nn.LSTM(channels, size), nn.Linear(size, 6)
    weights: list[torch.Tensor] = list(lstm.parameters())
    parameters = [*lstm.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.001, fused=True)
    zeros = torch.zeros(1, batch_size, size)
    number = 16

    def tuned() -> None:
        order = torch.randperm(rows)
        for place in range(number):
            index = order[place * batch_size : (place + 1) * batch_size]
            read = inputs.index_select(0, index).transpose(0, 1)
            said = torch.lstm(read, (zeros, zeros), weights, True, 1, 0.0, True, False, False)[0][-1]
            loss = functional.cross_entropy(head(said), targets.index_select(0, index))
            loss.item()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            for parameter in parameters:
                parameter.grad = None

    def ours() -> None:
        training.steps_total = training.step + number
        for batch in islice(training.batches.epoch(1), number):
            outputs, loss, norm = training.update(batch, 0.001)
            assert isinstance(loss, float)
            assert isinstance(norm, float)
            training.running.add(outputs, batch, loss)
            training.meter.add(1, 1, len(batch), 0.001, loss, norm)

    tuned()
    ours()
    return [seconds(tuned) / seconds(ours) for _ in range(rounds)]


def _told(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, rounds=1)
    prepare(torch.device("cpu"), Runtime())
    task = "har" if os.environ.get("RNNLAB_DATA") and not options.quick else "sinusoids"
    shares, tuned = of_the_products(options.rounds), beside_a_tuned_loop(options.rounds, task)
    if options.json:
        print(json.dumps({"shares": shares, "tuned": tuned, "torch": torch.__version__}))
        return
    print("LSTM 128, names, batch 256, share of the matrix-product rate")
    for what, values in shares.items():
        print(f"  {what:28} {_told(values)}")
    print(f"LSTM 64, {task}, batch 64, over a loop tuned by hand: {_told(tuned)}")


if __name__ == "__main__":
    main()
