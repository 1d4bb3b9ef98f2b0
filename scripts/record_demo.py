"""Records the session that comes with the package: `rnnlab/demo`, replayed by `rnnlab replay demo`.

    python scripts/record_demo.py

A run of the default task whose learning rate is lowered while it trains. Kept are its configuration, its log and its best
weights; what names the machine is taken out of the log.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from rnnlab.runs.codec import encode
from rnnlab.runs.demo import DEMO_SESSION
from rnnlab.runs.events import Evaluated, Record, RunStarted
from rnnlab.runs.log_reader import read_records

EPOCHS, LOWERED_AFTER = 14, 8
SETTINGS = ("--hidden", "32", "--epochs", str(EPOCHS), "--set", "optim.lr=0.01", "--set", "optim.schedule=constant")
MOST_BYTES = 200_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"RNNLAB_SESSIONS": folder}
        rnnlab = [sys.executable, "-m", "rnnlab"]
        words = [*rnnlab, "train", "surnames", *SETTINGS, "--threads", "1", "--session", "demo", "--json"]
        training = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
        try:
            while epochs_of(Path(folder)) < LOWERED_AFTER and training.poll() is None:
                time.sleep(0.05)
            subprocess.run([*rnnlab, "tell", "latest", "set", "optim.lr=0.001"], env=environment, check=True)
            if training.wait() != 0:
                raise SystemExit("the run did not get to its end")
        finally:
            training.kill()
            training.wait()
        (run,) = (Path(folder) / "demo" / "runs").iterdir()
        keep(run, DEMO_SESSION / "runs" / run.name)


def epochs_of(root: Path) -> int:
    """How many epochs have been evaluated."""
    logs = list(root.glob("demo/runs/*/events.jsonl"))
    records = read_records(logs[0])[0] if logs else []
    return max((record.data.epoch for record in records if isinstance(record.data, Evaluated)), default=0)


def keep(run: Path, target: Path) -> None:
    """Copies what a replay and a prediction read."""
    shutil.rmtree(target.parent, ignore_errors=True)
    target.mkdir(parents=True)
    for name in ("run.toml", "best.safetensors", "commands.jsonl"):
        shutil.copyfile(run / name, target / name)
    records, _ = read_records(run / "events.jsonl")
    (target / "events.jsonl").write_bytes(b"".join(encode(nameless(record)) for record in records))
    (DEMO_SESSION / "session.toml").write_text('format = 1\nname = "demo"\nnotes = ""\n', encoding="utf-8")
    size = sum(path.stat().st_size for path in DEMO_SESSION.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise SystemExit(f"the recorded session has {size:,} bytes, more than {MOST_BYTES:,}: train a smaller net")
    print(f"{target}: {size:,} bytes")


def nameless(record: Record) -> Record:
    """The record without the machine that it was made on."""
    if not isinstance(record.data, RunStarted):
        return record
    versions = record.data.versions | {"platform": f"{sys.platform}-{os.uname().machine}"}
    started = msgspec.structs.replace(record.data, host="", boot="", pid=0, versions=versions)
    return msgspec.structs.replace(record, data=started)


if __name__ == "__main__":
    main()
