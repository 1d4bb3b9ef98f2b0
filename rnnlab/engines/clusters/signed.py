"""A file of a session that counts only where this person wrote it: it bears a signature made with their secret.

A session from elsewhere asks no cluster for anything, and names no jobs that could be cancelled.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli_w

from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.runs.files import write_atomically
from rnnlab.runs.secret import secret

_LIMIT = 1 << 18


class Signed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The contents of such a file."""

    signature: str = ""

    def about(self) -> list[object]:
        """What is signed: the purpose, then all that counts."""
        raise NotImplementedError

    def signed(self) -> str:
        """What the signature is to be. Raises `UsageError` where there is no secret."""
        return hmac.new(secret(), msgspec.json.encode(self.about()), hashlib.sha256).hexdigest()


_Kept = TypeVar("_Kept", bound=Signed)


def read_signed(path: Path, kind: type[_Kept]) -> _Kept | None:
    """The contents of the file; None where there is none, or this person did not write it. Raises `UsageError`."""
    try:
        kept = msgspec.convert(tomllib.loads(read_regular(path, _LIMIT, links="folder").decode()), kind)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    return kept if hmac.compare_digest(kept.signed().encode(), kept.signature.encode()) else None


def write_signed(path: Path, kept: Signed) -> None:
    """Write the file, for its owner's eyes alone. Raises `UsageError`."""
    text = tomli_w.dumps(msgspec.to_builtins(msgspec.structs.replace(kept, signature=kept.signed())))
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True)
    try:
        write_atomically(path, text.encode(), mode=0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})") from None
