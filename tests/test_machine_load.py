"""What a process takes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.machine import LoadMeter

BUSY = "import sys; print('up', flush=True)\nwhile True: pass"


def test_the_load_of_a_process_of_ours_is_read_and_of_no_other() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY, "rnnlab"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            meter = LoadMeter(process.pid)
            first = meter.read()
            assert first is not None
            assert 0 < first.memory < first.all_memory
            assert first.n_cores >= 1
            assert first.cores is first.machine is None, "no reading before, no share"
            while (load := meter.read()) is not None and not load.cores:
                pass
            assert load is not None
            assert load.machine is not None
            assert 0 <= load.machine <= 1
            assert load.gpu == ""
        finally:
            process.kill()
    assert meter.read() is None, "it has ended"


def test_a_gpu_is_asked_for_where_its_program_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '35, 2100, 16384'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with subprocess.Popen([sys.executable, "-c", BUSY, "rnnlab"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()  # until then its command line may not stand yet
            load = LoadMeter(process.pid, gpu=True).read()
            assert load is not None
            assert load.gpu == "35 %, 2,100 of 16,384 MiB"
            program.write_text("#!/bin/sh\necho 'no devices were found'\nexit 9\n")
            again = LoadMeter(process.pid, gpu=True).read()
            assert again is not None
            assert again.gpu == "", "nothing is said where the driver says nothing"
        finally:
            process.kill()
