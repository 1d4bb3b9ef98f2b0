"""Memory that `rnnlab data check` takes of a large file: some bytes of each row, and never the rows themselves."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# What getrusage says of a child begins with its parent's peak; Linux says the process's own in another place.
MEASURED = """
import resource, sys
from rnnlab.cli.main import run
code = run(["data", "check", sys.argv[1], "--json"])
own = [line for line in open("/proc/self/status") if line.startswith("VmHWM")] if sys.platform == "linux" else []
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stderr.write(own[0].split()[1] if own else str(peak))
sys.exit(code)
"""


def peak_of_check(path: Path, rows: int) -> int:
    """Peak memory, in bytes, of the check of a file with so many rows."""
    done = subprocess.run([sys.executable, "-c", MEASURED, path.name], cwd=path.parent, capture_output=True, check=True)
    assert json.loads(done.stdout)["rows"] == rows
    return int(done.stderr) * (1 if sys.platform == "darwin" else 1024)


def write_texts(path: Path, rows: int) -> None:
    """Different texts of fifty characters and more, with one of nine labels."""
    path.write_text("".join(f"a text of some length that is not the same twice {n},{n % 9}\n" for n in range(rows)))


def write_series(path: Path, rows: int) -> None:
    """A value a second, missing now and then."""
    with path.open("w") as file:
        file.write("date,value\n")
        for n in range(rows):
            day, second = divmod(n, 86_400)
            clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            file.write(f"2015-01-{1 + day:02}T{clock},{'' if n % 5000 == 7 else f'{n * 7919 % 10_007}.5'}\n")


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    write_texts(path, 600_000)
    assert path.stat().st_size > 30 * 2**20
    assert peak_of_check(path, 600_000) < 256 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize(("write", "most"), [(write_texts, 24), (write_series, 48)])
def test_a_row_more_takes_a_few_bytes_more(write: Callable[[Path, int], None], most: int, tmp_path: Path) -> None:
    """A text takes its hash and its class, 12 bytes; a step its date and its value, 16, and twice that at the end."""
    path = tmp_path / "own.csv"
    few, many = 400_000, 2_000_000
    write(path, few)
    least = peak_of_check(path, few)
    write(path, many)
    assert peak_of_check(path, many) - least < most * (many - few)
