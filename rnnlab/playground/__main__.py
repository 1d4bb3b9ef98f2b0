"""`python -m rnnlab.playground RUN`: answers requests on standard input, a line of JSON each, until it is closed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from rnnlab.catalog.models.own_cells import place_in_own_cell
from rnnlab.engines.cells import choose_usual
from rnnlab.errors import UsageError, error_line
from rnnlab.paths import has_usual_cells
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import LONGEST_ANSWER, LONGEST_LINE, Answer, Request

_FAILURES = (UsageError, msgspec.MsgspecError, OSError, MemoryError, RuntimeError, ValueError, ArithmeticError)
"""What inputs and files bring about; PyTorch refuses by `RuntimeError`, also where there is no memory."""
_WHITE_SPACE = b" \t\r\n"


def main() -> int:
    """Open the run's net, then answer until the input ends. Returns the exit code."""
    import torch

    # What a cell of a person's own prints must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    torch.set_num_threads(1)
    from rnnlab.playground.net import PlaygroundNet

    try:
        if has_usual_cells():
            choose_usual()
        net = PlaygroundNet(RunFolder(Path(sys.argv[1])))
        _write(answers, Answer(number=0, opened=net.opened()))
    except Exception as error:
        if not (reason := _reason(error)):
            raise
        _write(answers, Answer(number=0, error=reason))
        return 1
    while line := sys.stdin.buffer.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := sys.stdin.buffer.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            _write(answers, Answer(number=0, error="the request is too long"))
        elif line.strip(_WHITE_SPACE):
            _write(answers, _answer(net, line))
    return 0


def _answer(net: object, line: bytes) -> Answer:
    """The answer to a line, an error in it where there is no other."""
    from rnnlab.playground.net import PlaygroundNet, ToBeAllowed

    assert isinstance(net, PlaygroundNet)
    number, kind = 0, ""
    try:
        request = msgspec.json.decode(line, type=Request)
        number, kind = request.number, request.kind
        return net.answer(request)
    except ToBeAllowed as error:
        return Answer(number=number, kind=kind, error=str(error), asks=True)
    except Exception as error:
        if not (reason := _reason(error)):
            raise
        return Answer(number=number, kind=kind, error=reason)


def _reason(error: Exception) -> str:
    """Why an input, a file or a cell of a person's own cannot be used; empty where the fault is of this program.

    Such a fault ends the process, with its traceback. A person's own cell may raise anything: its file and line are named.
    """
    place = place_in_own_cell(error)
    if place:
        return f"{place}: {error_line(error)}"
    return error_line(error) if isinstance(error, _FAILURES) else ""


def _write(answers: BinaryIO, answer: Answer) -> None:
    data = msgspec.json.encode(answer)
    if len(data) > LONGEST_ANSWER:
        data = msgspec.json.encode(Answer(number=answer.number, error="the answer is too large to be shown"))
    answers.write(data + b"\n")
    answers.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)
