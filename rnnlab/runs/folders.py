"""Folders of sessions and runs: the folder of sessions, a session's folder of runs, a run's files."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from rnnlab.catalog.models.own_cells import OwnCell
from rnnlab.config.files import parse_toml, read_cell, settings_from_toml, to_toml
from rnnlab.config.tree import RunConfig
from rnnlab.errors import UsageError
from rnnlab.files import Links, refuse_link, rename_durably
from rnnlab.paths import user_path
from rnnlab.runs.commands import Command, Verb, new_command, send_command
from rnnlab.runs.files import FOLDER_MODE, make_folder, read_text, write_atomically
from rnnlab.runs.queue_entry import write_entry

SESSION_FORMAT = 1
TAG = re.compile(r"[^\W_][\w.+-]{0,39}")
"""A tag of a session or a run."""
MOST_TAGS = 32
_MOST_TAKEN = 1000
"""Names in a row that other processes may take while one is made for a run."""
_NAME_BYTES = 200
"""Of the name of a session or run. That of a file may have 255, and some are made of it: `NAME-report.html`, one in the trash."""


def sessions_root() -> Path:
    """The folder of sessions: `RNNLAB_SESSIONS`, else `sessions` here. Raises `UsageError` where that can be no path."""
    return user_path(os.environ.get("RNNLAB_SESSIONS") or "sessions", "RNNLAB_SESSIONS")


@dataclass(frozen=True)
class RunFolder:
    """One run on disk."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, such as `003-lstm-128`."""
        return self.path.name

    @property
    def session(self) -> Session:
        """The session in whose folder of runs this one lies."""
        return Session(self.path.parent.parent)

    @property
    def config_path(self) -> Path:
        """The settings: `run.toml`."""
        return self.path / "run.toml"

    @property
    def events_path(self) -> Path:
        """The log: one event a line, as JSON."""
        return self.path / "events.jsonl"

    @property
    def commands_path(self) -> Path:
        """Commands to the trainer, appended."""
        return self.path / "commands.jsonl"

    @property
    def best_path(self) -> Path:
        """Weights of the best epoch."""
        return self.path / "best.safetensors"

    @property
    def last_path(self) -> Path:
        """Weights of the last epoch."""
        return self.path / "last.safetensors"

    @property
    def last_json_path(self) -> Path:
        """Facts of the last weights, their checksum among them, as JSON."""
        return self.path / "last.json"

    @property
    def resume_path(self) -> Path:
        """All that is needed to resume the run."""
        return self.path / "resume.safetensors"

    @property
    def predictions_path(self) -> Path:
        """What the best weights predict for each row of validation and test."""
        return self.path / "predictions.safetensors"

    @property
    def trainer_log_path(self) -> Path:
        """What the trainer's process printed."""
        return self.path / "trainer.log"

    def config(self) -> RunConfig:
        """The run's configuration. Raises `UsageError` where `run.toml` is missing or wrong."""
        where = str(self.config_path)
        return RunConfig.from_settings(settings_from_toml(_read(self.config_path), where))

    def cell(self) -> OwnCell | None:
        """The cell of a person's own that `run.toml` records; None where its cell comes with rnnlab. Raises `UsageError`."""
        where = str(self.config_path)
        return read_cell(parse_toml(_read(self.config_path), where), where, anew=True)

    def send(self, verb: Verb, key: str = "", value: float | None = None) -> Command:
        """Send a command to the run's trainer. Raises `OSError`."""
        send_command(self.commands_path, command := new_command(verb, key, value))
        return command


@dataclass(frozen=True)
class SessionInfo:
    """The contents of `session.toml`."""

    name: str
    notes: str = ""
    slots: int | None = None
    """Threads that its runs may train with at once; none: one a core, all sessions of the folder together."""
    gpu_runs: int | None = None
    """Runs that train on a GPU before one of this session has to wait; none: as many as is usual."""
    attempts: int | None = None
    """How often a run whose process was killed is resumed unasked; none: as often as is usual."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """A folder of runs made together."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def info_path(self) -> Path:
        """Name, notes and limits: `session.toml`."""
        return self.path / "session.toml"

    @property
    def runs_path(self) -> Path:
        """The folder that holds the runs' folders."""
        return self.path / "runs"

    @property
    def lock_path(self) -> Path:
        """The lock that the session's runner holds."""
        return self.path / "runner.lock"

    @property
    def runner_log_path(self) -> Path:
        """What the runner's process printed."""
        return self.path / "runner.log"

    def info(self) -> SessionInfo:
        """Name, notes and limits. A session whose `session.toml` is gone goes by its folder's name.

        Raises `UsageError` where the file cannot be read, is not TOML, or has a newer format, and where the folder of runs
        cannot be read.
        """
        try:
            refuse_link(self.runs_path)
            with contextlib.suppress(FileNotFoundError), os.scandir(self.runs_path):
                pass
        except OSError as error:
            raise UsageError(f"{self.runs_path} cannot be read: {error.strerror}") from None
        if not os.path.lexists(self.info_path):
            return SessionInfo(self.name)
        # The session's own folder may be a link: a person keeps it on another disk.
        document = parse_toml(_read(self.info_path, links="folder"), str(self.info_path))
        version = document.get("format", 1)
        if not isinstance(version, int) or version > SESSION_FORMAT:
            raise UsageError(
                f"{self.info_path} has format {version}, this rnnlab reads up to {SESSION_FORMAT}; a newer rnnlab wrote it"
            )
        name, notes = document.get("name"), document.get("notes")
        slots, gpu_runs, attempts = (
            value if isinstance(value := document.get(key), int) and value >= least else None
            for key, least in (("slots", 1), ("gpu_runs", 1), ("attempts", 0))
        )
        return SessionInfo(
            name if isinstance(name, str) else self.name,
            notes if isinstance(notes, str) else "",
            slots,
            gpu_runs,
            attempts,
            tags_in(document.get("tags")),
        )

    def write_info(self, info: SessionInfo) -> None:
        """Replace `session.toml`. Raises `OSError`."""
        document: dict[str, object] = {"format": SESSION_FORMAT, "name": info.name, "notes": info.notes}
        if info.slots is not None:
            document["slots"] = info.slots
        if info.gpu_runs is not None:
            document["gpu_runs"] = info.gpu_runs
        if info.attempts is not None:
            document["attempts"] = info.attempts
        if info.tags:
            document["tags"] = list(info.tags)
        write_atomically(self.info_path, tomli_w.dumps(document).encode())

    def runs(self) -> list[RunFolder]:
        """The runs, in the order they were made; none where their folder is a link or cannot be read, as `info` says."""
        try:
            refuse_link(self.runs_path)
        except OSError:
            return []
        folder = self.runs_path  # made once: there may be thousands
        return [RunFolder(folder / name) for name in sorted(folder_names(folder))]

    def create_run(self, config: RunConfig, *, pause_after: int = 0) -> RunFolder:
        """Queue a run: make its folder, whole or not at all; `pause_after` as in `QueueEntry`.

        Raises `UsageError` where that cannot be done.
        """
        with _explained(self.path):
            make_folder(self.runs_path)
            # Filled under a hidden name and renamed, so that no runner sees half a run.
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=self.runs_path))
            try:
                draft.chmod(FOLDER_MODE & ~_umask())
                write_atomically(draft / "run.toml", to_toml(config).encode())
                write_entry(draft, config, pause_after=pause_after)
                for _ in range(_MOST_TAKEN):
                    path = self.runs_path / f"{self._next_number():03}-{slug(config)}"
                    try:
                        rename_durably(draft, path)
                        return RunFolder(path)
                    except OSError as error:
                        # Another process took the name between the listing and the renaming.
                        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                            raise
                raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise

    def _next_number(self) -> int:
        # Of all names, whatever stands there: the next one is to be free.
        names = [path.name for path in self.runs_path.iterdir()]
        return max((int(match[0]) for name in names if (match := re.match(r"\d{1,9}(?!\d)", name))), default=0) + 1


def tags_in(value: object) -> tuple[str, ...]:
    """The tags in a document's value, which may come from a stranger: what is no tag is left out."""
    found = value if isinstance(value, list) else []
    tags = [each for each in found[:MOST_TAGS] if isinstance(each, str) and TAG.fullmatch(each)]
    return tuple(dict.fromkeys(tags))


def _read(path: Path, links: Links = "refuse") -> str:
    try:
        return read_text(path, links=links)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def folder_names(path: Path) -> list[str]:
    """The names of the folders in a folder, hidden ones left out; of one that cannot be read to its end, those that were met."""
    found = []
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            # A link in a ring, or to a name that no file can have, leads nowhere: that is no matter of its neighbours.
            with contextlib.suppress(OSError):
                if not entry.name.startswith(".") and entry.is_dir():
                    found.append(entry.name)
    return found


def is_there(path: Path) -> bool:
    """Whether something stands there, or something that may not be read: the error is raised where it is read."""
    try:
        return path.exists()
    except OSError as error:
        return error.errno == errno.EACCES
    except ValueError:  # a zero byte in it
        return False


def is_session(session: Session) -> bool:
    """Whether the folder is a session: it has a folder of runs or a `session.toml`."""
    return is_there(session.runs_path) or is_there(session.info_path)


def slug(config: RunConfig) -> str:
    """A run's name after its number: `lstm-128`, `gru-32-64-bi`."""
    model = config.model
    sizes = model.hidden if len(model.hidden) > 1 else model.hidden * min(model.layers, 4)
    return "-".join([model.name, *map(str, sizes)] + (["bi"] if model.bidirectional else []))


def check_name(name: str, what: str) -> None:
    """Raise `UsageError` for a name that no folder of a session, or of whatever `what` is, may have."""
    if not re.fullmatch(r"[^\W_][\w .+-]{0,79}", name):
        raise UsageError(
            f"{what} name {name!r} is not allowed; "
            "it must be 1 to 80 letters, digits, spaces or . _ + -, a letter or digit first"
        )
    if (size := len(name.encode())) > _NAME_BYTES:
        raise UsageError(f"{what} name {name!r} is too long: it takes {size} bytes in UTF-8, of {_NAME_BYTES}")


def cut_to_name(text: str) -> str:
    """The beginning of `text`, no longer in bytes than a name may be."""
    return os.fsencode(text)[:_NAME_BYTES].decode(errors="ignore")


def create_session(name: str | None = None, task: str = "lab", root: Path | None = None) -> Session:
    """The session called `name`, made where it is not there yet; without a name, today's session of the task.

    That one is called `2026-11-22-names`. Raises `UsageError` where the name cannot be a folder's or nothing can be written
    there.
    """
    root = root or sessions_root()
    label = name or f"{time.strftime('%Y-%m-%d')}-{task}"
    check_name(label, "session")
    session = Session(root / label)
    if not session.info_path.exists():
        with _explained(session.path):
            try:
                make_folder(session.runs_path)
                session.write_info(SessionInfo(label))
            except OSError:
                with contextlib.suppress(OSError):  # one that is empty was made here
                    session.runs_path.rmdir()
                    session.path.rmdir()
                raise
    return session


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns an `OSError` into a sentence that says what to do."""
    try:
        yield
    except OSError as error:
        remedy = {
            errno.EACCES: "choose a folder you may write to with RNNLAB_SESSIONS",
            errno.EPERM: "choose a folder you may write to with RNNLAB_SESSIONS",
            errno.EROFS: "it is read-only; choose another with RNNLAB_SESSIONS",
            errno.ENOSPC: "the disk is full; make room, or choose another with RNNLAB_SESSIONS",
            errno.EDQUOT: "the disk quota is used up; make room, or choose another disk with RNNLAB_SESSIONS",
            errno.ENOTDIR: "a file stands where the folder should be; choose another with RNNLAB_SESSIONS",
            errno.EEXIST: "a file stands where the folder should be; choose another with RNNLAB_SESSIONS",
        }.get(error.errno or 0, "choose another folder with RNNLAB_SESSIONS")
        raise UsageError(f"{path} cannot be written ({error.strerror}): {remedy}") from None
