"""Bringing a data set into the data folder: from its published address, another one, an archive or a folder on disk.

What is fetched is checked, gathered in a temporary folder beside its place, and renamed there: either all of it is there
afterwards, or what was there before.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.config import UsageError
from rnnlab.tasks.archives import LARGEST_FILE, is_web_page, read_archive
from rnnlab.tasks.folders import data_root
from rnnlab.tasks.manifest import DataSet, data_set, read_manifest

Report = Callable[[int, int], None]
"""Called as bytes arrive with how many have, and how many are expected (0: unknown)."""

_STALE = 3600.0
"""Seconds after which a temporary folder was left by a fetch that was killed."""


@dataclass(frozen=True)
class Fetched:
    """What a fetch came to. `differing` names the files that are not byte for byte those published."""

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
    manifest: Mapping[str, DataSet] | None = None,
    report: Report = lambda *_: None,
) -> Fetched:
    """Brings the data set `name` to `root` (default: the data folder).

    Without `source` it comes from its published address and has to be what was published, by sha256. `source` is an
    address, a zip archive or a folder that holds the same files; other contents are taken too, and named in `differing`.
    Raises `UsageError`: one sentence, saying how to do it by hand; nothing is left behind then.
    """
    wanted = data_set(name, read_manifest() if manifest is None else manifest)
    root = data_root() if root is None else root
    target = root / wanted.name
    if source is None and not _differing(_present(target, wanted), wanted):
        return Fetched(target, len(wanted.files), 0, already=True)
    made = not root.exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root, wanted)
        with tempfile.TemporaryDirectory(prefix=_prefix(wanted), dir=root) as temporary:
            found = _gather(wanted, source, Path(temporary), report)
            differing = _differing(found, wanted)
            if source is None and differing:
                raise UsageError(
                    f"what {wanted.address} sent holds other files than were published ({', '.join(differing[:3])}); "
                    f"nothing was kept"
                )
            _place(found, Path(temporary), target)
    except OSError as error:
        raise UsageError(
            f"{error.filename or root} cannot be written: {error.strerror or error}; "
            f"make room there, or name another folder with RNNLAB_DATA"
        ) from None
    finally:
        if made and root.is_dir() and not any(root.iterdir()):
            root.rmdir()
    return Fetched(target, len(found), sum(map(len, found.values())), differing)


def _gather(wanted: DataSet, source: str | Path | None, temporary: Path, report: Report) -> dict[str, bytes]:
    """The bytes of each file, from wherever they come. Raises `UsageError`, also where one is missing."""
    names = {*wanted.files, *wanted.extras}
    if source is None or _is_address(str(source)):
        address = wanted.address if source is None else str(source)
        archive = _download(wanted, address, wanted.sha256 if source is None else None, temporary, report)
        try:
            found = read_archive(archive, names)
        except UsageError as error:
            words = str(error).replace(str(archive), f"what {address} sent")
            raise UsageError(f"{words}; {_by_hand(wanted)}") from None
        where = f"what {address} sent"
    else:
        path = Path(source).expanduser()
        where = str(path)
        if path.is_dir():
            found = _read_folder(path, wanted)
        elif path.is_file():
            found = read_archive(path, names)
        else:
            raise UsageError(f"there is no file or folder {path}; {_by_hand(wanted)}")
    missing = [name for name in wanted.files if name not in found]
    if missing:
        listed = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise UsageError(
            f"{where} lacks {listed} of the {len(wanted.files)} files of {wanted.name}; {_by_hand(wanted)}"
        )
    return found


def _read_folder(path: Path, wanted: DataSet) -> dict[str, bytes]:
    """The files in `path`, or in the folder of the data set's name within it, as an unpacked archive has them."""
    for folder in (path, path / wanted.name, path / "data" / wanted.name):
        present = _present(folder, wanted)
        if present:
            return present
    return {}


def _present(folder: Path, wanted: DataSet) -> dict[str, bytes]:
    """The bytes of those of the files that are in `folder`. Raises `UsageError` for one that cannot be read."""
    found = {}
    for name in (*wanted.files, *wanted.extras):
        path = folder / name
        try:
            if path.is_file():
                if path.stat().st_size > LARGEST_FILE:
                    raise UsageError(
                        f"{path} is larger than {LARGEST_FILE // 2**20} MiB, so not a file of {wanted.name}"
                    )
                found[name] = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}; check its permissions") from None
    return found


def _differing(found: Mapping[str, bytes], wanted: DataSet) -> tuple[str, ...]:
    """The files that are missing or not as published."""
    return tuple(
        name
        for name, digest in wanted.files.items()
        if name not in found or hashlib.sha256(found[name]).hexdigest() != digest
    )


def _place(found: Mapping[str, bytes], temporary: Path, target: Path) -> None:
    """Writes the files and puts their folder in its place; what was there before gives way only then."""
    ready = temporary / "ready"
    ready.mkdir()
    for name, data in found.items():
        (ready / name).write_bytes(data)
    before = temporary / "before"
    if target.exists():
        target.rename(before)
    try:
        ready.rename(target)
    except OSError:
        if before.exists():
            before.rename(target)
        raise


class _Progress:
    """What pooch reports to: it passes on the bytes, and stops a download that exceeds its bound."""

    def __init__(self, largest: int, report: Report) -> None:
        self.total = 0
        self.received = 0
        self._largest = largest
        self._report = report

    def update(self, received: int) -> None:
        self.received += received
        if self.received > self._largest:
            raise _TooLarge
        self._report(min(self.received, self.total or self.received), self.total)

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        """pooch calls this at the end."""


class _TooLarge(Exception):
    """More bytes came than the file can have."""


def _download(wanted: DataSet, address: str, sha256: str | None, temporary: Path, report: Report) -> Path:
    """The archive at `address`, in `temporary`. Raises `UsageError`."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader: Any = pooch.HTTPDownloader(progressbar=_Progress(wanted.largest_bytes, report), timeout=30)
    try:
        # The digest is looked at afterwards: a web page that came instead deserves another sentence than a changed file.
        archive = Path(pooch.retrieve(address, None, fname="archive.zip", path=temporary, downloader=downloader))
    except _TooLarge:
        reason = f"sent more than {wanted.largest_bytes // 2**20} MiB, so not this data set"
    except requests.exceptions.RequestException as error:
        reason = _network_reason(error)
    else:
        if sha256 is None or pooch.file_hash(str(archive)) == sha256:
            return archive
        if is_web_page(archive):
            reason = "sent a web page instead of the archive"
        else:
            reason = "sent another file than was published (its sha256 differs)"
    raise UsageError(f"{address} {reason}; nothing was kept; {_by_hand(wanted)}") from None


def _network_reason(error: Exception) -> str:
    import requests.exceptions as failures

    if isinstance(error, failures.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, failures.Timeout):
        return "did not answer within 30 seconds"
    if isinstance(error, failures.ChunkedEncodingError):
        return "broke off in the middle"
    if isinstance(error, failures.SSLError):
        return "could not be reached safely (its certificate was not accepted)"
    if isinstance(error, failures.ProxyError):
        return "could not be reached through the proxy"
    if isinstance(error, failures.ConnectionError):
        return "could not be reached or broke off"
    return f"could not be fetched ({type(error).__name__})"


def _by_hand(wanted: DataSet) -> str:
    return (
        f"by hand: download {wanted.address} with a browser and type "
        f"`rnnlab data fetch {wanted.name} --from FILE.zip` (an unpacked folder will do as well)"
    )


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _prefix(wanted: DataSet) -> str:
    return f".fetching-{wanted.name}-"


def _sweep(root: Path, wanted: DataSet) -> None:
    """Removes what a fetch that was killed left behind."""
    for left in root.glob(f"{_prefix(wanted)}*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
