"""Training throughput: rnnlab's own loop beside the loops people write, in one run, as ratios.

    python benchmarks/throughput.py [--seconds 4] [--rounds 5] [--json]

- batch 64 and 256: against a DataLoader, a collate function that pads, `pack_padded_sequence`, Adam and PyTorch's default
  threads;
- batch 64: against the same loader and net under Lightning and under skorch (`pip install rnnlab[bench]`), likewise;
- batch 1: against the loop of PyTorch's names tutorial: a name at a time, a one-hot tensor filled letter by letter, SGD.

Both sides train an LSTM of 128 units on the same rows, with the same optimiser, and fetch the loss of every step. Ours runs
`rnnlab.training.loop` as the training process does: it polls for commands and writes its log. Nobody evaluates. A run
measures before it begins whether one thread or as many as there are cores are quicker for it; here each is a loop of its own,
and ours is the quicker of the two. Each loop lives in a process of its own, as thread settings hold for a process; they take
turns, one at a time, and the figure is the median over the rounds of the ratio within a round. The data is `names` where
RNNLAB_DATA is set.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PAIRS = (
    ("batch 64", "ours-64", "plain-64", 2.5),
    ("batch 256", "ours-256", "plain-256", 2.5),
    ("batch 1", "ours-1", "plain-1", 2.0),
    ("batch 64, Lightning", "ours-64", "lightning-64", 2.5),
    ("batch 64, skorch", "ours-64", "skorch-64", 2.5),
)
"""What is compared, by whom, and the ratio to reach."""
ONE_THREAD = "-one-thread"
HIDDEN = 128
WARM_UP = 1.0
"""Seconds each loop runs before anything is counted: kernels are chosen, memory is found."""

Loop = Iterator[int]
"""Yields the examples trained on since it was last asked, every few milliseconds."""


def settings_of(batch_size: int) -> dict[str, object]:
    """What every loop here trains, as settings of ours."""
    settings: dict[str, object] = {
        "task.name": "names" if os.environ.get("RNNLAB_DATA") else "surnames",
        "model.name": "lstm",
        "model.hidden": HIDDEN,
        # What the loops beside it do, and no more, whatever the task's own defaults are.
        "model.dropout": 0.0,
        "optim.name": "adam",
        "optim.lr": 0.003,
        "optim.weight_decay": 0.0,
        "optim.schedule": "constant",
        "train.batch_size": batch_size,
        "train.epochs": 100_000,
        # Far away: the loops beside it do not evaluate either.
        "train.evaluate_every": 1_000_000_000,
        "runtime.device": "cpu",
    }
    if batch_size == 1:
        settings |= {"optim.name": "sgd", "optim.lr": 0.005, "optim.clip_norm": None}
    return settings


def _config(batch_size: int, threads: int = 1) -> Any:
    from rnnlab.config import RunConfig

    return RunConfig.from_settings(settings_of(batch_size) | {"runtime.threads": threads})


def ours(batch_size: int, threads: int) -> Loop:
    """rnnlab's loop, its log written and its commands polled for."""
    from rnnlab.runs.log import LogWriter
    from rnnlab.tasks.load import load
    from rnnlab.training.loop import Training
    from rnnlab.training.orders import LiveOrders

    config = _config(batch_size, threads)
    with tempfile.TemporaryDirectory() as folder, LogWriter(Path(folder) / "events.jsonl") as log:
        training = Training(config, load(config), orders=LiveOrders(Path(folder) / "commands.jsonl"))
        seen = 0
        for event in training.events():
            log.append(event)
            yield training.meter.examples - seen
            seen = training.meter.examples


def packed(batch_size: int) -> tuple[Any, Any]:
    """The loader and the net that people write for sequences of different lengths."""
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
    from torch.utils.data import DataLoader, Dataset

    from rnnlab.tasks.load import load

    split = load(_config(batch_size))
    part = split.train

    class Names(Dataset[tuple[torch.Tensor, int]]):
        def __init__(self) -> None:
            rows = zip(part.inputs, part.lengths, strict=True)
            self.inputs = [torch.tensor(row[:length], dtype=torch.int64) for row, length in rows]
            self.targets = part.targets.tolist()

        def __len__(self) -> int:
            return len(self.inputs)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            return self.inputs[index], self.targets[index]

    def collate(rows: list[tuple[torch.Tensor, int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        inputs, targets = zip(*rows, strict=True)
        lengths = torch.tensor([len(row) for row in inputs])
        return pad_sequence(list(inputs), batch_first=True), lengths, torch.tensor(targets)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(split.input_size, HIDDEN, batch_first=True)
            self.head = nn.Linear(HIDDEN, split.outputs)

        def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            values = nn.functional.one_hot(tokens, split.input_size).float()
            packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.lstm(packed)
            answers: torch.Tensor = self.head(hidden[-1])
            return answers

    torch.manual_seed(0)
    return DataLoader(Names(), batch_size=batch_size, shuffle=True, collate_fn=collate), Net()


def plain(batch_size: int) -> Loop:
    """The loop people write."""
    import torch
    from torch import nn

    loader, net = packed(batch_size)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    while True:
        for tokens, lengths, targets in loader:
            optimiser.zero_grad()
            loss = criterion(net(tokens, lengths), targets)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            total += loss.item()
            yield len(targets)


def lightning_64() -> Loop:
    """The same under Lightning, without what it would log or save."""
    import logging
    import warnings

    import lightning
    import torch

    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    loader, net = packed(64)

    class Module(lightning.LightningModule):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            tokens, lengths, targets = batch
            loss = torch.nn.functional.cross_entropy(self.net(tokens, lengths), targets)
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=0.003)

    def fit(told: Callable[[int], None]) -> None:
        class Told(lightning.Callback):  # type: ignore[misc, unused-ignore]
            def on_train_batch_end(self, *_: Any, **__: Any) -> None:
                told(64)

        lightning.Trainer(
            accelerator="cpu",
            max_epochs=-1,
            gradient_clip_val=1.0,
            callbacks=[Told()],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(Module(), loader)

    yield from _turned_round(fit)


def skorch_64() -> Loop:
    """The same under skorch, without validation and printing."""
    import skorch
    import torch
    from skorch.callbacks import Callback, GradientNormClipping

    loader, net = packed(64)

    class Unpacked(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, both: Any) -> Any:
            return self.net(*both)

    def pairs(rows: Any) -> Any:
        tokens, lengths, targets = loader.collate_fn(rows)
        return (tokens, lengths), targets

    def fit(told: Callable[[int], None]) -> None:
        class Told(Callback):  # type: ignore[misc, unused-ignore]
            def on_batch_end(self, *_: Any, **__: Any) -> None:
                told(64)

        skorch.NeuralNet(
            Unpacked,
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=0.003,
            batch_size=64,
            max_epochs=1_000_000,
            iterator_train__shuffle=True,
            iterator_train__collate_fn=pairs,
            train_split=None,
            callbacks=[("told", Told()), ("clip", GradientNormClipping(1.0))],
            verbose=0,
        ).fit(loader.dataset, y=None)

    yield from _turned_round(fit)


def _turned_round(fit: Callable[[Callable[[int], None]], None]) -> Loop:
    """A trainer that calls back after each batch as an iterator of batches: it runs in a thread and waits its turn."""
    import threading

    go, came = threading.Semaphore(0), threading.Semaphore(0)
    counts: list[int] = []

    def told(count: int) -> None:
        counts.append(count)
        came.release()
        go.acquire()

    threading.Thread(target=fit, args=(told,), daemon=True).start()
    while True:
        came.acquire()
        yield counts.pop()
        go.release()


def plain_1() -> Loop:
    """The loop of PyTorch's names tutorial, with its recurrent net an `nn.LSTM`."""
    import torch
    from torch import nn

    from rnnlab.tasks.load import load

    split = load(_config(1))
    part = split.train
    names = [split.show_input(part, row) for row in range(len(part))]
    letters = split.symbols

    def line_to_tensor(line: str) -> torch.Tensor:
        tensor = torch.zeros(len(line), 1, split.input_size)
        for place, letter in enumerate(line):
            tensor[place][0][letters.find(letter) + 1] = 1
        return tensor

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(split.input_size, HIDDEN)
            self.h2o = nn.Linear(HIDDEN, split.outputs)
            self.softmax = nn.LogSoftmax(dim=1)

        def forward(self, line: torch.Tensor) -> torch.Tensor:
            _, (hidden, _) = self.rnn(line)
            answers: torch.Tensor = self.softmax(self.h2o(hidden[0]))
            return answers

    torch.manual_seed(0)
    random.seed(0)
    net = Net()
    criterion = nn.NLLLoss()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.005)
    total = 0.0
    while True:
        row = random.randrange(len(names))
        line = line_to_tensor(names[row])
        category = torch.tensor([int(part.targets[row])])
        optimiser.zero_grad()
        loss = criterion(net(line), category)
        loss.backward()
        optimiser.step()
        total += loss.item()
        yield 1


CORES = os.cpu_count() or 1

LOOPS: dict[str, Callable[[], Loop]] = {
    "ours-64": lambda: ours(64, CORES),
    "ours-256": lambda: ours(256, CORES),
    "ours-1": lambda: ours(1, CORES),
    "ours-64-one-thread": lambda: ours(64, 1),
    "ours-256-one-thread": lambda: ours(256, 1),
    "ours-1-one-thread": lambda: ours(1, 1),
    "plain-64": lambda: plain(64),
    "plain-256": lambda: plain(256),
    "plain-1": plain_1,
    "lightning-64": lightning_64,
    "skorch-64": skorch_64,
}
LOOPS |= {name + ONE_THREAD: loop for name, loop in LOOPS.items() if not name.startswith("ours")}


def work(name: str) -> None:
    """A worker's life: for each number of seconds read, train that long and write the examples a second."""
    loop = LOOPS[name]()

    def train(seconds: float) -> float:
        examples = 0
        now = start = time.perf_counter()
        while now - start < seconds:
            examples += next(loop)
            now = time.perf_counter()
        return examples / (now - start)

    train(WARM_UP)
    import torch

    mine = name.startswith("ours")
    threads = (1 if name.endswith(ONE_THREAD) else CORES) if mine else torch.get_num_threads()
    print(json.dumps({"threads": threads, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(train(float(line))), flush=True)


class Worker:
    """A loop in a process of its own, still until it is asked."""

    def __init__(self, name: str) -> None:
        environment = dict(os.environ)
        # The threads a person gets who has set nothing.
        for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            environment.pop(variable, None)
        if name.endswith("one-thread"):
            environment["OMP_NUM_THREADS"] = "1"
        line = [sys.executable, str(Path(__file__).resolve()), "--worker", name]
        self._process = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.about: dict[str, Any] = self._answer()

    def train(self, seconds: float) -> float:
        """Examples a second over about so many seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended with code {self._process.wait()}; what it said stands above")
        return json.loads(line)


def compare(title: str, ours_name: str, plain_name: str, goal: float, seconds: float, rounds: int) -> dict[str, Any]:
    """Rounds in which each loop trains in turn; the first to go changes, so that no side has the cooler machine."""
    names = (ours_name, ours_name + ONE_THREAD, plain_name, plain_name + ONE_THREAD)
    workers: dict[str, Worker] = {}
    rates: dict[str, list[float]] = {name: [] for name in names}
    try:
        for name in names:
            workers[name] = Worker(name)
        for turn in range(rounds):
            for name in names[turn % 4 :] + names[: turn % 4]:
                rates[name].append(workers[name].train(seconds))
        about = {name: worker.about for name, worker in workers.items()}
    finally:
        for worker in workers.values():
            worker.close()

    quicker = max(names[:2], key=lambda name: statistics.median(rates[name]))

    def ratios(mine: str, against: str) -> dict[str, float]:
        found = sorted(a / b for a, b in zip(rates[mine], rates[against], strict=True))
        return {"median": statistics.median(found), "least": found[0], "most": found[-1]}

    return {
        "what": title,
        "examples_per_second": {name: round(statistics.median(values), 1) for name, values in rates.items()},
        "threads": {name: each["threads"] for name, each in about.items()},
        "ours": quicker,
        "plain": plain_name,
        "ratio": ratios(quicker, plain_name),
        "ratio_one_thread": ratios(names[1], names[3]),
        "goal": goal,
        "rounds": {name: [round(rate, 1) for rate in values] for name, values in rates.items()},
        "torch": about[ours_name]["torch"],
    }


def _shown(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f}× ({ratio['least']:.2f} to {ratio['most']:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of one loop's turn in a round (default 4)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default="", help="the comparisons whose title holds this")
    parser.add_argument("--worker", choices=tuple(LOOPS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
        return
    task = _config(64).task.name
    say: Callable[[str], None] = (lambda _: None) if options.json else print
    say(f"LSTM {HIDDEN} on {task}, {os.cpu_count()} cores, median of {options.rounds} rounds of {options.seconds:g} s")
    if task != "names":
        say("RNNLAB_DATA is not set, so this is surnames, not names: the figures differ, the ratios hardly")
    load, cores = os.getloadavg()[0], CORES
    if load > 0.5 * cores:
        # Two threads that wait for each other lose most to other people's processes: the plain loop's default then.
        say(
            f"the machine is busy (load {load:.1f} on {cores} cores), which flatters the ratio; run it again on an idle one"
        )
    results = []
    for title, ours_name, plain_name, goal in (pair for pair in PAIRS if options.only in pair[0]):
        result = compare(title, ours_name, plain_name, goal, options.seconds, options.rounds)
        results.append(result)
        say(f"\n{title}")
        for name, rate in result["examples_per_second"].items():
            threads = result["threads"][name]
            say(f"  {name:26} {rate:10,.0f} examples/s   {threads} thread{'s' if threads > 1 else ''}")
        say(
            f"  {result['ours']} is {_shown(result['ratio'])} {result['plain']}, PyTorch's default (goal {goal}×); "
            f"with one thread each, {_shown(result['ratio_one_thread'])}"
        )
    if options.json:
        print(json.dumps({"task": task, "cores": cores, "load": load, "hidden": HIDDEN, "results": results}))


if __name__ == "__main__":
    main()
