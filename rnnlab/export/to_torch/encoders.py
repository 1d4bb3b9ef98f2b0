"""Python code that turns a typed text into a net's inputs, for each task as `rnnlab predict` reads it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.normalised import PER_SEQUENCE
from rnnlab.tasks.encoding.words import ALIKE, INVISIBLE, LONGEST_WORDS, WORD_PATTERN
from rnnlab.tasks.published.names import ALPHABET
from rnnlab.tasks.splitting.normalise import channels_read

_TOKENS = '''def tokens_of(text):
    """Tokens (steps,): symbol i of the alphabet is token i + 1, any other character is token 0."""
    if not text:
        raise ValueError("the text is empty")
    known = {symbol: token for token, symbol in enumerate(SYMBOLS, start=1)}
    return torch.tensor([known.get(character, 0) for character in text])
'''

_WORDS = '''WORD = re.compile({pattern})
ALIKE = str.maketrans({alike}, "''", {invisible})
TOKENS = {{word: token for token, word in enumerate(VOCABULARY, start=1)}}


def encode(text):
    """Tokens (steps,): word i of the vocabulary is token i + 1, any other word is token 0."""
    if not text.strip():
        raise ValueError("the text is empty")
    folded = unicodedata.normalize("NFKC", text).translate(ALIKE).casefold()
    return torch.tensor([TOKENS.get(word, 0) for word in (WORD.findall(folded) or [""])[:{longest}]])
'''

_CLEANED = {
    "vigenere": '"".join(text.lower().split())',
    "anbn": '"S" + "".join(text.split()).removeprefix("S")',
    "copy": '"".join(text.upper().split())',
    "parity": '"".join(text.replace("_", "").split())',
    "temporal_order": '"".join(text.split())',
}
"""What is done to a typed text before its characters become tokens."""

_SURNAME = '''def clean(text):
    """The name composed (NFC), with plain apostrophes and single spaces."""
    alike = str.maketrans({"’": "'", "‘": "'", "`": "'", "\\xa0": " "})
    return " ".join(unicodedata.normalize("NFC", text).translate(alike).split())
'''

_FOLDED = '''def clean(text):
    """The name without accents (NFD); what is not in the alphabet is left out."""
    decomposed = unicodedata.normalize("NFD", text.strip())
    return "".join(character for character in decomposed if character in SYMBOLS).strip()
'''

_COMPOSED = '''def clean(text):
    """The name composed (NFC); what is neither a letter nor a mark of a name is left out."""
    composed = unicodedata.normalize("NFC", text.strip().replace("\\xa0", " "))
    return "".join(c for c in composed if c in " .,;'-’" or unicodedata.category(c)[0] in "LM").strip()
'''

_BITS = '''def encode(text):
    """Values (steps, 1) of bits such as 10110010."""
    bits = text.strip().removeprefix("0b").replace("_", "").replace(" ", "")
    return torch.tensor([[float(bit)] for bit in bits])
'''

_ADDING = '''def encode(text):
    """Values (steps, 2) of numbers, the two to be added marked with a star: 0.2 0.71* 0.5 0.9*."""
    words = text.replace(",", " ").replace(";", " ").split()
    return torch.tensor([[float(word.removesuffix("*")), float(word.endswith("*"))] for word in words])
'''

_PIXELS = '''MARKS = {{mark: value for value, mark in enumerate(".123456789abcdefg")}} | {{"0": 0}}


def encode(text):
    """Values ({steps}, {channels}) of an image: rows of eight marks from . (white) to g (darkest), or numbers 0 to 16."""
    words = text.replace(";", " ").replace(",", " ").split()
    if len(words) > 1 and len(words) % 8 == 0 and all(len(word) <= 2 and word.isdecimal() for word in words):
        values = [int(word) for word in words]
    else:
        values = [MARKS[mark] for word in words for mark in word.lower()]
    return torch.tensor(values, dtype=torch.float32).reshape(-1, {channels}) / 16
'''

_NUMBERS = '''def encode(text):
    """Values (steps, channels) as the net reads them, of numbers in their own units: those of a step, then the next step's."""
    words = text.replace(",", " ").replace(";", " ").split()
    values = torch.tensor([float(word) for word in words]).reshape(-1, CHANNELS)
'''
_LAST_STEPS = "    values = values[-{longest}:]  # the steps that a window has\n"
_EACH = """    # Each channel by its own mean and standard deviation over the sequence.
    exact = values.double()
    center, spread = exact.mean(0), exact.std(0, correction=0)
    values = ((exact - center) / torch.where(spread > 1e-12 * center.abs().clamp(min=1), spread, 1)).float()
"""
_BY_TRAINING = "    values = (values - torch.tensor({center})) / torch.tensor({spread})  # by the training rows\n"
_COMPANDED = """    # And a companded copy of each channel: asinh of its movement, which shows small ones.
    copy = torch.asinh({strength} * (values - values.sum(0) / len(values)))
    values = torch.cat((values, (copy - torch.tensor({center})) / torch.tensor({spread})), dim=1)
"""


def encoder_code(data: DataSummary) -> str:
    """The functions `encode`, and what it needs: a typed text → tokens (steps,) or values (steps, channels)."""
    if data.vocabulary:
        return _WORDS.format(
            pattern=ascii(WORD_PATTERN), invisible=ascii(INVISIBLE), alike=ascii(ALIKE), longest=LONGEST_WORDS
        )
    if data.symbols:
        return _token_code(data)
    match data.task:
        case "binary":
            return _BITS
        case "adding":
            return _ADDING
        case "digits":
            return _PIXELS.format(steps="rows", channels=8)
        case "pixels":
            return _PIXELS.format(steps="pixels", channels=1)
    return _number_code(data)


def _token_code(data: DataSummary) -> str:
    if data.task in ("surnames", "names"):
        cleaning = _SURNAME if data.task == "surnames" else _FOLDED if data.symbols == ALPHABET else _COMPOSED
        return f"{_TOKENS}\n\n{cleaning}\n\n{_encode('clean(text)')}"
    return f"{_TOKENS}\n\n{_encode(_CLEANED.get(data.task, 'text.strip()'))}"


def _encode(cleaned: str) -> str:
    return f'def encode(text):\n    """Tokens (steps,) of a typed text."""\n    return tokens_of({cleaned})\n'


def _number_code(data: DataSummary) -> str:
    scale, channels = data.scale, max(1, channels_read(data.input_size, data.scale))
    code = f"CHANNELS = {channels}\n\n\n{_NUMBERS}"
    if data.task == "sales":
        code += _LAST_STEPS.format(longest=data.longest)
    if scale.get(PER_SEQUENCE):
        code += _EACH
    elif any(f"input_{kind}_{channel}" in scale for channel in range(channels) for kind in ("scale", "offset")):
        code += _BY_TRAINING.format(
            center=_listed(scale, "offset", range(channels)), spread=_listed(scale, "scale", range(channels))
        )
    if strength := scale.get("compand"):
        copies = range(channels, 2 * channels)
        center, spread = _listed(scale, "offset", copies), _listed(scale, "scale", copies)
        code += _COMPANDED.format(strength=literal(strength), center=center, spread=spread)
    return code + "    return values\n"


def _listed(scale: dict[str, float], kind: str, channels: Sequence[int]) -> str:
    usual = 1.0 if kind == "scale" else 0.0
    return f"[{', '.join(literal(scale.get(f'input_{kind}_{channel}', usual)) for channel in channels)}]"


def literal(value: float) -> str:
    """A number as Python writes it, one that is not finite too."""
    return repr(float(value)) if math.isfinite(value) else f"float({str(float(value))!r})"
