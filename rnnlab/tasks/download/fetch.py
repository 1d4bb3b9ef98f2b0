"""Fetching a data set into the data folder: from its published address, another one, an archive, a file or a folder.

The files are checked, gathered in a temporary folder beside the data set's own, and renamed: afterwards either all of them
are there, or what was there before. Otherwise a fetch leaves only the part of a download that can be resumed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config import UsageError
from rnnlab.files import rename_durably, sync_folder
from rnnlab.paths import user_path
from rnnlab.tasks.download.archive_checks import is_web_page, shown
from rnnlab.tasks.download.data_folders import data_root
from rnnlab.tasks.download.http import PATIENCE, Patience, TransferFailed
from rnnlab.tasks.download.manifest import PublishedFiles, published_files, read_manifest
from rnnlab.tasks.download.sources import Found, Piece, differing, find
from rnnlab.tasks.download.transfer import Report, Transfer, kept

_STALE = 3600.0
"""Seconds after which a temporary folder is taken for one of a killed fetch."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of all files that are packed: the same files give the same archive."""


@dataclass(frozen=True)
class Fetched:
    """Result of a fetch. `differing` names the files that are not byte for byte those published."""

    folder: Path
    files: int
    bytes: int
    differing: tuple[str, ...] = ()
    already: bool = False


def fetch(
    name: str,
    source: str | Path | None = None,
    *,
    root: Path | None = None,
    manifest: Mapping[str, PublishedFiles] | None = None,
    report: Report = lambda *_: None,
    patience: Patience = PATIENCE,
) -> Fetched:
    """Fetches the data set `name` into `root` (default: the data folder).

    Without `source` it is downloaded from its published address and checked by sha256. `source` is an
    address, a zip archive (with another one inside, where the data set is published so), a folder that holds the same files
    or such an archive, or the file itself where there is one; other contents are taken too, and named in `differing`.
    Raises `UsageError`: one sentence, with how to download it in a browser; only the part of a download is left then.
    """
    wanted = published_files(name, read_manifest() if manifest is None else manifest)
    root = data_root() if root is None else root
    target = root / wanted.name
    if source is None and _is_here(wanted, target):
        return Fetched(target, wanted.total, 0, already=True)
    made = not root.exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root, wanted)
        with tempfile.TemporaryDirectory(prefix=_prefix(wanted), dir=root) as made_here, ExitStack() as stack:
            temporary = Path(made_here)
            found = _gather(wanted, source, root, stack, temporary, report, patience)
            ready = _Ready(wanted, temporary / "ready")
            ready.fill(found, temporary)
            if source is None and ready.differing:
                raise UsageError(
                    f"what {wanted.address} sent holds other files than were published "
                    f"({', '.join(ready.differing[:3])}); nothing was kept"
                )
            _place(ready.folder, target)
        shutil.rmtree(_part_folder(root, wanted), ignore_errors=True)
    except OSError as error:
        raise UsageError(
            f"{error.filename or root} cannot be written: {error.strerror or error}; "
            f"make room there, or name another folder with RNNLAB_DATA"
        ) from None
    finally:
        if made and root.is_dir() and not any(root.iterdir()):
            root.rmdir()
    return Fetched(target, ready.files, ready.bytes, ready.differing)


def partly_here(name: str, root: Path | None = None) -> int:
    """Number of bytes of a download that can be resumed."""
    entry = read_manifest().get(name)
    return kept(_part_folder(data_root() if root is None else root, entry)) if entry else 0


def _is_here(wanted: PublishedFiles, target: Path) -> bool:
    """Whether the data set is in its folder, as published, in whatever form."""
    if not target.is_dir():
        return False
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        try:
            found = find(wanted, target, str(target), stack, Path(temporary))
            if found.missing(wanted):
                return False
            return found.published or not differing(
                wanted, {name: _digest(piece) for name, piece in found.pieces.items()}
            )
        except (UsageError, OSError):
            return False  # it is not what was published


def _digest(piece: Piece) -> str:
    digest = hashlib.sha256()
    for chunk in piece.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _gather(
    wanted: PublishedFiles,
    source: str | Path | None,
    root: Path,
    stack: ExitStack,
    temporary: Path,
    report: Report,
    patience: Patience,
) -> Found:
    """Files of the data set from their source. Raises `UsageError`, also where one is missing."""
    if source is None or _is_address(str(source)):
        address = wanted.address if source is None else str(source)
        sha256 = wanted.sha256 if source is None else None
        path = _download(wanted, address, sha256, _part_folder(root, wanted), temporary, report, patience)
        called = f"what {address} sent"
    else:
        path = _on_disk(wanted, str(source))
        called = str(path)
    try:
        found = find(wanted, path, called, stack, temporary)
    except UsageError as error:
        raise UsageError(f"{error}; {_manual_instructions(wanted)}" if called != str(path) else str(error)) from None
    if missing := found.missing(wanted):
        listed = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        among = f" of the {wanted.total:,} files of {wanted.name}" if wanted.total > 1 else ""
        raise UsageError(f"{called} lacks {listed}{among}; {_manual_instructions(wanted)}")
    return found


def _on_disk(wanted: PublishedFiles, source: str) -> Path:
    """Path of a source that is no address. Raises `UsageError` where it cannot be read."""
    if "://" in source:
        raise UsageError(f"{source} is no address that is fetched from: only http:// and https:// are")
    try:
        path = user_path(source)
        if path.is_file():
            path.open("rb").close()
        elif path.is_dir():
            next(path.iterdir(), None)
        else:
            raise UsageError(f"there is no file or folder {path}; {_manual_instructions(wanted)}")
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}; check the path and its permissions") from None
    return path


class _Ready:
    """Files ready to be moved to the data folder, with their digests."""

    def __init__(self, wanted: PublishedFiles, folder: Path) -> None:
        self.folder = folder
        self.files = 0
        self.bytes = 0
        self.differing: tuple[str, ...] = ()
        self._wanted = wanted
        self._digests: dict[str, str] = {}

    def fill(self, found: Found, temporary: Path) -> None:
        """Reads every file of the data set, and fills the folder. Raises `UsageError`, `OSError`."""
        self.folder.mkdir()
        wanted = self._wanted
        if not wanted.keep:
            for name, piece in found.pieces.items():
                with (self.folder / name).open("wb") as stream:
                    self._read(name, piece, found, stream.write)
        elif found.archive is not None and (found.published or self._as_packed(found)):
            for name, piece in found.pieces.items():
                self._read(name, piece, found, len)
            if found.archive.is_relative_to(temporary):
                found.archive.rename(self.folder / wanted.keep)
            else:
                shutil.copyfile(found.archive, self.folder / wanted.keep)
        else:
            self._pack(found)
        self.files = len(found.pieces)
        self.differing = () if found.published else differing(wanted, self._digests)

    def _as_packed(self, found: Found) -> bool:
        return all(piece.path == f"{self._wanted.folder}/{name}" for name, piece in found.pieces.items())

    def _pack(self, found: Found) -> None:
        with zipfile.ZipFile(self.folder / self._wanted.keep, "w") as archive:
            for name, piece in sorted(found.pieces.items()):
                member = zipfile.ZipInfo(f"{self._wanted.folder}/{name}", _EPOCH)
                member.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(member, "w") as stream:
                    self._read(name, piece, found, stream.write)

    def _read(self, name: str, piece: Piece, found: Found, write: Callable[[bytes], object]) -> None:
        digest = hashlib.sha256()
        size = 0
        for chunk in _checked_start(piece, self._wanted.begins.encode(), found.called):
            digest.update(chunk)
            size += len(chunk)
            write(chunk)
        if not size and name not in self._wanted.extras:
            raise UsageError(f"{found.called} was refused: its file {shown(piece.path)} is empty")
        self._digests[name] = digest.hexdigest()
        self.bytes += size


def _checked_start(piece: Piece, begins: bytes, called: str) -> Iterator[bytes]:
    """Chunks of a file, after a check of how it begins. Raises `UsageError`."""
    chunks = piece.chunks()
    first = next(chunks, b"")
    if not first.removeprefix(b"\xef\xbb\xbf").startswith(begins):
        raise UsageError(
            f"{called} was refused: {shown(piece.path)} does not begin with {begins.decode()!r}, so it is another table"
        )
    yield first
    yield from chunks


def _place(ready: Path, target: Path) -> None:
    """Moves the ready files to the data set's folder; other files in it stay."""
    for path in ready.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    sync_folder(ready)
    if not target.exists():
        rename_durably(ready, target)
        return
    for path in ready.iterdir():
        path.replace(target / path.name)
    sync_folder(target)


class _WebPage(Exception):
    """HTML came instead of the data."""


def _download(
    wanted: PublishedFiles,
    address: str,
    sha256: str | None,
    folder: Path,
    temporary: Path,
    report: Report,
    patience: Patience,
) -> Path:
    """Downloads the file at `address` into `temporary`, by way of `folder`. Raises `UsageError`."""
    import pooch

    pooch.get_logger().setLevel("ERROR")
    transfer = Transfer(
        address, folder, pinned=sha256 is not None, largest=wanted.largest_bytes, report=report, patience=patience
    )

    arrived = False

    def transfer_to(_: str, output: str, __: object) -> None:
        nonlocal arrived
        arrived = False
        transfer.run(Path(output))
        arrived = True
        if sha256 is not None:
            with Path(output).open("rb") as stream:
                if is_web_page(stream.read(512)):
                    raise _WebPage

    known = f"sha256:{sha256}" if sha256 else None
    try:
        while True:
            try:
                return Path(pooch.retrieve(address, known, fname="fetched", path=temporary, downloader=transfer_to))
            except ValueError:  # the digest differs: once more from the beginning, if this was two halves
                if not arrived:
                    raise
                if not transfer.resumed:
                    reason = "sent another file than was published (its sha256 differs)"
                    break
                transfer.resumed = False
    except _WebPage:
        reason = "sent a web page instead of the data"
    except TransferFailed as failure:
        reason = str(failure)
        if failure.kept:
            raise UsageError(
                f"{address} {reason}; {failure.kept / 1e6:.1f} MB of it are kept, and the same command resumes "
                f"there; {_manual_instructions(wanted)}"
            ) from None
    raise UsageError(f"{address} {reason}; nothing was kept; {_manual_instructions(wanted)}") from None


def _manual_instructions(wanted: PublishedFiles) -> str:
    file = "FILE.csv" if wanted.address.endswith(".csv") else "FILE.zip"
    return (
        f"by hand: download {wanted.address} with a browser and type "
        f"`rnnlab data fetch {wanted.name} --from {file}` (an unpacked folder will do as well)"
    )


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _prefix(wanted: PublishedFiles) -> str:
    return f".fetching-{wanted.name}-"


def _part_folder(root: Path, wanted: PublishedFiles) -> Path:
    return root / f".part-of-{wanted.name}"


def _sweep(root: Path, wanted: PublishedFiles) -> None:
    """Removes the temporary folders of killed fetches."""
    for left in root.glob(f"{_prefix(wanted)}*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
