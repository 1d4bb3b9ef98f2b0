"""The standard streams as a caller may have left them: closed, full, or with nobody at the other end."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from rnnlab.cli.ascii_marks import in_ascii

_NAMES = ("stdin", "stdout", "stderr")


def open_closed() -> list[str]:
    """Open the null device in place of each closed standard stream; returns the names of those.

    Otherwise a file opened later would get the stream's number, and what is printed would be written to it.
    """
    closed = []
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            stream = open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
            closed.append(name)
    return closed


_HANDLER = "rnnlab-marks"
"""Name of the error handler of streams that are not UTF-8."""
_replaced: set[str] = set()
"""Encodings that lacked a character that was printed."""


def replace_unencodable() -> None:
    """Where standard output or error is not UTF-8, marks that its encoding lacks are written in ASCII, and letters as `?`."""
    codecs.register_error(_HANDLER, _in_ascii)
    _replaced.clear()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and (stream.encoding or "").lower().replace("-", "") != "utf8":
            stream.reconfigure(errors=_HANDLER)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    _replaced.add(error.encoding)
    return in_ascii(error.object[error.start : error.end]), error.end


def replaced_sentence() -> str:
    """Sentence on the characters that could not be printed as they are; empty where all could."""
    if not _replaced:
        return ""
    return (
        f"rnnlab: the encoding of this terminal is {sorted(_replaced)[0]} and not UTF-8: marks were written in ASCII, and "
        "letters that it lacks as ?; PYTHONUTF8=1 shows all, where the terminal can"
    )


@contextlib.contextmanager
def writing_to(name: str) -> Iterator[None]:
    """An `OSError` within is one of the stream called so; only a reader who has gone stays a `BrokenPipeError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


def mute(stream: TextIO) -> None:
    """What is still to be written to the stream, by the interpreter's last flush for one, goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
