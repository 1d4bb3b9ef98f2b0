"""A user's text file, read line by line within limits; encoding and line ends are detected first.

However large the file, only a few lines of it are held at a time.
"""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.tasks.own.common.encodings import MOST_SAMPLED, NAMES, encoding_of
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.unpack import Stream

LONGEST_LINE = 16 * 2**20
"""Maximum bytes of a line; a longer one is left out."""
_BLOCK = 2**20
_NO_TEXT = re.compile("[\0\udc80-\udcff]")

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV"),
    (b"PAR1", "a Parquet table, which cannot be read here; write it as CSV"),
    (b"\x89HDF", "an HDF5 file; save the arrays as .npz"),
    (b"\x93NUMPY", "one NumPy array; save X_train and y_train together with numpy.savez"),
    (b"MATLAB 5.0", "a MATLAB file; save the arrays as .npz"),
    (b"%PDF", "a PDF; the text in it cannot be read from here"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x80\x02", "a Python pickle, which is never read, as it may run code; save the arrays with numpy.savez"),
    (b"\x80\x04", "a Python pickle, which is never read, as it may run code; save the arrays with numpy.savez"),
    (b"\x80\x05", "a Python pickle, which is never read, as it may run code; save the arrays with numpy.savez"),
)


def quiet(_read: int, _of: int) -> None:
    """Progress callback that does nothing."""


@dataclass(frozen=True)
class Source:
    """A text file that has been scanned once: `lines` counts its lines, `encoding` is utf-8 or one of `encodings.NAMES`."""

    path: Path
    size: int
    unpacked: int
    """Bytes when unpacked."""
    lines: int
    encoding: str
    end: bytes
    bom: bool


def regular_file(path: Path, name: str) -> int:
    """Size of the file in bytes. Raises `Refusal` where it is missing, is not a file, is empty or may not be read."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Refusal("missing", f"{name} is neither a file nor a folder that can be read")
        if not found.st_size:
            raise Refusal("empty", f"{name} is empty: it holds not one byte")
        with path.open("rb"):
            return found.st_size
    except OSError as error:
        raise Refusal("missing", f"{name} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise Refusal("missing", f"{name!r} is not the name of a file") from None


def scan(path: Path, findings: Findings, report: Report = quiet) -> Source:
    """Scans the whole file once. Raises `Refusal` where it is no text."""
    size = regular_file(path, findings.name)
    with Stream(path, findings.name) as stream:
        _refuse_binary(stream.read(4096), findings)
        if stream.utf16:
            findings.facts["encoding"] = "utf-16"
    with Stream(path, findings.name) as stream:
        return _look_through(path, size, stream, findings, report)


def _refuse_binary(head: bytes, findings: Findings) -> None:
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            raise Refusal("binary", f"{findings.name} is {words}")
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise Refusal(
            "web page", f"{findings.name} is a web page and not the data; download the file that the page links to"
        )
    if head[1::2].count(0) > 0.9 * (len(head) // 2) > 1:
        raise Refusal("encoding", f"{findings.name} is UTF-16 text; save it as UTF-8 (in Excel: CSV UTF-8)")
    if b"\0" in head:
        line = head.count(b"\n", 0, head.index(b"\0")) + 1
        raise Refusal("binary", f"{findings.name} is not a text file: it holds zero bytes", f"line {line}")


def _look_through(path: Path, size: int, stream: Stream, findings: Findings, report: Report) -> Source:
    feeds = returns = done = 0
    wide = broken = 0  # lines (about) with characters beyond ASCII, and those of them that are not UTF-8
    bom, blank, last, tail = False, True, b"", b""
    sample = bytearray()  # of lines that are not UTF-8
    while block := stream.read(_BLOCK):
        if not done and block.startswith(codecs.BOM_UTF8):
            bom, block = True, block[3:]
            done += 3
        done += len(block)
        feeds += block.count(b"\n")
        returns += block.count(b"\r")
        blank = blank and not block.strip(b" \t\r\n\x0b\x0c")
        last = block[-1:] or last
        if not block.isascii() or tail:
            good, bad, tail = _judge_block(tail + block, sample)
            wide, broken = wide + good, broken + bad
        report(min(stream.packed_bytes, size) // 2, size)
    if tail:
        good, bad, _ = _judge_block(tail, sample, at_end=True)
        wide, broken = wide + good, broken + bad
    if blank:
        raise Refusal("empty", f"{findings.name} is empty: it holds nothing but blank lines")
    end = b"\n" if feeds or not returns else b"\r"
    lines = (feeds or returns) + (last != end)
    encoding = "utf-8"
    if broken:
        # One damaged line among many good ones is damage; where most are no UTF-8, the file never was.
        encoding = "utf-8" if wide > 10 * broken else encoding_of(bytes(sample))
        if encoding != "utf-8":
            findings.warn(
                "encoding",
                f"{findings.name} is not UTF-8 and was read as {NAMES[encoding]}; if letters look wrong, save it as UTF-8",
            )
    if bom:
        findings.warn("bom", f"{findings.name} starts with a byte order mark, which was taken off", "line 1")
    findings.facts.setdefault("encoding", "latin-1" if encoding == "cp1252" else encoding)
    return Source(path, size, done, lines, encoding, end, bom)


def _judge_block(block: bytes, sample: bytearray, *, at_end: bool = False) -> tuple[int, int, bytes]:
    """Counts of well-formed and of broken characters beyond ASCII, and the block's incomplete last line.

    At most a few thousand are counted. Lines with broken ones are added to the `sample` until that is large enough.
    """
    cut = len(block) if at_end else block.rfind(b"\n") + 1
    # A line without an end within four blocks is judged in pieces: a character on the seam may count as broken.
    if not cut and len(block) < 4 * _BLOCK:
        return 0, 0, block
    whole, rest = (block[:cut], block[cut:]) if cut else (block, b"")
    try:
        text = whole.decode("utf-8")
        return len(whole) - len(text), 0, rest
    except UnicodeDecodeError:
        pass
    good = bad = 0
    for line in whole.split(b"\n"):
        if line.isascii():
            continue
        try:
            good += len(line) - len(line.decode("utf-8"))
        except UnicodeDecodeError:
            bad += 1
            if len(sample) < MOST_SAMPLED:
                sample += line[:MOST_SAMPLED] + b"\n"
    return good, bad, rest


def lines(source: Source, findings: Findings, report: Report = quiet) -> Iterator[tuple[int, str]]:
    """Line numbers, from 1, and the lines without their ends. One that is no text, or too long, is left out and noted."""
    for numbers, block in chunks(source, findings, report):
        yield from zip(numbers, block, strict=True)


def chunks(
    source: Source, findings: Findings, report: Report = quiet, size: int = _BLOCK
) -> Iterator[tuple[Sequence[int], list[str]]]:
    """Line numbers and lines as `lines` yields them, those of about `size` bytes at a time."""
    first = 1
    for block in _blocks(source, report, size):
        whole = _decoded_at_once(block, source.encoding)
        if whole is not None and "\0" not in whole and len(block) <= LONGEST_LINE:
            # Nearly all blocks of nearly all files: each line costs next to nothing.
            if "\r" in whole:
                whole = whole.rstrip("\r").replace("\r\n", "\n")
            found = whole.split("\n")
            if "\r" in whole:
                found = [line.rstrip("\r") for line in found]
            yield range(first, first + len(found)), found
            first += len(found)
            continue
        yield _judged_lines(block, first, source, findings)
        first += block.count(b"\n") + 1
    report(source.size, source.size)


def _judged_lines(block: bytes, first: int, source: Source, findings: Findings) -> tuple[list[int], list[str]]:
    """Numbers, from `first`, and texts of the lines of a block of which some may be no text; those are left out and noted."""
    numbers: list[int] = []
    found: list[str] = []
    raw = block.split(b"\n")
    # Bytes that are no UTF-8 become characters that stand in no text, so that a line without one is text.
    whole = source.encoding == "utf-8" and len(block) <= LONGEST_LINE
    lines = block.decode("utf-8", "surrogateescape").split("\n") if whole else [None] * len(raw)
    for number, (line, data) in enumerate(zip(lines, raw, strict=True), start=first):
        if line is None or _NO_TEXT.search(line):
            line = _judged(data, number, source, findings)
        if line is not None:
            numbers.append(number)
            found.append(line.rstrip("\r"))
    return numbers, found


def _judged(raw: bytes, number: int, source: Source, findings: Findings) -> str | None:
    """The line as text; None, and noted, where it is none."""
    if len(raw) > LONGEST_LINE:
        message = (
            f"the line is longer than {LONGEST_LINE // 2**20} MiB; is something other than line ends between rows?"
        )
        findings.row("long", f"line {number}", message)
        return None
    line = _decoded(raw, source.encoding)
    if line is None:
        findings.row(
            "encoding",
            f"line {number}",
            f"the line is not {'UTF-8' if source.encoding == 'utf-8' else NAMES[source.encoding]} text as the rest is",
        )
    elif "\0" in line:
        findings.row("binary", f"line {number}", "the line holds a zero byte")
    else:
        return line.rstrip("\r")
    return None


def _blocks(source: Source, report: Report, size: int) -> Iterator[bytes]:
    """Blocks of whole lines, without the end of each block's last line; all line ends become a line feed.

    A line that is too long is cut to one byte more than `LONGEST_LINE`.
    """
    kept = b""
    begins = source.bom
    with Stream(source.path) as stream:
        while block := stream.read(size):
            if begins:
                block, begins = block.removeprefix(codecs.BOM_UTF8), False
            report((source.size + min(stream.packed_bytes, source.size)) // 2, source.size)
            if source.end == b"\r":
                block = block.replace(b"\r", b"\n")
            cut = block.rfind(b"\n")
            if cut < 0:
                # What goes beyond the longest line is dropped; one byte more than it stays, to tell.
                kept = (kept + block)[: LONGEST_LINE + 1] if len(kept) <= LONGEST_LINE else kept
                continue
            first = block.index(b"\n")
            if len(kept) + first > LONGEST_LINE:
                yield (kept + block[:first])[: LONGEST_LINE + 1]
                if first < cut:
                    yield block[first + 1 : cut]
            else:
                yield kept + block[:cut]
            kept = block[cut + 1 :]
    if kept:
        yield kept


def _decoded_at_once(block: bytes, encoding: str) -> str | None:
    """Text of many lines; None where one of them is none, or is written otherwise than the others."""
    try:
        return block.decode("utf-8" if block.isascii() else encoding)
    except UnicodeDecodeError:
        return None


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        # Windows' variant of Latin-1 has quotes and dashes where the other has controls nobody writes.
        return raw.decode("latin-1") if encoding == "cp1252" else None
