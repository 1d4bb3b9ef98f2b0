"""The exported Python file computes what the net computes, in a process that has PyTorch alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError
from rnnlab.export.to_torch.encoders import encoder_code
from rnnlab.export.to_torch.model_file import model_file
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.published.names import ALPHABET
from rnnlab.tasks.synthetic import anbn, copy, parity, temporal_order, vigenere
from tests.export.nets import VARIED, WAYS, make
from tests.export.torch_file import difference


@pytest.mark.parametrize("name", MODELS)
def test_every_architecture_is_exported_within_a_millionth(name: str, tmp_path: Path) -> None:
    for inputs in ("tokens", "values", "each step"):
        assert difference(make(name, inputs), tmp_path) < 2e-6


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", VARIED)
def test_every_way_to_set_a_net_is_exported(name: str, way: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = WAYS[way]
    try:
        net = make(name, **settings)
    except ConfigError as error:
        pytest.skip(f"there is no such net: {error.key}")
    assert difference(net, tmp_path) < 2e-6


def summary(task: str, **given: Any) -> DataSummary:
    return DataSummary(
        task=task, title="", problem=TASKS[task].problem, metric="accuracy", higher_is_better=True, **given
    )


SCALE = {f"input_{kind}_{channel}": 0.3 + channel for channel in range(18) for kind in ("scale", "offset")}
TYPED = {
    "surnames": (summary("surnames", symbols="abcdefgé '"), [" D’Abée  face", "zza", "cab"]),
    "names": (summary("names", symbols=ALPHABET), ["Ślusàrski 3", "O'Néill-Abc"]),
    "names, unicode": (summary("names", symbols="Śabcélrsuki' "), ["Ślusàrski 3\xa0a", "O'Néill"]),
    "vigenere": (summary("vigenere", symbols=vigenere.SYMBOLS), ["abC xyz"]),
    "anbn": (summary("anbn", symbols=anbn.SYMBOLS), ["aa ab", "Saab"]),
    "copy": (summary("copy", symbols=copy.SYMBOLS), ["abc__>_"]),
    "parity": (summary("parity", symbols=parity.SYMBOLS), ["10 1_1"]),
    "temporal_order": (summary("temporal_order", symbols=temporal_order.SYMBOLS), ["EacXbdYcB"]),
    "own, texts": (summary("own", symbols="abc "), ["  a b ", "xa"]),
    "own, words": (
        summary("own", vocabulary=("the", "don't", "été", "日", "\"\\", "!")),
        ["The DON’T! unknown", "E\u0301te\u0301 日本", "exam\u00adple the \u200d \ufe0f"],
    ),
    "binary": (summary("binary", input_size=1), ["0b1011", "1 0_1"]),
    "adding": (summary("adding", input_size=2), ["0.2 0.71* 0.5, 0.9*"]),
    "overfit": (summary("overfit", input_size=1), ["0.2, -1e-3; 5"]),
    "sinusoids": (summary("sinusoids", input_size=1), ["0.2 0.4"]),
    "sales": (summary("sales", input_size=1, longest=3, scale=SCALE), ["5 6 7 8 9"]),
    "digits": (summary("digits", input_size=8), [TASKS["digits"].example, "0 1 2 3 4 5 6 16"]),
    "pixels": (summary("pixels", input_size=1), [TASKS["pixels"].example]),
    "gestures": (summary("gestures", input_size=3, scale=SCALE), ["1,2,3; 4,5.5,6; 1,1,1"]),
    "har": (summary("har", input_size=9, scale={"per_sequence": 1.0}), ["1 2 3 4 5 6 7 8 9; 2 2 3 4 5 1 7 8 9"]),
    "companded": (summary("gestures", input_size=6, scale=SCALE | {"compand": 20.0}), ["1,2,3; 4,5.5,6; 1,1,1"]),
    "own, numbers": (summary("own", input_size=2, scale=SCALE), ["1,2; 4,5.5"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_a_typed_input_is_read_as_rnnlab_predict_reads_it(case: str) -> None:
    data, texts = TYPED[case]
    scope: dict[str, Any] = {}
    imports = f"import re, torch, unicodedata\nSYMBOLS = {data.symbols!r}\nVOCABULARY = {list(data.vocabulary)!r}\n"
    exec(imports + encoder_code(data), scope)  # noqa: S102 - it is the code that is exported
    for text in texts:
        inputs, _ = encode_inputs(data, [text])
        np.testing.assert_allclose(scope["encode"](text).numpy(), inputs[0], rtol=1e-6, atol=1e-7)


def test_every_task_has_its_case() -> None:
    assert {data.task for data, _ in TYPED.values()} == set(TASKS)


def test_the_file_runs_where_only_pytorch_is(tmp_path: Path) -> None:
    """And text out of data stays text: a class with quotes and an escape sequence neither breaks the file nor the terminal."""
    data = DataSummary(
        task="own", title="", problem="classification", metric="accuracy", higher_is_better=True, symbols='ab"\\\n',
        classes=('"""', "\x1b[2J", "c\\", "d\n", "\u202ee"),
    )  # fmt: skip
    net = make("lstm")
    text, weights = model_file(net, data, title='x"""\nimport os', about="\\", example="a")
    (tmp_path / "model.py").write_text(text, encoding="utf-8")
    (tmp_path / "weights.pt").write_bytes(weights)
    check = "import sys, runpy; sys.argv = ['model.py', 'ab']; runpy.run_path('model.py', run_name='__main__'); "
    check += "assert not [name for name in sys.modules if name.startswith(('rnnlab', 'safetensors', 'numpy.testing'))]"
    done = subprocess.run([sys.executable, "-c", check], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[0] == "ab"
    assert len(done.stdout.splitlines()) == 6
    assert b"\x1b" not in done.stdout
    for inputs in ([], [""]):
        words = [sys.executable, "model.py", *inputs]
        told = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
        assert told.returncode == 1
        assert len(told.stderr.splitlines()) == 1
