"""How quickly a long log becomes a state: events a second, and seconds for 100,000 events.

python -m benchmarks.replay_log [--events 100000] [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.options import parse
from rnnlab.runs.codec import encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import AnyEvent, Evaluated, Progress, Record, RunStarted
from rnnlab.runs.log_reader import read_state

CLASSES = 18


def write_log(path: Path, events: int) -> None:
    """The log of a long run, see `log_lines`."""
    with path.open("wb") as file:
        file.writelines(log_lines(events))


def log_lines(events: int) -> Iterator[bytes]:
    """A log as a long run writes it: mostly progress, an evaluation with its confusion matrix every hundred events."""
    names = tuple(f"class {number}" for number in range(CLASSES))
    data = DataSummary(
        task="names",
        title="Names",
        problem="classification",
        metric="accuracy",
        higher_is_better=True,
        classes=names,
    )
    matrix = tuple(tuple((i * j) % 97 for j in range(CLASSES)) for i in range(CLASSES))
    for seq in range(events):
        loss = 2.0 / (1 + seq / 1000)
        event: AnyEvent
        if seq == 0:
            event = RunStarted(run="001", config={}, data=data, model="LSTM 128", epochs=1000, steps_per_epoch=100)
        elif seq % 100 == 0:
            figures: dict[str, Number] = {"accuracy": 1 - 1 / (1 + seq / 1000), "macro_f1": 0.5}
            event = Evaluated(
                split="validation",
                epoch=seq // 100,
                step=seq,
                loss=loss,
                metrics=figures,
                confusion=matrix,
            )
        else:
            event = Progress(
                epoch=seq // 100 + 1,
                step=seq,
                examples=seq * 64,
                seconds=seq / 10,
                steps=1,
                loss=loss,
                loss_low=loss * 0.9,
                loss_high=loss * 1.1,
                lr=0.003,
                grad_norm=0.7,
                examples_per_second=14_000.0,
                eta=12.0,
            )
        yield encode(Record(seq, 1e9 + seq, float(seq), event))


def measure(events: int, rounds: int) -> dict[str, float]:
    """Seconds to open a log of `events` events, the median of `rounds`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        write_log(path, events)
        seconds = []
        for _ in range(rounds):
            start = time.perf_counter()
            state, damaged = read_state(path)
            seconds.append(time.perf_counter() - start)
            assert state.last_seq == events - 1
            assert damaged == 0
        median = statistics.median(seconds)
        return {"events": events, "seconds": median, "events_per_second": events / median, "bytes": path.stat().st_size}


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, events=2000, rounds=1)
    result = measure(options.events, options.rounds)
    if options.json:
        print(json.dumps(result))
    else:
        print(
            f"{result['events']:,.0f} events ({result['bytes'] / 1e6:.0f} MB) in {result['seconds']:.2f} s: "
            f"{result['events_per_second']:,.0f} events/s"
        )


if __name__ == "__main__":
    main()
