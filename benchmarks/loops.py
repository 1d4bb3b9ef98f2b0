"""The loops that benchmarks compare: rnnlab's own, and those that people write, on the same rows, with the same optimiser.

All train an LSTM and fetch the loss of every step; nobody evaluates.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.workers import Loop

if TYPE_CHECKING:
    from rnnlab.config import RunConfig

HIDDEN = 128


def settings_of(batch_size: int) -> dict[str, object]:
    """What every loop here trains, as settings of ours, on names where RNNLAB_DATA is set."""
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


def configured(batch_size: int, **settings: object) -> RunConfig:
    """The same as a configuration, with further `settings` by their keys, a dot written as two underscores."""
    from rnnlab.config import RunConfig

    further = {key.replace("__", "."): value for key, value in settings.items()}
    return RunConfig.from_settings(settings_of(batch_size) | further)


def ours(config: RunConfig, about: dict[str, Any] | None = None) -> Loop:
    """The loop of rnnlab, its log written and its commands polled for.

    `about` comes to say what became of `graphs`, if anything.
    """
    from rnnlab.runs.log import LogWriter
    from rnnlab.tasks.load import load
    from rnnlab.training.commands import LiveCommands
    from rnnlab.training.loop import Training

    with tempfile.TemporaryDirectory() as folder, LogWriter(Path(folder) / "events.jsonl") as log:
        training = Training(config, load(config), commands=LiveCommands(Path(folder) / "commands.jsonl"))
        seen = 0
        for event in training.events():
            log.append(event)
            if about is not None and training.update.graphs is not None:
                about["graphs"] = training.update.warning or f"{training.update.graphs.held} shapes are graphs"
            yield training.meter.examples - seen
            seen = training.meter.examples


def packed(batch_size: int) -> tuple[Any, Any]:
    """The loader and the net that people write for sequences of different lengths."""
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
    from torch.utils.data import DataLoader, Dataset

    from rnnlab.tasks.load import load

    split = load(configured(batch_size))
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


def plain(batch_size: int, device: str = "cpu") -> Loop:
    """The loop people write."""
    import torch
    from torch import nn

    torch.backends.cudnn.allow_tf32 = False  # as ours; PyTorch lets cuDNN round of itself
    loader, net = packed(batch_size)
    net = net.to(device)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    while True:
        for tokens, lengths, targets in loader:
            optimiser.zero_grad()
            # The lengths stay on the host: packing wants them there.
            loss = criterion(net(tokens.to(device), lengths), targets.to(device))
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

    split = load(configured(1))
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
