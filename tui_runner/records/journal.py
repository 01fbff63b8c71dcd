"""The journal of a run, `events.jsonl`: one line per transition, written while the run lives.

    {"at": 1795300803.123, "task": "shop:api", "state": {"type": "ready", "attempt": 1, "pid": 4711}}
    {"at": 1795300803.123, "task": "shop:api", "teardown": "completed", "error": null}
    {"at": 1795300809.001, "run": "stopping", "cause": "received SIGTERM"}
    {"at": 1795300811.501, "task": "shop:api", "memory": 612000000, "most": 512000000, "action": "restart"}

Times are seconds since the epoch. A crash can tear the last line only; readers skip what they cannot read. Writing
never raises: a full disk must not stop a run. The file is locked while it is open, so that others can tell a run that
lives from one that crashed, without trusting process ids.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.model.memory_limit import MemoryAction
from tui_runner.model.state import TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.process.atomic_file import FILE_MODE, write_all

_MOST_WAITING: Final = 4 << 20
"""Bytes kept while the disk refuses them; the rest is lost."""


class StateEntered(msgspec.Struct, frozen=True, kw_only=True):
    """A task entered a state."""

    at: float
    task: TaskId
    state: TaskState


class TeardownMoved(msgspec.Struct, frozen=True, kw_only=True):
    """The teardown of a task moved on."""

    at: float
    task: TaskId
    teardown: TeardownStatus
    error: str | None = None


class PhaseEntered(msgspec.Struct, frozen=True, kw_only=True):
    """The run as a whole moved on."""

    at: float
    run: RunPhase
    cause: str = ""


class MemoryExceeded(msgspec.Struct, frozen=True, kw_only=True):
    """A task used more memory than it may."""

    at: float
    task: TaskId
    memory: int
    """Bytes it used."""
    most: int
    """Bytes it may use."""
    action: MemoryAction


Entry = StateEntered | TeardownMoved | PhaseEntered | MemoryExceeded
"""What a line of the journal says."""


class Journal:
    """Appends entries. Buffered: nothing reaches the disk before `flush` or `close`."""

    def __init__(self, path: Path) -> None:
        """Open a new file and lock it.

        Raises:
            OSError: it exists already, or cannot be made.
        """
        self.problem: str | None = None
        """Why entries are missing from the file; None while all is well. The first problem is kept."""
        self._path = path
        self._buffer = bytearray()
        self._torn = False
        self._encoder = msgspec.json.Encoder()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor: int | None = os.open(path, flags, FILE_MODE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._note(error)  # a file system without locks: the run just looks crashed from outside

    @property
    def pending(self) -> bool:
        """Entries wait for `flush`."""
        return bool(self._buffer)

    def append(self, entry: Entry) -> None:
        """Add an entry. Cheap: microseconds, no system call."""
        if self._descriptor is not None and len(self._buffer) < _MOST_WAITING:
            self._buffer += self._encoder.encode(entry)
            self._buffer += b"\n"

    def flush(self) -> None:
        """Write what waits. Call it at least every half second while `pending`."""
        if self._descriptor is None or not self._buffer:
            return
        # A line that the disk cut is ended first, so that it stays the only unreadable one.
        ending = b"\n" if self._torn else b""
        data = ending + self._buffer
        before = os.fstat(self._descriptor).st_size
        try:
            write_all(self._descriptor, data)
        except OSError as error:
            self._note(error)
        written = os.fstat(self._descriptor).st_size - before
        whole = data.rfind(b"\n", 0, max(0, written)) + 1
        if written > 0:
            self._torn = whole < written
        del self._buffer[: max(0, whole - len(ending))]

    def close(self) -> None:
        """Flush, unlock and close. Idempotent; entries after it are ignored."""
        self.flush()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _note(self, error: OSError) -> None:
        self.problem = self.problem or f"cannot write {self._path}: {error.strerror or error}"


def read_journal(path: Path) -> Iterator[Entry]:
    """Yield the entries that can be read, in order. Lines that cannot be read are skipped.

    Raises:
        OSError: the file cannot be opened or read.
    """
    decoders: tuple[msgspec.json.Decoder[Entry], ...] = (
        msgspec.json.Decoder(StateEntered),
        msgspec.json.Decoder(TeardownMoved),
        msgspec.json.Decoder(PhaseEntered),
        msgspec.json.Decoder(MemoryExceeded),
    )
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            for decoder in decoders:
                try:
                    yield decoder.decode(line)
                    break
                except msgspec.DecodeError:
                    continue


def is_locked(path: Path) -> bool:
    """Tell whether the run that writes this journal lives. True also when it cannot be found out."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
