"""What `rnnlab.models.plan.cost` is made of: seconds a step of each cell, and the rate of the matrix products of large ones.

    python -m benchmarks.cost [MODEL…]

One thread; processor time, the least of several tries, so that what else runs on the machine counts little.
"""

from __future__ import annotations

import argparse
import time

import torch

from benchmarks.options import parse
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import RunConfig
from rnnlab.models.net import Net, build
from rnnlab.models.plan.cost import OPERATIONS, cost

TRIES = 5


def net_of(name: str, units: int, width: int, steps: int) -> Net:
    settings = {"task.name": "sinusoids", "model.name": name, "model.layers": 1}
    if name != "linear":
        settings["model.hidden"] = (units,)
    return build(RunConfig.from_settings(settings), input_size=width, outputs=4, longest=steps)


def seconds(net: Net, batch: int, steps: int, width: int) -> float:
    """Of one pass forwards and backwards."""
    values = torch.randn(batch, steps, width)
    best = float("inf")
    for _ in range(TRIES):
        begun = time.process_time()
        net(values).sum().backward()
        best = min(best, time.process_time() - begun)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    options = parse(parser, models=["gru"])
    torch.set_num_threads(1)
    print(f"{'':24}{'µs a step':>10}{'assumed':>10}{'256 units, ms':>15}{'estimated':>11}{'G/s':>6}")
    for name in options.models:
        net = net_of(name, 8, 16, 64)
        step = (seconds(net, 8, 64, 16) - seconds(net_of(name, 8, 16, 16), 8, 16, 16)) / 48
        large = net_of(name, 256, 256, 32)
        took = seconds(large, 64, 32, 256)
        weights = sum(parameter.numel() for parameter in large.layers.parameters())
        products = 6 * weights * 64 * (1 if large.plan.flattened_steps else 32)
        rate = products / max(took - 32 * step, 1e-9) / 1e9
        guess = cost(large.plan, 64, 32, 32).seconds
        assumed = 1e6 * (MODELS[name].step_seconds or 0.0)
        print(f"{name:24}{1e6 * step:>10.1f}{assumed:>10.1f}{1e3 * took:>15.1f}{1e3 * guess:>11.1f}{rate:>6.0f}")
    print(f"assumed rate: {OPERATIONS / 1e9:.0f} G operations a second")


if __name__ == "__main__":
    main()
