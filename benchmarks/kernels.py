"""Layers written by hand beside PyTorch's own: outputs, gradients, and the time forwards and backwards, one thread.

    python -m benchmarks.kernels [--rounds 15] [--json]

The same weights and inputs go through `rnnlab.models.kernels` and through nn.RNN, nn.GRU or nn.LSTM in turn. Times are the
thread's own processor time, so that other people's processes disturb little; a ratio is PyTorch's over ours within a round:
least, median and most over the rounds. The difference is the largest one, as a share of the largest number of a tensor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.options import parse
from rnnlab.config.tree import Runtime
from rnnlab.models import kernels
from rnnlab.training.device import prepare

SHAPES = {
    "har: 128 steps, 9 channels, batch 64, size 64": (128, 64, 9, 64, False),
    "names: 7 letters of 59, batch 64, size 128": (7, 64, 59, 128, True),
    "names: 7 letters of 59, batch 256, size 128": (7, 256, 59, 128, True),
    "128 steps, 9 channels, batch 256, size 64": (128, 256, 9, 64, False),
    "32 steps, 32 channels, batch 16, size 256": (32, 16, 32, 256, False),
}
CELLS: dict[str, Callable[[int, int], nn.RNNBase]] = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

Read = Callable[[nn.RNNBase, Tensor], Tensor]


def ours(cell: nn.RNNBase, steps: Tensor) -> Tensor:
    return kernels.read(cell, steps)


def theirs(cell: nn.RNNBase, steps: Tensor) -> Tensor:
    if steps.dim() == 2:
        steps = functional.embedding(steps, torch.eye(cell.input_size))
    said: Tensor = cell(steps)[0]
    return said


def trained(read: Read, cell: nn.RNNBase, steps: Tensor) -> float:
    """Seconds of a look at the last step's state and the way back from it."""
    for parameter in cell.parameters():
        parameter.grad = None
    start = time.thread_time()
    read(cell, steps)[-1].square().sum().backward()  # type: ignore[no-untyped-call]
    return time.thread_time() - start


@torch.inference_mode()
def looked(read: Read, cell: nn.RNNBase, steps: Tensor) -> float:
    """Seconds of a look without a way back."""
    start = time.thread_time()
    read(cell, steps)
    return time.thread_time() - start


def difference(cell: nn.RNNBase, steps: Tensor) -> float:
    """The largest one between outputs and gradients of the two."""
    found = []
    for read in (ours, theirs):
        cell.zero_grad()
        said = read(cell, steps)
        said[-1].square().sum().backward()  # type: ignore[no-untyped-call]
        found.append([said.detach(), *(p.grad.clone() for p in cell.parameters() if p.grad is not None)])
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(*found, strict=True))


def compare(cell: nn.RNNBase, steps: Tensor, rounds: int) -> dict[str, Any]:
    """Ratios of `trained` and `looked`, each side in turn."""
    figures: dict[str, Any] = {"difference": difference(cell, steps)}
    for what, measure in (("training", trained), ("looking", looked)):
        pairs = [(measure(ours, cell, steps), measure(theirs, cell, steps)) for _ in range(rounds + 2)][2:]
        ratios = sorted(b / a for a, b in pairs)
        figures[what] = {
            "ours_ms": statistics.median(a for a, _ in pairs) * 1000,
            "theirs_ms": statistics.median(b for _, b in pairs) * 1000,
            "ratio": [ratios[0], statistics.median(ratios), ratios[-1]],
        }
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, rounds=1)
    torch.set_num_threads(1)
    prepare(torch.device("cpu"), Runtime())
    torch.manual_seed(0)
    results = {}
    for title, (count, batch, width, size, tokens) in list(SHAPES.items())[: 1 if options.quick else None]:
        if not options.json:
            print(title)
        for name, make in CELLS.items():
            steps = torch.randint(0, width, (count, batch)) if tokens else torch.randn(count, batch, width)
            figures = results[f"{name}, {title}"] = compare(make(width, size), steps, options.rounds)
            if not options.json:
                told = "   ".join(
                    f"{what} {figures[what]['ours_ms']:6.2f} ms, PyTorch {figures[what]['theirs_ms']:6.2f}: "
                    f"{figures[what]['ratio'][1]:.2f}× ({figures[what]['ratio'][0]:.2f} to {figures[what]['ratio'][2]:.2f})"
                    for what in ("training", "looking")
                )
                print(f"  {name:6}{told}   difference {figures['difference']:.0e}")
    if options.json:
        print(json.dumps({"torch": torch.__version__, "results": results}))


if __name__ == "__main__":
    main()
