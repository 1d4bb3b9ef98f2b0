"""What holds for every test."""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.own_cells import cells_restored

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("rnnlab", deadline=None)
settings.load_profile("rnnlab")

SLOWEST = (
    "engines/test_slow_folder.py", "cli/test_sweep.py", "test_benchmarks.py", "ui/test_run.py", "engines/test_local.py",
    "ui/test_coming_back.py", "e2e/test_terminal.py", "cli/test_sweep_disturbed.py", "engines/test_lost_log.py",
    "recipes/test_outcome.py", "ui/test_several.py", "e2e/test_hostile.py", "ui/test_own.py", "ui/test_pick_file.py",
    "reports/test_figures.py", "api/test_python.py", "engines/test_attempts.py", "cli/test_train.py", "cli/test_prune.py",
    "export/test_onnx.py", "tasks/test_download.py", "training/test_monitor.py", "e2e/test_signals.py", "cli/test_streams.py",
    "tasks/test_cross_validation.py", "ui/test_search.py", "engines/test_silence.py", "engines/test_resume.py",
    "training/test_tuning.py", "training/test_trainer.py", "training/test_lr_range.py", "cli/test_consent.py",
)  # fmt: skip
"""Modules that take longest, longest first, as `pytest --durations=0` shows them."""

UNTIL = "RNNLAB_TEST_UNTIL"
"""Unix time after which no long test is begun; without it all are. CI has a limit, and machines are up to four times slower than
others."""
LONG = ("slow", "slurm", "ray", "shared_folder")
"""Marks of long tests."""

# Started by `nohup`, or in the background of a script, this process and those it starts would ignore what tests send them.
for _number, _default in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGQUIT, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _default)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the cache, the configuration or the secret of the person who runs it."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNLAB_CACHE", str(folder))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("RNNLAB_TOUR", "0")
        yield folder


@pytest.fixture(scope="module", autouse=True)
def _own_catalogue() -> Iterator[None]:
    """No module's tests see the cells that those of another registered, such as by opening a run that has one."""
    with cells_restored():
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="run the modules, and the tests of each, in another order"
    )
    parser.addoption(
        "--at-most", type=int, metavar="N", help="run nothing, and fail, where more than N tests are selected"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--shuffle` no test may lean on one before it; else the slowest modules come first.

    The tests of a module stay together, for they share fixtures.
    """
    seed = config.getoption("--shuffle")
    if seed is not None:
        chance = random.Random(seed)
        rank: dict[Path, float] = {}
        items.sort(key=lambda item: (rank.setdefault(item.path, chance.random()), chance.random()))
    elif hasattr(config, "workerinput"):
        items[:] = slowest_first(items, config.workerinput["workercount"], long_last=UNTIL in os.environ)
    elif UNTIL in os.environ:
        items.sort(key=is_long)


def is_long(item: pytest.Item) -> bool:
    """Whether a test is begun only while there is time for it."""
    return any(item.get_closest_marker(mark) is not None for mark in LONG)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A long test for which there is no time any more is skipped, which the summary says."""
    if time.time() > float(os.environ.get(UNTIL, "inf")) and is_long(item):
        pytest.skip(f"the time for long tests was over ({UNTIL})")


def slowest_first(items: list[pytest.Item], workers: int, *, long_last: bool = False) -> list[pytest.Item]:
    """The items in an order that `--dist worksteal` makes short: the slow modules at the head of each worker's share.

    Each worker first gets an equal, contiguous share. One that is done takes from the tail of another's, so what is at the
    tails has to be quick: otherwise the last minutes are those of one worker with a slow test. With `long_last` that is
    accepted, so that the others are carried out whatever time there is.
    """
    modules: dict[str, list[pytest.Item]] = {f"{Path(__file__).parent}/{name}": [] for name in SLOWEST}
    rest: list[pytest.Item] = []
    for item in items:
        modules.get(str(item.path), rest).append(item)
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for rank, slow in enumerate(modules.values()):
        turn = rank % (2 * workers)  # there and back, so that nobody has the slower one of each round
        shares[min(turn, 2 * workers - 1 - turn)] += slow
    ordered: list[pytest.Item] = []
    for number, share in enumerate(shares):
        size = (len(items) - len(ordered)) // (workers - number)
        room = max(0, size - len(share))
        share += rest[:room]
        del rest[:room]
        ordered += sorted(share, key=is_long) if long_last else share
    return ordered + rest


def pytest_collection_finish(session: pytest.Session) -> None:
    """With `--at-most`, that many failures are not put down to a busy machine.

    What has been imported and collected stays to the end. That the garbage collector passes over it saves a tenth of the tests'
    time.
    """
    gc.collect()
    gc.freeze()
    limit = session.config.getoption("--at-most")
    if limit is not None and len(session.items) > limit:
        pytest.exit(f"{len(session.items)} tests failed, more than {limit}: they are not run again", returncode=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each reason for which tests were skipped, and how many were."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        where = report.longrepr  # file, line and `Skipped: reason`
        counts[where[2].removeprefix("Skipped: ") if isinstance(where, tuple | list) else str(where)] += 1
    for reason, count in counts.most_common():
        terminalreporter.write_line(f"skipped {count}: {reason}")
