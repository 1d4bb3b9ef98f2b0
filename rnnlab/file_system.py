"""Whether a folder lies on a disk of this machine alone, or on a file system that other machines share."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

SHARED = "RNNLAB_SHARED"
"""Set to `1` or `0` by a person who knows better than the file system's name tells."""

_OWN = frozenset(
    {
        "apfs",
        "bcachefs",
        "btrfs",
        "devtmpfs",
        "exfat",
        "ext2",
        "ext3",
        "ext4",
        "f2fs",
        "fuseblk",
        "hfs",
        "hfsplus",
        "jfs",
        "msdos",
        "ntfs",
        "ntfs3",
        "overlay",
        "ramfs",
        "reiserfs",
        "rootfs",
        "tmpfs",
        "ufs",
        "vfat",
        "xfs",
        "zfs",
    }
)
"""File systems of one machine, where a lock is seen by all who can open the file. NFS, Lustre, GPFS, sshfs and others pass
locks on in some places and not in others."""


def is_shared(folder: Path) -> bool:
    """Whether other machines may write to the folder; False where that cannot be known."""
    chosen = os.environ.get(SHARED, "")
    if chosen in ("0", "1"):
        return chosen == "1"
    kind = kind_of(folder)
    return bool(kind) and kind not in _OWN


def kind_of(folder: Path) -> str:
    """The name of the file system that holds the folder, as the kernel has it; empty where the system does not tell."""
    return _kind(os.path.realpath(folder))


@cache
def _kind(folder: str) -> str:
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    best, kind = -1, ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        words, more = before.split(" "), after.split(" ")
        if len(words) < 5 or not more[0]:
            continue
        mount = words[4].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        if (folder == mount or folder.startswith(mount.rstrip("/") + "/")) and len(mount) >= best:
            best, kind = len(mount), more[0]  # a later mount at the same place covers the one before
    return kind
