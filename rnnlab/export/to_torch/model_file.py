"""The exported Python file as a whole: the net, its inputs, its classes, and a `main` that predicts."""

from __future__ import annotations

import io

import torch

from rnnlab import __version__
from rnnlab.export.to_torch.cell_code import docstring_text
from rnnlab.export.to_torch.encoders import encoder_code, literal
from rnnlab.export.to_torch.net_code import NetCode, net_code
from rnnlab.models.net import Net
from rnnlab.runs.data_summary import DataSummary

MODEL_FILE, WEIGHTS_FILE = "model.py", "weights.pt"

_FILE = '''"""{title}

{about}
It needs PyTorch alone, and {weights} beside it: `load()` is the net with its weights, `predict(texts)` what it predicts.

    python {name} {example}
"""

{patterns}import sys
{imports}from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

{constants}


{classes}

class Net(nn.Module):
    """{net}: sequences, padded at their ends, to {outputs}."""

    def __init__(self):
        super().__init__()
{init}

    def forward(self, inputs, lengths):
        """{inputs} and lengths (batch,) → {shape}."""
{forward}


def load(path=Path(__file__).with_name("{weights}")):
    """The net with its weights, ready to predict."""
    net = Net()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()


{encode}

{predict}

def printable(text):
    """The text without what a terminal would obey."""
    return "".join(c if c.isprintable() else "\\ufffd" for c in str(text))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python {name} INPUT...")
    try:
        predictions = predict(sys.argv[1:])
    except (ValueError, KeyError, RuntimeError) as error:
        sys.exit(f"that cannot be read as an input: {{printable(error)}}")
    for text, prediction in zip(sys.argv[1:], predictions):
        print(printable(text))
        for line in prediction:
            print(" ", *(f"{{each:.6g}}" if isinstance(each, float) else printable(each) for each in line))
'''

_RUN = '''def outputs_of(texts, net=None):
    """The net's outputs for each text, {shape}, and the lengths (batch,)."""
    rows = [encode(text) for text in texts]
    lengths = torch.tensor([len(row) for row in rows])
    inputs = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    with torch.inference_mode():
        return (net or load())(inputs, lengths).double(), lengths
'''
_CLASSES = '''

def predict(texts, net=None):
    """For each text the classes with their probabilities, the likeliest first."""
    outputs, _ = outputs_of(texts, net)
    return [sorted(zip(CLASSES, row), key=lambda pair: -pair[1]) for row in outputs.softmax(1).tolist()]
'''
_STEPS = '''

def predict(texts, net=None):
    """For each text the likeliest class of each step, with its probability."""
    outputs, lengths = outputs_of(texts, net)
    found = []
    for row, length in zip(outputs.softmax(2), lengths.tolist()):
        best = row[:length].max(1)
        found.append([(CLASSES[index], value) for index, value in zip(best.indices.tolist(), best.values.tolist())])
    return found
'''
_NUMBERS = '''

def predict(texts, net=None):
    """For each text the numbers predicted, in the target's own unit."""
    outputs, _ = outputs_of(texts, net)
    return [[(number,) for number in row] for row in (outputs * TARGET_SCALE + TARGET_OFFSET).tolist()]
'''


def model_file(net: Net, data: DataSummary, *, title: str, about: str, example: str) -> tuple[str, bytes]:
    """The text of the Python file, and the bytes of the file of weights beside it, a state dict as `torch.save` writes it.

    `title`, `about`: what is said at its head. `example`: an input to try. Raises `UsageError` where a cell cannot be traced.
    """
    code = net_code(net)
    encode = encoder_code(data)
    per_step = net.readout == "steps"
    shape = "(batch, steps, outputs)" if per_step else "(batch, outputs)"
    predict = (_STEPS if per_step else _CLASSES) if data.classes else _NUMBERS
    text = _FILE.format(
        title=docstring_text(title),
        about=docstring_text(about),
        example=docstring_text(example),
        name=MODEL_FILE,
        weights=WEIGHTS_FILE,
        patterns="import re\n" if "re.compile(" in encode else "",
        imports="import unicodedata\n" if "unicodedata." in encode else "",
        constants="\n".join(_constants(data)),
        classes="\n\n".join(code.classes),
        net=docstring_text(title.partition(":")[0]),
        outputs="a score of each class (logits)" if data.classes else "numbers in the scale that it learned",
        init=_indented(code.init),
        forward=_indented(code.forward),
        inputs="Tokens (batch, steps)" if net.tokens else "Values (batch, steps, channels)",
        shape=shape,
        encode=encode,
        predict=_RUN.format(shape=shape) + predict,
    )
    return text, _saved(code)


def _constants(data: DataSummary) -> list[str]:
    """What the run's data say of inputs and outputs, as Python: text from data stands there as its `repr`."""
    lines = [f'VERSION = "exported by rnnlab {__version__}"']
    if data.vocabulary:
        lines.append(f"VOCABULARY = {list(data.vocabulary)!r}")
    if data.symbols:
        lines.append(f"SYMBOLS = {data.symbols!r}")
    if data.classes:
        return [*lines, f"CLASSES = {list(data.classes)!r}"]
    scale, offset = data.scale.get("target_scale", 1.0), data.scale.get("target_offset", 0.0)
    return [*lines, f"TARGET_SCALE, TARGET_OFFSET = {literal(scale)}, {literal(offset)}"]


def _indented(lines: list[str]) -> str:
    return "\n".join(f"        {line}" for line in lines)


def _saved(code: NetCode) -> bytes:
    stream = io.BytesIO()
    torch.save({name: values.detach().clone().contiguous() for name, values in code.weights.items()}, stream)
    return stream.getvalue()
