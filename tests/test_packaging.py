"""What a wheel holds, and where `make lab` takes PyTorch from."""

from __future__ import annotations

import subprocess
import threading
import time
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server

import pytest

from scripts.torch_index import has_nvidia, option, reachable

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packaged(path: Path) -> bool:
    """Whether a pattern of the package data takes the file in: one of all packages, or of a package that it lies in.

    Every folder counts as a package, as setuptools finds namespaces, too; a star stops at a slash, as in a glob.
    """
    patterns: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    for package in path.relative_to(ROOT).parents:
        within = path.relative_to(ROOT / package)
        for pattern in patterns.get(".".join(package.parts), []) + patterns["*"]:
            if len(Path(pattern).parts) == len(within.parts) and fnmatch(within.as_posix(), pattern):
                return True
    return False


def test_every_file_of_the_package_is_package_data() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "rnnlab"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    files = [ROOT / line for line in tracked.splitlines()] or [
        path
        for path in (ROOT / "rnnlab").rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".so") and "__pycache__" not in path.parts
    ]
    left_out = [path for path in files if path.suffix != ".py" and path.is_file() and not packaged(path)]
    assert not left_out
    assert any(path.suffix == ".tcss" for path in files)


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "rnnlab").rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


class _Index(BaseHTTPRequestHandler):
    """An index that has PyTorch at /cpu/torch/ and nothing else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/cpu/torch/" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing is printed."""


def test_an_index_is_reachable_that_lists_pytorch() -> None:
    with HTTPServer(("127.0.0.1", 0), _Index) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            assert reachable(f"{address}/cpu")
            assert not reachable(f"{address}/gpu")
        finally:
            server.shutdown()
            thread.join()


def test_an_index_that_is_silent_or_not_there_is_given_up() -> None:
    with create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert not reachable(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds=0.3)
        assert time.monotonic() - began < 30
        port = silent.getsockname()[1]
    assert not reachable(f"http://127.0.0.1:{port}", seconds=5)
    assert option(f"http://127.0.0.1:{port}") == ""


def test_a_device_is_seen_by_its_driver_or_its_files(tmp_path: Path) -> None:
    dev = tmp_path / "dev"
    dev.mkdir()
    assert not has_nvidia(tmp_path / "nvidia", dev)
    (dev / "nvidia-caps").mkdir()
    assert not has_nvidia(tmp_path / "nvidia", dev)
    (dev / "nvidia0").touch()
    assert has_nvidia(tmp_path / "nvidia", dev)
    assert has_nvidia(tmp_path, tmp_path / "none")


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_ci_runs_on_every_version_that_is_supported(version: str) -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert f'"{version}"' in text
    assert ".ci/run" in text
    assert "pip-audit" in text
